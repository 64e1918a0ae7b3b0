"""Changes: what waits to be sent, and what head office did not take as it was, to be settled with one key."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kamdesk.db.queries.issues import IssueRow, count_settled, open_issues, settled_issues
from kamdesk.db.queries.proof import Standing, standing
from kamdesk.db.queries.waiting import READ_AT_ONCE, WaitingRow, waiting
from kamdesk.domain import clock
from kamdesk.domain.changes import Changes
from kamdesk.domain.connection import Link, Status
from kamdesk.services.describe import spec_of
from kamdesk.services.issues import (
    Settled,
    answer_deletions,
    dismiss,
    keep_mine,
    keep_some,
    reopen,
    restore,
    settle_many,
    take_back,
)
from kamdesk.ui import speech, theme
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
from kamdesk.ui.kit.deletions_card import DeletionsCard, LostCard
from kamdesk.ui.kit.proof_card import proof_card, start_of_today
from kamdesk.ui.kit.refusal_card import RefusalCard
from kamdesk.ui.kit.settled_card import AT_ONCE, KEPT_DAYS, SettledCard

Shown = tuple[list[WaitingRow], list[IssueRow], list[IssueRow], int, Standing]
_ON_THE_PAD = Qt.KeyboardModifier.KeypadModifier
_CARDS, _LINES = 15, 60
"""So much is made in one go: the window waits for it whenever one of them changes."""
_BULK = 20
"""So many cards are settled in one transaction."""


class SyncPage(Screen):
    """Needs you, waiting, settled."""

    name = "sync"
    _told = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: Shown | None = None
        self._told_last: tuple[bool, datetime | None, str] = (False, None, "")
        self._edits: dict[str, QLineEdit] = {}
        self._first: ConflictCard | RefusalCard | None = None
        self._settled_shown = AT_ONCE
        self._cards_shown = _CARDS
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
        since, limit = clock.now() - timedelta(days=KEPT_DAYS), self._settled_shown
        self.desk.tasks.read(
            self,
            lambda reader: (
                waiting(reader),
                open_issues(reader),
                settled_issues(reader, limit=limit, since=since),
                count_settled(reader, since=since),
                standing(reader, since=start_of_today()),
            ),
            self._paint,
            key="all",
        )

    @Slot(object)
    def _on_status(self, status: Status) -> None:
        is_paused = status.link is Link.PAUSED
        self.pause.setText(self.tr("Resume") if is_paused else self.tr("Pause"))

        told = (status.checking, status.last_reconciled, status.problem)
        if self.isVisible() and told != self._told_last:
            self._told_last = told
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
        """1, 2, 3 and Enter settle the first card; Enter on a button presses it, on a value it settles its card.

        A key that is held settles one card, not those that come up after it, which nobody has looked at.
        """
        focused, is_plain = self.focusWidget(), not event.modifiers() & ~_ON_THE_PAD
        if not is_plain or event.isAutoRepeat() or isinstance(focused, QLineEdit):
            super().keyPressEvent(event)
            return
        meant = self._first
        if event.text() == "\r" and isinstance(focused, QAbstractButton):
            if not focused.isCheckable():
                focused.click()
                return
            meant = _card_of(focused)
        run = meant.keys.get(event.text()) if meant is not None else None
        if run is not None:
            run()
            return
        super().keyPressEvent(event)

    # ---- painting

    def _paint(self, shown: Shown) -> None:
        queue, issues, settled, count, proven = shown
        self.counted.emit(self.tr("{n} waiting").format(n=speech.number(self._count(queue))))
        if shown == self._shown:
            return
        self._shown = shown
        focused = next((name for name, edit in self._edits.items() if edit.hasFocus()), "")
        typed = {name: edit.text() for name, edit in self._edits.items() if edit.isVisible()}
        self._edits = {}
        clear(self._left)
        clear(self._right)
        self._first = None
        if sum(one.type == "conflict" and bool(one.fields) for one in issues) > 1:
            self._left.addWidget(self._bulk(issues))
        for at, one in enumerate(issues[: self._cards_shown]):
            self._left.addWidget(
                self._conflict(one, at + 1, len(issues)) if one.fields else self._fieldless(one)
            )
        if len(issues) > self._cards_shown:
            told = self.tr("Show more of these {n}").format(n=speech.number(len(issues)))
            self._left.addLayout(row(None, button(told, self._more_cards, look="quiet"), None))
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
            self._left.addWidget(
                SettledCard(settled, count, reopen=partial(self._do, reopen), more=self._more)
            )
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
        place = self.tr("{n} of {count}")
        if one.type == "conflict":  # else this one went through too
            place = self.tr("{n} of {count} · the rest of your changes went through")
        made = ConflictCard(
            one,
            place.format(n=at, count=count),
            self.desk.prices,
            is_first=self._first is None,
            settle=lambda mine: self._do(partial(keep_some, seen=one), one, mine),
            edit=lambda values: self._do(partial(keep_mine, seen=one), one, values),
        )
        if self._first is None:
            self._first = made
        self._edits.update({f"{one.id}/{name}": edit for name, edit in made.edits.items()})
        return made

    def _fieldless(self, one: IssueRow) -> QWidget:
        if one.type == "lost":
            return LostCard(one, put_aside=partial(self._do, dismiss, one))
        if one.type != "mass_delete":
            return self._refusal(one)
        return DeletionsCard(
            one,
            take=partial(self._do, partial(answer_deletions, take=True), one),
            keep=partial(self._do, partial(answer_deletions, take=False), one),
        )

    def _refusal(self, one: IssueRow) -> QWidget:
        made = RefusalCard(
            one,
            is_first=self._first is None,
            put_aside=partial(self._do, dismiss, one),
            restore=partial(self._do, restore, one),
            copy_secret=self._copy_secret,
        )
        self._first = self._first or made
        return made

    def _copy_secret(self, words: str) -> None:
        self.desk.copy_secret(words)
        self.desk.say(
            self.tr("It tells a price: copied, and the clipboard is emptied in 10 seconds")
        )

    def _more(self) -> None:
        self._settled_shown += AT_ONCE
        self._read()

    def _more_cards(self) -> None:
        self._cards_shown += _CARDS
        self._shown = None
        self._read()

    def _bulk(self, issues: list[IssueRow]) -> QWidget:
        """Offer to settle all conflicts alike."""
        conflicts = [one for one in issues if one.type == "conflict" and one.fields]
        told = self.tr("{n} conflicts").format(n=speech.number(len(conflicts)))
        return card(
            row(
                text(told, "heading"),
                None,
                button(
                    self.tr("Keep mine for all"), lambda: self._settle_all(conflicts, mine=True)
                ),
                button(
                    self.tr("Keep head office's for all"),
                    lambda: self._settle_all(conflicts, mine=False),
                ),
            )
        )

    def _settle_all(
        self, cards: list[IssueRow], *, mine: bool, before: Settled | None = None
    ) -> None:
        """Settle some at a time, so that nobody's save waits; then offer to undo all."""
        part, rest = cards[:_BULK], cards[_BULK:]

        def done(settled: Settled) -> None:
            whole = Settled(
                (*before.ones, *settled.ones) if before else settled.ones,
                settled.asking + (before.asking if before else 0),
            )
            if rest:
                self._settle_all(rest, mine=mine, before=whole)
                return
            offer(whole)

        def offer(whole: Settled) -> None:
            told = self.tr("{n} settled").format(n=speech.number(len(whole.ones)))
            if whole.asking:
                asking = self.tr("{n} changed meanwhile or need a look of their own")
                told += " · " + asking.format(n=speech.number(whole.asking))
            self.desk.offer_undo(told, lambda work: take_back(work, whole))

        def failed(error: Exception) -> None:
            self.desk.fail(error)
            if before is not None:
                offer(before)  # what is settled already can be taken back all the same

        self.desk.tasks.write(
            self, lambda work: settle_many(work, part, mine=mine), done, failed=failed
        )

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
                fixed(text(speech.number(self._count(queue)), "muted")),
                None,
            )
        ]
        for one in queue[:_LINES]:
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
        if len(queue) > _LINES:
            told = self.tr("and {n} more").format(n=speech.number(self._count(queue) - _LINES))
            lines += [rule(), fixed(text(told, "muted"))]
        return card(column(*lines))

    def _count(self, queue: list[WaitingRow]) -> int:
        """Count what waits; of a long queue the beginning alone was read."""
        waiting = self.desk.connection.status().waiting
        return max(len(queue), waiting) if len(queue) >= READ_AT_ONCE else len(queue)

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


def _card_of(widget: QWidget | None) -> ConflictCard | None:
    """Return the conflict that a widget is part of."""
    while widget is not None and not isinstance(widget, ConflictCard):
        widget = widget.parentWidget()
    return widget
