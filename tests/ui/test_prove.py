"""The button that proves it, in the real settings page over a real profile with real prices."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.domain.rescue import KeyFacts
from kamdesk.domain.roles import Role
from kamdesk.security import keystore
from kamdesk.security.pricelock import PriceLock
from kamdesk.services.contracts import ContractEntry, LineEntry, draft_contract
from kamdesk.services.prices import set_prices
from kamdesk.services.visits import VisitEntry, plan_visit
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.window import MainWindow
from tests.unit.conftest import HUASHAN


class Upkeep:
    """Names the folder of a profile; has nothing else to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def copies(self) -> list[object]:
        return []

    def keys(self) -> KeyFacts:
        return KeyFacts(by_keyring=False, has_passphrase=True)

    def watch(self, _listener: object):
        return lambda: None


@pytest.fixture
def proving(qtbot, store, opened, tasks, tmp_path, monkeypatch):
    """A window whose profile has one price, and its card."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(
        tempfile, "tempdir", str(temporary)
    )  # what others left in the system's is not counted
    folder = tmp_path / "data" / "profiles" / "one"
    folder.mkdir(parents=True)
    keys = keystore.create_with_passphrase(folder, "one", "a long enough passphrase")
    store.actor = replace(store.actor, role=Role.KAM)
    store.prices = PriceLock(keys, policy="keyring")
    store.prices.open()
    line = new_id()

    def draft(work):
        entry = ContractEntry(
            id=new_id(), customer_id=HUASHAN, title="Insulin",
            lines=(LineEntry(id=line, product_id=new_id(), volume=10),),
        )  # fmt: skip
        draft_contract(work, entry)
        price = Price(Decimal("739148357.2613"), "CNY")
        set_prices(work, line_id=line, customer_id=HUASHAN, prices=LinePrices(net=price))

    store.transact(Origin.USER, draft)
    upkeep = Upkeep(folder)
    profile = replace(opened.profile, role="KAM")
    window = MainWindow(
        replace(opened, prices=store.prices, upkeep=upkeep, profile=profile),
        tasks,
        Preferences("", lambda _: None),
    )
    qtbot.addWidget(window)
    window.show()
    window.show_screen("settings", "")
    yield window.screens["settings"].prove, folder
    window.close()


def words(card) -> str:
    return "\n".join(card.said.itemAt(at).widget().text() for at in range(card.said.count()))


def prove(qtbot, card) -> str:
    card.prove.click()
    qtbot.waitUntil(card.prove.isEnabled)
    return words(card)


def test_a_clean_profile_is_proved_and_a_planted_price_is_named(qtbot, proving):
    card, folder = proving
    (folder / "backup").mkdir()
    (folder / "backup" / "a.kdb").write_bytes(bytes(range(256)) * 400)
    said = prove(qtbot, card)
    assert "No price was found in the clear." in said
    assert "for 1 prices in 10 forms" in said
    assert "3 files, 1 MB" in said
    leak = folder.parents[1] / "log" / "kamdesk.log"
    leak.parent.mkdir()
    leak.write_text("12:00:00 net 739,148,357.26 and 739148357.2613\n")
    said = prove(qtbot, card)
    assert "1 place holds a price in the clear" in said
    assert f"{leak} (text)" in said
    assert "739148357" not in said


def test_a_sealed_text_is_looked_for_too(qtbot, proving, store):
    card, folder = proving
    said = prove(qtbot, card)
    assert "sealed text" not in said
    objective = "Ask Prof. Wang for 底价二十三块五 before the tender"

    def plan(work):
        entry = VisitEntry(
            id=new_id(), customer_id=HUASHAN, held_on=clock.today(), objective=objective,
            sealed=frozenset({"objective"}),
        )  # fmt: skip
        plan_visit(work, entry)

    store.transact(Origin.USER, plan)
    said = prove(qtbot, card)
    assert "No price was found in the clear." in said
    assert "1 sealed text was looked for too." in said
    (folder / "draft.json").write_text(json.dumps({"objective": objective}))
    said = prove(qtbot, card)
    assert "1 place holds a price in the clear" in said
    assert "draft.json (text)" in said
    assert "Wang" not in said


def test_a_copy_that_the_user_has_open_is_named_as_such(qtbot, proving):
    card, folder = proving
    opened = folder / "opened" / "ab12cd34"
    opened.mkdir(parents=True)
    (opened / "minutes.pdf").write_text("net 739148357.2613")
    said = prove(qtbot, card)
    assert "No price was found in the clear." in said
    assert "minutes.pdf is a copy that you opened" in said


def test_locking_stops_a_search_and_it_is_said(qtbot, proving, monkeypatch):
    card, folder = proving
    (folder / "large").write_bytes(bytes(4_000_000))
    began = []

    def progress(done: int, _all: int) -> None:
        if not began:
            began.append(done)
            card._desk.prices.prices.lock()
        card._stop.wait(5)

    monkeypatch.setattr(card, "_progress", progress)
    assert "Stopped before the end." in prove(qtbot, card)


def test_where_prices_are_locked_they_are_opened_first(qtbot, proving):
    card, _folder = proving
    card._desk.prices.lock()
    card.start()
    qtbot.waitUntil(lambda: "No price was found" in words(card))


def test_a_rep_has_no_such_card(qtbot, window):
    window.show_screen("settings", "")
    assert window.screens["settings"].prove is None


def test_places_are_the_data_folder_and_the_temporary_files_of_this_program(tmp_path, monkeypatch):
    from kamdesk.services import proving

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "KAMDesk-export.tmp").write_bytes(b"")
    (tmp_path / "other").write_bytes(b"")
    folder = tmp_path / "data" / "profiles" / "one"
    assert proving.places_of(Path(folder)) == [tmp_path / "data", tmp_path / "KAMDesk-export.tmp"]
