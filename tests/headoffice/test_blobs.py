"""The bytes of attachments at head office: for whom, in which order, checked, kept and missed, on both databases."""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import text

from kamdesk.domain import clock
from kamdesk.domain.attachments import PIECE
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import blobs, checkup, upkeep
from kamdesk.headoffice.store import Store
from tests.headoffice.conftest import Office
from tests.headoffice.desk import Desk

DATA = os.urandom(2 * PIECE + 1000)


def content_of(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def visit_of(desk: Desk, customer: str) -> str:
    visit = new_id()
    desk.push(
        desk.group(
            desk.create(
                "visit",
                {"customer_id": customer, "owner_id": desk.user_id, "kind": "call", "state": "planned",
                 "held_on": "2026-11-24"},
                visit,
            )
        )
    )  # fmt: skip
    return visit


def attach(
    desk: Desk, customer: str, visit: str, data: bytes = DATA, **changed: Any
) -> tuple[str, str]:
    """Hand in the record of an attachment; return its id and the verdict."""
    one = new_id()
    document = {
        "customer_id": customer, "visit_id": visit, "owner_id": desk.user_id, "name": "photo.png",
        "mime": "image/png", **content_of(data), **changed,
    }  # fmt: skip
    [result] = desk.push(desk.group(desk.create("attachment", document, one)))
    return one, result.get("code", result["st"])


def ask(desk: Desk, attachment: str) -> requests.Response:
    return requests.get(
        f"{desk.url}/v1/attachment", params={"id": attachment}, headers=_token(desk), timeout=30
    )


def get(desk: Desk, attachment: str, offset: int) -> requests.Response:
    return requests.get(
        f"{desk.url}/v1/attachment/part", params={"id": attachment, "offset": offset},
        headers=_token(desk), timeout=30,
    )  # fmt: skip


def put(desk: Desk, attachment: str, offset: int, data: bytes, **changed: Any) -> requests.Response:
    body = {
        "id": attachment, "offset": offset, "data": base64.b64encode(data).decode(),
        "sha256": hashlib.sha256(data).hexdigest(), **changed,
    }  # fmt: skip
    return requests.put(
        f"{desk.url}/v1/attachment/part", json=body, headers=_token(desk), timeout=30
    )


def put_all(desk: Desk, attachment: str, data: bytes = DATA) -> requests.Response:
    answer = None
    for offset in range(0, len(data), PIECE):
        answer = put(desk, attachment, offset, data[offset : offset + PIECE])
        assert answer.status_code == 200, answer.text
    assert answer is not None
    return answer


def _token(desk: Desk) -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.access}"}


@pytest.fixture
def ann(office: Office) -> tuple[Desk, str, str]:
    """A device of the north, a customer there and a visit to it."""
    customer = office.customer("Huashan")
    desk = office.desk("ann").reconcile()
    return desk, customer, visit_of(desk, customer)


def test_bytes_come_in_pieces_are_sealed_and_given_again(office: Office, ann: Any) -> None:
    desk, customer, visit = ann
    one, told = attach(desk, customer, visit)
    assert told == "applied"
    assert ask(desk, one).json() == {"id": one, **content_of(DATA), "have": 0}
    assert get(desk, one, 0).status_code == 404
    assert put(desk, one, PIECE, DATA[PIECE : 2 * PIECE]).json()["have"] == 0  # not its turn yet
    assert put(desk, one, 0, DATA[:PIECE]).json()["have"] == PIECE
    assert put(desk, one, 0, DATA[:PIECE]).json()["have"] == PIECE  # the answer was lost
    assert desk.reconcile().document("attachment", one)["upload_state"] is None
    assert put_all(desk, one).json()["have"] == len(DATA)
    assert desk.reconcile().document("attachment", one)["upload_state"] == "stored"
    given = b"".join(
        base64.b64decode(get(desk, one, at).json()["data"]) for at in range(0, len(DATA), PIECE)
    )
    assert given == DATA
    with office.store.read() as connection:
        kept = connection.execute(text("SELECT data FROM blob_part")).scalars().all()
    assert all(DATA[at : at + 64] not in bytes(part) for part in kept for at in (0, PIECE))
    assert blobs.unsound(office.store) == []


