"""How far a record is, on its page: by which receipt it is proven, and never confirmed while it needs the user."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QLabel

from kamdesk.db.receipts import short_name
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Actor, Role
from kamdesk.services.contracts import ContractEntry, draft_contract
from kamdesk.services.customers import change_customer
from kamdesk.services.promotions import PromotionEntry, draft_request
from kamdesk.services.visits import VisitEntry, plan_visit
from tests.ui.hands import settled, until
from tests.unit.conftest import HUASHAN, ME

RECEIPT = f"receipt {short_name('signed')}"
SOON = clock.today() + timedelta(days=9)


def customer(work):
    change_customer(work, HUASHAN, {"phone": "021"})
    return HUASHAN


def visit(work):
    return plan_visit(work, VisitEntry(new_id(), HUASHAN, held_on=SOON, objective="Formulary"))


def contract(work):
    one = ContractEntry(
        new_id(),
        HUASHAN,
        title="Supply",
        starts_on=SOON,
        ends_on=SOON + timedelta(days=9),
        lines=(),
    )
    draft_contract(work, one)
    return one.id


def promotion(work):
    one = PromotionEntry(new_id(), HUASHAN, planned_on=SOON, objective="Teach")
    draft_request(work, one)
    return one.id


def confirm(work):
    """What head office says, and its signature under it."""
    work.driver.execute("""UPDATE sync_op SET st = 'acked', mid = lid, res = '{"st": "applied"}'""")
    work.driver.execute(
        "INSERT INTO sync_receipt(last, head, at, message, signature) VALUES(99, 9, ?, '', 'signed')",
        (clock.stamp(),),
    )
    for kind, record_id in work.reader.rows("SELECT kind, id FROM sync_op"):
        work.touch(kind, record_id)  # as it is shown anew


def ask(work):
    """Head office did not take the last change."""
    work.driver.execute(
        "INSERT INTO sync_issue(id, kind, row_id, type, op, created) "
        """SELECT 'one', kind, id, 'conflict', '{"mid": ' || mid || '}', at FROM sync_op ORDER BY lid LIMIT 1"""
    )
    work.issues = True


@pytest.mark.parametrize(
    ("screen", "change"),
    [
        ("customers", customer),
        ("visits", visit),
        ("contracts", contract),
        ("promotions", promotion),
    ],
)
def test_page_names_the_receipt_and_says_when_it_needs_the_user(
    store, window, tasks, screen, change
):
    store.actor = Actor(ME.user_id, Role.KAM, "王敏")
    one = store.transact(Origin.USER, change).value
    window.show_screen(screen, one)

    def shown():
        settled(tasks)
        labels = window.screens[screen].findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible()]

    assert "Saved on this computer" in shown()
    assert not any(RECEIPT in words for words in shown())
    store.transact(Origin.SYNC, confirm)
    until(lambda: any(RECEIPT in words for words in shown()))
    until(lambda: "Confirmed by head office" in shown())
    store.transact(Origin.SYNC, ask)
    until(lambda: "Needs you" in shown())
    words = shown()
    assert "Confirmed by head office" not in words
    assert not any(RECEIPT in one for one in words)
