"""A conflict of two prices: both are read while prices are open, and nobody chooses blind."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

import base64
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kamdesk.db.issues import open_issue
from kamdesk.db.outbox import QueuedOp
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.prices import Price
from kamdesk.ui.kit.conflict_card import ConflictCard
from kamdesk.ui.price_lock import HELD, MASKING
from tests.ui.test_contracts import (  # noqa: F401  # fixtures
    _cheap_passphrases,
    form,
    keys,
    lock,
    opened,
    policy,
    role,
    rows,
    saved,
    settle,
    show,
    store,
)

KIND, DOTS = "contract_line_price", "••••••"


def conflict(store, lock) -> str:
    [(line,)] = rows(store, f"SELECT id FROM {KIND}")

    def sealed(digits: str) -> str:
        price = Price(Decimal(digits), "CNY")
        return base64.b64encode(lock.seal(KIND, "net_price", line, price)).decode()

    old, mine, theirs = sealed("100"), sealed("739148.26"), sealed("281474.97")
    op = QueuedOp(
        lid=1, mid=7, gid="g", kind=KIND, id=line, op="patch", f={"net_price": [old, mine]},
        cmd="", args={}, sv=2, at=clock.stamp(),
    )  # fmt: skip
    fields = {"net_price": {"old": old, "mine": mine, "theirs": theirs, "by": "Kim", "at": op.at}}
    store.transact(
        Origin.SYNC,
        lambda work: open_issue(
            work, op, "conflict", fields=fields, standing={"net_price": theirs}
        ),
    )
    return line


def test_both_prices_are_read_while_they_are_open_and_wiped_by_the_lock(
    form, qtbot, window, tasks, store, lock
):
    saved(form, qtbot, window, tasks, locked=False)
    line = conflict(store, lock)
    window.show_screen("sync", "")
    settle(qtbot, tasks)
    [card] = window.screens["sync"].findChildren(ConflictCard)
    digits = [one.text().replace(",", "") for one in card.sides]
    assert [one.partition(".")[0] for one in digits] == ["100", "739148", "281474"]
    assert all(one.isVisible() for one in card.sides)
    assert not any("739148" in one.toolTip() + one.accessibleName() for one in card.sides)
    settle(qtbot, tasks)
    assert rows(store, "SELECT what FROM reveal WHERE record = ?", line) == [("shown",)]
    window.desk.prices.lock()
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in card.sides))
    assert not any(one.text() for one in card.sides)
    show(qtbot, window, tasks)
    qtbot.waitUntil(lambda: all(one.isVisible() for one in card.sides))


def test_masked_ones_are_held(form, qtbot, window, tasks, store, lock):
    saved(form, qtbot, window, tasks, locked=False)
    conflict(store, lock)
    window.prefer(MASKING, HELD)
    window.show_screen("sync", "")
    settle(qtbot, tasks)
    [card] = window.screens["sync"].findChildren(ConflictCard)
    assert [one.text() for one in card.sides] == [DOTS] * 3
    QTest.mousePress(card.sides[1], Qt.MouseButton.LeftButton)
    assert card.sides[1].text().replace(",", "").startswith("739148")
    QTest.mouseRelease(card.sides[1], Qt.MouseButton.LeftButton)
    assert card.sides[1].text() == DOTS
