"""What the first window says after head office had everything on this computer deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kamdesk.domain.connection import Farewell
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.services.describe import spec_of
from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, row, text

SHOWN = 200
_SEALED = QT_TRANSLATE_NOOP(
    "farewell",
    "{changes} changes and {drafts} half-typed forms that had not been handed in were sealed for head office "
    "and sent there.",
)
_KEPT = QT_TRANSLATE_NOOP(
    "farewell",
    "{changes} changes and {drafts} half-typed forms that had not been handed in are sealed in this file. "
    "Send it to your administrator; nobody else can read it:",
)
_LOST = QT_TRANSLATE_NOOP(
    "farewell",
    "These could not be handed in, because their prices were locked. Note the prices now, they are not kept; "
    "everything else of these changes was sealed for head office too:",
)


def paint(content: QVBoxLayout, farewell: Farewell, go_on: Callable[[], object]) -> None:
    """Add what became of the work here, and the way on."""
    counts = {"changes": farewell.changes, "drafts": farewell.drafts}
    if farewell.file:
        _add(content, text(_say(_KEPT, **counts), wrap=True))
        _add(content, text(farewell.file, "strong", wrap=True, select=True))
    elif farewell.changes or farewell.drafts:
        _add(content, text(_say(_SEALED, **counts), wrap=True))
    elif not farewell.lost:
        nothing = QT_TRANSLATE_NOOP("farewell", "Everything had been handed in before.")
        _add(content, text(_say(nothing), wrap=True))
    if farewell.lost:
        _add(content, text(_say(_LOST), "strong", wrap=True))
    for kind, title, at in farewell.lost[:SHOWN]:
        words = " · ".join(
            part
            for part in (speech.label(kind, spec_of(kind).label), title, speech.instant(at))
            if part
        )
        _add(content, text(words, wrap=True, select=True))
    content.addSpacing(theme.SMALL)
    set_up = QT_TRANSLATE_NOOP("farewell", "Set up this computer again")
    content.addLayout(row(None, button(_say(set_up), go_on)))


def _add(content: QVBoxLayout, widget: QWidget) -> None:
    content.addWidget(widget)


def _say(words: str, **values: object) -> str:
    return QCoreApplication.translate("farewell", words).format(**values)
