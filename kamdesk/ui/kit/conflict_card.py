"""One conflict, field by field: what it was, mine, head office's; the likelier one is chosen, one key settles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from kamdesk.db.issues import DELETION
from kamdesk.db.queries.issues import IssueField, IssueRow
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.spec import SEALED, RecordSpec
from kamdesk.services.describe import spec_of
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.kit.bits import button, fixed, row, rule, text
from kamdesk.ui.kit.opened_sides import OpenedSide, note_seen
from kamdesk.ui.price_lock import PriceLock


class ConflictCard(QFrame):
    """Lets the user choose per field, or type a value; `settle(mine)` and `edit(values)` do what was chosen.

    `is_first`: the keys 1, 2, 3 and Enter are meant for this one, so it shows them.
    """

    def __init__(
        self,
        one: IssueRow,
        place: str,
        lock: PriceLock,
        *,
        is_first: bool,
        settle: Callable[[frozenset[str]], object],
        edit: Callable[[Mapping[str, object]], object],
    ) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.issue = one
        self._settle, self._hand_in = settle, edit
        self._mine: dict[str, QPushButton] = {}
        self.edits: dict[str, QLineEdit] = {}
        self._lock = lock
        self.sides: list[OpenedSide] = []
        title = {
            "overwritten": self.tr("Overwritten · {title}"),
            "replaced": self.tr("Yours was replaced · {title}"),
        }.get(one.type, self.tr("Conflict · {title}"))
        kind = speech.label(one.kind, spec_of(one.kind).label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(theme.GAP)
        heading = text(title.format(title=discreet.named(one.title) or kind), "heading")
        layout.addLayout(
            row(heading, text(kind, "muted") if one.title else None, None, text(place, "muted"))
        )
        layout.addWidget(rule())
        layout.addLayout(self._grid())
        for line in self._edit_lines():
            layout.addWidget(line)
        told = self.tr("Nothing is thrown away: the other value stays here for 30 days.")
        layout.addWidget(fixed(text(told, "muted", wrap=True)))
        layout.addLayout(self._buttons(is_first=is_first))
        self._choose_likelier()
        for side in self.sides:
            side.follow()
        if self.sides:
            note_seen(lock, one.row_id)
            lock.changed.connect(self._on_prices)
        self.keys: dict[str, Callable[[], object]] = {
            "1": self.keep_mine, "2": self.keep_theirs, "3": self.edit, "\r": self.settle
        }  # fmt: skip

    @Slot(object)
    def _on_prices(self, _state: PriceState) -> None:
        note_seen(self._lock, self.issue.row_id)

    # ---- what is done

    @property
    def mine(self) -> frozenset[str]:
        """The fields of which mine is chosen."""
        return frozenset(name for name, made in self._mine.items() if made.isChecked())

    def settle(self) -> None:
        """Settle as it is chosen."""
        self._settle(self.mine)

    def keep_mine(self) -> None:
        """Settle with all of mine."""
        self._settle(frozenset(self._mine))

    def keep_theirs(self) -> None:
        """Settle with all of head office's."""
        self._settle(frozenset())

    def edit(self) -> None:
        """Show the lines for a value of one's own; when they are shown already, hand them in."""
        if self.edits and all(edit.isVisible() for edit in self.edits.values()):
            was = {field.name: typed(field.mine) for field in self.issue.fields}
            self._hand_in(
                {
                    name: edit.text() or None
                    for name, edit in self.edits.items()
                    if edit.text() != was[name]
                }
            )
            return
        for edit in self.edits.values():
            edit.show()
        if self.edits:
            next(iter(self.edits.values())).setFocus()

    # ---- building

    def _grid(self) -> QGridLayout:
        one = self.issue
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        headings = (
            self.tr("Field"),
            self.tr("Was"),
            self.tr("Mine · {at}").format(at=speech.instant(one.changed_at or one.created)),
            self.tr("Overwritten value")
            if one.type == "overwritten"
            else self.tr("At head office"),
        )
        for at, heading in enumerate(headings):
            grid.addWidget(text(heading, "section"), 0, at)
            grid.setColumnStretch(at, 3 if at > 1 else 2)
        for each in one.fields:
            line = grid.rowCount()
            label = self.label(each.name)
            grid.addWidget(fixed(text(label, "strong", wrap=True)), line, 0)
            grid.addWidget(
                text(shown(one, each, each.old), "muted", wrap=True, select=True), line, 1
            )
            mine = self._value(label, headings[2], shown(one, each, each.mine))
            theirs = self._value(label, headings[3], shown(one, each, each.theirs), self.who(each))
            if not each.is_known:
                mine.setEnabled(False)
                mine.setText(self.tr("On the computer where it was typed"))
            mine.clicked.connect(partial(self._choose, each.name, True))  # noqa: FBT003
            theirs.clicked.connect(partial(self._choose, each.name, False))  # noqa: FBT003
            mine.toggled.connect(lambda is_mine, other=theirs: other.setChecked(not is_mine))
            self._mine[each.name] = mine
            theirs.setChecked(True)
            grid.addWidget(mine, line, 2)
            grid.addWidget(theirs, line, 3)
            grid.addWidget(text(self.who(each), "muted", wrap=True), line + 2, 3)
            if _is_sealed(one.kind, each.name):
                for at, value in enumerate((each.old, each.mine, each.theirs), start=1):
                    side = OpenedSide(self._lock, one, each.name, value)
                    self.sides.append(side)
                    grid.addWidget(side, line + 1, at)
        return grid

    def who(self, field: IssueField) -> str:
        """Say who wrote the other value of a field, and when."""
        by = field.by or (self.tr("Head office") if field.at else "")
        return " · ".join(filter(None, (by, speech.instant(field.at) if field.at else "")))

    def _value(self, label: str, heading: str, words: str, who: str = "") -> QPushButton:
        made = QPushButton(words if len(words) <= 60 else words[:59] + "…")
        made.setProperty("look", "value")
        made.setCheckable(True)
        made.setAutoDefault(False)
        made.setToolTip(words)
        made.setAccessibleName(": ".join(filter(None, (label, heading, who, words))))
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def _choose(self, name: str, is_mine: bool, *_: object) -> None:  # noqa: FBT001  # which of two it is
        """Choose for a field, and for those that merge together with it."""
        for other in self._together(name):
            self._mine[other].setChecked(is_mine)
            self._mine[other].toggled.emit(is_mine)

    def _together(self, name: str) -> list[str]:
        spec = spec_of(self.issue.kind)
        group = _group(spec, name)
        return [one for one in self._mine if one == name or (group and _group(spec, one) == group)]

    def _choose_likelier(self) -> None:
        """Choose the later of the two, by head office's clock; where that is not known, what stands."""
        mine_at = self.issue.changed_at
        for field in self.issue.fields:
            is_later = field.at is not None and mine_at is not None and mine_at >= field.at
            if self.issue.standing == "mine" or (field.name != DELETION and is_later):
                self._choose(field.name, True)  # noqa: FBT003  # mine

    def _edit_lines(self) -> list[QLineEdit]:
        for field in self.issue.fields:
            if isinstance(field.mine, list) or not _can_be_typed(self.issue.kind, field.name):
                continue  # mine stays mine
            edit = QLineEdit(typed(field.mine))
            edit.setPlaceholderText(self.label(field.name))
            edit.setAccessibleName(self.label(field.name))
            edit.returnPressed.connect(self.edit)
            edit.hide()
            self.edits[field.name] = edit
        return list(self.edits.values())

    def _buttons(self, *, is_first: bool) -> QHBoxLayout:
        def named(words: str, key: str) -> str:
            return f"{words}   {key}" if is_first else words

        theirs = (
            self.tr("Take the overwritten value")
            if self.issue.type == "overwritten"
            else self.tr("Keep head office's")
        )
        return row(
            None,
            button(named(self.tr("Keep mine"), "1"), self.keep_mine),
            button(named(theirs, "2"), self.keep_theirs),
            *([button(named(self.tr("Edit"), "3"), self.edit)] if self.edits else []),
            button(named(self.tr("As chosen"), "Enter"), self.settle, look="primary"),
        )

    def label(self, name: str) -> str:
        """Return what a field is called."""
        if name == DELETION:
            return self.tr("Deletion")
        try:
            return speech.label(self.issue.kind, spec_of(self.issue.kind).field(name).label)
        except KeyError:
            return name


def shown(one: IssueRow, field: IssueField, value: object) -> str:
    """Write one side's value; what is sealed is dots."""
    if value is None or value == "":
        return "—"
    if _is_sealed(one.kind, field.name):
        return "••••••"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)


def _is_sealed(kind: str, name: str) -> bool:
    spec = spec_of(kind)
    return name in spec.names and spec.field(name).type in SEALED


def _can_be_typed(kind: str, name: str) -> bool:
    spec = spec_of(kind)
    return name in spec.names and spec.field(name).type not in SEALED


def typed(value: object) -> str:
    """Write a value as it is typed."""
    return "" if value is None else str(value)


def _group(spec: RecordSpec, name: str) -> str:
    return spec.field(name).group if name in spec.names else ""
