"""H60: whoever changes, removes or cuts the audit is found, and the first wrong event is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts, audit, devices, upkeep
from kamdesk.headoffice.cli import main
from kamdesk.headoffice.store import Store
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.desk import enrol


def events(store: Store) -> list[tuple[str, str, str]]:
    """List actor, action and subject of all events."""
    with store.read() as connection:
        rows = connection.execute(text("SELECT actor, action, subject FROM audit_event ORDER BY n"))
        return [(row[0], row[1], row[2]) for row in rows]


def tamper(store: Store, *statements: str) -> None:
    """Do what the administrator of the database can do: switch the guard off and write."""
    off, on = {
        "sqlite": (
            [f"DROP TRIGGER audit_event_{event}" for event in ("update", "delete")],
            [],
        ),
        "postgresql": (
            ["ALTER TABLE audit_event DISABLE TRIGGER USER"],
            ["ALTER TABLE audit_event ENABLE TRIGGER USER"],
        ),
    }[store.engine.dialect.name]
    with store.engine.begin() as connection:
        for statement in (*off, *statements, *on):
            connection.execute(text(statement))


@pytest.fixture
def ten(store: Store) -> Store:
    """An audit of ten events."""
    for number in range(10):
        audit.note_in(store, "test", f"subject {number}", number=number)
    return store


def test_h60_an_untouched_chain_is_sound(ten: Store) -> None:
    assert audit.verify(ten) is None


@pytest.mark.parametrize(
    ("statement", "n", "what"),
    [
        ("UPDATE audit_event SET subject = 'x' WHERE n = 4", 4, "changed"),
        ("UPDATE audit_event SET at = '2020-01-01T00:00:00.000Z' WHERE n = 1", 1, "changed"),
        ("UPDATE audit_event SET detail = '{}' WHERE n = 10", 10, "changed"),
        ("DELETE FROM audit_event WHERE n = 6", 6, "removed"),
        ("DELETE FROM audit_event WHERE n = 1", 1, "removed"),
    ],
)
def test_h60_the_first_wrong_event_is_named(ten: Store, statement: str, n: int, what: str) -> None:
    tamper(ten, statement)
    found = audit.verify(ten)
    assert found is not None
    assert (found.n, what in found.what) == (n, True)


def test_h60_the_command_names_what_was_changed_and_fails(
    ten: Store, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", database, "audit", "verify"]) == 0
    assert "10 events, all as they were written" in capsys.readouterr().out
    tamper(ten, "UPDATE audit_event SET subject = 'x' WHERE n = 4")
    assert main(["--database", database, "audit", "verify"]) == 1
    said = capsys.readouterr().out
    assert "4" in said
    assert "changed" in said


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET at = ''", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_the_audit(ten: Store, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only added to"), ten.engine.begin() as connection:
        connection.execute(text(statement))
    assert audit.verify(ten) is None


def test_h60_a_cut_end_shows_by_what_a_device_holds(office: Office) -> None:
    ann = office.desk().reconcile()
    audit.note_in(office.store, "test", "the end")
    ann.reconcile()
    assert ann.audit[0] == len(events(office.store))
    tamper(office.store, f"DELETE FROM audit_event WHERE n = {ann.audit[0]}")
    assert audit.verify(office.store) is None, "a chain alone does not show its cut end"
    found = audit.verify(office.store, held=(ann.audit,))
    assert found is not None
    assert (found.n, "cut off" in found.what) == (ann.audit[0], True)


def test_h60_a_cut_end_that_was_added_again_is_reported_by_the_device(office: Office) -> None:
    ann = office.desk().reconcile()
    audit.note_in(office.store, "test", "what nobody may know")
    ann.reconcile()
    n = ann.audit[0]
    tamper(office.store, f"DELETE FROM audit_event WHERE n = {n}")
    for _ in range(3):
        audit.note_in(office.store, "test", "harmless")
    assert audit.verify(office.store) is None
    ann.reconcile()
    found = audit.verify(office.store)
    assert found is not None
    assert (found.n, ann.device_id in found.what) == (n, True)
    assert events(office.store)[-1][1] == audit.MISMATCH
    ann.reconcile()
    assert audit.verify(office.store) is not None, "what was seen once is not forgotten"


def test_seals_show_a_chain_that_was_written_anew(ten: Store) -> None:
    key = b"a key kept elsewhere"
    tomorrow = clock.now() + timedelta(days=1)
    with clock.frozen(lambda: tomorrow):
        assert audit.seal(ten, key) == 1
        assert audit.seal(ten, key) == 0
    assert audit.verify(ten, key=key) is None
    wrong = audit.verify(ten, key=b"another key, not ours")
    assert wrong is not None
    assert "not made with this key" in wrong.what
    tamper(ten, "DELETE FROM audit_event")
    for number in range(12):
        audit.note_in(ten, "test", f"invented {number}")
    found = audit.verify(ten, key=key)
    assert found is not None
    assert (found.n, "seal" in found.what) == (10, True)


def test_who_signed_in_and_who_was_shut_out_is_on_record(office: Office) -> None:
    enrol(office.url, user="ann", password="not the password")
    enrol(office.url, user="my password in the wrong box", password="x")
    desk = office.desk()
    devices.revoke(office.store, desk.device_id)
    accounts.set_role(office.store, "ann", "KAM")
    accounts.disable_user(office.store, "ann")
    told = events(office.store)
    assert [one[1] for one in told[-6:]] == [
        "sign_in.failed", "sign_in.failed", "device.enrolled", "device.revoked", "user.role",
        "user.disabled",
    ]  # fmt: skip
    assert told[-6][2] == desk.user_id
    assert told[-5][2] == "unknown"
    assert "wrong box" not in str(told)
    assert PASSWORD not in str(told)


def test_a_decision_is_on_record_without_its_content(office: Office) -> None:
    customer = office.customer("H")
    desk = office.desk().reconcile()
    request = desk.create(
        "promotion_request",
        {
            "customer_id": customer, "owner_id": desk.user_id, "type": "department_meeting",
            "state": "draft", "planned_on": "2026-12-01", "objective": "top secret",
            "product_id": new_id(), "estimate_minor": 1_200_000, "currency": "CNY",
            "place": "Wuhan", "audience": "department",
        },
    )  # fmt: skip
    assert desk.push(desk.group(request))[0]["st"] == "applied"
    before = len(events(office.store))
    command = desk.command("promotion_request", request["id"], "submit")
    (result,) = desk.push(desk.group(command))
    assert result["st"] == "applied", result
    assert events(office.store)[before:] == [
        (f"user:{desk.user_id}", "promotion_request.submit", request["id"])
    ]
    (refused,) = desk.push(desk.group({**command, "base": result["rev"]}))
    assert refused["st"] == "rejected"
    assert len(events(office.store)) == before + 1, "what is refused did not happen"
    with office.store.read() as connection:
        kept = connection.execute(text("SELECT detail FROM audit_event")).scalars().all()
    assert "top secret" not in str(kept)


def test_a_restore_explains_why_devices_saw_more(office: Office, tmp_path: Path) -> None:
    if office.store.path is None:
        pytest.skip("copies of files are SQLite's")
    ann = office.desk().reconcile()
    upkeep.back_up(office.store, tmp_path / "copy.db")
    audit.note_in(office.store, "test", "lost with the restore")
    ann.reconcile()
    upkeep.restore(Path(office.store.path), tmp_path / "copy.db")
    restored = Store.open(office.store.path)
    assert audit.verify(restored, held=(ann.audit,)) is None
    with restored.read() as connection:
        last = connection.execute(
            text("SELECT action FROM audit_event ORDER BY n DESC LIMIT 1")
        ).scalar()
    assert last == audit.RESTORED
    restored.close()


def test_a_restore_explains_nothing_that_was_sealed_or_seen_after_it(
    office: Office, tmp_path: Path
) -> None:
    if office.store.path is None:
        pytest.skip("copies of files are SQLite's")
    key = b"a key kept elsewhere"
    store, ann = office.store, office.desk().reconcile()
    upkeep.back_up(store, tmp_path / "copy.db")
    audit.note_in(store, "test", "lost with the restore")
    ann.reconcile()
    upkeep.restore(Path(str(store.path)), tmp_path / "copy.db")
    restored = Store.open(str(store.path))
    with restored.write("audit") as writer:
        audit.witness(writer, ann.device_id, ann.audit)
    assert audit.verify(restored, key=key) is None
    audit.note_in(restored, "test", "what nobody may know")
    tomorrow = clock.now() + timedelta(days=1)
    with restored.read() as connection:
        seen = audit.head(connection)
    with clock.frozen(lambda: tomorrow):
        audit.seal(restored, key)
    assert audit.verify(restored, key=key) is None
    tamper(restored, f"DELETE FROM audit_event WHERE n = {seen[0]}")
    audit.note_in(restored, "test", "harmless")
    found = audit.verify(restored, key=key)
    assert found is not None
    assert (found.n, "the seal of" in found.what) == (seen[0], True)
    with restored.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS audit_seal_delete"))
        connection.execute(text("DELETE FROM audit_seal"))
    assert audit.verify(restored) is None
    with restored.write("audit") as writer:
        audit.witness(writer, ann.device_id, seen)
    found = audit.verify(restored)
    assert found is not None
    assert (found.n, ann.device_id in found.what) == (seen[0], True)
    restored.close()
