"""The log: one line for what happened, places for exceptions, and never what a record held."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import StatementError

from kamdesk import logs
from kamdesk.db.records import ContractLinePrice
from kamdesk.domain.changes import Origin
from kamdesk.headoffice.observe import JsonLines
from kamdesk.logs import describe
from tests.unit.conftest import HUASHAN

HOSTILE = "a\r\n2026-11-25 10:00:00,000 ERROR main x: forged\x1b[2J\u2028\u202e\x9b陈浩"
PRICE = "739148357.2613"


@pytest.fixture(params=[logs.CalmFormatter, JsonLines])
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Everything that is logged, at its loudest, in the form of the desktop and of head office."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.setLevel(before)
    root.removeHandler(handler)


def test_h59_names_in_the_log_end_no_line_and_carry_no_escapes(written):
    logging.getLogger("kamdesk.test").warning("%s is held", HOSTILE)
    (line,) = written().splitlines()
    assert line.isprintable()
    assert "陈浩" in line
    if line.startswith("{"):
        assert json.loads(line)["message"] == f"{HOSTILE} is held"


def test_h2_an_exception_among_prices_is_logged_without_them(written):
    try:
        try:
            raise ValueError(f"net {PRICE} is too low")
        except ValueError as error:
            raise RuntimeError(f"line with {PRICE}") from error
    except RuntimeError:
        logging.getLogger("kamdesk.test").exception("it failed")
    told = written()
    assert "RuntimeError" in told
    assert "test_h2_an_exception_among_prices" in told
    assert PRICE not in told
    assert "too low" not in told


def test_h2_a_price_that_the_store_refuses_stands_in_no_message_and_no_log(written, store):
    add = ContractLinePrice(id="line", customer_id=HUASHAN, net_price=PRICE.encode())
    with pytest.raises(StatementError, match="only envelopes") as caught:
        store.transact(Origin.SYNC, lambda work: work.add(add))
    logging.getLogger("kamdesk.test").error("a save failed", exc_info=caught.value)
    assert PRICE not in str(caught.value)
    assert PRICE not in written()


def test_an_error_that_is_its_own_cause_is_described_once():
    """`raise one from one` made the log go round for ever, and with it the program."""
    one, other = ValueError("a"), KeyError("b")
    one.__cause__ = one
    assert describe(one) == "ValueError"
    one.__cause__, other.__context__ = other, one
    assert describe(one) == "ValueError\ncaused by KeyError"
