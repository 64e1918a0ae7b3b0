"""Random hands on the real program, offscreen, with a real head office that comes and goes.

Buttons, keys, typing, menus, pasted rows, in any order: nothing of it may end the program, leave no window, or be an
error that nobody expected. `--seed N` says which hands, `--seconds S` for how long, `--user li.wei` whose program;
each error is printed with what was done before it.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt, QTimer, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDateEdit,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from bench.report import Row, print_rows
from tests.tour import PASSPHRASE, Tour

WORDS = (
    "浙江", "abc", "12.50", "1e9", "-3", "2026-11-31", "31/12/2027", "华山", "entresto", "价格 12.50 元",
    "net price 198.5 CNY", "'; drop", "\u202e x", "👩\u200d⚕️", "0571-8723 1111", "     ", "x" * 3000, PASSPHRASE,
)  # fmt: skip
PASTED = (
    "名称\t城市\nA医院\t上海\nB医院\t杭州",
    "ENTRESTO 49 mg\t28\t100\tbox\t248\t221.4\t198.5\t3",
    "abc",
    "1\n2\n",
)
_ONES = "Return Tab Backtab Escape Up Down Left Right Home End PageDown Space Delete Backspace F5 F9 1 2"
KEYS = tuple(getattr(Qt.Key, f"Key_{name}") for name in _ONES.split())
_NONE, _CTRL, _SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
_EDITORS = (QLineEdit, QTextEdit, QPlainTextEdit, QComboBox, QDateEdit, QAbstractItemView)
AVOIDED = (
    "Close KAMDesk",
    "关闭 KAMDesk",
    "Show the folder",
    "显示文件夹",
    "Open a copy",
    "打开副本",
)
"""What would end the run, or start another program."""


class Hands:
    """Does one thing after the other, and remembers what."""

    def __init__(self, tour: Tour, seed: int) -> None:
        self.tour, self.rng = tour, random.Random(seed)
        self.done: list[str] = []
        self.found: list[str] = []
        self._acts: tuple[tuple[int, Callable[[], str]], ...] = (
            (35, self._click), (15, self._type), (18, self._press), (10, self._go_to), (11, self._command),
            (4, self._paste), (3, self._switch_office), (4, self._wait),
        )  # fmt: skip

    def note(self, what: str) -> None:
        """Keep an error that nobody expected, once."""
        if what not in self.found:
            self.found.append(what)
            print(f"after {self.done[-10:]}:\n{what}\n", flush=True)

    def act(self) -> None:
        """Do something."""
        [act] = self.rng.choices(
            [act for _, act in self._acts], [weight for weight, _ in self._acts]
        )
        self.done.append(act())

    def _top(self) -> QWidget:
        program = self.tour.program
        assert program is not None
        in_front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if in_front is None and program.window is not None:
            in_front = program.window.form or program.window
        return in_front or next(one for one in QApplication.topLevelWidgets() if one.isVisible())

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self._top()

    def _click(self) -> str:
        offered = [
            one
            for one in self._top().findChildren(QAbstractButton)
            if isValid(one)
            and one.isVisible()
            and one.isEnabled()
            and not one.text().startswith(AVOIDED)
        ]
        if not offered:
            return ""
        one = self.rng.choice(offered)
        said = f"click {one.text().strip() or one.accessibleName()}"
        QTest.mouseClick(one, Qt.MouseButton.LeftButton)
        return said

    def _type(self) -> str:
        words = self.rng.choice(WORDS)
        self.tour.type(self._focus(), words[:40] if words.isascii() else words)
        return f"type {words[:20]!r}"

    def _press(self) -> str:
        key, held = self.rng.choice(KEYS), self.rng.choice((_NONE, _NONE, _NONE, _CTRL, _SHIFT))
        QTest.keyClick(self._focus(), key, held)
        return f"{held.name} {key.name}"

    def _go_to(self) -> str:
        offered = [
            one
            for one in self._top().findChildren(QWidget)
            if isValid(one) and one.isVisible() and isinstance(one, _EDITORS)
        ]
        if not offered:
            return ""
        one = self.rng.choice(offered)
        if not isinstance(one, QAbstractItemView):
            one.setFocus()
            return f"go to {type(one).__name__}"
        area = one.viewport().rect()
        at = QPoint(self.rng.randint(0, area.width()), self.rng.randint(0, area.height()))
        click = self.rng.choice((QTest.mouseClick, QTest.mouseDClick))
        click(one.viewport(), Qt.MouseButton.LeftButton, _NONE, at)
        return f"click into {type(one).__name__}"

    def _command(self) -> str:
        program = self.tour.program
        if program is None or program.window is None or QApplication.activeModalWidget():
            QTest.keyClick(self._top(), Qt.Key.Key_Escape)
            return "Escape"
        action = self.rng.choice(program.window.menus.actions)
        if action.text().startswith(AVOIDED):
            return ""
        action.trigger()
        return f"menu {action.text()}"

    def _paste(self) -> str:
        QGuiApplication.clipboard().setText(self.rng.choice(PASTED))
        for key in self.rng.choice(((Qt.Key.Key_V,), (Qt.Key.Key_V, Qt.Key.Key_Z))):
            QTest.keyClick(self._focus(), key, _CTRL)
        return "paste"

    def _switch_office(self) -> str:
        office = self.tour.office
        if office.is_there:
            office.stop()
            return "head office goes"
        office.start()
        return "head office comes"

    def _wait(self) -> str:
        for _ in range(self.rng.randint(5, 60)):
            self.tour.turn()
        return "wait"


def _close_a_box_of_qt() -> None:
    """Answer what Qt's own file dialog asks in a loop of its own, where the hands cannot reach it."""
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox) and isinstance(box.parentWidget(), QFileDialog):
        box.reject()


def main() -> int:
    """Let the hands work; return 1 when there was an error that nobody expected."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--user", default="wang.min")
    asked, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    app = QApplication(sys.argv[:1])
    qInstallMessageHandler(lambda *_: None)  # the screen that is none has much to say
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)  # where exported lists go
        tour = Tour(app, Path(name), Path(name))
        hands = Hands(tour, asked.seed)
        sys.excepthook = lambda *what: hands.note("".join(traceback.format_exception(*what)))
        threading.excepthook = lambda args: hands.note(repr(args.exc_value))
        tour.office.start()
        tour.set_up("kam", asked.user)
        assert tour.program is not None
        tour.program.tasks.unexpected.connect(
            lambda error: hands.note("".join(traceback.format_exception(error)))
        )
        answers = QTimer()
        answers.timeout.connect(_close_a_box_of_qt)
        answers.start(500)
        end = time.monotonic() + asked.seconds
        while time.monotonic() < end:
            hands.act()
            for _ in range(hands.rng.randint(1, 5)):
                tour.turn()
            tour.until(
                lambda: any(one.isVisible() for one in QApplication.topLevelWidgets()), "a window"
            )
        tour.office.stop()
        code = print_rows(
            [
                Row("hands, things done", "", len(hands.done), None, None, None),
                Row("hands, errors", "", len(hands.found), None, None, 0.0),
            ]
        )
        sys.stdout.flush()
        os._exit(code)  # the program is in the middle of something, and need not be wound up


if __name__ == "__main__":
    sys.exit(main())
