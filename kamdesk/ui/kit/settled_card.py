"""What was settled within the last 30 days, a part at a time; each can be taken up again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFrame

from kamdesk.db.queries.issues import IssueRow
from kamdesk.services.describe import spec_of
from kamdesk.ui import discreet, speech
from kamdesk.ui.kit.bits import button, column, fixed, row, rule, text

KEPT_DAYS = 30
AT_ONCE = 30


class SettledCard(QFrame):
    """Lists some of `count` settled issues; `reopen` takes one up again, `more` asks for more of them."""

    def __init__(
        self,
        settled: list[IssueRow],
        count: int,
        *,
        reopen: Callable[[IssueRow], object],
        more: Callable[[], object],
    ) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._told = {
            "mine": self.tr("kept mine"),
            "theirs": self.tr("kept head office's"),
            "mixed": self.tr("kept some of both"),
            "edited": self.tr("edited since"),
            "restored": self.tr("restored"),
            "dismissed": self.tr("put aside"),
            "elsewhere": self.tr("settled on another computer"),
        }
        self._deletions = {
            "mine": self.tr("kept here; ask head office"),
            "theirs": self.tr("deletions taken over"),
            "dismissed": self.tr("head office has the records again"),
        }
        lines: list[Any] = [
            row(
                text(self.tr("Settled"), "heading"),
                fixed(text(speech.number(count), "muted")),
                None,
            )
        ]
        for one in settled:
            lines += [rule(), self._line(one, reopen)]
        if count > len(settled):
            told = self.tr("Show more of the last {n} days").format(n=speech.number(KEPT_DAYS))
            lines += [rule(), row(None, button(told, more, look="quiet"), None)]
        layout = column(*lines)
        layout.setContentsMargins(16, 14, 16, 14)
        self.setLayout(layout)

    def _line(self, one: IssueRow, reopen: Callable[[IssueRow], object]) -> Any:
        is_held = one.type == "mass_delete"
        told = (self._deletions if is_held else self._told).get(one.state, one.state)
        again = button(self.tr("Take up again"), partial(reopen, one), look="quiet")
        kind = speech.label(one.kind, spec_of(one.kind).label)
        return row(
            text(discreet.named(one.title) or kind, "strong"),
            fixed(text(told, "muted")),
            None,
            None if is_held and one.state != "mine" else again,
        )
