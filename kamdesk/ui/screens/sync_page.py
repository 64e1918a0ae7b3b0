"""Changes: what waits to be sent, and what head office did not take as it was, to be settled with one key."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kamdesk.db.queries.issues import IssueRow, open_issues, settled_issues
from kamdesk.db.queries.proof import Standing, standing
from kamdesk.db.queries.waiting import WaitingRow, waiting
from kamdesk.domain.changes import Changes
from kamdesk.domain.connection import Link, Status
from kamdesk.domain.spec import FieldType, Policy
from kamdesk.services.describe import spec_of
from kamdesk.services.issues import answer_deletions, dismiss, keep_mine, keep_some, reopen
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.desk import Desk, Screen
from kamdesk.ui.kit.attachments_card import AttachmentsCard
from kamdesk.ui.kit.bits import (
    button,
    card,
    clear,
    column,
    fixed,
    nothing,
    pill,
    row,
    rule,
    scrolled,
    text,
)
from kamdesk.ui.kit.conflict_card import ConflictCard
from kamdesk.ui.kit.deletions_card import DeletionsCard
from kamdesk.ui.kit.proof_card import proof_card, start_of_today

_TYPED = {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.DATE, FieldType.INTEGER, FieldType.TAGS}
Shown = tuple[list[WaitingRow], list[IssueRow], list[IssueRow], Standing]


class SyncPage(Screen):
    """Needs you, waiting, settled."""

    name = "sync"
    _told = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: Shown | None = None
        self._told_last: tuple[bool, datetime | None] = (False, None)
        self._edits: dict[str, QLineEdit] = {}
        self._first: ConflictCard | None = None
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._told.connect(self._on_status, Qt.ConnectionType.QueuedConnection)
        unwatch = desk.connection.watch(self._told.emit)
        self.destroyed.connect(lambda _=None: unwatch())
        self.pause = button("", self._toggle_pause)
        now = button(
            self.tr("Reconcile now"), desk.connection.reconcile_now, image="refresh-cw", keys="F5"
        )
        now.setShortcut("")  # the window has it
        inside = QWidget()
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(theme.GAP)
        for layout in (self._left, self._right):
            layout.setSpacing(theme.GAP)
        columns.addLayout(self._left, 3)
        cabinet = desk.attachments
        self.attachments = None if cabinet is None else AttachmentsCard(desk, cabinet)
        right = column(self._right, gap=theme.GAP)
        if self.attachments is not None:
            right.insertWidget(0, self.attachments)
        columns.addLayout(right, 2)
        outer = column(row(now, self.pause, None), scrolled(inside), gap=theme.GAP)
        outer.setStretch(1, 1)
        self.setLayout(outer)

    def concerns(self, changes: Changes) -> bool:
        """Follow the queue, the issues, and what head office says about the contents of files."""
        return changes.outbox or changes.issues or changes.concerns("attachment")

    def refresh(self) -> None:
        """Read the queue and the issues again."""
        self._on_status(self.desk.connection.status())
        self._read()

    def _read(self) -> None:
        self.desk.tasks.read(
            self,
            lambda reader: (
                waiting(reader),
                open_issues(reader),
                settled_issues(reader),
                standing(reader, since=start_of_today()),
            ),
            self._paint,
            key="all",
        )

    @Slot(object)
    def _on_status(self, status: Status) -> None:
        is_paused = status.link is Link.PAUSED
        self.pause.setText(self.tr("Resume") if is_paused else self.tr("Pause"))

        if self.isVisible() and (status.checking, status.last_reconciled) != self._told_last:
            self._told_last = (status.checking, status.last_reconciled)
            self._shown = None  # what is proven is told with the time
            self._read()

    def _proof(self, proven: Standing) -> QWidget:
        connection = self.desk.connection
        return proof_card(proven, connection.status(), connection.check_now)

    def _toggle_pause(self) -> None:
        is_paused = self.desk.connection.status().link is Link.PAUSED
        self.desk.connection.set_paused(paused=not is_paused)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1, 2, 3 and Enter settle the first conflict."""
        one = self._first
        if one is not None:
            keys = {"1": one.keep_mine, "2": one.keep_theirs, "3": one.edit, "\r": one.settle}
            run = keys.get(event.text())
            if run is not None and not isinstance(self.focusWidget(), QLineEdit):
                run()
                return
        super().keyPressEvent(event)

    # ---- painting

    def _paint(self, shown: Shown) -> None:
        queue, issues, settled, proven = shown
        self.counted.emit(self.tr("{n} waiting").format(n=speech.number(len(queue))))
        if shown == self._shown:
            return
        self._shown = shown
        focused = next((name for name, edit in self._edits.items() if edit.hasFocus()), "")
        typed = {name: edit.text() for name, edit in self._edits.items() if edit.isVisible()}
        self._edits = {}
        clear(self._left)
        clear(self._right)
        self._first = None
        for at, one in enumerate(issues):
            self._left.addWidget(
                self._conflict(one, at + 1, len(issues)) if one.fields else self._fieldless(one)
            )
        if not issues:
            self._left.addWidget(
                card(
                    column(
                        nothing(
                            "circle-check",
                            self.tr("Nothing needs you"),
                            self.tr(
                                "What two people change differently is shown here, with both values."
                            ),
                        )
                    )
                )
            )
        if settled:
            self._left.addWidget(self._settled(settled))
        self._left.addStretch(1)
        self._right.addWidget(self._proof(proven))
        self._right.addWidget(self._queue(queue))
        self._right.addStretch(1)
        for name, words in typed.items():
            if name in self._edits:
                self._edits[name].setText(words)
                self._edits[name].show()
        (self._edits.get(focused) or self).setFocus()

    def _conflict(self, one: IssueRow, at: int, count: int) -> QWidget:
        place = self.tr("{n} of {count} · the rest of your changes went through")
        made = ConflictCard(
            one,
            place.format(n=at, count=count),
            is_first=self._first is None,
            settle=lambda mine: self._do(partial(keep_some, seen=one), one, mine),
            edit=lambda values: self._do(partial(keep_mine, seen=one), one, values),
        )
        if self._first is None:
            self._first = made
        self._edits.update({f"{one.id}/{name}": edit for name, edit in made.edits.items()})
        return made

    def _fieldless(self, one: IssueRow) -> QWidget:
        if one.type != "mass_delete":
            return self._refusal(one)
        return DeletionsCard(
            one,
            take=partial(self._do, partial(answer_deletions, take=True), one),
            keep=partial(self._do, partial(answer_deletions, take=False), one),
        )

    def _refusal(self, one: IssueRow) -> QWidget:
        typed = "\n".join(
            f"{self._label(one, name)}: {_shown(value)}"
            for name, value in one.mine.items()
            if value not in (None, "", []) and _is_typed(one.kind, name)
        )
        content = column(
            row(
                text(
                    self.tr("Not taken · {title}").format(
                        title=discreet.named(one.title) or self._kind(one)
                    ),
                    "heading",
                ),
                pill(speech.word(one.op), "grey"),
                None,
                fixed(text(speech.instant(one.created), "muted")),
            ),
            text(speech.problem(one.code, one.params), wrap=True),
            text(typed, "muted", wrap=True, select=True),
            row(
                fixed(text(self.tr("What you typed stays here for 30 days."), "muted")),
                None,
                button(
                    self.tr("Copy what I typed"),
                    lambda: QGuiApplication.clipboard().setText(typed),
                    image="copy",
                ),
                button(self.tr("Put aside"), partial(self._do, dismiss, one)),
            ),
            gap=theme.SMALL,
        )
        return card(content)

    def _settled(self, settled: list[IssueRow]) -> QWidget:
        told = {
            "mine": self.tr("kept mine"),
            "theirs": self.tr("kept head office's"),
            "mixed": self.tr("kept some of both"),
            "edited": self.tr("edited since"),
            "dismissed": self.tr("put aside"),
        }
        deletions = {
            "mine": self.tr("kept here; ask head office"),
            "theirs": self.tr("deletions taken over"),
            "dismissed": self.tr("head office has the records again"),
        }
        lines: list[Any] = [text(self.tr("Settled"), "heading")]
        for one in settled[:30]:
            is_held = one.type == "mass_delete"
            lines += [
                rule(),
                row(
                    text(one.title or self._kind(one), "strong"),
                    fixed(
                        text((deletions if is_held else told).get(one.state, one.state), "muted")
                    ),
                    None,
                    None
                    if is_held and one.state != "mine"
                    else button(
                        self.tr("Take up again"), partial(self._do, reopen, one), look="quiet"
                    ),
                ),
            ]
        return card(column(*lines))

    def _queue(self, queue: list[WaitingRow]) -> QWidget:
        if not queue:
            return card(
                column(
                    nothing(
                        "cloud",
                        self.tr("Nothing waits to be sent"),
                        self.tr(
                            "What you save without a connection waits here and is sent by itself."
                        ),
                    )
                )
            )
        lines: list[Any] = [
            row(
                text(self.tr("Waiting to be sent"), "heading"),
                fixed(text(speech.number(len(queue)), "muted")),
                None,
            )
        ]
        for one in queue[:200]:
            what = speech.word(one.detail[0] if one.what == "cmd" else one.what)
            kind = speech.label(one.kind, spec_of(one.kind).label)
            line = row(
                column(
                    text(one.title or kind, "strong", wrap=True),
                    text(" · ".join((kind, what, speech.instant(one.at))), "muted"),
                    gap=2,
                ),
                pill(speech.word("sent" if one.sent else "saved"), "blue" if one.sent else "grey"),
            )
            line.setStretch(0, 1)
            lines += [rule(), line]
        return card(column(*lines))

    def _label(self, one: IssueRow, name: str) -> str:
        try:
            return speech.label(one.kind, spec_of(one.kind).field(name).label)
        except KeyError:
            return name

    def _kind(self, one: IssueRow) -> str:
        return speech.label(one.kind, spec_of(one.kind).label)

    # ---- settling

    def _do(self, fn: Any, one: IssueRow, *values: object) -> None:
        self.desk.tasks.write(
            self,
            lambda work: fn(work, one.id, *values),
            lambda done: self.desk.say(
                self.tr("It changed meanwhile. The card shows what stands now; choose again.")
                if done is False
                else self.tr("Saved on this computer")
            ),
            failed=self.desk.fail,
        )


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