def test_h50_attachments_of_others_territories_do_not_exist(office: Office, ann: Any) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    put_all(desk, one)
    sam = office.desk("sam").reconcile()
    for answer in (
        ask(sam, one),
        get(sam, one, 0),
        put(sam, one, 0, DATA[:PIECE]),
        ask(sam, new_id()),
        ask(sam, "x"),
    ):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
    kim = office.desk("kim").reconcile()
    assert ask(kim, one).json()["have"] == len(DATA)


def test_who_knows_a_hash_does_not_get_the_content(office: Office, ann: Any) -> None:
    """The same content in another territory is another content: its bytes have to be handed in there."""
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    put_all(desk, one)
    sam = office.desk("sam")
    theirs = office.customer("Ruijin", office.south)
    other, told = attach(sam.reconcile(), theirs, visit_of(sam, theirs))
    assert told == "applied"
    assert ask(sam, other).json()["have"] == 0
    assert get(sam, other, 0).status_code == 404


def test_without_a_token_nothing_is_said(office: Office) -> None:
    for answer in (
        requests.get(f"{office.url}/v1/attachment", params={"id": new_id()}, timeout=30),
        requests.get(
            f"{office.url}/v1/attachment/part", params={"id": new_id(), "offset": 0}, timeout=30
        ),
        requests.put(f"{office.url}/v1/attachment/part", json={}, timeout=30),
    ):
        assert answer.status_code == 401


def test_pieces_that_are_not_what_they_say_are_refused(ann: Any) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    for answer in (
        put(desk, one, 0, DATA[:PIECE], sha256="0" * 64),
        put(desk, one, 0, DATA[: PIECE - 1]),
        put(desk, one, 1, DATA[:PIECE]),
        put(desk, one, 4 * PIECE, DATA[:PIECE]),
        put(desk, one, -PIECE, DATA[:PIECE]),
        get(desk, one, len(DATA) + PIECE),
        get(desk, one, 17),
    ):
        assert answer.status_code == 400, answer.text
    assert ask(desk, one).json()["have"] == 0


def test_another_content_than_the_record_names_is_not_kept(ann: Any) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    wrong = bytes(len(DATA))
    for offset in (0, PIECE):
        put(desk, one, offset, wrong[offset : offset + PIECE])
    last = put(desk, one, 2 * PIECE, wrong[2 * PIECE :])
    assert (last.status_code, last.json()["code"]) == (400, "bad_content")
    assert ask(desk, one).json()["have"] == 0
    assert put_all(desk, one).json()["have"] == len(DATA)


def test_one_content_attached_twice_is_kept_once_and_both_are_told(
    office: Office, ann: Any
) -> None:
    desk, customer, visit = ann
    kim = office.desk("kim").reconcile()
    one, _ = attach(desk, customer, visit)
    other, _ = attach(kim, customer, visit_of(kim, customer))
    put(desk, one, 0, DATA[:PIECE])
    assert put(kim, other, PIECE, DATA[PIECE : 2 * PIECE]).json()["have"] == 2 * PIECE
    assert put(desk, one, 2 * PIECE, DATA[2 * PIECE :]).json()["have"] == len(DATA)
    kim.reconcile()
    assert [kim.document("attachment", which)["upload_state"] for which in (one, other)] == [
        "stored"
    ] * 2
    late, _ = attach(kim, customer, visit_of(kim, customer))
    assert ask(kim, late).json()["have"] == len(DATA)
    assert put(kim, late, 2 * PIECE, DATA[2 * PIECE :]).status_code == 200
    assert kim.reconcile().document("attachment", late)["upload_state"] == "stored"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"size": 26 * 1024 * 1024}, "bad_value"),
        ({"size": 0}, "bad_value"),
        ({"sha256": "abc"}, "bad_value"),
        ({"visit_id": new_id()}, "not_found"),
        ({"visit_id": None}, "bad_value"),
        ({"owner_id": new_id()}, "not_owner"),
        ({"name": "x" * 121}, "too_long"),
    ],
)
def test_records_that_cannot_be_are_refused(ann: Any, changed: dict[str, Any], code: str) -> None:
    desk, customer, visit = ann
    assert attach(desk, customer, visit, **changed)[1] == code


