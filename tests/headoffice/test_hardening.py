"""Hostile cases against head office, by their numbers: guesses, stolen tokens, bombs, slow lines, others' records."""

from __future__ import annotations

import base64
import gzip
import json
import os
import socket
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Role, may_read
from kamdesk.headoffice import accounts, audit, bodies, patience, rates
from kamdesk.headoffice.kinds import SPECS
from kamdesk.headoffice.pages import readable_fields
from kamdesk.headoffice.problems import Rejected
from kamdesk.security import passwords
from kamdesk.security.signing import new_signing_key, sign
from kamdesk.sync.protocol import token_message
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.desk import Desk, enrol


@pytest.fixture
def database(tmp_path: Any) -> str:
    """What is tested here stands in front of the database."""
    return str(tmp_path / "office.db")


def test_h43_a_guess_costs_the_same_and_says_the_same_for_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    plain = passwords.Argon2id

    class Counting:
        """As the real one, and counts."""

        def __new__(cls, **options: Any) -> Any:
            return plain(**options)

        @staticmethod
        def verify_phc_encoded(password: bytes, stored: str) -> None:
            asked.append(password)
            plain.verify_phc_encoded(password, stored)

    monkeypatch.setattr(passwords, "Argon2id", Counting)
    stopped = clock.now()
    with clock.frozen(lambda: stopped):
        told = {
            user: [enrol(office.url, user=user, password="a guess of somebody") for _ in range(60)]
            for user in ("ann", "nobody")
        }
    known, unknown = (
        [(one.status_code, one.json()["code"]) for one in told[user]] for user in ("ann", "nobody")
    )
    assert known == unknown
    assert len(asked) == 10, "five guesses each were looked at, the others were told to wait"


def test_h46_a_token_used_elsewhere_ends_the_family_and_is_on_record(office: Office) -> None:
    desk = office.desk().reconcile()
    task = desk.group(
        desk.create("task", {"title": "unsent", "state": "open", "assignee_id": desk.user_id})
    )

    def trade(refresh: str) -> requests.Response:
        body = {"device_id": desk.device_id, "refresh": refresh}
        return requests.post(f"{office.url}/v1/token", json=body, timeout=30)

    stolen = desk.refresh
    second = trade(stolen).json()["refresh"]
    trade(second)
    assert trade(stolen).json()["code"] == "token_reused"
    assert trade(second).json()["code"] == "token_reused"
    assert desk.post(desk.request(task)).status_code == 401
    assert "token.reused" in {one.action for one in audit.newest(office.store)}
    again = enrol(office.url, user="ann", password=PASSWORD).json()
    new = Desk(office.url, again)
    new.reconcile()
    work = new.group(
        new.create("task", {"title": "unsent", "state": "open", "assignee_id": new.user_id})
    )
    assert new.push(work)[0]["st"] == "applied"


def test_h47_an_answer_lost_three_times_locks_nobody_out(office: Office) -> None:
    desk = office.desk()
    body = {"device_id": desk.device_id, "refresh": desk.refresh}
    pairs = [requests.post(f"{office.url}/v1/token", json=body, timeout=30) for _ in range(4)]
    assert [one.status_code for one in pairs] == [200] * 4
    desk.access = pairs[-1].json()["access"]
    assert desk.post(desk.request()).status_code == 200
    body["refresh"] = pairs[-1].json()["refresh"]
    assert requests.post(f"{office.url}/v1/token", json=body, timeout=30).status_code == 200


def _bodies() -> Iterator[tuple[str, bytes, str]]:
    deep = (
        b'{"server_id":"x","device":"y","schema":1,"groups":[{"g":"1","ops":[{"mid":1,"k":"task",'
    )
    deep += b'"id":"x","op":"create","f":{"title":[null,%s]}}]}]}'
    yield "a bomb", gzip.compress(b" " * 100_000_000), "gzip"
    yield "a bomb in a bomb", gzip.compress(gzip.compress(b" " * 50_000_000)), "gzip"
    yield "deflate alone", zlib.compress(b"{}"), "deflate"
    yield "a text of 10 MB", json.dumps({"server_id": "x" * 10_000_000}).encode(), ""
    yield "depth 10,000", deep % (b"[" * 10_000 + b"]" * 10_000), ""
    yield "depth 40", deep % (b"[" * 40 + b"]" * 40), ""
    yield "2^63", b'{"server_id":"x","device":"y","schema":9223372036854775808}', ""
    yield "10^400", b'{"server_id":"x","device":"y","schema":1' + b"0" * 400 + b"}", ""
    yield "NaN", b'{"server_id":"x","device":"y","schema":NaN}', ""
    yield "a lone surrogate", b'{"server_id":"\\ud800","device":"y","schema":1}', ""
    yield "twice the same key", b'{"schema":1,"schema":"2","server_id":"x","device":"y"}', ""


