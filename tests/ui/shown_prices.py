"""A process with the real window on a profile, which does what it is told: `python -m tests.ui.shown_prices FOLDER`.

It never knows which prices were planted: what is found in its memory came there through the program.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from array import array
from dataclasses import replace
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kamdesk.db import open_store, threads
from kamdesk.db.queries.prices import prices_of
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.unlock import open_keys
from kamdesk.ui import theme, translation
from kamdesk.ui.garbage import Garbage
from kamdesk.ui.kit.held import Held
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.price_lock import FORGET_MS
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow
from tests.ui.conftest import PROFILE, Line
from tests.ui.hands import settled, until

KEYS, PRICES = "a long enough passphrase", "prices are shut behind this"
KIM = Actor("0192f0c1-0000-7000-8000-000000000001", Role.KAM, "Kim")


class Shown:
    """The window and what a person does at it."""

    def __init__(self, folder: Path) -> None:
        app = QApplication([])
        theme.apply(app, "light")
        translation.use("en")
        self.garbage = Garbage(app)
        keys = open_keys(folder, KEYS)
        self.store = open_store.open_existing(folder, keys, KIM)
        self.store.prices = self.lock_ = PriceLock(keys)
        self.tasks = Tasks(self.store)
        profile = replace(PROFILE, user_id=KIM.user_id, role="KAM")
        opened = Opened(self.store, Line(), profile, self.store.close, prices=self.lock_)
        self.window = MainWindow(opened, self.tasks, Preferences("", lambda _: None))
        threads.forbid_this_thread()
        self.window.resize(1440, 900)
        self.window.show()
        self.window.show_screen("contracts", "")
        settled(self.tasks)

    def open(self) -> None:
        """Unlock prices, and look at every line of the contract."""
        self.tasks.run(self.window, lambda: self.lock_.open(PRICES))
        until(lambda: self.lock_.state is PriceState.OPEN)
        settled(self.tasks)
        self.window.grab()
        bar = self.window.screens["contracts"]._lines.verticalScrollBar()
        for value in range(0, bar.maximum() + 1, max(1, bar.pageStep() // 2)):
            bar.setValue(value)
            self.window.grab()
        settled(self.tasks)

    def unlock(self, scrambled: str) -> None:
        """Type the passphrase into the window's own dialog; this script never has it in one piece."""
        self.window.show_prices()
        [form] = self.window.findChildren(SmallForm)
        for code in bytes.fromhex(scrambled):
            QTest.keyClick(form._edits["passphrase"], chr(code ^ 0x55))
        QTest.keyClick(form, Qt.Key.Key_Return)
        until(lambda: self.lock_.state is PriceState.OPEN)
        settled(self.tasks)

    def read_visit(self) -> None:
        """Look at the only visit, whose outcome is sealed with the prices."""
        self.tasks.run(self.window, lambda: self.lock_.open(PRICES))
        until(lambda: self.lock_.state is PriceState.OPEN)
        [(visit,)] = self.store_rows("SELECT id FROM visit")
        self.window.show_screen("visits", visit)
        settled(self.tasks)
        until(lambda: any("price" in one.text() for one in self.window.findChildren(Held)))
        self.window.grab()

    def edit(self) -> None:
        """Open the contract in the form, with its prices in the grid."""
        [(contract,)] = self.store_rows("SELECT id FROM contract")
        self.window.draft_contract(contract_id=contract)
        settled(self.tasks)
        self.window.grab()

    def sort(self) -> None:
        """Sort the lines by their prices, both ways, and look at them."""
        lines = self.window.screens["contracts"]._lines
        for key in ("net", "net", "value"):
            lines._on_heading(lines.lines.keys.index(key))
            self.window.grab()

    def hold(self) -> None:
        """What a careless program would do: keep the prices as texts, numbers and in a model."""
        ids = [row[0] for row in self.store_rows("SELECT id FROM contract_line")]
        threads.allow_this_thread()
        found = self.store.read(lambda reader: prices_of(reader, self.lock_, ids))
        threads.forbid_this_thread()
        self.held = [(one.net, one.net.reveal()) for one in found.values()]
        self.model = QStandardItemModel()
        for _, words in self.held:
            self.model.appendRow(QStandardItem(words))
        self.numbers = [price.parts()[0] for price, _ in self.held]
        self.array = array("q", self.numbers)
        self.envelopes = [one.to_bytes(11, "big") for one in self.numbers]

    def lock(self) -> None:
        """Ctrl+L, and the moment that sweeping takes."""
        self.window._prices.lock()
        settled(self.tasks)
        self.window.grab()
        until(lambda: not any(one.name == "sweep" for one in threading.enumerate()))
        end = time.monotonic() + 2 * FORGET_MS / 1000
        until(lambda: time.monotonic() > end)

    def store_rows(self, sql: str) -> list[tuple[object, ...]]:
        """Read the store, for this script."""
        threads.allow_this_thread()
        try:
            return self.store.read(lambda reader: reader.rows(sql))
        finally:
            threads.forbid_this_thread()


if __name__ == "__main__":
    shown = Shown(Path(sys.argv[1]))
    print("ready", flush=True)
    for command in sys.stdin:
        name, *words = command.split()
        getattr(shown, name)(*words)
        print("done", flush=True)
    os._exit(0)
