"""The one bridge between the window and the threads that may wait: database, network, files.

A job runs on a thread of its kind; its answer is delivered in the GUI thread, and dropped when the widget
that asked is gone or has asked something newer of the same kind.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from kamdesk.domain.changes import Done, Origin
from kamdesk.domain.errors import KamError
from kamdesk.domain.store import Store

T = TypeVar("T")
SWITCH_SECONDS = 0.0005
"""How long a thread that works keeps the interpreter when the window asks for it; Python's own 5 ms would be a third of
a frame, and painting a list asks for it with every text."""
_OF_THE_DISK = frozenset({"STORE_READONLY", "STORE_ONLY_READ"})
_log = logging.getLogger(__name__)


class _Job:
    """One question under way and what to do with its answer."""

    def __init__(
        self,
        owner: QObject,
        key: str,
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
    ) -> None:
        self.owner = owner
        self.key = key
        self.done = done
        self.failed = failed
        self.future: Future[Any] | None = None
        self.value: Any = None
        self.error: Exception | None = None
        self.superseded = False
        self._reader: Any = None
        self._lock = threading.Lock()

    def read(self, reader: Any, fn: Callable[[Any], T]) -> T | None:
        """Read, unless nobody waits any more; `supersede` ends the query under way."""
        with self._lock:
            if self.superseded:
                return None
            self._reader = reader
        try:
            return fn(reader)
        finally:
            # The connection goes to the next job: it must not be interrupted for this one
            with self._lock:
                self._reader = None

    def supersede(self) -> bool:
        """Stop, because something newer was asked; say whether it had not even begun."""
        with self._lock:
            self.superseded = True
            if self._reader is not None:
                self._reader.stop()
        return self.future is not None and self.future.cancel()


class Tasks(QObject):
    """Runs reads, writes and other work off the GUI thread. Lives in the GUI thread, one per program.

    What is asked of the store before it is open waits for it, in the order in which it was asked.
    """

    _ended = Signal(object)
    unexpected = Signal(object)
    """An exception nobody waits for: a bug, or a failed read of a screen that has no place for it."""
    trouble = Signal(object)
    """A KamError that the asker did not take: shown as a banner."""

    def __init__(self, store: Store | None = None) -> None:
        super().__init__()
        sys.setswitchinterval(SWITCH_SECONDS)
        self.store = store
        self._waiting: list[Callable[[Store], None]] = []
        self._writes = ThreadPoolExecutor(1, thread_name_prefix="db-write")
        self._reads = ThreadPoolExecutor(2, thread_name_prefix="db-read")
        self._work = ThreadPoolExecutor(2, thread_name_prefix="work")
        self._newest: WeakKeyDictionary[QObject, dict[str, _Job]] = WeakKeyDictionary()
        self._pending = 0
        self._writes_wait = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Say whether no answer is outstanding."""
        return self._pending == 0 and not self._waiting

    @property
    def has_waiting_writes(self) -> bool:
        """Say whether a change was asked for that no open store has taken yet."""
        return self._writes_wait

    def open(self, store: Store) -> None:
        """Use this store from now on, for what waited too."""
        self.store = store
        waiting, self._waiting = self._waiting, []
        self._writes_wait = False
        for start in waiting:
            start(store)

    def forget_waiting(self) -> None:
        """Drop what waits for a store: it does not open, and another one must not get it."""
        self._waiting.clear()
        self._writes_wait = False

    def read(
        self,
        owner: QObject,
        fn: Callable[[Any], T],
        done: Callable[[T], None],
        *,
        key: str = "",
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call `fn(reader)` on a snapshot, then `done(value)`.

        A newer read of the same `key` supersedes it: its query is interrupted, its answer dropped.
        """

        def start(store: Store) -> None:
            job = _Job(owner, key, done, failed)
            self._start(self._reads, job, lambda: store.read(lambda reader: job.read(reader, fn)))

        self._when_open(start)

    def write(
        self,
        owner: QObject,
        fn: Callable[[Any], T],
        done: Callable[[T], None] | None = None,
        *,
        failed: Callable[[Exception], None] | None = None,
        origin: Origin = Origin.USER,
    ) -> None:
        """Call `fn(work)` as one transaction, then `done(value)`: by then it is durable."""

        def start(store: Store) -> None:
            def run() -> T:
                answer: Done[T] = store.transact(origin, fn)
                return answer.value

            self._start(self._writes, _Job(owner, "", done, failed), run)

        self._writes_wait = self._writes_wait or self.store is None
        self._when_open(start)

    def run(
        self,
        owner: QObject,
        fn: Callable[[], T],
        done: Callable[[T], None] | None = None,
        *,
        key: str = "",
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call `fn()` on a work thread, for key derivation, network and files, then `done(value)`."""
        self._start(self._work, _Job(owner, key, done, failed), fn)

    def drop(self, owner: QObject, key: str) -> None:
        """End what is under way under this `key`: nobody waits for its answer any more."""
        older = self._newest.get(owner, {}).pop(key, None)
        if older is not None and older.supersede():
            self._pending -= 1

    def is_reading(self, owner: QObject, key: str) -> bool:
        """Say whether an answer under this `key` is outstanding."""
        return key in self._newest.get(owner, {})

    def close(self) -> None:
        """Finish the writes, drop the rest."""
        self._reads.shutdown(wait=False, cancel_futures=True)
        self._work.shutdown(wait=False, cancel_futures=True)
        self._writes.shutdown(wait=True)
        self._reads.shutdown(wait=True)

    def _when_open(self, start: Callable[[Store], None]) -> None:
        if self.store is None:
            self._waiting.append(start)
        else:
            start(self.store)

    def _start(self, pool: ThreadPoolExecutor, job: _Job, fn: Callable[[], Any]) -> None:
        if job.key:
            self.drop(job.owner, job.key)
            self._newest.setdefault(job.owner, {})[job.key] = job
        self._pending += 1
        try:
            job.future = pool.submit(fn)
        except RuntimeError:  # the program is ending
            self._pending -= 1
            return
        job.future.add_done_callback(lambda ended: self._note(job, ended))

    def _note(self, job: _Job, future: Future[Any]) -> None:
        """Hand the outcome to the GUI thread; called on whichever thread ended the job."""
        try:
            job.value = future.result()
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001  # the asker decides what it means
            job.error = error
        if shiboken6.isValid(self):
            self._ended.emit(job)

    @Slot(object)
    def _deliver(self, job: _Job) -> None:
        self._pending -= 1
        if job.superseded:
            return
        if job.key:
            del self._newest[job.owner][job.key]
        is_gone = not shiboken6.isValid(job.owner)
        if job.error is not None:
            self._report(job, job.error, is_gone=is_gone)
            return
        if is_gone:
            return
        if job.done is not None:
            job.done(job.value)

    def _report(self, job: _Job, error: Exception, *, is_gone: bool) -> None:
        expected = isinstance(error, KamError)
        if not expected:
            _log.error("a job failed: %s", type(error).__name__, exc_info=error)
        if not is_gone and job.failed is not None:
            job.failed(error)
        # A disk that takes nothing is told besides what the form says: every save will be refused
        concerns_all = isinstance(error, KamError) and error.code in _OF_THE_DISK
        if expected and (job.failed is None or is_gone or concerns_all):
            self.trouble.emit(error)
        elif not expected:
            self.unexpected.emit(error)
