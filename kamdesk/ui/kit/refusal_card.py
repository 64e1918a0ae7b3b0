"""What head office refused: why, with everything that was typed, to be copied, restored or put aside."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame

from kamdesk.db.queries.issues import IssueRow
from kamdesk.domain.price_guard import price_in
from kamdesk.domain.spec import FieldType, Policy
from kamdesk.services.describe import spec_of
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.kit.bits import button, column, fixed, pill, row, text

_TYPED = {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.DATE, FieldType.INTEGER, FieldType.TAGS}


class RefusalCard(QFrame):
    """Says what was not taken. `is_first`: the keys 1, 2 and 3 are meant for this one, so it shows them;
    `copy_secret`: copies what tells a price, so that no history keeps it."""

    def __init__(
        self,
        one: IssueRow,
        *,
        is_first: bool,
        put_aside: Callable[[], object],
        restore: Callable[[], object],
        copy_secret: Callable[[str], object],
    ) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._copy_secret = copy_secret
        self._typed = "\n".join(
            f"{_label(one, name)}: {_shown(value)}"
            for name, value in one.mine.items()
            if value not in (None, "", []) and _is_typed(one.kind, name)
        )
        kind = speech.label(one.kind, spec_of(one.kind).label)
        heading = self.tr("Not taken · {title}").format(title=discreet.named(one.title) or kind)

        spec = spec_of(one.kind)
        can_restore = one.can_restore and spec.client_creates and not spec.opens_bucket

        def named(words: str, key: str) -> str:
            return f"{words}   {key}" if is_first else words

        layout = column(
            row(
                text(heading, "heading"),
                pill(speech.word(one.op), "grey"),
                None,
                fixed(text(speech.instant(one.created), "muted")),
            ),
            text(speech.problem(one.code, one.params), wrap=True),
            text(self._typed, "muted", wrap=True, select=True),
            fixed(text(self.tr("What you typed stays here for 30 days."), "muted")),
            row(
                None,
                button(named(self.tr("Copy what I typed"), "1"), self.copy, image="copy"),
                button(named(self.tr("Put aside"), "2"), put_aside),
                button(named(self.tr("Restore with my change"), "3"), restore, look="primary")
                if can_restore
                else None,
            ),
            gap=theme.SMALL,
        )
        layout.setContentsMargins(16, 14, 16, 14)
        self.setLayout(layout)
        self.keys: dict[str, Callable[[], object]] = {"1": self.copy, "2": put_aside}
        if can_restore:
            self.keys["3"] = restore

    def copy(self) -> None:
        """Copy what was typed: to the clipboard that empties itself where it tells a price."""
        if price_in(self._typed):
            self._copy_secret(self._typed)
            return
        QGuiApplication.clipboard().setText(self._typed)


def _label(one: IssueRow, name: str) -> str:
    try:
        return speech.label(one.kind, spec_of(one.kind).field(name).label)
    except KeyError:
        return name


def _is_typed(kind: str, name: str) -> bool:
    """Say whether a person typed this, and not the program: no ids, no states."""
    try:
        field = spec_of(kind).field(name)
    except KeyError:
        return name == "reason"
    return name != "zone" and field.type in _TYPED and field.policy is not Policy.FIXED


def _shown(value: object) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)