@pytest.mark.parametrize(
    ("body", "encoding"), [one[1:] for one in _bodies()], ids=[one[0] for one in _bodies()]
)
def test_h48_hostile_bodies_are_refused(office: Office, body: bytes, encoding: str) -> None:
    desk = office.desk()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {desk.access}"}
    if encoding:
        headers["Content-Encoding"] = encoding
    answer = requests.post(f"{office.url}/v1/sync", data=body, headers=headers, timeout=30)
    assert answer.status_code in {400, 409, 413, 415}
    assert desk.post(desk.request()).status_code == 200


def _open(office: Office) -> socket.socket:
    parts = urlsplit(office.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def test_h46_a_token_without_the_key_of_its_device_is_worth_nothing(office: Office) -> None:
    key, other = new_signing_key(), new_signing_key()
    answer = enrol(office.url, key=key, user="ann", password=PASSWORD, proves=True)
    device, stolen = answer.json()["device_id"], answer.json()["refresh"]

    def trade(refresh: str, by: bytes | None, signed: str = "") -> requests.Response:
        body = {"device_id": device, "refresh": refresh}
        if by is not None:
            message = token_message(device, signed or refresh)
            body["proof"] = base64.b64encode(sign(by, message)).decode()
        return requests.post(f"{office.url}/v1/token", json=body, timeout=30)

    for answer in (
        trade(stolen, None), trade(stolen, other), trade(stolen, key, "another token"),
        trade(stolen.removesuffix(".k"), None),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    second = trade(stolen, key)
    assert second.status_code == 200, "and nobody who tried ended it"
    assert trade(second.json()["refresh"], None).status_code == 401
    assert trade(second.json()["refresh"], key).status_code == 200


def test_h46_a_device_of_before_proves_itself_from_its_first_proof_on(office: Office) -> None:
    key = new_signing_key()
    answer = enrol(office.url, key=key, user="ann", password=PASSWORD)
    device, refresh = answer.json()["device_id"], answer.json()["refresh"]
    url = f"{office.url}/v1/token"
    body = {"device_id": device, "refresh": refresh}
    refresh = requests.post(url, json=body, timeout=30).json()["refresh"]
    signed = base64.b64encode(sign(key, token_message(device, refresh))).decode()
    body = {"device_id": device, "refresh": refresh, "proof": signed}
    refresh = requests.post(url, json=body, timeout=30).json()["refresh"]
    body = {"device_id": device, "refresh": refresh}
    assert requests.post(url, json=body, timeout=30).json()["code"] == "token_invalid"


def _allow_files(count: int) -> None:
    """Let this process, which is both ends here, have so many connections open, as far as the system lets it."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < count:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def test_h49_slow_bodies_end_and_hold_up_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "STALLED", 2.0)
    _allow_files(4000)
    desk = office.desk()
    head = (
        f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.access}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    enrolling = head.replace("/v1/sync", "/v1/enroll")
    slow = [_open(office) for _ in range(1000)]
    for one in slow:
        one.sendall(enrolling.encode())
    other = office.desk("kim")
    assert other.post(other.request()).status_code == 200, "others are served meanwhile"
    answers = {one.recv(64).split(b" ", 2)[1] for one in slow}
    assert answers == {b"408"}
    for one in slow:
        one.close()


def test_h49_a_head_that_never_ends_is_closed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_WITHIN", 1.0)
    silent, slow, again = _open(office), _open(office), _open(office)
    slow.sendall(b"GET /v1/meta HTTP/1.1\r\nX-Slow: ")
    again.sendall(b"GET /v1/meta HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in again.recv(4096)
    again.sendall(b"GET /v1/meta HTTP/1.1\r\nX-Slow: ")
    for one in (silent, slow, again):
        one.settimeout(20)
        while one.recv(4096):
            pass
        one.close()
    assert requests.get(f"{office.url}/v1/meta", timeout=30).status_code == 200


def test_a_device_that_asks_without_end_is_told_to_wait() -> None:
    now = [0.0]
    limited = rates.Rates(now=lambda: now[0])
    for _ in range(int(rates.BURST)):
        limited.take("a")
    with pytest.raises(Rejected) as refused:
        limited.take("a")
    assert (refused.value.status, refused.value.retry_after) == (429, 1)
    limited.take("b")
    now[0] += 1
    for _ in range(int(rates.PER_SECOND)):
        limited.take("a")
    with pytest.raises(Rejected):
        limited.take("a")


def test_a_device_that_asks_without_end_holds_up_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "BURST", 5.0)
    monkeypatch.setattr(rates, "PER_SECOND", 0.01)
    desk, other = office.desk(), office.desk("kim")
    codes = [desk.post(desk.request()).status_code for _ in range(8)]
    assert codes == [200] * 5 + [429] * 3
    assert other.post(other.request()).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_h50_records_of_another_territory_are_absent_by_every_way(
    office: Office, role: Role
) -> None:
    hidden = office.customer("Hidden hospital", office.south, phone="hidden phone")
    visit, contract = new_id(), new_id()
    accounts.add_user(
        office.store,
        login="eve",
        name="Eve",
        role=role,
        password=PASSWORD,
        territories=[office.north],
    )
    with office.store.write("office") as writer:
        writer.put(
            "visit", visit,
            {"customer_id": hidden, "owner_id": "x", "kind": "visit", "state": "planned",
             "held_on": "2026-11-24", "objective": "hidden aim"},
        )  # fmt: skip
        writer.put("contract", contract, {"customer_id": hidden, "title": "hidden deal"})
    eve = office.desk("eve").reconcile()
    assert not [one for one in eve.rows if one[1] in {hidden, visit, contract}]
    told: list[str] = []
    ops = [
        eve.patch("customer", hidden, grade=[None, "3A"]),
        eve.patch("visit", visit, objective=["hidden aim", "mine"]),
        eve.patch("contract", contract, title=["hidden deal", "mine"]),
        eve.command("visit", visit, "cancel", reason="x"),
        {"k": "visit", "id": visit, "op": "delete", "base": 1},
        eve.create("visit", {"customer_id": hidden, "owner_id": eve.user_id, "kind": "visit",
                             "state": "planned", "held_on": "2026-11-24"}),
        eve.create("contract", {"customer_id": hidden, "title": "x"}),
        eve.create("visit", {"customer_id": hidden, "owner_id": eve.user_id, "kind": "visit",
                             "state": "planned", "held_on": "2026-11-24"}, visit),
    ]  # fmt: skip
    for op in ops:
        results = eve.push(eve.group(op))
        assert [one["st"] for one in results] == ["rejected"], results
        told.append(json.dumps(results))
    for bucket in (f"acct:{hidden}", f"money:{hidden}", f"flow:{hidden}", f"price:{hidden}"):
        loading = eve.post(eve.request(loading=[[bucket, 0, 0]]))
        told.append(loading.text)
        headers = {"Authorization": f"Bearer {eve.access}"}
        listed = requests.get(
            f"{office.url}/v1/bucket", params={"name": bucket}, headers=headers, timeout=30
        )
        nothing = requests.get(
            f"{office.url}/v1/bucket", params={"name": "acct:nothing"}, headers=headers, timeout=30
        )
        assert (listed.status_code, listed.text.replace(bucket, "")) == (
            nothing.status_code, nothing.text.replace("acct:nothing", ""),
        ), "what is hidden looks like what is not there"  # fmt: skip
        told.append(listed.text)
        erp = requests.get(f"{office.url}/v1/erp/customers", headers=headers, timeout=30)
        assert erp.status_code == 401
    assert "idden" not in "".join(told)
    page = requests.get(
        f"{office.url}/admin/users", timeout=30, cookies={"kamdesk_admin": eve.access}
    )
    assert "current-password" in page.text


@pytest.mark.parametrize("role", list(Role))
def test_h51_columns_above_a_role_are_absent_not_masked(role: Role) -> None:
    for spec in SPECS.values():
        names = {spec.fields[at].name for at in readable_fields(spec, role)}
        assert names == {one.name for one in spec.fields if may_read(role, one.level)}


def test_answers_carry_the_headers_of_caution(office: Office) -> None:
    answer = requests.get(f"{office.url}/v1/meta", timeout=30)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.headers["X-Request-Id"]) == 16
    assert "Server" not in answer.headers


def test_password_checks_do_not_hold_up_the_others(office: Office) -> None:
    desk = office.desk()
    guessing = [
        threading.Thread(target=lambda n=n: enrol(office.url, user=f"u{n}", password="x" * 12))
        for n in range(30)
    ]
    with passwords._cores:  # as if all cores were busy with hashes
        for _ in range((os.cpu_count() or 1) - 1):
            passwords._cores.acquire()
        for one in guessing:
            one.start()
        time.sleep(0.3)
        assert desk.post(desk.request()).status_code == 200
        for _ in range((os.cpu_count() or 1) - 1):
            passwords._cores.release()
    for one in guessing:
        one.join(60)
