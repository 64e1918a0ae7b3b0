"""H15: a copy of prices is skipped by histories, and empties itself unless somebody copied since."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication

from kamdesk.domain.price_access import PriceState
from kamdesk.ui import secret_clipboard
from kamdesk.ui.price_lock import PriceLock
from kamdesk.ui.secret_clipboard import SecretClipboard
from tests.ui.test_discreet import OpenPrices


@pytest.fixture
def copied(qapp, monkeypatch):
    monkeypatch.setattr(secret_clipboard, "KEPT_MS", 300)
    one = SecretClipboard(PriceLock(OpenPrices(), qapp), qapp)
    one.copy("Insulin\t198.50")
    yield one
    QGuiApplication.clipboard().clear()


def held() -> str:
    return QGuiApplication.clipboard().text()


def test_h15_it_says_so_to_histories_and_is_gone_when_the_time_is_over(qtbot, copied):
    assert held() == "Insulin\t198.50"
    data = QGuiApplication.clipboard().mimeData()
    assert data.data("x-kde-passwordManagerHint").data() == b"secret"
    assert data.hasFormat("org.nspasteboard.ConcealedType")
    qtbot.waitUntil(lambda: held() == "")


def test_h15_it_is_gone_at_once_when_prices_lock(copied):
    copied._on_lock(PriceState.LOCKED)
    assert held() == ""


def test_h15_what_the_user_copied_later_is_left(qtbot, copied):
    QGuiApplication.clipboard().setText("something else")
    qtbot.wait(400)
    copied.clear()
    assert held() == "something else"


def test_h15_it_is_gone_when_the_program_ends(qtbot, window):
    window.desk.copy_secret("Insulin\t198.50")
    assert held() == "Insulin\t198.50"
    window.close()
    assert held() == ""


def test_h15_the_end_of_the_program_leaves_what_the_user_copied_later(qtbot, window):
    window.desk.copy_secret("Insulin\t198.50")
    QGuiApplication.clipboard().setText("something else")
    window.close()
    assert held() == "something else"
