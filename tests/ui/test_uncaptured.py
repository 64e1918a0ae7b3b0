"""While prices are open, what captures the screen does not see them: on systems that can, played here."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QDialog, QPushButton

from kamdesk.domain.price_access import PriceState
from kamdesk.ui import uncaptured
from kamdesk.ui.price_lock import PriceLock
from kamdesk.ui.uncaptured import PREFERENCE, SEEN, Uncaptured


class Prices:
    def __init__(self):
        self.state, self.told = PriceState.LOCKED, None
        self.must_mask = False

    def watch(self, listener):
        self.told = listener
        return lambda: None

    def lock(self):
        self.go(PriceState.LOCKED)

    def go(self, state):
        self.state = state
        self.told(state)


@pytest.fixture
def told(monkeypatch):
    """What was told of every window, by its handle."""
    windows: dict[int, bool] = {}
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(uncaptured.WAYS, "win32", windows.__setitem__)
    return windows


@pytest.fixture
def shown(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_open_prices_hide_every_window_and_the_lock_shows_it_again(qapp, told, shown):
    prices, handle = Prices(), int(shown.winId())
    kept = Uncaptured(PriceLock(prices, shown), lambda _: "", shown)
    assert not told
    prices.go(PriceState.OPEN)
    assert told[handle] is True
    prices.go(PriceState.LOCKED)
    assert told[handle] is False
    assert kept.parent() is shown


def test_a_dialog_that_is_opened_later_is_hidden_too(qapp, told, shown, qtbot):
    prices = Prices()
    kept = Uncaptured(PriceLock(prices, shown), lambda _: "", shown)
    prices.go(PriceState.OPEN)
    later = QDialog(shown)
    later.show()
    later.activateWindow()
    qtbot.waitUntil(lambda: told.get(int(later.winId())) is True)
    assert kept.parent() is shown


def test_who_wants_to_be_seen_is_seen_at_once(qapp, told, shown):
    prices, preferences = Prices(), {PREFERENCE: ""}
    one = Uncaptured(PriceLock(prices, shown), preferences.__getitem__, shown)
    prices.go(PriceState.OPEN)
    preferences[PREFERENCE] = SEEN
    one.follow()
    assert told[int(shown.winId())] is False


def test_a_system_that_refuses_ends_nothing(qapp, monkeypatch, shown, caplog):
    def refuse(_handle, _is_hidden):
        raise OSError

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(uncaptured.WAYS, "win32", refuse)
    prices = Prices()
    kept = Uncaptured(PriceLock(prices, shown), lambda _: "", shown)
    prices.go(PriceState.OPEN)
    assert "cannot be left out" in caplog.text
    assert kept.parent() is shown


def test_windows_and_macos_are_told_in_their_own_words():
    calls = []

    class User32:
        def SetWindowDisplayAffinity(self, handle, affinity):
            calls.append((handle, affinity))

    class View:
        def window(self):
            return self

        def setSharingType_(self, kind):
            calls.append(kind)

    for is_hidden in (True, False):
        uncaptured.on_windows(7, is_hidden, User32())
        uncaptured.on_macos(7, is_hidden, lambda _handle: View())
    assert calls == [(7, 0x11), 0, (7, 0), 1]


def test_the_settings_offer_it_where_it_is_possible(window, monkeypatch, tasks, qtbot):
    assert uncaptured.is_possible() is (sys.platform in {"win32", "darwin"})
    monkeypatch.setattr(uncaptured, "is_possible", lambda: True)
    monkeypatch.setattr(type(window.desk.prices), "state", PriceState.LOCKED)
    window.show_screen("settings", "")
    qtbot.waitUntil(lambda: tasks.is_idle)

    names = {one.text() for one in window.screens["settings"].findChildren(QPushButton)}
    assert {"Not shown", "Shown"} <= names
