"""Visits: planned and reported, one's own or the team's, with every version of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.sealed_texts import NONE, told_text
from kamdesk.db.queries.visits import (
    VisitFilter,
    VisitRow,
    VisitVersion,
    VisitWhole,
    count_visits,
    visit_whole,
)
from kamdesk.db.reader import Reader
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.sealed_texts import FIELDS, is_sealed
from kamdesk.domain.visits import OPEN, REPORTED, VisitState
from kamdesk.services.visits import cancel_visit, submit_visit
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_page import PageAttachments
from kamdesk.ui.kit.bits import (
    button,
    clear,
    column,
    nothing,
    pill,
    row,
    rule,
    scrolled,
    text,
)
from kamdesk.ui.kit.held import Held
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.kit.period_filter import PeriodFilter
from kamdesk.ui.kit.questions import ask_reason
from kamdesk.ui.kit.standing import asking_image, standing_of
from kamdesk.ui.kit.team_list import TeamList, sheet, told
from kamdesk.ui.kit.unlock import show_prices

STATE_COLOURS = {
    "planned": "amber", "in_progress": "amber", "completed": "blue", "submitted": "blue",
    "reviewed": "green", "missed": "red",
}  # fmt: skip


class Visits(TeamList):
    """The list of visits and the chosen one in full."""

    name = "visits"
    kinds = frozenset({"visit", "customer", "person", "attachment", "sealed_text"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._attachments = PageAttachments(desk, self, "visit")
        self.period = PeriodFilter(self.list_again)
        self.lay_out(
            [
                Column(
                    self.tr("Date"), lambda one: speech.near_day(one.held_on), 104, sort="held_on"
                ),
                Column(
                    self.tr("Customer"),
                    lambda one: one.customer,
                    sort="customer",
                    image=lambda one: asking_image(one) or ("paperclip" if one.attachments else ""),
                ),
                Column(
                    self.tr("State"),
                    lambda one: speech.word(one.state),
                    96,
                    lambda _: "muted",
                    sort="state",
                ),
                Column(self.tr("By"), lambda one: one.owner, 72, lambda _: "muted", sort="owner"),
            ],
            [
                ("", self.tr("All")),
                ("planned", self.tr("Planned")),
                ("reported", self.tr("Reported")),
                ("missed", self.tr("Missed")),
            ],
            placeholder=self.tr("Customer"),
            name=self.tr("Visits"),
            empty=nothing(
                "clipboard-list",
                self.tr("No visit here"),
                self.tr("Record one with Ctrl+N; it is kept on this computer at once."),
            ),
            filters=(self.team, self.period),
        )
        self.follow_prices()
        self.paint(None)

    def export_columns(self) -> list[Column]:
        """Give the whole report."""
        return [
            Column(self.tr("Date"), str, raw=lambda one: one.held_on),
            Column(self.tr("Time"), lambda one: one.held_at),
            Column(self.tr("Customer"), lambda one: one.customer),
            Column(self.tr("City"), lambda one: one.city),
            Column(self.tr("Kind"), lambda one: speech.word(one.kind)),
            Column(self.tr("State"), lambda one: speech.word(one.state)),
            Column(self.tr("By"), lambda one: one.owner),
            Column(self.tr("Objective"), lambda one: one.objective),
            Column(self.tr("Outcome"), lambda one: one.outcome),
            Column(self.tr("Next step"), lambda one: one.next_step),
        ]

    def wanted(self) -> VisitFilter:
        """Return what was typed and chosen."""
        since, until = self.period.bounds
        return VisitFilter(
            since=since,
            until=until,
            typed=self.typed.text().strip(),
            state=self.chosen_value,
            owner_id=self.team.owner_id,
            sort=self.table.sort,
            descending=self.table.descending,
        )

    def count(self, reader: Reader, wanted: VisitFilter) -> dict[str, int]:
        """Count by state."""
        return count_visits(reader, wanted)

    def tell_count(self, found: dict[str, int]) -> None:
        """Say how many there are, and how many of them are reported."""
        done = sum(found.get(state, 0) for state in REPORTED)
        told = self.tr("{n}, {reported} reported")
        self.counted.emit(
            told.format(n=speech.number(sum(found.values())), reported=speech.number(done))
        )

    def on_opened(self, record_id: str) -> None:
        """Report a visit of one's own that is still open."""
        one = self._whole.row if self._whole else None
        if one is not None and one.id == record_id and one.state in OPEN and self.is_mine(one):
            self.desk.record_visit(visit_id=record_id)

    def show_page(self, record_id: str) -> None:
        """Read and paint a visit with all of its versions."""
        self.desk.tasks.read(
            self, lambda reader: visit_whole(reader, record_id), self.paint, key="page"
        )

    # ---- the page

    @property
    def _whole(self) -> VisitWhole | None:
        return cast("VisitWhole | None", self._painted)

    def paint_page(self) -> None:
        """Paint the page; its sealed texts as long as prices are open."""
        whole = self._whole
        clear(self.page)
        self.shows_sealed(whole.row.id if whole is not None and whole.sealed else "")
        if whole is None:
            self.page.addWidget(
                nothing(
                    "clipboard-list",
                    self.tr("Choose a visit"),
                    self.tr(
                        "What was agreed, who was met and every earlier version are shown here."
                    ),
                )
            )
            return
        one = whole.row
        self.page.addWidget(text(one.customer, "title", wrap=True, select=True))
        pills = [
            pill(speech.word(one.state), STATE_COLOURS.get(one.state, "grey")),
            *standing_of(one.sending, whole.receipt),
        ]
        if one.late:
            pills.append(pill(self.tr("Reported late"), "amber"))
        if one.version > 1:
            pills.append(pill(self.tr("Version {n}").format(n=one.version), "grey"))
        self.page.addLayout(row(*pills, None))
        when = " ".join(filter(None, (speech.day(one.held_on), one.held_at)))
        self.page.addWidget(
            text(
                " · ".join(filter(None, (when, speech.word(one.kind), one.owner, one.city))),
                "muted",
            )
        )
        self.page.addLayout(row(*self._buttons(one), None))
        self.page.addWidget(rule())
        self.page.addWidget(scrolled(self._inside(whole)), 1)

    def _buttons(self, one: VisitRow) -> list[Any]:
        made = []
        if self.is_mine(one):
            if one.state in OPEN:
                made += [
                    button(
                        self.tr("Report"),
                        lambda: self.desk.record_visit(visit_id=one.id),
                        look="primary",
                    ),
                    button(
                        self.tr("Could not see them"),
                        lambda: self.desk.record_visit(visit_id=one.id, missed=True),
                        image="calendar-x",
                    ),
                    button(self.tr("Call off"), lambda: self._cancel(one), image="x"),
                ]
            if one.state == VisitState.COMPLETED:
                made.append(button(self.tr("Submit"), lambda: self._submit(one), look="primary"))
            if one.state in REPORTED:
                made.append(
                    button(
                        self.tr("Amend"),
                        lambda: self.desk.record_visit(visit_id=one.id, amend=True),
                        image="pencil",
                    )
                )
        if one.state in REPORTED:
            made.append(
                button(
                    self.tr("Copy to a new visit"),
                    lambda: self.desk.record_visit(copy_of=one.id),
                    image="copy",
                )
            )
        if self._whole and self._whole.sealed and self.desk.prices.state is PriceState.LOCKED:
            made.append(
                button(
                    self.tr("Show prices"),
                    lambda: show_prices(self.desk, self),
                    image="eye",
                    look="quiet",
                )
            )
        made.append(
            button(
                self.tr("Customer"),
                lambda: self.desk.show("customers", one.customer_id),
                look="quiet",
            )
        )
        return made

    def _inside(self, whole: VisitWhole) -> QWidget:
        one = whole.row

        met = "\n".join(" · ".join(filter(None, (p.text, p.detail))) for p in whole.met)
        due = speech.day(whole.next_step_due) if whole.next_step_due else ""
        parts = told(
            (self.tr("Met"), met),
            (self.tr("Products discussed"), "\n".join(p.text for p in whole.products)),
        )
        for heading, name in (
            (self.tr("Objective"), "objective"),
            (self.tr("Outcome"), "outcome"),
            (self.tr("Next step"), "next_step"),
        ):
            words = self._words(one, (name,), due if name == "next_step" else "")
            if words is not None:
                parts.append(column(text(heading, "section"), words, gap=2))
        parts += told((self.tr("Reason"), whole.reason))
        parts += self._attachments.list_of(
            one.id, owner_id=one.owner_id, state=one.state,
            earlier=[version.id for version in whole.versions],
        )  # fmt: skip
        for version in whole.versions:
            heading = self.tr("Version {n}, recorded {at}").format(
                n=version.version, at=speech.instant(version.recorded_at)
            )
            old = self._words(version, FIELDS["visit"], look="muted")
            parts += [rule(), column(text(heading, "section"), *([old] if old else []), gap=2)]
        return sheet(*parts, right=theme.SMALL)

    def _words(
        self,
        version: VisitRow | VisitVersion,
        names: Sequence[str],
        below: str = "",
        look: str = "",
    ) -> QWidget | None:
        """Make the label of some texts of a version; sealed ones are read while prices are open."""
        texts = {name: getattr(version, name) for name in names}
        whole, lock = self._whole, self.desk.prices
        sealed = whole.sealed.get(version.id, NONE) if whole is not None else NONE

        def said() -> str:
            opened = (told_text(lock.prices, version.id, *one, sealed) for one in texts.items())
            return "\n".join(filter(None, (*opened, below)))

        if any(is_sealed(one) for one in texts.values()):
            return Held(lock, said, version.id, look, wrap=True)
        words = said()
        return text(words, look, wrap=True, select=True) if words else None

    # ---- doing

    def _submit(self, one: VisitRow) -> None:
        self.desk.tasks.write(
            self,
            lambda work: submit_visit(work, one.id),
            lambda _: self.desk.say(self.tr("Saved on this computer")),
            failed=self.desk.fail,
        )

    def _cancel(self, one: VisitRow) -> None:
        ask_reason(
            self.desk,
            self,
            self.tr("Call off"),
            self.tr("Why is the visit called off?"),
            lambda work, reason: cancel_visit(work, one.id, reason=reason),
        )
