"""A price passphrase that nobody knows any more: another one is chosen, and head office sends the prices again."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

import pytest

from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import KamError, UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.prices import LinePrices, Price
from kamdesk.security import keystore
from kamdesk.services.prices import set_prices
from kamdesk.services.tasks import add_task
from kamdesk.sync.runner import Reconciler
from tests.headoffice.conftest import PASSWORD
from tests.sync.test_leases import (  # noqa: F401  # fixtures
    NET,
    PRICES,
    Kim,
    _cheap_passphrases,
    customer,
    times,
)

NEW = "another one, not forgotten"
ME = SignIn("", "kim", PASSWORD)


@pytest.fixture
def kim(world, times) -> Kim:
    return Kim(world, times).open().sync()


def forget(kim: Kim, sign_in: SignIn = ME, new: str = NEW) -> None:
    kim.database.prices.lock()
    line = Reconciler(kim.database, kim.transport, leases=kim.holder)
    line.replace_price_passphrase(sign_in, new)
    kim.engine.access = ""


def test_the_prices_come_again_under_the_new_passphrase_and_the_old_one_opens_nothing(
    kim, customer
):
    line = kim.line(customer)
    kim.sync()
    forget(kim)
    kim.sync()
    assert kim.price(line) == NET
    assert kim.issues == []
    kim.database.prices.lock()
    for wrong in (PRICES, ""):
        with pytest.raises(UserError):
            kim.database.prices.open(wrong)
    kim.database.prices.open(NEW)
    assert kim.price(line) == NET


def test_what_was_not_sent_is_given_up_and_told_and_everything_else_is_handed_in(
    kim, world, customer
):
    line = kim.line(customer)
    kim.sync()
    world.cut()
    other = LinePrices(net=Price(123456789, "CNY"))
    kim.do(lambda work: set_prices(work, line_id=line, customer_id=customer, prices=other))
    kim.do(lambda work: add_task(work, title="Call", due_on=None))
    world.connect()
    forget(kim)
    kim.sync().sync()
    assert kim.price(line) == NET
    assert [one.code for one in kim.issues] == ["unreadable"]
    assert kim.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0
    assert world.document("task", kim.value("SELECT id FROM task"))["title"] == "Call"


@pytest.mark.parametrize(
    ("sign_in", "new", "cut"),
    [
        (SignIn("", "kim", "not the password"), NEW, False),
        (SignIn("", "ann", PASSWORD), NEW, False),
        (ME, "short", False),
        (ME, NEW, True),
    ],
)  # fmt: skip
def test_who_does_not_sign_in_at_head_office_changes_nothing(
    kim, world, customer, sign_in, new, cut
):
    line = kim.line(customer)
    kim.sync()
    before = (kim.folder / keystore.FILE_NAME).read_bytes()
    if cut:
        world.cut()
    with pytest.raises(KamError):
        forget(kim, sign_in, new)
    assert (kim.folder / keystore.FILE_NAME).read_bytes() == before
    assert kim.database.prices.state is PriceState.LOCKED
    kim.open()
    assert kim.price(line) == NET
    if cut:
        world.connect()
