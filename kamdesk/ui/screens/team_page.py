"""The team: who did what in a period, what waits for an answer; from here into anybody's visits and requests."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from kamdesk.db.queries.team import MemberRow, Requests, sum_requests, team_overview
from kamdesk.domain import clock
from kamdesk.domain.period import Period
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk, Export, Screen
from kamdesk.ui.kit.bits import button, card, column, nothing, row, text
from kamdesk.ui.kit.list_model import Column
from kamdesk.ui.kit.period_filter import PeriodFilter
from kamdesk.ui.kit.small_table import SmallTable


class TeamPage(Screen):
    """One line for everybody who has work on this computer."""

    name = "team"
    kinds = frozenset({"visit", "promotion_request", "colleague", "contract"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.period = PeriodFilter(self.refresh, Period.THIS_MONTH)
        self.table = SmallTable(self._columns(), name=self.tr("Team"))
        self.table.opened.connect(lambda one: desk.show_work_of("visits", one))
        self.table.chosen.connect(lambda _: self._on_chosen())
        self.visits = button(self.tr("Visits"), lambda: self._go("visits"), image="clipboard-list")
        self.requests = button(
            self.tr("Promotions"), lambda: self._go("promotions"), image="megaphone"
        )
        self.sums = text("", "strong")
        self.body = QStackedWidget()
        self.body.addWidget(self.table)
        self.body.addWidget(
            nothing(
                "users",
                self.tr("Nobody here yet"),
                self.tr("As soon as the visits of your team arrive, everybody has a line here."),
            )
        )
        content = column(
            row(self.period, None, self.visits, self.requests),
            self.body,
            self.sums,
            gap=theme.GAP,
        )
        content.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(content, margin=14))
        self._on_chosen()

    def _columns(self) -> list[Column]:
        def muted(_: Any) -> str:
            return "muted"

        return [
            Column(self.tr("Name"), lambda one: one.name),
            Column(self.tr("Role"), lambda one: speech.word(one.role), 170, muted),
            Column(
                self.tr("Visits"), lambda one: speech.number(one.reported), 68, right=True,
                raw=lambda one: one.reported,
            ),
            Column(
                self.tr("Customers"), lambda one: speech.number(one.customers), 98, right=True,
                raw=lambda one: one.customers,
            ),
            Column(
                self.tr("Planned"), lambda one: speech.number(one.planned), 82, muted, right=True,
                raw=lambda one: one.planned,
            ),
            Column(
                self.tr("Last visit"), lambda one: speech.near_day(one.last_visit), 108, muted,
                raw=lambda one: one.last_visit,
            ),
            Column(
                self.tr("To decide"), lambda one: _requests(one.open), 124,
                lambda one: "amber" if one.open.count else "muted", right=True,
            ),
            Column(self.tr("Approved"), lambda one: _requests(one.approved), 124, right=True),
            Column(
                self.tr("Overdue steps"), lambda one: speech.number(one.overdue), 122,
                lambda one: "red" if one.overdue else "muted", right=True,
                raw=lambda one: one.overdue,
            ),
        ]  # fmt: skip

    def refresh(self) -> None:
        """Read everybody's line again."""
        since, until = self.period.bounds
        today = clock.today()
        self.desk.tasks.read(
            self,
            lambda reader: team_overview(reader, since=since, until=until, today=today),
            self._show,
            key="team",
        )

    def export(self) -> Export:
        """Give the table."""
        return Export(self.title(), self._columns(), self._page)

    def _page(self, reader: Any, offset: int, limit: int) -> list[Any]:
        since, until = self.period.bounds
        found = team_overview(reader, since=since, until=until, today=clock.today())
        return list(found[offset : offset + limit])

    def _show(self, found: list[MemberRow]) -> None:
        self.table.show_rows(found)
        self.body.setCurrentIndex(0 if found else 1)
        self.counted.emit(speech.number(len(found)) if found else "")
        told = self.tr("Together: visits {visits} · to decide {open} · approved {approved}")
        self.sums.setText(
            told.format(
                visits=speech.number(sum(one.reported for one in found)),
                open=_requests(sum_requests([one.open for one in found])),
                approved=_requests(sum_requests([one.approved for one in found])),
            )
            if found
            else ""
        )
        self._on_chosen()

    def _on_chosen(self) -> None:
        for one in (self.visits, self.requests):
            one.setEnabled(bool(self.table.current_id))

    def _go(self, name: str) -> None:
        self.desk.show_work_of(name, self.table.current_id)


def _requests(one: Requests) -> str:
    if not one.count:
        return "—"
    return " · ".join((speech.number(one.count), *(speech.money(money) for money in one.sums)))
