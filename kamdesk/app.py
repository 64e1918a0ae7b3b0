"""The composition root: starts the parts in their order, and ends them in theirs.

Ending: the windows, reconciliation (without waiting for the network), writes under way, the store, the keys.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QObject, QTimer, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

from kamdesk import logs
from kamdesk.crashes import Watch
from kamdesk.db import database
from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import MachineError
from kamdesk.domain.session import Opened
from kamdesk.doorkeeper import Profiles
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.rescuer import Rescue
from kamdesk.security import process
from kamdesk.security.files import write_atomically
from kamdesk.ui import speech, theme, translation
from kamdesk.ui.bugs import Bugs
from kamdesk.ui.first_start import FirstStart
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.single import Doorbell, raise_other
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow

PREFERENCES = "preferences.json"
_CAREFUL = QT_TRANSLATE_NOOP(
    "app",
    "KAMDesk ended unexpectedly several times. Reconciling is paused; your work is safe on this computer. "
    "Press Resume at the bottom to go on; the Help menu has a diagnostic bundle.",
)
_log = logging.getLogger(__name__)


class Program(QObject):
    """One running desktop. Lives in the GUI thread."""

    bug = Signal(object)

    def __init__(self, data_dir: Path, *, server: str = "", known: SignIn | None = None) -> None:
        super().__init__()
        self._file = data_dir / PREFERENCES
        self._data_dir = data_dir
        self._opened: Opened | None = None
        self.tasks = Tasks()
        self.bugs = Bugs()
        self.bug.connect(self.tasks.unexpected)
        self.tasks.unexpected.connect(self.bugs.show)
        self.preferences = Preferences(self._written(), self._save)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self.preferences.text("theme"))
        translation.use(self.preferences.text("language"))
        self.doorbell = Doorbell(data_dir, self.come_to_front)
        self.window: MainWindow | None = None
        self._crashes = Watch(data_dir)
        self._crashes.begin()
        self._profiles = Profiles(data_dir, server=server)
        self._known = known
        self.first = self._first_start()

    def show(self) -> None:
        """Show the first window."""
        self.first.show()

    def come_to_front(self) -> None:
        """Raise the window, because the program was started again."""
        window = self.window or self.first
        window.showNormal() if window.isMinimized() else window.show()
        window.raise_()
        window.activateWindow()

    def end(self) -> None:
        """End everything in its order; safe to call twice."""
        self.doorbell.close()
        database.allow_this_thread()
        self.tasks.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._crashes.end()

    def _first_start(self, go_back: str = "") -> FirstStart:
        first = FirstStart(self._profiles, self.tasks, self._known, Rescue(self._profiles), go_back)
        first.opened.connect(self._on_opened)
        first.closed.connect(QApplication.quit)
        return first

    def _go_back(self) -> None:
        """Close the profile, and show its backups in the first window."""
        window, opened = self.window, self._opened
        assert window is not None
        assert opened is not None
        assert opened.upkeep is not None
        window.closed.disconnect(QApplication.quit)
        window.close()
        window.deleteLater()
        self.window, self._opened = None, None
        self._close_then_show(opened, Path(opened.upkeep.folder).name)

    def _close_then_show(self, opened: Opened, profile_id: str) -> None:
        if not self.tasks.is_idle:  # the draft of a form that was open
            QTimer.singleShot(20, self, lambda: self._close_then_show(opened, profile_id))
            return

        def show(_: object) -> None:
            self.first = self._first_start(profile_id)
            self.first.show()

        self.tasks.run(self, opened.close, show, failed=show)

    def _on_opened(self, opened: Opened) -> None:
        self._opened = opened
        self.tasks.store = opened.store
        database.forbid_this_thread()
        self.window = MainWindow(opened, self.tasks, self.preferences)
        self.window.closed.connect(QApplication.quit)
        self.window.go_back_wanted.connect(self._go_back)
        self.window.show()
        if self._crashes.is_careful:
            opened.connection.set_paused(paused=True)
            self.tasks.trouble.emit(MachineError(_CAREFUL, code="CAREFUL", context="app"))
        self.first.close()

    def _written(self) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return self._file.read_text(encoding="utf-8")
        return ""

    def _save(self, written: str) -> None:
        self.tasks.run(
            self, lambda: write_atomically(self._file, written.encode()), failed=lambda _: None
        )


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
    data_dir: Path = asked.data_dir
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if raise_other(data_dir):
        return None
    logs.start(data_dir / "log")
    known = SignIn(
        asked.demo_server or "", asked.demo_user or "", os.environ.get("KAMDESK_DEMO_PASSWORD", "")
    )
    program = Program(data_dir, server=asked.demo_server or "", known=known)
    _running.append(program)
    return program


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("kamdesk", description="KAMDesk, the desktop.")
    parser.add_argument(
        "--data-dir", type=Path, default=Path(platformdirs.user_data_dir("KAMDesk", appauthor=False)),
        help="where profiles are kept; must be on this computer",
    )  # fmt: skip
    parser.add_argument("--demo-server", help="address of a demo's head office")
    parser.add_argument(
        "--demo-user", help="user of a demo; its password is in KAMDESK_DEMO_PASSWORD"
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Run the desktop until its window is closed."""
    process.harden()
    sys.excepthook = _on_exception
    threading.excepthook = lambda args: _on_exception(
        args.exc_type, args.exc_value or Exception(), args.exc_traceback
    )
    qInstallMessageHandler(_on_qt_message)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("KAMDesk")
    app.setQuitOnLastWindowClosed(False)
    try:
        program = start(sys.argv[1:])
    except OSError as error:
        QMessageBox.critical(
            None,
            "KAMDesk",
            speech.translate("speech", speech.NO_FOLDER).format(reason=error.strerror or ""),
        )
        return 1
    if program is None:
        return 0
    program.show()
    code = app.exec()
    program.end()
    return code
