"""The form of a contract: its head, its products in a grid, their prices sealed while they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from PySide6.QtGui import QIntValidator, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QWidget

from kamdesk.db.queries.contracts import ContractWhole, contract_whole
from kamdesk.db.queries.customers import Found, find_customers
from kamdesk.db.queries.prices import envelopes_of
from kamdesk.db.queries.sealed_texts import sealed_texts
from kamdesk.db.queries.today import Draft
from kamdesk.domain import clock
from kamdesk.domain.contracts import ContractType
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import CURRENCIES
from kamdesk.domain.price_access import Look, PricesLocked, PriceState
from kamdesk.domain.sealed_texts import MARK, is_sealed
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.services.contracts import ContractEntry, LineEntry, draft_contract, submit_contract
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, card, column, fixed, row, text
from kamdesk.ui.kit.draft_form import DraftForm, kept_day, kept_record
from kamdesk.ui.kit.forms import DayEdit, Field, RecordPicker
from kamdesk.ui.kit.grid_line import HIDDEN, STORED, TYPED, GridLine
from kamdesk.ui.kit.grid_model import read_volume
from kamdesk.ui.kit.held import Held
from kamdesk.ui.kit.line_grid import LineGrid
from kamdesk.ui.kit.line_texts import texts_of
from kamdesk.ui.kit.price_question import Asked
from kamdesk.ui.kit.price_words import fields_of
from kamdesk.ui.kit.unlock import show_prices

CURRENCY = "currency"
"""The preference that remembers the currency."""
_SEALED = QT_TRANSLATE_NOOP(
    "contract",
    "What you typed about prices is sealed while they are locked. Show prices, then save.",
)


@dataclass(frozen=True)
class KnownContract:
    """What the form begins with: a customer, a contract to go on with, or a draft of the form."""

    customer_id: str = ""
    contract_id: str = ""
    draft: Draft | None = None


class ContractForm(DraftForm):
    """Drafts one contract and hands it into review."""

    form = "contract"

    def __init__(self, desk: Desk, parent: QWidget, known: KnownContract) -> None:
        super().__init__(desk, parent, "", entry_id=known.contract_id)
        self.setWindowTitle(self.tr("Contract"))
        self.heading.setText(self.windowTitle())
        self._is_known = bool(known.contract_id)
        self._spare_id = new_id()
        self._build()
        wide, high = parent.window().width() - 60, parent.window().height() - 60
        self.resize(min(1240, max(1000, wide)), min(720, max(560, high)))
        desk.prices.changed.connect(self._on_lock)
        # The window's own do not reach it while a form is open
        QShortcut(QKeySequence("Ctrl+L"), self, desk.prices.lock)
        QShortcut(QKeySequence("Ctrl+Shift+L"), self, lambda: show_prices(desk, self))
        self._begin(known)

    # ---- layout

    def _build(self) -> None:
        self.customer = RecordPicker(
            self.desk.tasks, find_customers, placeholder=self.tr("Name, pinyin, initials or city")
        )
        self.type = QComboBox()
        for one in ContractType:
            self.type.addItem(speech.word(one.value), one.value)
        self.no = QLineEdit()
        self.no.setPlaceholderText(self.tr("as your company numbers them"))
        self.title_edit = QLineEdit()
        self.title_edit.setPlaceholderText(self.tr("e.g. Annual supply contract"))
        first = (clock.today().replace(day=1) + timedelta(days=32)).replace(day=1)
        self.starts_on = DayEdit(first)
        self.ends_on = DayEdit(date(first.year + 1, first.month, 1) - timedelta(days=1))
        self.notice = QLineEdit("60")
        self.notice.setValidator(QIntValidator(0, 9999, self.notice))
        self.currency = QComboBox()
        for code in CURRENCIES:
            self.currency.addItem(code, code)
        self.note = QLineEdit()
        self.fields = {
            "customer": Field(self.tr("Customer"), self.customer, required=True),
            "title": Field(self.tr("Title"), self.title_edit, required=True),
            "type": Field(self.tr("Type"), self.type, required=True),
            "no": Field(self.tr("Number"), self.no),
            "starts_on": Field(self.tr("From"), self.starts_on, required=True),
            "ends_on": Field(self.tr("Until"), self.ends_on, required=True),
            "renew_notice_days": Field(self.tr("Notice, days"), self.notice),
            "currency": Field(self.tr("Currency"), self.currency),
            "note": Field(self.tr("Note"), self.note),
        }
        self.guard.offer_sealing({"note": self.fields["note"]}, self.entry_id)
        head = self.grid(
            (
                ("customer", 0, 0, 2),
                ("title", 0, 2, 2),
                ("type", 0, 4, 1),
                ("no", 0, 5, 1),
                ("starts_on", 1, 0, 1),
                ("ends_on", 1, 1, 1),
                ("renew_notice_days", 1, 2, 1),
                ("currency", 1, 3, 1),
                ("note", 1, 4, 2),
            )
        )
        products = self._products()
        self._choose_currency(self.desk.preference(CURRENCY))
        self.currency.currentIndexChanged.connect(lambda _: self._on_currency())
        self.keep = button(self.tr("Keep as draft"), self._keep)
        self.discard = button(self.tr("Discard"), self.throw_away)
        self.save = button(
            self.tr("Hand in for review"), self._submit, look="primary", keys="Ctrl+Return"
        )
        self.lay_out((card(head), products), (), (self.discard, self.keep, self.save), self._submit)

    def _products(self) -> QFrame:
        """The card with the grid, what is wrong in it, and what it all comes to."""
        fields = fields_of(self.desk.profile.role)
        self.lines = LineGrid(self.desk, fields, name=self.tr("Products"))
        self.lines.rows.place = self.entry_id
        self.lines.rows.set_lines([GridLine()], undoable=False)
        self.lines.setMinimumHeight(236)
        self.lines.rows.edited.connect(self._on_edited)
        self.lines.rows.modelReset.connect(self._paint_sums)
        self.lines.selectionModel().currentChanged.connect(lambda *_: self._paint_said())
        self.said = text("", "caption", wrap=True)
        self.total = Held(
            self.desk.prices, lambda: self.lines.rows.total() if fields else "", self.entry_id, "heading"
        )  # fmt: skip
        self.total.setAccessibleName(self.tr("Net value"))
        self.reveal = button(
            self.tr("Show prices"), lambda: show_prices(self.desk, self), image="eye", look="quiet"
        )
        self.locked = fixed(text(self.tr("Prices are locked and cannot be typed."), "muted"))
        add = button(self.tr("Add product"), self.lines.add_row, image="plus")
        hint = self.tr(
            "Enter: next cell, at the end a new row · Ctrl+Delete: remove · Ctrl+Z: undo · Ctrl+V: rows from Excel"
        )
        below = row(self.said, add)
        below.setStretch(0, 1)
        content = column(
            row(
                text(self.tr("Products"), "heading"),
                None,
                self.locked,
                self.reveal,
                fixed(text(self.tr("Net value"), "muted")),
                self.total,
            ),
            self.lines,
            below,
            text(hint, "caption"),
            gap=theme.SMALL,
        )
        content.setStretch(1, 1)
        self._paint_sums()
        return card(content)

    # ---- beginning

    def _begin(self, known: KnownContract) -> None:
        contract = known.contract_id
        self.begin(
            known.draft,
            (lambda reader: contract_whole(reader, contract)) if contract else None,
            self._fill,
            known.customer_id,
            self.title_edit,
        )

    def _fill(self, whole: ContractWhole) -> None:
        one = whole.row
        self.customer.set_record(Found(one.customer_id, one.customer, one.city))
        self.customer.setEnabled(False)
        self.type.setCurrentIndex(max(0, self.type.findData(one.type)))
        self.no.setText(one.no)
        self.title_edit.setText(one.title)
        if one.starts_on is not None:
            self.starts_on.set_day(one.starts_on)
        if one.ends_on is not None:
            self.ends_on.set_day(one.ends_on)
        self.notice.setText(str(whole.renew_notice_days or ""))
        self._choose_currency(one.currency)
        self.note.setText(whole.note)
        if self.guard.sealed is not None:
            self.guard.sealed.fill(one.id, whole.sealed)
        is_priced = bool(self.lines.rows.fields)
        self.lines.rows.set_lines(
            [
                GridLine(
                    id=line.id,
                    product_id=line.product_id,
                    words=line.product,
                    pack=line.pack,
                    volume="" if line.volume is None else str(line.volume),
                    unit=line.unit,
                    note=line.note,
                    note_kept=STORED if is_sealed(line.note) else "",
                    waits=is_priced,
                )
                for line in whole.lines
            ]
            or [GridLine()],
            undoable=False,
        )
        self.settled()
        self._read_prices()
        self.lines.setFocus()
        self.lines.go(0, "product")

    def _choose_currency(self, code: str) -> None:
        self.currency.setCurrentIndex(max(0, self.currency.findData(code)))
        self.lines.rows.currency = str(self.currency.currentData())

    def _on_currency(self) -> None:
        self.lines.rows.currency = str(self.currency.currentData())
        self._paint_sums()

    # ---- prices

    def _on_lock(self, _: PriceState) -> None:
        self._paint_sums()
        self._read_prices()

    def _read_prices(self) -> None:
        """Read the stored prices of the rows, as soon as they are open."""
        ids, lock = self.lines.wanted_prices(), self.desk.prices
        if not ids or not lock.is_open:
            return
        self.desk.tasks.read(
            self,
            lambda reader: (envelopes_of(reader, ids), sealed_texts(reader, ids)),
            self._take_prices,
            key="prices",
            failed=self.desk.fail,
        )

    def _take_prices(self, found: Any) -> None:
        if self.desk.prices.is_open:
            was_dirty = self.is_dirty
            with suppress(
                PricesLocked
            ):  # meanwhile, by another thread: they are read again when shown
                self.lines.take_prices(*found)
            if not discreet.is_on() and not self.desk.prices.is_masked:
                self.desk.prices.looked.emit(Look.SHOWN, self.entry_id)
            if not was_dirty:
                self.settled()

    def _on_edited(self) -> None:
        self.on_typed()
        self._paint_sums()

    def _paint_sums(self) -> None:
        """Say what it comes to, and what is wrong; a total is never left standing when prices are locked."""
        state = self.desk.prices.state
        is_priced = bool(self.lines.rows.fields)
        self.total.refresh()
        is_locked = is_priced and state is PriceState.LOCKED
        self.reveal.setVisible(is_locked)
        self.locked.setVisible(is_locked)
        self._paint_said()

    def _paint_said(self) -> None:
        index, rows = self.lines.currentIndex(), self.lines.rows
        words, look = "", "caption"
        if index.isValid() and index.row() < len(rows.lines):
            words = rows.complaint(index.row(), rows.keys[index.column()])
            look = "error" if words else look
            words = words or rows.advice(index.row())
        wrong = None if words else rows.first_complaint()
        if wrong is not None:
            at, key, what = wrong
            look = "error"
            words = self.tr("Row {n}, {column}: {what}").format(
                n=at + 1, column=rows.heading(key), what=what
            )
        theme.dress(self.said, look)
        self.said.setText(words)

    # ---- DraftForm

    def values(self) -> dict[str, Any]:
        """Return everything that stands in the form, as JSON values; prices are sealed."""
        return {
            "customer": [self.customer.record_id, self.customer.text()],
            "title": self.title_edit.text(),
            "type": self.type.currentData(),
            "no": self.no.text(),
            "starts_on": self.starts_on.day().isoformat(),
            "ends_on": self.ends_on.day().isoformat(),
            "notice": self.notice.text(),
            "currency": self.currency.currentData(),
            "note": self.note.text(),
            "known": self._is_known,
            "lines": [
                {**asdict(line), "sealed": dict(line.sealed)}
                for line in self.lines.rows.kept_lines()
            ],
        }

    def title_of_draft(self) -> str:
        """Name the draft by its customer and its title."""
        return " · ".join(filter(None, (self.customer.text(), self.title_edit.text())))

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Show what a draft kept."""
        kept_record(self.customer, kept.get("customer"))
        self._is_known = bool(kept.get("known"))
        self.customer.setEnabled(not self._is_known)
        self.title_edit.setText(str(kept.get("title") or ""))
        self.type.setCurrentIndex(max(0, self.type.findData(kept.get("type"))))
        self.no.setText(str(kept.get("no") or ""))
        self.starts_on.set_day(kept_day(kept.get("starts_on")) or clock.today())
        self.ends_on.set_day(kept_day(kept.get("ends_on")) or clock.today())
        self.notice.setText(str(kept.get("notice") or ""))
        self._choose_currency(str(kept.get("currency") or ""))
        self.note.setText(str(kept.get("note") or ""))
        self.lines.rows.place = self.entry_id
        self.lines.rows.set_lines(
            [GridLine(**one) for one in kept.get("lines") or []] or [GridLine()], undoable=False
        )
        self.lines.rows.forget_undo()
        self.lines.show_notes()
        self._read_prices()
        self.lines.setFocus()
        self.lines.go(0, "product")

    # ---- saving

    def _entry(self) -> ContractEntry | None:
        self.lines.finish()
        wrong = self.lines.rows.first_complaint()
        if wrong is not None:
            self.lines.setFocus()
            self.lines.go(wrong[0], wrong[1])
            self.tell(wrong[2])
            return None
        try:
            lines = tuple(
                self._line(at, line)
                for at, line in enumerate(self.lines.rows.lines)
                if not line.is_empty
            )
        except UserError as error:
            self.refused(error)
            return None
        currency = str(self.currency.currentData())
        self.desk.prefer(CURRENCY, currency)
        return ContractEntry(
            id=self.entry_id,
            customer_id=self.customer.record_id,
            no=self.no.text(),
            title=self.title_edit.text(),
            type=str(self.type.currentData()),
            starts_on=self.starts_on.day(),
            ends_on=self.ends_on.day(),
            renew_notice_days=int(self.notice.text() or 0) or None,
            currency=currency,
            note=self.note.text(),
            lines=lines,
            sealed=self.guard.names,
        )

    def texts(self) -> list[Asked]:
        """Look into the rows too: everybody who sees the contract reads them."""
        return [*super().texts(), *texts_of(self.lines, self.tell, self.guard.is_kept)]

    def _line(self, at: int, line: GridLine) -> LineEntry:
        rows = self.lines.rows
        prices = rows.prices(at) if line.typed or line.sealed else None
        try:
            note = rows.text(at, "note")
        except PricesLocked:
            note = MARK
        is_unread = is_sealed(note)
        if (line.typed and prices is None) or (is_unread and line.note_kept in {HIDDEN, TYPED}):
            raise UserError(_SEALED, code="PRICES_LOCKED", context="contract")
        return LineEntry(
            id=line.id,
            product_id=line.product_id,
            pack=line.pack,
            volume=read_volume(line.volume),
            unit=line.unit,
            note=note,
            is_note_sealed=line.is_note_sealed,
            prices=prices if line.typed else None,
            shown=prices,
            unread=is_unread or (prices is None and bool(line.sealed or line.waits)),
        )

    def refused(self, error: Exception) -> None:
        """Say what is wrong; in the grid beside its cell too."""
        super().refused(error)
        field = error.field if isinstance(error, UserError) else ""
        if field == "lines":
            self.lines.setFocus()
            self.lines.go(0, "product")
        elif field.startswith("lines."):
            _, line_id, key = field.split(".")
            ids = [line.id for line in self.lines.rows.lines]
            if line_id in ids and key in self.lines.rows.keys:
                self.lines.rows.complain(line_id, key, speech.words(error))
                self.lines.setFocus()
                self.lines.go(ids.index(line_id), key)

    def _keep(self) -> None:
        entry = None if self.is_saving else self._entry()
        if entry is not None:
            spare_id = self._spare_id if self._is_known else ""
            self.write(
                lambda work: draft_contract(work, entry, spare_id=spare_id), again=self._keep
            )

    def _submit(self) -> None:
        entry = None if self.is_saving else self._entry()
        if entry is not None:
            spare_id = self._spare_id if self._is_known else ""
            self.write(lambda work: submit_contract(work, entry, spare_id=spare_id))
