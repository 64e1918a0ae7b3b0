"""Opening a database: made when missing, refused with a sentence when it is not ours or too new."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlcipher3 import dbapi2 as driver

from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts, imports, schema, upkeep
from kamdesk.headoffice.store import Store


def test_a_database_opens_again_as_the_same_head_office(database: str, store: Store) -> None:
    again = Store.open(database)
    assert (again.server_id, again.company) == (store.server_id, "Hehe Pharma")
    assert again.public_key == store.public_key
    again.close()


def test_h37_a_database_of_a_newer_program_is_refused_untouched(
    database: str, store: Store
) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE meta SET v = '99' WHERE k = 'headoffice_schema'"))
    with pytest.raises(MachineError, match="newer version") as caught:
        Store.open(database, company="Other")
    assert caught.value.code == "DATABASE_NEWER"
    with store.read() as connection:
        company = connection.execute(text("SELECT v FROM meta WHERE k = 'company'")).scalar()
    assert company == "Hehe Pharma"


def test_payloads_follow_when_a_kind_gains_a_field(database: str, store: Store) -> None:
    product = new_id()
    with store.write("first") as writer:
        writer.put("product", product, {"name": "A", "code": "7", "status": "active"})
    with store.write("age") as writer:
        # as an older program wrote it: without `atc`, and in another order
        schema.open_gate(writer.connection)
        writer.connection.execute(text("""UPDATE sync_row SET data = '["7","A"]'"""))
        schema.close_gate(writer.connection)
        writer.connection.execute(
            text("""UPDATE meta SET v = '{"product":["code","name"]}' WHERE k = 'fields'""")
        )
    again = Store.open(database)
    with again.write("look") as writer:
        row = writer.get("product", product)
        assert row is not None
        assert (row.document["name"], row.document["code"], row.document["atc"]) == ("A", "7", None)
    assert list(upkeep.findings(again)) == []
    again.close()


def test_files_of_others_are_refused_untouched(tmp_path: Path) -> None:
    foreign, rubbish = tmp_path / "foreign.db", tmp_path / "rubbish.db"
    connection = driver.connect(str(foreign))
    connection.execute("CREATE TABLE visit (id)")
    connection.commit()
    connection.close()
    rubbish.write_bytes(b"rubbish" * 1000)
    for path in (foreign, rubbish):
        before = path.read_bytes()
        with pytest.raises(MachineError, match="Nothing was changed"):
            Store.open(path)
        assert path.read_bytes()[100:] == before[100:]


def test_a_database_that_cannot_be_reached_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="folder"):
        Store.open(tmp_path / "no" / "where.db")
    with pytest.raises(MachineError, match="PostgreSQL"):
        Store.open(f"postgresql://nobody@/nothing?host={tmp_path}")


def test_the_doctor_finds_what_is_not_consistent(store: Store) -> None:
    territory = accounts.add_territory(store, "T")
    accounts.add_user(store, login="u", name="U", role="REP", territories=["T"])
    imports.store_records(store, "customer", [{"name": "H", "territory_id": territory}])
    assert list(upkeep.findings(store)) == []
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE sync_digest SET n = n + 1 WHERE bucket = 'ref'"))
        connection.execute(text("DELETE FROM user_bucket WHERE bucket LIKE 'acct:%'"))
    found = list(upkeep.findings(store))
    assert any(line.startswith("digest: bucket ref") for line in found)
    assert any(line.startswith("subscription") for line in found)


def test_importing_again_finds_what_is_there(store: Store) -> None:
    hospitals: list[dict[str, object]] = [
        {"name": "第一医院", "province": "湖北", "city": "武汉"},
        {"name": "第一医院", "province": "湖北", "city": "武汉"},
        {"name": "第一医院", "province": "湖北", "city": "荆州"},
        {"name": "Coded", "code": "A1"},
    ]
    first = imports.store_records(store, "customer", hospitals)
    assert (first.created, first.updated, first.unchanged) == (4, 0, 0)
    again = imports.store_records(store, "customer", hospitals)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4)
    assert sorted(again.ids) == sorted(first.ids)
    renamed = imports.store_records(
        store, "customer", [{"name": "New name", "code": "a-1", "phone": "1"}]
    )
    assert (renamed.updated, renamed.ids) == (1, [first.ids[3]])


def test_a_record_that_breaks_a_rule_does_not_stop_the_others(store: Store) -> None:
    done = imports.store_records(store, "customer", [{"name": "x" * 500}, {"name": "Fine"}])
    assert (done.created, [at for at, _ in done.refused]) == (1, [0])