def test_only_ones_own_visits_get_attachments_and_only_of_their_customer(
    office: Office, ann: Any
) -> None:
    desk, customer, visit = ann
    kim = office.desk("kim").reconcile()
    assert attach(kim, customer, visit)[1] == "not_owner"
    assert attach(desk, office.customer("Ruijin"), visit)[1] == "bad_value"


def test_who_attached_takes_away_until_the_report_is_handed_in(ann: Any) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    put_all(desk, one)
    # On the revision from before the bytes came: that they came is no reason to keep it
    [gone] = desk.push(desk.group({"k": "attachment", "id": one, "op": "delete", "base": 1}))
    assert gone["st"] == "applied"
    assert ask(desk, one).status_code == 404
    [back] = desk.push(
        desk.group(
            desk.create(
                "attachment",
                {"customer_id": customer, "visit_id": visit, "owner_id": desk.user_id, "name": "photo.png",
                 "mime": "image/png", **content_of(DATA)},
                one,
            )
        )
    )  # fmt: skip
    assert back["st"] == "applied"
    desk.push(
        desk.group(
            desk.patch(
                "visit", visit, objective=[None, "a"], outcome=[None, "b"], next_step=[None, "c"]
            )
        )
    )
    desk.push(desk.group(desk.command("visit", visit, "complete")))
    desk.push(desk.group(desk.command("visit", visit, "submit")))
    [refused] = desk.push(desk.group({"k": "attachment", "id": one, "op": "delete", "base": 9}))
    assert refused["code"] == "locked"


def test_doctor_names_what_is_missing_or_damaged_and_has_it_handed_in_again(
    office: Office, ann: Any
) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    other, _ = attach(desk, customer, visit, b"small")
    put_all(desk, one)
    put_all(desk, other, b"small")
    sha = content_of(b"small")["sha256"]
    with office.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE blob_part SET data = :data WHERE n = 1"), {"data": os.urandom(500)}
        )
        connection.execute(text("DELETE FROM blob_part WHERE sha256 = :sha"), {"sha": sha})
    found = " ".join(checkup.findings(office.store))
    assert one in found
    assert other in found
    assert get(desk, one, PIECE).status_code == 404
    assert blobs.ask_again(office.store) == 2
    desk.reconcile()
    for which, data in ((one, DATA), (other, b"small")):
        assert desk.document("attachment", which)["upload_state"] is None
        put_all(desk, which, data)
    assert blobs.unsound(office.store) == []


def test_what_no_record_names_goes_after_a_while(
    office: Office, ann: Any, monkeypatch: Any
) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    kept, _ = attach(desk, customer, visit, b"kept")
    put_all(desk, one)
    put_all(desk, kept, b"kept")
    desk.push(desk.group({"k": "attachment", "id": one, "op": "delete", "base": 2}))
    assert blobs.forget(office.store) == 0
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert blobs.forget(office.store) == 1
    with office.store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM blob")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM blob_part")).scalar() == 1


def test_the_bytes_of_an_old_attachment_stay_for_a_while_after_it_was_taken_away(
    office: Office, ann: Any, monkeypatch: Any
) -> None:
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    put_all(desk, one)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=100))
    with office.store.write("office") as writer:
        writer.delete("attachment", one)
    assert blobs.forget(office.store) == 0
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=136))
    assert blobs.forget(office.store) == 1


def test_a_backup_has_the_bytes(office: Office, ann: Any, tmp_path: Any) -> None:
    if office.store.path is None:
        pytest.skip("PostgreSQL has tools of its own")
    desk, customer, visit = ann
    one, _ = attach(desk, customer, visit)
    put_all(desk, one)
    upkeep.back_up(office.store, tmp_path / "copy.db")
    copy = Store.open(tmp_path / "copy.db")
    with copy.read() as connection:
        [named] = blobs.named_in(connection)
        assert named.id == one
        assert blobs.is_sound(connection, copy.seals, named)
    copy.close()
