"""The outside of head office: bodies of all kinds, the published contract, a quick end."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests

from kamdesk.domain.errors import MachineError
from kamdesk.headoffice.observe import JsonLines
from kamdesk.headoffice.server import bind
from kamdesk.headoffice.store import Store
from kamdesk.sync.protocol import MAX_BODY
from tests.headoffice.conftest import Office, serving

PATHS = ("/v1/enroll", "/v1/token", "/v1/sync")


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The database makes no difference here."""
    return str(tmp_path / "office.db")


def send(office: Office, path: str, body: bytes, **headers: str) -> requests.Response:
    """Post bytes with a good token."""
    desk = office.desk()
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {desk.access}", **headers}
    return requests.post(f"{office.url}{path}", data=body, headers=sent, timeout=30)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[]", 400, "bad_request"),
        (b"null", 400, "bad_request"),
        (b"{}", 400, "bad_request"),
        (b'{"server_id": 1}', 400, "bad_request"),
        (b"[" * 100_000, 400, "too_deep"),
        (b'{"server_id":NaN}', 400, "bad_json"),
    ],
)
def test_h48_rubbish_is_answered_with_a_code(
    office: Office, path: str, body: bytes, status: int, code: str
) -> None:
    answer = send(office, path, body)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert (answer.status_code, answer.json()["code"]) in {(status, code), (400, "bad_request")}
    assert answer.json()["status"] == answer.status_code


def test_h48_deeply_nested_values_are_refused(office: Office) -> None:
    desk = office.desk()
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    group = desk.group({"k": "task", "id": "x", "op": "create", "f": {"title": [None, deep]}})
    answer = desk.post(desk.request(group))
    assert (answer.status_code, answer.json()["code"]) == (400, "too_deep")


