"""A head office that went back in time: devices notice, and what they handed in is not lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import requests

from kamdesk.domain.errors import MachineError
from kamdesk.headoffice import upkeep
from kamdesk.headoffice.store import Store
from kamdesk.security.signing import new_signing_key
from tests.headoffice.conftest import PASSWORD, Office, serving
from tests.headoffice.desk import Desk, enrol


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Copies of files are SQLite's; PostgreSQL has tools of its own."""
    return str(tmp_path / "office.db")


def test_a_device_that_saw_what_was_lost_is_told_and_hands_in_again(
    office: Office, tmp_path: Path
) -> None:
    office.customer("H")
    ann, idle = office.desk().reconcile(), office.desk("kim").reconcile()
    first = ann.create("task", {"title": "1", "state": "open", "assignee_id": ann.user_id})
    ann.push(ann.group(first))
    idle.reconcile()
    upkeep.back_up(office.store, tmp_path / "copy.db")
    lost = ann.group(
        ann.create("task", {"title": "2", "state": "open", "assignee_id": ann.user_id})
    )
    ann.push(lost)
    ann.reconcile()
    kept = upkeep.restore(Path(str(office.store.path)), tmp_path / "copy.db")
    assert kept is not None
    assert kept.exists()
    restored = Store.open(str(office.store.path))
    with serving(restored) as url:
        ann.url = idle.url = url
        answer = ann.post(ann.request())
        body = answer.json()
        assert (answer.status_code, body["code"], body["last"]) == (409, "history_diverged", 1)
        assert [one["mid"] for one in body["stored"]] == [1]
        ann.seen, ann.cursor = tuple(body["head"]), body["head"][0]
        ann.rows.clear()
        ann.loading = dict.fromkeys(ann.scope, (0, body["head"][0]))
        (verdict,) = ann.push(lost)
        assert verdict["st"] == "applied"
        assert {one["title"] for one in ann.reconcile().of_kind("task").values()} == {"1", "2"}
        idle.reconcile()  # saw nothing of what was lost, and goes on
    restored.close()


def test_a_lost_refusal_is_noticed_too(office: Office, tmp_path: Path) -> None:
    ann = office.desk().reconcile()
    upkeep.back_up(office.store, tmp_path / "copy.db")
    ann.push(ann.group({"k": "nothing", "id": "x", "op": "create"}))
    upkeep.restore(Path(str(office.store.path)), tmp_path / "copy.db")
    assert ann.post(ann.request()).json()["code"] == "history_diverged"


def test_a_copy_is_whole_while_the_database_is_in_use(office: Office, tmp_path: Path) -> None:
    for number in range(20):
        office.customer(f"H{number}")
    upkeep.back_up(office.store, tmp_path / "copy.db")
    path = office.store.path
    assert path is not None
    shutil.copy(f"{path}.key", tmp_path / "copy.db.key")  # the key of the prices is kept apart
    copy = Store.open(tmp_path / "copy.db")
    assert copy.head() == office.store.head()
    assert list(upkeep.findings(copy)) == []
    copy.close()


def test_a_copy_does_not_overwrite_a_file(office: Office, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"x")
    with pytest.raises(MachineError, match="there already"):
        upkeep.back_up(office.store, tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == b"x"


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_what_is_no_copy_is_not_restored(office: Office, tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(content)
    head = office.store.head()
    with pytest.raises(MachineError, match="Nothing was changed"):
        upkeep.restore(Path(str(office.store.path)), wrong)
    assert office.store.head() == head


def test_who_traded_tokens_since_the_backup_is_not_asked_to_sign_in(
    office: Office, tmp_path: Path
) -> None:
    ann, kim = office.desk().reconcile(), office.desk("kim").reconcile()

    def trade(desk: Desk, refresh: str) -> requests.Response:
        body = {"device_id": desk.device_id, "refresh": refresh}
        return requests.post(f"{desk.url}/v1/token", json=body, timeout=30)

    upkeep.back_up(office.store, tmp_path / "copy.db")
    tokens = [ann.refresh]
    for _ in range(3):
        tokens.append(trade(ann, tokens[-1]).json()["refresh"])
    upkeep.restore(Path(str(office.store.path)), tmp_path / "copy.db")
    restored = Store.open(str(office.store.path))
    with serving(restored) as url:
        ann.url = kim.url = url
        chance, number, proof = tokens[-1].split(".")
        for forged in (
            f"{chance}.{int(number) + 1}.{proof}",
            f"{chance}.{number}.",
            f"{chance}.².",
        ):
            assert trade(ann, forged).json()["code"] == "token_invalid"
        assert trade(kim, tokens[-1]).json()["code"] == "token_invalid"
        pair = trade(ann, tokens[-1])
        assert pair.status_code == 200
        assert trade(ann, tokens[-1]).status_code == 200  # the answer may have got lost
        ann.access = pair.json()["access"]
        assert trade(ann, tokens[-2]).json()["code"] == "token_invalid"
        assert trade(ann, pair.json()["refresh"]).status_code == 200
        assert trade(ann, tokens[-1]).json()["code"] == "token_reused"
    restored.close()


def test_a_new_sign_in_ends_the_tokens_of_before_and_is_not_ended_by_them(office: Office) -> None:
    key = new_signing_key()
    first = enrol(office.url, key=key, user="ann", password=PASSWORD).json()
    body = {"device_id": first["device_id"], "refresh": first["refresh"]}
    later = requests.post(f"{office.url}/v1/token", json=body, timeout=30).json()["refresh"]
    second = enrol(office.url, key=key, user="ann", password=PASSWORD).json()
    assert second["device_id"] == first["device_id"]
    for old in (first["refresh"], later):
        answer = requests.post(f"{office.url}/v1/token", json={**body, "refresh": old}, timeout=30)
        assert answer.json()["code"] == "token_invalid"
    new = {**body, "refresh": second["refresh"]}
    assert requests.post(f"{office.url}/v1/token", json=new, timeout=30).status_code == 200
