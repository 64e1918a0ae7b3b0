"""The part of the session about keys and faults: renewed, backed up, killed, restored, an older store updated."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QPushButton

from kamdesk.db.connect import connect
from kamdesk.db.queries.today import drafts
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.prices import Price
from kamdesk.doorkeeper import Profiles
from kamdesk.headoffice.story import PASSWORD
from kamdesk.rescuer import Rescue
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.unlock import open_keys
from kamdesk.services import proving
from kamdesk.ui.kit.diagnostics import DiagnosticsDialog
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.kit.unlock import choose_another
from tests.leaks.planted import CANARIES
from tests.leaks.with_prices import type_line
from tests.migrations import write as older
from tests.migrations.conftest import HERE
from tests.tour import PASSPHRASE, ROOT
from tests.tour_contracts import PRICE_PASSPHRASE, show_prices

if TYPE_CHECKING:
    from tests.leaks.session import Session

OLDER = "0010"
"""The version of the store that is brought up to date."""


def renew(session: Session) -> None:
    """Replace the price key, with everything sealed anew."""
    session.say("the price key replaced")
    upkeep, tasks = session.window.desk.upkeep, session.window.desk.tasks
    done: list[Any] = []
    typed = PRICE_PASSPHRASE if session.window.desk.prices.prices.needs_passphrase else ""
    tasks.run(session.window, lambda: upkeep.renew_price_key(typed), done.append)
    session.until(lambda: done, "the new key", 60)
    tasks.run(
        session.window, lambda: upkeep.seal_prices_anew(lambda _done, _all: None), done.append
    )
    session.until(lambda: len(done) == 2, "all sealed anew", 60)


def keep(session: Session) -> None:
    """Back up, save the diagnostic bundle, and let the program prove that no price lies about."""
    session.say("backed up, bundled, proved")
    desk = session.window.desk
    done: list[Any] = []
    desk.tasks.run(session.window, desk.upkeep.back_up, done.append)
    session.until(lambda: done, "the backup", 60)
    session.window.show_diagnostics()
    session.until(
        lambda: any(one.texts for one in session.window.findChildren(DiagnosticsDialog)),
        "the bundle",
    )
    bundle = session.folder / "bundle.zip"  # is looked through too: no price may stand in it
    session.window.findChildren(DiagnosticsDialog)[0].write(bundle)
    session.until(bundle.exists, "it is written")
    show_prices(session)
    prices, needles, reports = desk.prices.prices, [], []
    desk.tasks.read(
        session.window, lambda reader: proving.needles_of(reader, prices), needles.append
    )
    session.until(lambda: needles, "what is looked for")
    desk.tasks.run(
        session.window,
        lambda: proving.search(
            [session.folder / "kam"], needles[0], lambda _done, _all: None, lambda: False
        ),
        reports.append,
    )
    session.until(lambda: reports, "the proof", 120)
    assert reports[0].prices >= 4
    assert reports[0].files > 5
    assert reports[0].hits == [], reports[0].hits


def end(session: Session) -> None:
    """Close the program as a user does."""
    session.say("closed")
    session.window.close()
    assert session.program is not None
    session.program.end()
    session.program = None


def kill(session: Session) -> None:
    """Let the same laptop be killed in the middle of a contract, and go on with what was typed."""
    session.say("killed in the middle of a contract, started again, gone on with")
    child = subprocess.run(
        [sys.executable, "-m", "tests.leaks.session", str(session.folder), "killed"], cwd=ROOT
    )
    assert child.returncode == -signal.SIGKILL, child.returncode
    session.reopen("kam")
    found: list[Any] = []
    session.window.desk.tasks.read(session.window, drafts, found.extend)
    session.until(lambda: found, "the draft")
    session.window.draft_contract(draft=found[0])
    form = session.window.form
    show_prices(session)
    assert form.lines.rows.text(0, "net") == CANARIES["killed draft"]
    form.lines.go(0, "net")
    form.lines.rows.type(0, "net", CANARIES["draft"])
    session.rest(1.5)
    form.keep.click()
    session.until(lambda: session.window.form is None, "it is kept")
    session.until(lambda: not session.status().waiting, "and sent", 60)


def half_typed(session: Session) -> None:
    """Type a contract until its draft is kept, look at prices, then die."""
    session.reopen("kam")
    session.loaded()
    form = type_line(session, "Killed", "1000", "900", CANARIES["killed draft"])
    session.until(lambda: form.kept.text(), "the draft")
    session.rest(1.5)
    os.kill(os.getpid(), signal.SIGKILL)


def restore(session: Session, contract: str) -> None:
    """Go back to a backup through the recovery screen, with what was not sent since."""
    session.say("gone back to a backup")
    session.window.desk.go_back()
    program: Any = session.program
    session.until(lambda: getattr(program.first, "recovery", None), "the recovery screen", 60)
    page = program.first.recovery
    session.until(lambda: page.edits or _restores(page), "its question")
    if "passphrase" in page.edits:
        session.type(page.edits["passphrase"], PASSPHRASE)
        page._use_passphrase()
    session.until(lambda: _restores(page), "the backups")
    _restores(page)[0].click()
    session.until(lambda: program.window, "the window", 120)
    session.rest(1)
    show_prices(session)
    session.window.show_screen("contracts", contract)
    session.rest(1)


def replace_store_key(session: Session, contract: str) -> None:
    """Put the data with its backups under another key, and look at the prices under it."""
    session.say("the key of the data replaced")
    program: Any = session.program
    number = program._opened.store.path.name
    session.window.desk.replace_key(PASSPHRASE)
    session.until(lambda: program.window is None, "the data is closed", 60)
    session.until(lambda: program.window and program._opened, "the window", 120)
    assert program._opened.store.path.name > number
    keys = session.window.desk.upkeep._keys
    session.until(lambda: not keys.has_older_store_keys, "its backups too", 60)
    _look_at(session, contract)


def forget_passphrase(session: Session, contract: str) -> None:
    """Choose another price passphrase, where there is one; the prices come again."""
    if not session.window.desk.prices.prices.needs_passphrase:
        return
    session.say("the price passphrase forgotten")
    session.window.desk.prices.lock()
    form = choose_another(session.window.desk, session.window, 0)
    for name, typed in (
        ("password", PASSWORD),
        ("passphrase", PRICE_PASSPHRASE),
        ("again", PRICE_PASSPHRASE),
    ):
        session.type(form._edits[name], typed)
    form._save.click()
    session.until(lambda: session.window.desk.prices.is_open, "prices under it", 60)
    _look_at(session, contract)


def sign_out(session: Session, contract: str) -> None:
    """Leave the profile to the list of profiles, and come back."""
    session.say("signed out, and back")
    program: Any = session.program
    session.window.sign_out_wanted.emit()
    session.until(lambda: program.first is not None and program.first.isVisible(), "the list", 60)
    first = program.first
    session.until(lambda: first._profiles, "the profiles")
    first._open(first._profiles[0], passphrase=PASSPHRASE)
    session.until(lambda: program.window and program._opened, "the window", 60)
    _look_at(session, contract)


def remove(session: Session) -> None:
    """Take the profile of the earlier version off this computer, with what it never sent."""
    session.say("a profile removed")
    profiles = session.folder / "older" / "profiles"
    errors: list[Exception] = []

    def run() -> None:
        try:
            Rescue(Profiles(profiles.parent)).remove("profile")
        except Exception as error:  # noqa: BLE001  # of another thread
            errors.append(error)

    thread = threading.Thread(target=run)  # no thread of the window may
    thread.start()
    thread.join()
    assert errors == []
    assert not list(profiles.iterdir())


def _look_at(session: Session, contract: str) -> None:
    show_prices(session)
    session.window.show_screen("contracts", contract)
    screen = session.window.screens["contracts"]
    session.until(
        lambda: screen._shown and screen._lines.lines.sealed and screen._lines.lines.lines
        and any(screen._lines.lines.values(screen._lines.lines.lines[0])),
        "its prices", 60,
    )  # fmt: skip


def _restores(page: Any) -> list[QPushButton]:
    return [
        one
        for one in page.findChildren(QPushButton)
        if one.accessibleName().startswith("Restore the backup")
    ]


def update(session: Session) -> None:
    """Open a profile that an earlier version wrote, which is brought up to date, and look at its prices."""
    session.say("a profile of an earlier version")
    profile = session.folder / "older" / "profiles" / "profile"
    profile.parent.mkdir(parents=True)
    shutil.copytree(HERE / OLDER, profile)
    thread = threading.Thread(target=_price, args=(profile,))  # no thread of the window may
    thread.start()
    thread.join()
    session.reopen("older", older.PASSPHRASE)
    lock = session.window.desk.prices
    assert lock.state is PriceState.LOCKED
    session.window.show_prices()
    for dialog in session.window.findChildren(SmallForm):
        for edit in dialog._edits.values():
            session.type(edit, older.PRICES)
        dialog._save.click()
    session.until(lambda: lock.is_open, "its prices")
    session.window.show_screen("contracts", older.CONTRACT)
    screen = session.window.screens["contracts"]
    session.until(
        lambda: screen._shown and screen._lines.lines.sealed
        and Decimal(CANARIES["older store"]) in screen._lines.lines.values(screen._lines.lines.lines[0]),
        "its price",
    )  # fmt: skip
    end(session)


def _price(profile: Any) -> None:
    """Seal a canary into the older store, as its program did."""
    keys = open_keys(profile, older.PASSPHRASE)
    lock = PriceLock(keys)
    lock.open(older.PRICES)
    price = Price(Decimal(CANARIES["older store"]), "CNY")
    sealed = lock.seal("contract_line_price", "net_price", older.LINE, price)
    with closing(connect(keys.store_file, keys.store_key)) as connection:
        connection.execute(
            "UPDATE contract_line_price SET net_price = ? WHERE id = ?", (sealed, older.LINE)
        )
        assert connection.execute("SELECT changes()").fetchone() == (1,)
    lock.lock()
    keys.forget()
