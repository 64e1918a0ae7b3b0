"""An import on this computer: small transactions, an op for each record, taken back as a whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kamdesk.db import open_store, sending
from kamdesk.db.queries.customers import find_customers
from kamdesk.db.queries.imports import kept_mapping, kept_records, list_imports
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import UserError
from kamdesk.domain.imports import AT_ONCE, JobState
from kamdesk.domain.roles import Actor, Role
from kamdesk.services import imports
from kamdesk.services.customers import change_customer
from kamdesk.services.imports import Item
from kamdesk.services.tasks import add_task
from tests.unit.conftest import HUASHAN, MARY, ME


def bring(store, *items, kind="customer", state=JobState.DONE):
    """Import rows as the window does; return the id and the last part."""

    def do(fn):
        return store.transact(Origin.IMPORT, fn).value

    import_id = do(
        lambda work: imports.begin_import(work, kind=kind, title="f.csv", total=len(items))
    )
    part = do(lambda work: imports.import_some(work, import_id, items))
    do(lambda work: imports.end_import(work, import_id, state=state))
    return import_id, part


def undo(store, import_id):
    return store.transact(Origin.IMPORT, lambda work: imports.undo_some(work, import_id)).value


def rows(store, sql, *values):
    return store.read(lambda reader: reader.rows(sql, *values))


def hospital(number, **values):
    return Item(number, {"name": f"Hospital {number}", "city": "Lyon", "tags": ["new"], **values})


def test_every_record_is_a_group_of_its_own_and_names_its_import(store):
    import_id, part = bring(store, *(hospital(n) for n in range(3)))
    assert (part.created, part.refused) == (3, ())
    ops = rows(store, "SELECT gid, op, f, args, job FROM sync_op")
    assert len({gid for gid, *_ in ops}) == 3
    assert {job for *_, job in ops} == {import_id}
    assert json.loads(ops[0][3]) == {"import": import_id}
    assert json.loads(ops[0][2])["name"] == [None, "Hospital 0"]
    assert rows(store, "SELECT rev, data FROM sync_base") == [(0, None)] * 3


def test_imported_customers_are_found_by_typing_at_once(store):
    bring(store, Item(1, {"name": "瑞金医院", "pinyin": "rui jin yi yuan", "initials": "rjyy"}))
    for typed in ("瑞金", "ruijin", "rjyy"):
        assert [one.text for one in store.read(lambda r, t=typed: find_customers(r, t))] == [
            "瑞金医院"
        ]


def test_a_record_that_breaks_a_rule_is_left_out_with_the_reason(store):
    _, part = bring(store, hospital(1), Item(7, {"name": "x" * 300}))
    assert part.created == 1
    assert [(row, refusal.code) for row, refusal in part.refused] == [(7, "too_long")]


def test_a_row_of_a_representative_that_counts_prescriptions_is_left_out_and_the_others_go_in(
    store,
):
    assert ME.role is Role.REP
    told = {"name": "St Mary's Hospital", "grade": "30 张处方"}
    _, part = bring(store, hospital(1, grade="处方量 200"), Item(5, told, MARY), hospital(6))
    assert [(row, refusal.code) for row, refusal in part.refused] == [
        (1, "prescriptions"),
        (5, "prescriptions"),
    ]
    assert (part.created, part.updated) == (1, 0)


def test_an_update_changes_what_the_file_says_and_nothing_else(store):
    import_id, part = bring(store, Item(1, {"name": "St Mary's Hospital", "phone": "020-9"}, MARY))
    assert (part.updated, part.unchanged) == (1, 0)
    assert rows(store, "SELECT phone, city FROM customer WHERE id = ?", MARY) == [
        ("020-9", "London")
    ]
    ((f, job),) = rows(store, "SELECT f, job FROM sync_op")
    assert (json.loads(f), job) == ({"phone": ["021-1", "020-9"]}, import_id)
    assert undo(store, import_id).removed == 1
    assert rows(store, "SELECT phone FROM customer WHERE id = ?", MARY) == [("021-1",)]
    assert rows(store, "SELECT * FROM sync_op") == []


def test_h54_ten_thousand_rows_go_in_by_parts_and_are_taken_back_as_one(store):
    def do(fn):
        return store.transact(Origin.IMPORT, fn).value

    before = rows(store, "SELECT count(*) FROM customer")
    items = [hospital(number) for number in range(10_000)]
    for at in range(0, 10_000, 270):
        items[at] = hospital(at, name="x" * 300)  # 38 that the store refuses
    import_id = do(
        lambda work: imports.begin_import(work, kind="customer", title="f.csv", total=len(items))
    )
    refused = 0
    for at in range(0, len(items), AT_ONCE):
        part = do(
            lambda work, at=at: imports.import_some(work, import_id, items[at : at + AT_ONCE])
        )
        refused += len(part.refused)
    do(lambda work: imports.end_import(work, import_id, state=JobState.DONE))
    assert (refused, rows(store, "SELECT count(*) FROM customer")[0][0] - before[0][0]) == (
        38,
        9_962,
    )
    while undo(store, import_id).has_more:
        pass
    assert rows(store, "SELECT count(*) FROM customer") == before
    assert rows(store, "SELECT count(*) FROM sync_op") == [(0,)]


def test_an_undo_before_sending_leaves_no_trace(store):
    import_id, _ = bring(store, *(hospital(n) for n in range(5)))
    done = undo(store, import_id)
    assert (done.removed, done.kept, done.has_more) == (5, 0, False)
    assert rows(store, "SELECT count(*) FROM customer") == [(2,)]
    assert rows(store, "SELECT * FROM sync_op") == rows(store, "SELECT * FROM sync_base") == []
    assert store.read(lambda r: find_customers(r, "Hospital 3")) == []
    assert store.read(lambda r: list_imports(r, offset=0, limit=5))[0].state == JobState.UNDONE


def test_what_was_edited_or_used_since_stays_and_is_listed(store):
    import_id, _ = bring(store, *(hospital(n) for n in range(4)))
    ids = dict(rows(store, "SELECT name, id FROM customer"))
    store.transact(Origin.USER, lambda w: change_customer(w, ids["Hospital 1"], {"phone": "1"}))
    done = undo(store, import_id)
    assert (done.removed, done.kept) == (3, 1)
    assert store.read(lambda r: kept_records(r, import_id)) == [("Hospital 1", "edited")]


def test_an_undo_after_sending_becomes_deletions_that_name_the_import(store):
    import_id, _ = bring(store, *(hospital(n) for n in range(3)))
    store.transact(Origin.SYNC, lambda work: sending.take(work.driver, 2))
    undo(store, import_id)
    ops = rows(store, "SELECT op, args, mid FROM sync_op ORDER BY lid")
    assert [op for op, *_ in ops] == ["create", "create", "delete", "delete"]
    assert {args for _, args, _ in ops} == {
        json.dumps({"import": import_id}, separators=(",", ":"))
    }
    assert rows(store, "SELECT count(*) FROM customer") == [(2,)]


def test_an_undo_while_a_store_is_loaded_anew_deletes_at_head_office_too(store):
    import_id, _ = bring(store, hospital(1))

    def sent(work):
        work.driver.execute("DELETE FROM sync_op")
        work.driver.execute("DELETE FROM sync_base")
        # Marked until it has come again, as all is after a restore of head office
        work.driver.execute("UPDATE customer SET _rev = 0")

    store.transact(Origin.SYNC, sent)
    undo(store, import_id)
    assert rows(store, "SELECT op FROM sync_op") == [("delete",)]


def test_what_people_save_is_sent_before_an_import_that_came_first(store):
    bring(store, *(hospital(n) for n in range(5)))
    store.transact(Origin.USER, lambda w: add_task(w, title="call", due_on=None))
    groups = store.transact(Origin.SYNC, lambda work: sending.take(work.driver, 2)).value
    assert [group.ops[0].kind for group in groups] == ["task", "customer"]


def test_a_save_about_an_imported_customer_is_sent_right_behind_it(store):
    bring(store, *(hospital(n) for n in range(5)))
    (last,) = rows(store, "SELECT id FROM customer WHERE name = 'Hospital 4'")[0]
    store.transact(Origin.USER, lambda w: add_task(w, title="call", due_on=None, customer_id=last))
    groups = store.transact(Origin.SYNC, lambda work: sending.take(work.driver, 3)).value
    assert [group.ops[0].kind for group in groups] == ["customer", "task", "customer"]
    assert groups[0].ops[0].id == last


def test_people_come_to_the_customer_that_is_named(store):
    import_id, part = bring(
        store, Item(1, {"name": "王芳", "customer_id": HUASHAN, "title": "主任"}), kind="person"
    )
    assert part.created == 1
    assert rows(store, "SELECT customer_id, _b FROM person") == [(HUASHAN, f"acct:{HUASHAN}")]
    assert undo(store, import_id).removed == 1


def test_a_role_without_a_territory_brings_in_no_customers(store):
    store.actor = Actor("x", Role.FIN)
    with pytest.raises(UserError):
        bring(store, hospital(1))
    store.actor = Actor("x", Role.REP)
    with pytest.raises(UserError):
        bring(store, Item(1, {"name": "Aspirin"}), kind="product")


def test_an_import_that_was_cut_off_is_known_and_can_be_taken_back(store):
    import_id, _ = bring(store, hospital(1), state=JobState.RUNNING)
    store.transact(Origin.IMPORT, imports.note_interrupted)
    (shown,) = store.read(lambda r: list_imports(r, offset=0, limit=5))
    assert (shown.state, shown.done, shown.created) == (JobState.STOPPED, 1, 1)
    assert undo(store, import_id).removed == 1


IMPORTER = """
import sys
from pathlib import Path
from kamdesk.db import open_store
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.services import imports

