"""What an answer of head office may be: told twice, told late, cut, wrong in the middle, or empty."""

from __future__ import annotations

import base64
from contextlib import suppress

import msgspec
import pytest

from kamdesk.domain.connection import SignIn
from kamdesk.headoffice import accounts
from kamdesk.headoffice.store import Store
from kamdesk.security.signing import sign
from kamdesk.services.tasks import add_task
from kamdesk.sync import enrol
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import TokenRequest, token_message
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.sync.world import Laptop, World

MANY = 50


@pytest.fixture
def laptop(world: World) -> Laptop:
    """A computer with fifty hospitals, all of which head office changes afterwards."""
    one = world.laptop()
    one.ids = [world.customer(f"Hospital {n}", phone="old") for n in range(MANY)]  # type: ignore[attr-defined]
    one.sync()
    change_all(world, one, "new")
    return one


def change_all(world: World, laptop: Laptop, phone: str) -> None:
    with world.store.write("office") as writer:
        for one in laptop.ids:  # type: ignore[attr-defined]
            document = dict(writer.get("customer", one).document)
            writer.put("customer", one, {**document, "phone": phone})


def phones(laptop: Laptop) -> list[str]:
    return [phone for (phone,) in laptop.rows("SELECT DISTINCT phone FROM customer ORDER BY phone")]


def cursor(laptop: Laptop) -> int:
    return int(laptop.value("SELECT v FROM sync_state WHERE k = 'cursor'"))


def tampered(laptop: Laptop, monkeypatch, change) -> list[bytes]:
    """Let `change` rewrite the answers with changes on their way; return them as they really were."""
    seen: list[bytes] = []
    real = laptop.transport._send

    def send(method, path, **how):
        status, body = real(method, path, **how)
        if (
            path == "/v1/sync"
            and status == 200
            and msgspec.json.decode(body).get("delta", {}).get("pages")
        ):
            seen.append(body)
            body = change(body)
        return status, body

    monkeypatch.setattr(laptop.transport, "_send", send)
    return seen


def with_row(body: bytes, change) -> bytes:
    """Change the 37th row of an answer."""
    answer = msgspec.json.decode(body)
    page = answer["delta"]["pages"][0]
    rows = (
        [list(row) for row in zip(*page.pop("cols"), strict=True)]
        if page.get("cols")
        else page["rows"]
    )
    rows[36] = change(rows[36])
    page["rows"] = rows
    return msgspec.json.encode(answer)


WRONG = {
    "cut": lambda body: body[: len(body) // 2],
    "not a value": lambda body: body.replace(b'"new"', b"new", 37).replace(b"new", b'"new"', 36),
    "a field less": lambda body: with_row(body, lambda row: row[:-1]),
    "a field more": lambda body: with_row(body, lambda row: [*row, "more"]),
    "another type": lambda body: with_row(body, lambda row: [row[0], "seven", *row[2:]]),
    "no id": lambda body: with_row(body, lambda row: [None, *row[1:]]),
    "a list for a text": lambda body: with_row(body, lambda row: [*row[:3], ["x"], *row[4:]]),
}


def test_h36_an_answer_that_is_wrong_in_the_middle_is_taken_whole_or_not_at_all(
    laptop, monkeypatch
):
    how = ""
    before = cursor(laptop)
    seen = tampered(laptop, monkeypatch, lambda body: WRONG[how](body) if how else body)
    for how in WRONG:  # noqa: B007  # the line reads it
        with pytest.raises(Unreachable) as caught:
            laptop.sync()
        assert caught.value.code == "bad_answer", how
        assert (cursor(laptop), phones(laptop)) == (before, ["old"]), how
    assert len(seen) == len(WRONG)
    how = ""
    laptop.sync()
    assert phones(laptop) == ["new"]
    assert laptop.issues == []


def test_h36_an_answer_told_again_and_one_told_late_change_nothing(world, laptop, monkeypatch):
    late: list[bytes] = []
    seen = tampered(laptop, monkeypatch, lambda body: late[0] if late else body)
    laptop.sync()
    change_all(world, laptop, "newer")
    laptop.sync()
    assert phones(laptop) == ["newer"]
    for one in (seen[-1], seen[0]):
        late[:] = [one]
        with world.store.write("office") as writer:
            first = laptop.ids[0]
            document = dict(writer.get("customer", first).document)
            writer.put("customer", first, {**document, "fax": str(len(one))})
        with suppress(Unreachable):
            laptop.sync()
        assert phones(laptop) == ["newer"]
        late.clear()
        laptop.sync()
        assert phones(laptop) == ["newer"]
    assert laptop.issues == []


def test_h34_another_head_office_at_the_address_takes_nothing_and_gets_nothing(world, laptop):
    laptop.sync()
    waiting = laptop.do(lambda work: add_task(work, title="Unsent", due_on=None))
    world.cut()
    ours = world.store
    world.store = Store.open(str(world.folder / "another.db"), company="Another")
    accounts.add_user(world.store, login="ann", name="Ann", role="REP", password=PASSWORD)
    world.connect()
    for _ in range(2):
        with pytest.raises((Unreachable, Answered)):
            laptop.sync()
    stranger = enrol.enrol(SignIn(world.url, "ann", PASSWORD))
    device, refresh = stranger.welcome.device_id, stranger.welcome.refresh
    proof = base64.b64encode(sign(stranger.signing_key, token_message(device, refresh))).decode()
    laptop.engine.access = Transport(world.url).token(TokenRequest(device, refresh, proof)).access
    with pytest.raises(Answered) as refused:
        laptop.sync()
    assert refused.value.code == "wrong_server"
    assert laptop.value("SELECT count(*) FROM customer") == MANY
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 1
    world.cut()
    world.store.close()
    world.store = ours
    world.connect()
    laptop.engine.access = ""
    laptop.sync()
    assert world.document("task", waiting)["title"] == "Unsent"