def test_h48_a_bomb_is_refused_early(office: Office) -> None:
    bomb = gzip.compress(b"[" + b" " * 200_000_000 + b"]", 9)
    began = time.process_time()
    answer = send(office, "/v1/sync", bomb, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"not gzip", "gzip"),
        (gzip.compress(b"{}", mtime=0)[:-6], "gzip"),
        (gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}", mtime=0), "gzip"),
    ],
)
def test_a_broken_packing_is_refused(office: Office, body: bytes, encoding: str) -> None:
    answer = send(office, "/v1/sync", body, **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_encoding")


@pytest.mark.parametrize("encoding", ["zstd", "deflate", "br", "gzip, gzip"])
def test_another_packing_is_refused(office: Office, encoding: str) -> None:
    answer = send(office, "/v1/sync", b"{}", **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data", ""]
)
def test_another_content_type_is_refused(office: Office, content_type: str) -> None:
    answer = send(office, "/v1/sync", b"{}", **{"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_past_the_limit_is_refused(office: Office) -> None:
    answer = send(office, "/v1/sync", os.urandom(MAX_BODY + 100_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1/sync", 405, "method_not_allowed"),
        ("POST", "/v1/meta", 405, "method_not_allowed"),
    ],
)
def test_unknown_addresses_and_methods_are_problems_too(
    office: Office, method: str, path: str, status: int, code: str
) -> None:
    answer = requests.request(method, office.url + path, timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_h45_meta_tells_a_head_office_from_a_captive_portal(office: Office) -> None:
    answer = requests.get(f"{office.url}/v1/meta", timeout=30)
    assert answer.json()["server_id"] == office.store.server_id
    assert answer.json()["product"] == "KAMDesk head office"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query", ["wait=x", "cursor=-1", "cursor=1.5", "wait=" + "9" * 40, "cursor=\u0663"]
)
def test_an_odd_query_is_refused(office: Office, query: str) -> None:
    desk = office.desk()
    headers = {"Authorization": f"Bearer {desk.access}"}
    answer = requests.get(f"{office.url}/v1/head?{query}", headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_the_third_request_of_a_device_at_once_is_told_to_wait(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kamdesk.headoffice import feed

    entered, leave = threading.Semaphore(0), threading.Event()
    plain = feed.pull

    def pull(*arguments: Any) -> None:
        entered.release()
        assert leave.wait(20)
        plain(*arguments)

    monkeypatch.setattr(feed, "pull", pull)
    desk = office.desk()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(desk.post(desk.request()).status_code))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=20)
    third = desk.post(desk.request())
    leave.set()
    for thread in threads:
        thread.join()
    assert (third.status_code, third.json()["code"]) == (409, "device_busy")
    assert answers == [200, 200]


def test_an_end_does_not_wait_for_those_who_wait(store: Store) -> None:
    from kamdesk.headoffice import accounts
    from tests.headoffice.conftest import PASSWORD
    from tests.headoffice.desk import Desk

    accounts.add_user(store, login="ann", name="Ann", role="REP", password=PASSWORD)
    answers: list[int] = []
    with serving(store) as url:
        desk = Desk.enrol(url, user="ann", password=PASSWORD)

        def wait() -> None:
            headers = {"Authorization": f"Bearer {desk.access}"}
            cursor = store.head()
            answer = requests.get(
                f"{url}/v1/head?wait=50&cursor={cursor}", headers=headers, timeout=60
            )
            answers.append(answer.status_code)

        waiting = threading.Thread(target=wait)
        waiting.start()
        began = time.monotonic()
    waiting.join()
    assert answers == [204]
    assert time.monotonic() - began < 5


def test_answers_are_what_the_published_contract_says(office: Office) -> None:
    contract = requests.get(f"{office.url}/schema/openapi.json", timeout=30).json()
    office.customer("H")
    desk = office.desk()

    def check(answer: requests.Response, path: str, method: str = "post") -> None:
        responses = contract["paths"][path][method]["responses"]
        content = responses[str(answer.status_code)]["content"]
        schema = content[answer.headers["Content-Type"].partition(";")[0]]["schema"]
        whole = {**schema, "components": contract["components"]}
        jsonschema_rs.validate(whole, answer.json())

    check(desk.post(desk.request()), "/v1/sync")
    desk.push()
    check(desk.post(desk.request()), "/v1/sync")
    group = desk.group(
        desk.create("task", {"title": "t", "state": "open", "assignee_id": desk.user_id})
    )
    check(desk.post(desk.request(group)), "/v1/sync")
    check(desk.post(desk.request(server_id="x")), "/v1/sync")
    check(desk.post(desk.request(seen=[1, 1])), "/v1/sync")
    check(requests.get(f"{office.url}/v1/meta", timeout=30), "/v1/meta", "get")
    check(requests.get(f"{office.url}/readyz", timeout=30), "/readyz", "get")
    check(requests.get(f"{office.url}/v1/head", timeout=30), "/v1/head", "get")
    check(requests.post(f"{office.url}/v1/token", json={}, timeout=30), "/v1/token")


def test_what_people_write_is_not_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    desk = office.desk().reconcile()
    task = {"title": "a secret of the trade", "state": "open", "assignee_id": desk.user_id}
    desk.push(
        desk.group(desk.create("task", task)),
        desk.group(desk.create("task", {**task, "state": "x"})),
    )
    requests.get(f"{office.url}/v1/%0d%0aforged%1b[0m", timeout=30)

    def logged() -> list[str]:
        ours = [one for one in list(caplog.records) if one.name.startswith("kamdesk")]
        return [JsonLines().format(one) for one in ours]

    # It is logged after it was answered, by another thread
    end = time.monotonic() + 20
    while not any('"route": "unknown"' in line for line in logged()):
        assert time.monotonic() < end, "the request was not logged"
        time.sleep(0.01)
    ours = logged()
    syncs = [json.loads(line) for line in ours if '"route": "/v1/sync"' in line]
    assert {(one["status"], one["device"]) for one in syncs} == {(200, desk.device_id)}
    assert sum(one["changes"] for one in syncs) == 2
    assert "forged" not in json.dumps(ours)
    assert "secret" not in json.dumps(ours)
    assert desk.access not in json.dumps(ours)
    assert not any(character in line for line in ours for character in "\r\n\x1b")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_no_part_of_an_answer_waits_for_the_one_before(host: str) -> None:
    try:
        taken = bind(host, 0)
    except MachineError:
        pytest.skip("no IPv6 here")

    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def called(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = writer.get_extra_info("socket")
            found.set_result(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(called, sock=taken):
            _, writer = await asyncio.open_connection(host, taken.getsockname()[1])
            is_at_once = await found
            writer.close()
            await writer.wait_closed()
        return is_at_once

    assert asyncio.run(accepted())