class Keys:
    store_key, store_id, generation = bytes.fromhex(sys.argv[2]), sys.argv[3], 1

store = open_store.open_existing(Path(sys.argv[1]), Keys, Actor("u", Role.REP))
begin = lambda work: imports.begin_import(work, kind="customer", title="big.csv", total=100_000)
import_id = store.transact(Origin.IMPORT, begin).value
for part in range(500):
    items = [imports.Item(row, {"name": f"Hospital {row}"}) for row in range(part * 200, part * 200 + 200)]
    store.transact(Origin.IMPORT, lambda work: imports.import_some(work, import_id, items))
    print(import_id, flush=True)
"""


@pytest.mark.parametrize("after", [1, 4])
def test_an_import_killed_in_the_middle_is_known_to_the_record_and_taken_back_whole(
    store, tmp_path, keys, after
):
    store.close()
    importer = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(tmp_path), keys.store_key.hex(), keys.store_id],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    told = [importer.stdout.readline() for _ in range(after)]
    importer.send_signal(signal.SIGKILL)
    told += importer.stdout.readlines()
    importer.wait()
    importer.stdout.close()
    again = open_store.open_existing(tmp_path, keys, ME)
    again.transact(Origin.SYNC, imports.note_interrupted)
    (shown,) = again.read(lambda r: list_imports(r, offset=0, limit=5))
    assert (shown.state, shown.done) == (JobState.STOPPED, shown.created)
    assert shown.created >= len(told) * 200
    assert not shown.created % 200
    brought = {one for (one,) in rows(again, "SELECT id FROM customer WHERE _rev = 0")}
    assert len(brought) == shown.created
    for known in (
        "SELECT id FROM import_entry",
        "SELECT id FROM sync_op",
        "SELECT id FROM sync_base",
    ):
        assert {one for (one,) in rows(again, known)} == brought
    while undo(again, shown.id).has_more:
        pass
    assert rows(again, "SELECT id FROM customer ORDER BY id") == [(HUASHAN,), (MARY,)]
    assert not rows(again, "SELECT 1 FROM sync_op")
    again.close()


def test_the_mapping_of_the_same_headings_is_known_the_next_time(store):
    headings, mapping = ["Kunde", "Ort"], {"Kunde": "name", "Ort": "city"}
    store.transact(Origin.USER, lambda w: imports.keep_mapping(w, "customer", headings, mapping))
    assert store.read(lambda r: kept_mapping(r, headings)) == ("customer", mapping)
    assert store.read(lambda r: kept_mapping(r, ["Kunde"])) is None
