"""The commit rule: nothing is lost between writers and a reader, and nothing goes around it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kamdesk.domain.ids import new_id
from kamdesk.headoffice import upkeep
from kamdesk.headoffice.store import Store, head_of, is_transient

WRITERS = 8
COMMITS = 30


def _product(name: str) -> dict[str, object]:
    return {"name": name, "status": "active"}


def test_a_polling_reader_misses_no_row_of_eight_writers(store: Store) -> None:
    ended = threading.Event()
    read: set[str] = set()

    def write(number: int) -> list[str]:
        ids = []
        for at in range(COMMITS):
            with store.write(f"writer {number}") as writer:
                ids.append(new_id())
                writer.put("product", ids[-1], _product(f"{number} {at}"))
        return ids

    def poll() -> None:
        cursor = 0
        while True:
            is_last = ended.wait(0.002)
            with store.read() as connection:
                head = head_of(connection)[0]
                rows = connection.execute(
                    text("SELECT id FROM sync_row WHERE seq > :cursor AND seq <= :head"),
                    {"cursor": cursor, "head": head},
                )
                read.update(rows.scalars())
            cursor = head
            if is_last:
                return

    reader = threading.Thread(target=poll)
    reader.start()
    with ThreadPoolExecutor(WRITERS) as pool:
        written = [one for ids in pool.map(write, range(WRITERS)) for one in ids]
    ended.set()
    reader.join()
    assert read == set(written)
    assert store.head() == WRITERS * COMMITS


def test_writers_of_the_same_rows_count_every_change(store: Store) -> None:
    ids = sorted(new_id() for _ in range(5))
    with store.write("first") as writer:
        for one in ids:
            writer.put("product", one, _product("new"))

    def write(number: int) -> None:
        for at in range(10):
            with store.write("again") as writer:
                chosen = ids[number % 3 :] if number % 2 else list(reversed(ids))
                writer.load(("product", one) for one in chosen)
                for one in chosen:
                    writer.put("product", one, _product(f"{number} {at}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with store.read() as connection:
        revisions = connection.execute(text("SELECT SUM(rev) FROM sync_row")).scalar_one()
    expected = sum(10 * (len(ids[number % 3 :]) if number % 2 else len(ids)) for number in range(4))
    assert revisions == expected + len(ids)
    assert list(upkeep.findings(store)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sync_row SET rev = rev + 1",
        "DELETE FROM sync_row",
        "INSERT INTO sync_row SELECT kind, 'x', bucket, seq, rev, gone, data, by_device, by_user, written "
        "FROM sync_row",
    ],
)
def test_a_write_around_the_commit_rule_is_refused(store: Store, statement: str) -> None:
    with store.write("first") as writer:
        writer.put("product", new_id(), _product("A"))
    with pytest.raises(DBAPIError, match="commit rule"), store.engine.begin() as connection:
        connection.execute(text(statement))


def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    def fail() -> None:
        with store.write("first") as writer:
            writer.put("product", new_id(), _product("A"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.head() == 0
    with store.read() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM sync_row")).scalar_one() == 0


def test_the_same_new_record_from_two_writers_at_once_is_tried_again(store: Store) -> None:
    if store.path is not None:
        pytest.skip("SQLite has one writer at a time")
    same = new_id()
    before = store.head()

    def both() -> None:
        with store.write("slow") as slow:
            slow.put("product", same, _product("slow"))
            with store.write("fast") as fast:
                fast.put("product", same, _product("fast"))

    with pytest.raises(DBAPIError) as caught:
        both()
    assert is_transient(caught.value)
    assert "slow" not in str(caught.value), "what people wrote does not belong in logs"
    with store.write("slow again") as slow:
        assert slow.get("product", same).document["name"] == "fast"
        slow.put("product", same, _product("slow"))
    assert store.head() == before + 2
    assert list(upkeep.findings(store)) == []


def test_a_verdict_without_a_change_takes_a_number_too(store: Store) -> None:
    with store.write("device") as writer:
        writer.ledger_changed()
    assert store.head() == 1


def test_digests_follow_creation_change_move_and_deletion(store: Store) -> None:
    customer, other, person = new_id(), new_id(), new_id()
    hospital = {"kind": "hospital", "name": "H", "status": "active"}
    with store.write("first") as writer:
        writer.put("customer", customer, hospital)
        writer.put("customer", other, hospital)
        writer.put("person", person, {"customer_id": customer, "name": "Li"})
    for change in ("move", "back", "delete"):
        with store.write(change) as writer:
            row = writer.get("person", person)
            assert row is not None
            if change == "delete":
                writer.delete("person", person)
            else:
                target = other if change == "move" else customer
                writer.put("person", person, {**row.document, "customer_id": target})
        assert list(upkeep.findings(store)) == []
    with store.read() as connection:
        left = connection.execute(text("SELECT bucket FROM sync_left")).scalars().all()
    assert left == [f"acct:{other}"]
