"""The question when head office deletes unusually many records: take that over, or keep them and ask there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QLabel

from kamdesk.db.queries.issues import IssueRow
from kamdesk.services.describe import spec_of
from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, column, fixed, pill, row, text


class DeletionsCard(QFrame):
    """Says in words what would go; calls what was chosen."""

    def __init__(
        self, one: IssueRow, *, take: Callable[[], object], keep: Callable[[], object]
    ) -> None:
        super().__init__()
        self.setProperty("look", "card")
        kinds = one.params.get("kinds")
        lines = [
            _told(
                self.tr("{kind}: {count} of {total} would go").format(
                    kind=speech.label(kind, spec_of(kind).label),
                    count=speech.number(count),
                    total=speech.number(total),
                ),
                "strong",
            )
            for kind, (count, total) in (kinds if isinstance(kinds, dict) else {}).items()
        ]
        layout = column(
            row(
                text(self.tr("Head office deletes unusually many records"), "heading"),
                pill(self.tr("Nothing was deleted here"), "green"),
                None,
                _told(speech.instant(one.created), "muted"),
            ),
            *lines,
            _told(
                self.tr("A backup from before was made and stays for a month.")
                if one.params.get("copy")
                else self.tr("No backup could be made: free some space before you take them over."),
                "muted",
                wrap=True,
            ),
            _told(
                self.tr(
                    "Until you decide, and while you keep them, nothing new is taken in from "
                    "head office; what you save is handed in as always."
                ),
                "muted",
                wrap=True,
            ),
            row(
                None,
                button(self.tr("Take the deletions over"), take, look="quiet"),
                button(self.tr("Keep them and ask head office"), keep),
            ),
            gap=theme.SMALL,
        )
        layout.setContentsMargins(16, 14, 16, 14)
        self.setLayout(layout)


class LostCard(QFrame):
    """Says in words what went because head office was restored, and that a backup has it."""

    def __init__(self, one: IssueRow, *, put_aside: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("look", "card")
        kinds = one.params.get("kinds")
        lines = [
            _told(
                self.tr("{kind}: {count} went").format(
                    kind=speech.label(kind, spec_of(kind).label), count=speech.number(count)
                ),
                "strong",
            )
            for kind, count in (kinds if isinstance(kinds, dict) else {}).items()
        ]
        layout = column(
            row(
                text(self.tr("Head office was restored: these records went from here"), "heading"),
                None,
                _told(speech.instant(one.created), "muted"),
            ),
            *lines,
            _told(
                self.tr(
                    "A backup from before was made and stays for a month: see Settings. The records "
                    "may be nowhere else, so tell your administrator. What you saved yourself was "
                    "handed in again."
                ),
                "muted",
                wrap=True,
            ),
            row(None, button(self.tr("Put aside"), put_aside)),
            gap=theme.SMALL,
        )
        layout.setContentsMargins(16, 14, 16, 14)
        self.setLayout(layout)


def _told(words: str, look: str, *, wrap: bool = False) -> QLabel:
    return fixed(text(words, look, wrap=wrap))
