"""A day with prices in the real window against the real head office, for the leak scanner to look through afterwards.

`python -m tests.leaks.session FOLDER`, in a process whose writes are tapped. Every price that is typed is a canary.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from kamdesk import app as desktop
from kamdesk.domain.price_access import PriceState
from tests.leaks import with_faults, with_files, with_prices
from tests.tour import HOSPITAL, PASSPHRASE, Office, Tour
from tests.tour_contracts import show_prices

KAM = "kam"
"""The folder of the manager's laptop."""


class Session(Tour):
    """Works with canary prices and takes no pictures."""

    def play(self) -> None:
        """Do everything that touches a price once."""
        self.office.complaints = (self.folder / "headoffice.log").open("ab")
        self.office.start()
        self._begin()
        contract = with_prices.draft(self)
        self._look(contract)
        line = with_prices.change(self, contract)
        with_prices.take_out(self, contract)
        with_prices.fail(self, line)
        with_prices.differ(self)
        with_files.note(self)
        with_files.attach(self)
        with_files.bring_in(self)
        self._lock_while_away(contract)
        with_faults.renew(self)
        with_faults.keep(self)
        with_faults.end(self)
        with_faults.kill(self)
        with_faults.restore(self, contract)
        with_faults.replace_store_key(self, contract)
        with_faults.forget_passphrase(self, contract)
        with_faults.sign_out(self, contract)
        with_faults.end(self)
        with_faults.update(self)
        with_faults.remove(self)
        self.say("closed for good")

    def _begin(self) -> None:
        self.say("set up")
        self.open_program(KAM, "wang.min")
        assert self.program is not None
        self.press(next(reversed(self.program.first.edits.values())), Qt.Key.Key_Return)
        self.loaded()

    def loaded(self) -> None:
        """Wait for the window, and until head office has sent what belongs there."""
        self.until(lambda: self.program and self.program.window, "the window", 60)
        self.until(
            lambda: self.status().last_reconciled and not self.status().expected,
            "the first load", 120,
        )  # fmt: skip
        found: list[Any] = []
        self.window.desk.tasks.read(
            self.window,
            lambda reader: reader.value("SELECT id FROM customer WHERE name = ?", HOSPITAL),
            found.append,
        )
        self.until(lambda: found, "the hospital")
        self.hospital = str(found[0])

    def reopen(self, name: str, passphrase: str = PASSPHRASE) -> None:
        """Start the program again on a profile that is there."""
        self.program = desktop.start(["--data-dir", str(self.folder / name)])
        assert self.program is not None
        self.program.tasks.unexpected.connect(self.bugs.append)
        self.program.show()
        first = self.program.first
        if first is not None:  # where there is no key store
            self.until(lambda: "passphrase" in first.edits, "the question for the passphrase")
            self.type(first.edits["passphrase"], passphrase)
            self.press(first.edits["passphrase"], Qt.Key.Key_Return)
        self.until(
            lambda: self.program and self.program.window and self.program.window.desk.profile.login,
            "the window", 60,
        )  # fmt: skip
        self.rest(0.5)

    def _look(self, contract: str) -> None:
        self.say("looked at, exported, found")
        self.window.show_screen("contracts", contract)
        self.rest(1)
        screen = self.window.screens["contracts"]
        self.until(lambda: screen._shown and screen._shown.row.id == contract, "its page")
        export = screen.export()
        if export is not None:
            export.read  # noqa: B018  # an export without prices needs no permission
        self.window.open_finder()
        self.type(self.window.finder.typed, "Canaries")
        self.rest()
        self.window.finder.close()

    def _lock_while_away(self, contract: str) -> None:
        self.say("locked while head office is away, and back")
        self.office.stop()
        self.window.desk.prices.lock()
        self.until(lambda: self.window.desk.prices.state is PriceState.LOCKED, "locked")
        self.window.show_screen("contracts", contract)
        self.rest(1)
        self.office.start()
        self.window.desk.connection.reconcile_now()
        show_prices(self)


class Killed(Session):
    """Opens the same laptop in a process of its own, types half a contract, and is killed: no farewell, no clean-up."""

    def __init__(self, app: QApplication, folder: Path, office: Office) -> None:
        self.app, self.out, self.folder, self.office = app, folder, folder, office
        self.number, self.bugs, self.program = 0, [], None

    def play(self) -> None:
        """Come as far as a draft that is kept."""
        with_faults.half_typed(self)


def main() -> int:
    """Play it; 0 when every step was as it should be."""
    folder, is_killed = Path(sys.argv[1]), sys.argv[2:] == ["killed"]
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    session = (
        Killed(app, folder, Office.__new__(Office)) if is_killed else Session(app, folder, folder)
    )
    try:
        session.play()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    except Exception:  # noqa: BLE001  # told to whoever reads the output
        traceback.print_exc()
        return 1
    finally:
        with suppress(Exception):
            session.end()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
