"""Keeping head office well: older formats, copies in rotation, the doctor, dead letters, counts of health."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import text

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.headoffice import audit, checkup, health, letters, schema, upkeep, verdicts
from kamdesk.headoffice.cli import main
from kamdesk.headoffice.store import Store
from tests.headoffice import cluster
from tests.headoffice.conftest import Office

_NEW = (
    "audit_event", "audit_seal", "audit_witness", "admin_session", "integration", "import_log",
    "external_code",
)  # fmt: skip


def test_a_database_of_before_learns_to_keep_what_devices_tell_of_their_disks(
    office: Office,
) -> None:
    office.desk("ann")
    with office.store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sync_device DROP COLUMN disk"))
        connection.execute(text("UPDATE meta SET v = '7' WHERE k = 'headoffice_schema'"))
    again = Store.open(office.store.url or str(office.store.path))
    [held] = health.devices(again)
    assert held.disk == ""
    again.close()


def test_a_database_that_knows_no_authors_of_fields_is_brought_up_to_date(office: Office) -> None:
    customer = office.customer("H", phone="1")
    with office.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE sync_notice"))
        connection.execute(text("ALTER TABLE sync_row DROP COLUMN written"))
        connection.execute(text("UPDATE meta SET v = '6' WHERE k = 'headoffice_schema'"))
    again = Store.open(office.store.url or str(office.store.path))
    for user, phone in (("", "2"), ("ann", "3"), ("kim", "3")):
        with again.write("test", user=user) as writer:
            document = writer.get("customer", customer).document
            writer.put("customer", customer, {**document, "phone": phone, "grade": user})
    with again.write("test") as writer:
        writer.load([("customer", customer)])
        assert [writer.author("customer", customer, name)[0] for name in ("phone", "grade")] == [
            "ann",
            "kim",
        ]
    again.close()


def test_a_database_of_the_first_format_is_brought_up_to_date(office: Office) -> None:
    office.customer("H")
    with office.store.engine.begin() as connection:
        for table in _NEW:
            connection.execute(text(f"DROP TABLE {table}"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION kamdesk_audit_guard()"))
        connection.execute(text("UPDATE meta SET v = '1' WHERE k = 'headoffice_schema'"))
    again = Store.open(office.store.url or str(office.store.path))
    with again.read() as connection:
        found = connection.execute(
            text("SELECT v FROM meta WHERE k = 'headoffice_schema'")
        ).scalar()
    assert found == str(schema.VERSION)
    audit.note_in(again, "test", "upgraded")
    assert audit.verify(again) is None
    assert again.head() > 0
    again.close()


def test_copies_rotate_and_the_newest_stay(office: Office, tmp_path: Path) -> None:
    if office.store.path is None:
        pytest.skip("PostgreSQL has tools of its own")
    folder = tmp_path / "copies"
    made = []
    for number in range(4):
        office.customer(f"H{number}")
        made.append(upkeep.back_up_and_keep(office.store, folder, keep=2))
    assert sorted(folder.iterdir()) == made[-2:]
    newest = Store.open(made[-1])
    assert newest.head() == office.store.head()
    newest.close()
    with pytest.raises(UserError, match="at least one"):
        upkeep.back_up_and_keep(office.store, folder, keep=0)


def test_postgresql_is_dumped_and_restored_as_documented(
    postgres: cluster.Cluster, tmp_path: Path
) -> None:
    url = postgres.empty_database()
    with_data = Store.open(url, company="Hehe Pharma")
    audit.note_in(with_data, "test", "kept")
    head, where = with_data.head(), cluster.binaries()
    assert where is not None
    with_data.close()
    dump = tmp_path / "office.dump"
    environment = {**os.environ, "PGOPTIONS": ""}
    subprocess.run([where / "pg_dump", "-Fc", "-f", str(dump), url], check=True, env=environment)
    postgres.empty_database()
    subprocess.run(
        [where / "pg_restore", "--clean", "--if-exists", "--no-owner", "-d", url, str(dump)],
        check=True,
        env=environment,
    )
    restored = Store.open(url)
    assert (restored.head(), restored.company) == (head, "Hehe Pharma")
    assert list(upkeep.findings(restored)) == []
    assert audit.verify(restored) is None
    restored.close()


def test_the_doctor_names_what_an_administrator_should_see_to(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.desk().reconcile()
    names = {one.partition(":")[0] for one in checkup.findings(office.store)}
    assert names <= {"database", "disk"}  # the tests' PostgreSQL runs without fsync
    authority = trustme.CA()
    ends = clock.now() + timedelta(days=5)
    certificate = tmp_path / "cert.pem"
    authority.issue_cert("headoffice", not_after=ends).cert_chain_pems[0].write_to_path(certificate)
    later = clock.now() + timedelta(days=8)
    with clock.frozen(lambda: clock.parse_stamp(clock.stamp(ends - timedelta(days=3, hours=1)))):
        assert any(
            "in 3 days" in one for one in checkup.findings(office.store, certificate=certificate)
        )
    with clock.frozen(lambda: later):
        found = list(checkup.findings(office.store, certificate=certificate))
    assert any(one.startswith("certificate: ended") for one in found)
    assert any(one.startswith("device: ann's") for one in found)
    assert desk.access not in str(found)
    monkeypatch.setattr(checkup, "_LEAST_SPACE", 1 << 60)
    if office.store.path is not None:
        assert any(one.startswith("disk:") for one in checkup.findings(office.store))
    before = clock.now() - timedelta(days=1)
    with clock.frozen(lambda: before):
        assert any(one.startswith("clock:") for one in checkup.findings(office.store))


@pytest.fixture
def broken(office: Office, monkeypatch: pytest.MonkeyPatch) -> tuple[Office, str, str]:
    """A task that a device handed in while head office had a bug; its incident and id."""

    def bug(*_arguments: Any) -> None:
        raise RuntimeError("a secret of the trade")

    desk = office.desk().reconcile()
    task = desk.create("task", {"title": "t", "state": "open", "assignee_id": desk.user_id})
    with monkeypatch.context() as patched:
        patched.setitem(verdicts._DECIDERS, "create", bug)
        (verdict,) = desk.push(desk.group(task))
    assert verdict["st"] == "failed"
    return office, verdict["params"]["incident"], task["id"]


def test_a_dead_letter_is_decided_anew(broken: tuple[Office, str, str]) -> None:
    office, incident, task = broken
    (letter,) = health.dead_letters(office.store)
    assert (letter.incident, letter.error) == (incident, "RuntimeError")
    assert "secret" not in str(letter)
    assert letters.redo(office.store, incident) == "applied"
    assert not health.dead_letters(office.store)
    assert task in office.desk().reconcile().of_kind("task")
    with pytest.raises(UserError, match="no dead letter"):
        letters.redo(office.store, incident)


def test_a_dead_letter_that_clashes_with_what_others_did_since_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = office.customer("Huashan", phone="1")
    desk = office.desk().reconcile()

    def bug(*_arguments: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setitem(verdicts._DECIDERS, "patch", bug)
        (told,) = desk.push(desk.group(desk.patch("customer", customer, phone=["1", "2"])))
    office.edit("customer", customer, phone="3")
    with pytest.raises(UserError, match="Others changed"):
        letters.redo(office.store, told["params"]["incident"])
    assert len(health.dead_letters(office.store)) == 1
    assert office.desk().reconcile().document("customer", customer)["phone"] == "3"


def test_health_counts_devices_and_refusals(office: Office) -> None:
    ann = office.desk().reconcile()
    office.desk("kim").reconcile()
    ann.post(ann.request(ann.group({"k": "nothing", "id": "x", "op": "create"})))
    state = health.state(office.store)
    assert state.devices == {"1h": 2, "24h": 0, "7d": 0, "older": 0}
    assert state.issues == {"unknown_kind": 1}
    assert state.commits_last_hour == state.head
    later = clock.now() + timedelta(days=2)
    with clock.frozen(lambda: later):
        assert health.state(office.store).devices == {"1h": 0, "24h": 0, "7d": 2, "older": 0}
        assert [one.login for one in health.devices(office.store) if one.is_late] == ["ann", "kim"]
    assert [(one.login, one.refused) for one in health.devices(office.store) if one.refused] == [
        ("ann", 1)
    ]


def test_the_shell_answers_in_json(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    where = office.store.url or str(office.store.path)
    desk = office.desk().reconcile()

    def told(*arguments: str, code: int = 0) -> Any:
        assert main(["--database", where, *arguments, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    assert {one["login"] for one in told("user", "list")} == {"ann", "kim", "sam"}
    assert [one["id"] for one in told("device", "list")] == [desk.device_id]
    assert told("health", "show")["devices"]["1h"] == 1
    assert told("health", "late") == []
    assert told("audit", "list")[0]["action"] == "device.enrolled"
    is_sqlite = office.store.path is not None
    assert told("doctor", code=0 if is_sqlite else 1)["facts"]["format"] == schema.VERSION


def test_a_replaced_computer_is_shut_out_and_gets_a_code(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    where = office.store.url or str(office.store.path)
    desk = office.desk().reconcile()
    assert main(["--database", where, "device", "revoke", desk.device_id, "--replaced"]) == 0
    code = capsys.readouterr().out.strip()
    assert desk.post(desk.request()).json()["code"] == "device_revoked"
    new = type(desk).enrol(office.url, code=code)
    assert new.user_id == desk.user_id


def test_the_audit_from_the_shell(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = office.store.url or str(office.store.path)
    run: Callable[..., int] = lambda *words: main(["--database", where, "audit", *words])  # noqa: E731
    assert run("head") == 0
    head = capsys.readouterr().out.strip()
    assert run("verify", "--head", head) == 0
    assert "all as they were written" in capsys.readouterr().out
    wrong = head.partition(":")[0] + ":" + "0" * 64
    assert run("verify", "--head", wrong) == 1
    assert "was replaced" in capsys.readouterr().out
    key = tmp_path / "key"
    key.write_bytes(b"sixteen bytes or more")
    assert run("seal", "--key-file", str(key)) == 0
    key.write_bytes(b"short")
    assert run("seal", "--key-file", str(key)) == 1
