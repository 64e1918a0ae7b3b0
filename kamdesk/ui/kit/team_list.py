"""A list of what a team works on: whose is chosen, and own records are acted on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from kamdesk.db.reader import Reader
from kamdesk.domain.roles import Actor, Role
from kamdesk.ui import theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import column, text
from kamdesk.ui.kit.list_screen import ListScreen
from kamdesk.ui.kit.team_filter import TeamFilter


class Owned(Protocol):
    """A row that tells whose it is."""

    @property
    def owner_id(self) -> str: ...


class TeamList(ListScreen):
    """Subclasses write `count` and `tell_count` beside what a ListScreen wants, and show `team` among the filters."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        profile = desk.profile
        self.actor = Actor(profile.user_id, Role(profile.role), profile.name)
        self.team = TeamFilter(desk, self.list_again)

    # ---- for subclasses

    def count(self, reader: Reader, wanted: Any) -> Any:
        """Read how many records the list has, by whatever `tell_count` tells them."""
        raise NotImplementedError

    def tell_count(self, found: Any) -> None:
        """Say how many there are."""
        raise NotImplementedError

    def is_mine(self, one: Owned) -> bool:
        """Say whether a record is the user's own."""
        return one.owner_id == self.actor.user_id

    def do(self, fn: Callable[[Any], object]) -> None:
        """Save with `fn(work)` and say so."""
        self.desk.tasks.write(
            self,
            fn,
            lambda _: self.desk.say(self.tr("Saved on this computer")),
            failed=self.desk.fail,
        )

    # ---- ListScreen

    def show_work_of(self, owner_id: str) -> None:
        """Show one colleague's."""
        self.team.choose(owner_id)

    def list_again(self) -> None:
        """Read the list, and how many there are."""
        wanted = self.wanted()
        self.team.refresh()
        super().list_again()
        self.desk.tasks.read(
            self, lambda reader: self.count(reader, wanted), self.tell_count, key="count"
        )


def told(*texts: tuple[str, str]) -> list[Any]:
    """Make a paragraph with its heading of each text that there is."""
    return [
        column(text(heading, "section"), text(words, wrap=True, select=True), gap=2)
        for heading, words in texts
        if words
    ]


def sheet(*parts: Any, right: int = 0) -> QWidget:
    """Lay out what is said about a record, from the top; `right`: pixels beside it."""
    holder = QWidget()
    layout = column(*parts, None, gap=theme.GAP)
    layout.setContentsMargins(0, 4, right, 0)
    holder.setLayout(layout)
    return holder
