"""The composition root: starts the parts in their order, and ends them in theirs.

Starting: the window is painted first; then a worker opens the keys and reads the first page with the driver
alone; when that is painted, a worker imports the rest and opens the store. Nothing heavy is imported above.

Ending: the windows, reconciliation (without waiting for the network), writes under way, the store, the keys.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import kamdesk.ui.features  # noqa: F401  # first: it concerns all that is imported from here on

# isort: split
from PySide6.QtCore import QObject, QTimer, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from kamdesk.crashes import Watch
from kamdesk.db import threads
from kamdesk.domain.connection import Farewell, SignIn
from kamdesk.domain.errors import MachineError
from kamdesk.domain.session import Opened
from kamdesk.entrance import Door, Help, unlock
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import folders, glance, process
from kamdesk.ui import theme, translation
from kamdesk.ui.bugs import Bugs
from kamdesk.ui.garbage import Garbage
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow

if TYPE_CHECKING:
    from kamdesk.db.first_page import FirstPage
    from kamdesk.security.unlock import Unlocked
    from kamdesk.ui.first_start import FirstStart
    from kamdesk.ui.single import Doorbell

PREFERENCES = "preferences.json"
_CAREFUL = QT_TRANSLATE_NOOP(
    "app",
    "KAMDesk ended unexpectedly several times. Reconciling is paused; your work is safe on this computer. "
    "Press Resume at the bottom to go on; the Help menu has a diagnostic bundle.",
)
_UPDATING = MachineError(
    QT_TRANSLATE_NOOP(
        "app",
        "Your data is being brought to the form of this version of KAMDesk, which takes a moment. It is a copy that is "
        "changed: what you have stays as it is until the copy is checked.",
    ),
    code="UPDATING",
    context="app",
)
_UNSEEN_MS = 300
_log = logging.getLogger(__name__)
_began = time.monotonic()


class Program(QObject):
    """One running desktop. Lives in the GUI thread.

    `reached` tells the moments of a start: "shell" painted, "first page" painted, "ready" for every action.
    """

    bug = Signal(object)
    reached = Signal(str)

    def __init__(self, data_dir: Path, *, server: str = "", known: SignIn | None = None) -> None:
        super().__init__()
        self._file = data_dir / PREFERENCES
        self._data_dir, self._known = data_dir, known
        self._opened: Opened | None = None
        self._opening: Future[Opened] | None = None
        self._is_unlocking = self._is_entered = self._is_settled = False
        self.doorbell: Doorbell | None = None
        self.first: FirstStart | None = None
        self.window: MainWindow | None = None
        self._door = Door(data_dir, server)
        self.tasks = Tasks()
        self.bugs = Bugs()
        self.bug.connect(self.tasks.unexpected)
        self.tasks.unexpected.connect(self.bugs.show)
        self.reached.connect(self._note)
        self.preferences = Preferences(self._written(), self._save)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self.preferences.text("theme"))
        translation.use(self.preferences.text("language"))
        self.garbage = Garbage(self)
        self._crashes = Watch(data_dir)
        self._crashes.begin()
        self._profile = glance.only_profile(data_dir / "profiles")
        if self._profile is None:
            self._ask_who()
        else:
            self._make_window(None)

    def show(self) -> None:
        """Show the first window."""
        threads.forbid_this_thread()
        window = self.window or self.first
        assert window is not None
        window.show()
        # A window that is minimised or covered from the start is never painted
        QTimer.singleShot(_UNSEEN_MS, self._on_shell)

    def come_to_front(self) -> None:
        """Raise the window, because the program was started again."""
        window = self.window or self.first
        assert window is not None
        window.showNormal() if window.isMinimized() else window.show()
        window.raise_()
        window.activateWindow()

    def end(self) -> None:
        """End everything in its order; safe to call twice."""
        if self.doorbell is not None:
            self.doorbell.close()
        self.garbage.close()
        threads.allow_this_thread()
        if self._opening is not None and self._opened is None:
            # The store is nearly open: what was changed before it was is kept, and the store closed in order
            with suppress(Exception):  # it was told already
                self._opened = self._opening.result()
                self.tasks.open(self._opened.store)
        self.tasks.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._crashes.end()

    # ---- with one profile that the computer's key store opens

    def _on_shell(self) -> None:
        if self.window is None or self._is_unlocking:
            return
        self._is_unlocking = True
        self.reached.emit("shell")
        folder = self._profile
        if folder is not None and self._opened is None:
            self.tasks.run(self, lambda: unlock(folder), self._on_unlocked, failed=self._on_failed)
        self._listen()

    def _on_unlocked(self, found: tuple[Unlocked, FirstPage | None]) -> None:
        unlocked, first = found
        assert self.window is not None
        if first is None:
            self.window.notices.tell(_UPDATING)
            self._open(unlocked)
            return
        self.window.first_painted.connect(lambda: self._on_first_page(unlocked))
        self.window.show_first(first)
        # Whoever has gone to another screen by now does not see the first page
        QTimer.singleShot(_UNSEEN_MS, lambda: self._open(unlocked))

    def _on_first_page(self, unlocked: Unlocked) -> None:
        self.reached.emit("first page")
        self._open(unlocked)

    def _open(self, unlocked: Unlocked) -> None:
        if self._is_entered:  # perhaps closed again since: its keys are forgotten
            return
        self._is_entered = True
        self._settle_in()
        opening = self._opening = Future()

        def enter() -> Opened:
            try:
                opening.set_result(self._door.enter(unlocked))
            except Exception as error:
                opening.set_exception(error)
                raise
            return opening.result()

        self.tasks.run(self, enter, self._on_opened, failed=self._on_failed)

    def _on_failed(self, _: Exception) -> None:
        """Try it again where it can be said why it fails, and what can be done about it."""
        assert self.window is not None
        self.tasks.forget_waiting()
        shell, self.window = self.window, None
        self._ask_who()
        self.show()
        shell.hide()
        shell.deleteLater()

    # ---- where somebody has to be asked

    def _ask_who(self, **why: Any) -> None:
        """Make the first window; `why` it comes back is what `FirstStart` takes."""
        from kamdesk.ui.first_start import FirstStart

        self.garbage.begin()
        self.first = FirstStart(self._door, self.tasks, self._known, Help(self._door), **why)
        self.first.opened.connect(self._on_opened)
        self.first.closed.connect(QApplication.quit)
        self._settle_in()

    # ---- with an open store

    def _make_window(self, opened: Opened | None) -> None:
        self.window = MainWindow(opened, self.tasks, self.preferences)
        self.window.painted.connect(self._on_shell)
        self.window.closed.connect(QApplication.quit)
        self.window.go_back_wanted.connect(self._go_back)
        self.window.new_key_wanted.connect(self._replace_key)
        self.window.sign_out_wanted.connect(self._sign_out)
        self.window.ended.connect(self._say_farewell)

    def _on_opened(self, opened: Opened) -> None:
        self._opened = opened
        if self.window is None:
            self._make_window(opened)
            self.show()
        else:
            self.window.notices.take_back(_UPDATING)
            self.window.receive(opened)
        if self._crashes.is_careful:
            opened.connection.set_paused(paused=True)
            self.tasks.trouble.emit(MachineError(_CAREFUL, code="CAREFUL", context="app"))
        if self.first is not None:
            self.first.close()
        self.reached.emit("ready")

    def _go_back(self) -> None:
        """Close the profile, and show its backups in the first window."""
        self._leave_profile(go_back=self._open_one())

    def _replace_key(self, passphrase: str) -> None:
        """Close the profile, and put it under a new key in the first window."""
        self._leave_profile(go_back=self._open_one(), new_key=passphrase)

    def _sign_out(self) -> None:
        """Close the profile, and leave it to the user who opens what next."""
        self._leave_profile(stays=True)

    def _open_one(self) -> str:
        assert self._opened is not None
        assert self._opened.upkeep is not None
        return Path(self._opened.upkeep.folder).name

    def _say_farewell(self, farewell: Farewell) -> None:
        """Close the profile whose keys are gone, and say what became of the work in it."""
        if self._opened is not None:
            self._leave_profile(goodbye=farewell)

    def _leave_profile(self, **why: Any) -> None:
        window, opened = self.window, self._opened
        assert window is not None
        assert opened is not None
        window.closed.disconnect(QApplication.quit)
        window.close()
        window.deleteLater()
        self.window, self._opened, self._opening = None, None, None
        self.tasks.store = None
        self._close_then(opened, lambda: self._ask_who(**why))

    def _close_then(self, opened: Opened, ask: Callable[[], None]) -> None:
        self.tasks.forget_waiting()  # asked by a screen of the closed window: there is no store for it to come
        if not self.tasks.is_idle:  # the draft of a form that was open
            QTimer.singleShot(20, self, lambda: self._close_then(opened, ask))
            return

        def show(_: object) -> None:
            ask()
            self.show()

        self.tasks.run(self, opened.close, show, failed=show)

    def _listen(self) -> None:
        """Hear of the program being started again; once."""
        if self.doorbell is None:
            from kamdesk.ui.single import Doorbell

            self.doorbell = Doorbell(self._data_dir, self.come_to_front)

    def _settle_in(self) -> None:
        """Do what the first window and the first page need not wait for, once."""
        self._listen()
        if self._is_settled:
            return
        self._is_settled = True
        folder = self._data_dir
        self.tasks.run(self, lambda: _start_log(folder / "log"), failed=lambda _: None)
        self.tasks.run(self, lambda: _sweep_copies(folder / "under-way"), failed=lambda _: None)

    def _note(self, moment: str) -> None:
        _log.info("%s after %.0f ms", moment, (time.monotonic() - _began) * 1000)

    def _written(self) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return self._file.read_text(encoding="utf-8")
        return ""

    def _save(self, written: str) -> None:
        from kamdesk.security.files import write_atomically

        self.tasks.run(
            self, lambda: write_atomically(self._file, written.encode()), failed=lambda _: None
        )


def _start_log(folder: Path) -> None:
    from kamdesk import logs

    logs.start(folder)


def _sweep_copies(folder: Path) -> None:
    from kamdesk.security import files

    files.note_copies_in(folder)
    files.sweep_copies()


def _on_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log what nobody caught and say so; an exception never ends the program."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    if not _running or _running[-1].bugs.is_new(error):
        _log.error("uncaught", exc_info=(kind, error, trace))
    if _running and isinstance(error, Exception):
        _running[-1].bug.emit(error)


_running: list[Program] = []


def _on_qt_message(kind: QtMsgType, _context: object, message: str) -> None:
    level = logging.INFO if kind is QtMsgType.QtDebugMsg else logging.WARNING
    logging.getLogger("qt").log(level, "%s", message)


def start(arguments: Sequence[str]) -> Program | None:
    """Start the program within a QApplication; None when it runs already and was brought to the front."""
    asked = _arguments(arguments)
    if asked.accept_folder:
        folders.accept_any()
    data_dir: Path = asked.data_dir or _default_folder()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_elsewhere(data_dir):
        return None
    known = SignIn(
        asked.demo_server or "", asked.demo_user or "", os.environ.get("KAMDESK_DEMO_PASSWORD", "")
    )
    program = Program(data_dir, server=asked.demo_server or "", known=known)
    _running.append(program)
    return program


def _is_elsewhere(data_dir: Path) -> bool:
    """Bring a program that runs already to the front; False where there is none."""
    from kamdesk.ui.single import raise_other

    return raise_other(data_dir)


def _default_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("KAMDesk", appauthor=False))


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("kamdesk", description="KAMDesk, the desktop.")
    parser.add_argument(
        "--data-dir", type=Path, help="where profiles are kept; must be on this computer"
    )
    accept = "open data in a synchronised or network folder too"
    parser.add_argument("--accept-folder", action="store_true", help=accept)
    parser.add_argument("--demo-server", help="address of a demo's head office")
    whose = "user of a demo; its password is in KAMDESK_DEMO_PASSWORD"
    parser.add_argument("--demo-user", help=whose)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str], watch: Callable[[str], object] | None = None) -> int:
    """Run the desktop until its window is closed; `watch` is told the moments of the start."""
    gc.disable()  # again: whoever imported this module may have ended it
    process.harden()
    sys.excepthook = _on_exception
    threading.excepthook = lambda args: _on_exception(
        args.exc_type, args.exc_value or Exception(), args.exc_traceback
    )
    qInstallMessageHandler(_on_qt_message)
    app = QApplication([*sys.argv[:1], *theme.STYLE])
    app.setApplicationName("KAMDesk")
    app.setQuitOnLastWindowClosed(False)
    try:
        program = start(arguments)
    except OSError as error:
        _say_no_folder(error)
        return 1
    if program is None:
        return 0
    program.reached.connect(_on_moment)
    if watch is not None:
        program.reached.connect(watch)
    program.show()
    code = app.exec()
    program.end()
    return code


def _on_moment(moment: str) -> None:
    if moment == "ready":
        # What a start makes stays until the end: the collector need not look at it again and again
        gc.freeze()
        _running[-1].garbage.begin()


def _say_no_folder(error: OSError) -> None:
    from PySide6.QtWidgets import QMessageBox

    from kamdesk.ui import speech

    words = speech.translate("speech", speech.NO_FOLDER).format(reason=error.strerror or "")
    QMessageBox.critical(None, "KAMDesk", words)
