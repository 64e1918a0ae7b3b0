"""Contracts: found by customer, number or product; one with its lines, its prices shown only on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.contracts import (
    OVER_CHOICE,
    ContractFilter,
    ContractRow,
    ContractWhole,
    contract_whole,
    count_contracts,
)
from kamdesk.db.queries.prices import envelopes_of
from kamdesk.db.queries.sealed_texts import NONE, told_text
from kamdesk.db.reader import Reader
from kamdesk.domain.contracts import ContractState, may_draft, may_edit
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.sealed_texts import is_sealed
from kamdesk.services.contracts import (
    Deleted,
    copy_contract,
    delete_contract,
    restore_contract,
    submit_standing,
    withdraw_contract,
)
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import (
    button,
    clear,
    column,
    figure,
    fixed,
    nothing,
    pill,
    row,
    rule,
    scrolled,
    text,
)
from kamdesk.ui.kit.held import Held
from kamdesk.ui.kit.line_table import LineTable
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.kit.price_words import fields_of
from kamdesk.ui.kit.standing import standing_of
from kamdesk.ui.kit.team_list import TeamList, sheet, told
from kamdesk.ui.kit.unlock import show_prices

STATE_COLOURS = {
    "draft": "grey", "in_review": "amber", "price_approved": "blue", "legal_approved": "blue",
    "negotiation": "blue", "signed": "blue", "active": "green", "renewal_window": "amber",
    "suspended": "red",
}  # fmt: skip
_LEAST = (("state", 340), ("until", 490), ("no", 580), ("sending", 680), ("from", 780))
"""From which width of the list a column is shown."""


class Contracts(TeamList):
    """The list of contracts and the chosen one in full."""

    name = "contracts"
    kinds = frozenset(
        {
            "contract",
            "contract_line",
            "contract_line_price",
            "contract_line_floor",
            "sealed_text",
            "customer",
            "product",
            "colleague",
        }
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: ContractWhole | None = None
        self._lines: LineTable | None = None
        self._order = ("", False)
        self._notes: list[Held] = []
        self.lay_out(
            self._made_columns(),
            [
                ("", self.tr("All")),
                ("draft", self.tr("Drafts")),
                ("in_review", self.tr("In review")),
                ("active", self.tr("Active")),
                (OVER_CHOICE, self.tr("Ended")),
            ],
            placeholder=self.tr("Customer, number, title or product"),
            name=self.tr("Contracts"),
            empty=nothing(
                "file-text",
                self.tr("No contract here"),
                self.tr("Draft one with Ctrl+Shift+T; it is kept on this computer at once.")
                if may_draft(self.actor)
                else self.tr("Contracts of your customers are shown here."),
            ),
            filters=(self.team,),
            sizes=(444, 726),
        )
        self.table.viewport().installEventFilter(self)
        desk.prices.changed.connect(self._on_lock)
        desk.prices.masked.connect(self._read_prices)
        self._paint(None)

    def _made_columns(self) -> list[Column]:
        muted = "muted"
        return [
            Column(self.tr("Customer"), lambda one: one.customer, sort="customer"),
            Column(self.tr("Title"), lambda one: one.title, 104, sort="title"),
            Column(self.tr("Number"), lambda one: one.no, 96, lambda _: muted, sort="no"),
            Column(
                self.tr("From"),
                lambda one: speech.day(one.starts_on),
                110,
                lambda _: muted,
                sort="starts_on",
            ),
            Column(
                self.tr("Until"),
                lambda one: speech.day(one.ends_on),
                110,
                lambda _: muted,
                sort="ends_on",
            ),
            Column(
                self.tr("State"), lambda one: speech.word(one.state), 118, _colour, sort="state"
            ),
            Column(
                self.tr("Reconciled"), lambda one: speech.word(one.sending), 120, lambda _: muted
            ),
        ]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the columns that there is room for."""
        if event.type() == QEvent.Type.Resize:
            wide = self.table.viewport().width()
            at = {"no": 2, "from": 3, "until": 4, "state": 5, "sending": 6}
            for name, least in _LEAST:
                self.table.setColumnHidden(at[name], wide < least)
        return super().eventFilter(watched, event)

    def export_columns(self) -> list[Column]:
        """Give the whole contract but its prices, which are in no export."""
        return [
            Column(self.tr("Number"), lambda one: one.no),
            Column(self.tr("Customer"), lambda one: one.customer),
            Column(self.tr("City"), lambda one: one.city),
            Column(self.tr("Title"), lambda one: one.title),
            Column(self.tr("Type"), lambda one: speech.word(one.type)),
            Column(self.tr("From"), str, raw=lambda one: one.starts_on),
            Column(self.tr("Until"), str, raw=lambda one: one.ends_on),
            Column(self.tr("State"), lambda one: speech.word(one.state)),
            Column(self.tr("Lines"), str, raw=lambda one: one.lines),
            Column(self.tr("Drafted by"), lambda one: one.owner),
        ]

    # ---- the list

    def wanted(self) -> ContractFilter:
        """Return what was typed and chosen."""
        return ContractFilter(
            user_id=self.desk.profile.user_id,
            typed=self.typed.text().strip(),
            state=self.chosen_value,
            owner_id=self.team.owner_id,
            sort=self.table.sort,
            descending=self.table.descending,
        )

    def count(self, reader: Reader, wanted: ContractFilter) -> dict[str, int]:
        """Count by state."""
        return count_contracts(reader, wanted)

    def tell_count(self, found: dict[str, int]) -> None:
        """Say how many there are, and in which states the urgent ones are."""
        parts = [speech.number(sum(found.values()))]
        parts += [
            f"{speech.word(state)} {speech.number(found[state])}"
            for state in ("in_review", "active", "renewal_window")
            if found.get(state) and len(found) > 1
        ]
        self.counted.emit(" · ".join(parts))

    def on_opened(self, record_id: str) -> None:
        """Go on with a draft of one's own."""
        one = self._shown.row if self._shown else None
        if one is not None and one.id == record_id and self._is_open(one):
            self.desk.draft_contract(contract_id=record_id)

    def _is_open(self, one: ContractRow) -> bool:
        return may_edit(state=one.state, owner_id=one.owner_id, actor=self.actor)

    # ---- the page

    def show_page(self, record_id: str) -> None:
        """Read and paint one contract."""
        self.desk.tasks.read(
            self, lambda reader: contract_whole(reader, record_id), self._paint, key="page"
        )

    def _paint(self, whole: ContractWhole | None) -> None:
        if whole is not None and whole == self._shown:
            self._read_prices()
            return
        self._shown, self._lines = whole, None
        clear(self.page)
        self.shows_sealed(whole.row.id if whole is not None and _has_sealed(whole) else "")
        if whole is None:
            self.page.addWidget(
                nothing(
                    "file-text",
                    self.tr("Choose a contract"),
                    self.tr("Its term, its products and their prices are shown here."),
                )
            )
            return
        one = whole.row
        self.page.addWidget(text(one.title, "title", wrap=True, select=True))
        self.page.addLayout(
            row(
                pill(speech.word(one.state), STATE_COLOURS.get(one.state, "grey")),
                *standing_of(one.sending, whole.receipt),
                None,
            )
        )
        about = (one.customer, one.city, speech.word(one.type), one.no, one.owner)
        self.page.addWidget(text(" · ".join(filter(None, about)), "muted", wrap=True, select=True))
        self.page.addLayout(row(*self._buttons(one), None))
        self.page.addLayout(self._figures(whole))
        self.page.addWidget(rule())
        self.page.addWidget(scrolled(self._inside(whole)), 1)
        self._read_prices()

    def _figures(self, whole: ContractWhole) -> Any:
        one = whole.row
        notice = whole.renew_notice_days
        return row(
            figure(self.tr("From"), speech.day(one.starts_on)),
            figure(self.tr("Until"), speech.day(one.ends_on)),
            figure(
                self.tr("Notice"),
                speech.counted(notice, self.tr("1 day"), self.tr("{n} days")) if notice else "—",
            ),
            figure(self.tr("Products"), speech.number(one.lines)),
            None,
            gap=theme.GAP,
        )

    def _buttons(self, one: ContractRow) -> list[Any]:
        made = []
        if self._is_open(one):
            made += [
                button(
                    self.tr("Go on"),
                    lambda: self.desk.draft_contract(contract_id=one.id),
                    image="pencil",
                ),
                button(self.tr("Hand in for review"), lambda: self._submit(one), look="primary"),
            ]
        if one.state == ContractState.IN_REVIEW and one.owner_id == self.actor.user_id:
            made.append(button(self.tr("Withdraw"), lambda: self._withdraw(one), image="undo-2"))
        if may_draft(self.actor):
            made.append(button(self.tr("Copy"), lambda: self._copy(one), image="copy"))
        if self._is_open(one):
            made.append(button(self.tr("Delete"), lambda: self._delete(one), image="trash-2"))
        made.append(
            button(
                self.tr("Customer"),
                lambda: self.desk.show("customers", one.customer_id),
                look="quiet",
            )
        )
        return made

    def _inside(self, whole: ContractWhole) -> QWidget:
        parts: list[Any] = []
        role = self.desk.profile.role
        if whole.lines:
            self._lines = LineTable(self.desk.prices, role, name=self.tr("Products"))
            self._lines.lines.show_lines(whole.lines)
            key, descending = self._order
            self._lines.sort_by(key, descending=descending)
            self._lines.sorted.connect(self._keep_order)
            self._lines.fit()
            heading: list[Any] = [text(self.tr("Products"), "section"), None]
            hint = []
            if fields_of(role):
                lines = self._lines.lines
                self._total = Held(self.desk.prices, lines.total, whole.row.id, "strong")
                self._total.setAccessibleName(self.tr("Net value"))
                self._reveal = button(
                    self.tr("Show prices"),
                    lambda: show_prices(self.desk, self),
                    image="eye",
                    look="quiet",
                )
                self._export_prices = button(
                    self.tr("Export with prices…"), lambda: self._ask_export(whole), look="quiet"
                )
                heading += [
                    fixed(text(self.tr("Net value"), "muted")), self._total, self._reveal, self._export_prices,
                ]  # fmt: skip
                self._hint = fixed(text(self.tr("Hold a line to see its prices"), "caption"))
                self._hint.hide()
                hint.append(self._hint)
                self._lines.copied.connect(lambda row: self._copy_line(whole, row))
            heading.append(self._printing(whole))
            parts += [column(row(*heading), *hint, gap=2), self._lines]
        elif whole.row.state == ContractState.DRAFT:
            parts.append(
                fixed(text(self.tr("No product yet. Go on to add them."), "muted", wrap=True))
            )
        self._notes = []
        if is_sealed(whole.note):
            lock, its = self.desk.prices, (whole.row.id, "note", whole.note, whole.sealed)
            parts.append(self._held(self.tr("Note"), lambda: told_text(lock.prices, *its)))
        else:
            parts += told((self.tr("Note"), whole.note))
        return sheet(*parts, *self._notes_of_lines(whole))

    @Slot(str, bool)
    def _keep_order(self, key: str, descending: bool) -> None:  # noqa: FBT001  # a slot
        self._order = (key, descending)

    def sort(self) -> None:
        """Offer what the products of the page can be sorted by where one is among them, else the list."""
        if self._lines is not None and self._lines.hasFocus():
            self._lines.ask_sort()
        else:
            super().sort()

    def _notes_of_lines(self, whole: ContractWhole) -> list[Any]:
        """Show the notes on products, one a line; those that are sealed while prices are shown."""
        noted = [one for one in whole.lines if one.note]
        shut = [one for one in noted if is_sealed(one.note)]
        plain = "\n".join(f"{one.product} — {one.note}" for one in noted if one not in shut)
        parts = told((self.tr("Notes on products"), plain))
        if shut:
            prices = self.desk.prices.prices

            def tell() -> str:
                return "\n".join(
                    f"{one.product} — "
                    + told_text(
                        prices, one.id, "note", one.note, whole.sealed_lines.get(one.id, NONE)
                    )
                    for one in shut
                )

            parts.append(self._held(self.tr("Sealed notes on products"), tell))
        return parts

    def _held(self, about: str, tell: Callable[[], str]) -> Any:
        assert self._shown is not None
        note = Held(self.desk.prices, tell, self._shown.row.id, wrap=True)
        self._notes.append(note)
        return column(text(about, "section"), note, gap=2)

    # ---- prices

    def _ask_export(self, whole: ContractWhole) -> None:
        from kamdesk.ui.kit.price_export import PriceExportDialog

        if self._lines is not None:
            PriceExportDialog(self.desk, self, whole, self._lines.lines).open()

    def _printing(self, whole: ContractWhole) -> QWidget:
        def offer() -> None:
            from kamdesk.ui.kit.contract_printing import offer

            if self._lines is not None:
                offer(self.desk, self, whole, self._lines.lines, below=made)

        made = button(self.tr("Print…"), offer, look="quiet")
        return made

    def _copy_line(self, whole: ContractWhole, row: int) -> None:
        from kamdesk.ui.kit.price_export import copy_line

        if self._lines is not None:
            copy_line(self.desk, self, self._lines.lines, whole.row.id, row)

    def _on_lock(self, _: PriceState) -> None:
        for note in self._notes:
            note.refresh()
        if self._notes:
            self._tell_seen()
        self._read_prices()

    @Slot()
    def _read_prices(self) -> None:
        """Read the prices of what is shown while they are open; forget them as soon as they are not."""
        lines, lock = self._lines, self.desk.prices
        if lines is None or not fields_of(self.desk.profile.role):
            return
        self._reveal.setVisible(lock.state is PriceState.LOCKED)
        self._export_prices.setVisible(lock.is_open)
        self._hint.setVisible(lock.is_open and lock.is_masked)
        if not lock.is_open:
            lines.show_prices({})
            self._total.refresh()
            return
        ids = [line.id for line in lines.lines.lines]
        self.desk.tasks.read(
            lines,
            lambda reader: envelopes_of(reader, ids),
            self._show_prices,
            key="prices",
            failed=self.desk.fail,
        )

    def _show_prices(self, found: Any) -> None:
        if self._lines is None or not self.desk.prices.is_open:
            return
        self._lines.show_prices(found)
        self._total.refresh()
        if self._shown is not None:
            self.shows_sealed(self._shown.row.id)

    # ---- doing

    def _submit(self, one: ContractRow) -> None:
        self.do(lambda work: submit_standing(work, one.id))

    def _withdraw(self, one: ContractRow) -> None:
        self.do(lambda work: withdraw_contract(work, one.id))

    def _copy(self, one: ContractRow) -> None:
        self.desk.tasks.write(
            self, lambda work: copy_contract(work, one.id), self._on_copied, failed=self.desk.fail
        )

    def _on_copied(self, contract_id: str) -> None:
        self.desk.say(
            self.tr("Copied with its prices")
            if self.desk.prices.is_open
            else self.tr("Copied without prices: they are locked")
        )
        self.desk.draft_contract(contract_id=contract_id)

    def _delete(self, one: ContractRow) -> None:
        self.desk.tasks.write(
            self,
            lambda work: delete_contract(work, one.id),
            lambda kept: self._on_deleted(one, kept),
            failed=self.desk.fail,
        )

    def _on_deleted(self, one: ContractRow, kept: Deleted) -> None:
        if self.shown == one.id:
            self.shown = ""
            self._paint(None)
        self.desk.offer_undo(self.tr("Draft deleted"), lambda work: restore_contract(work, kept))


def _has_sealed(whole: ContractWhole) -> bool:
    return is_sealed(whole.note) or any(is_sealed(line.note) for line in whole.lines)


def _colour(one: ContractRow) -> str:
    return {
        "in_review": "amber",
        "renewal_window": "amber",
        "active": "green",
        "suspended": "red",
    }.get(one.state, "muted")
