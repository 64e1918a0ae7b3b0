"""Several processes of head office on one PostgreSQL: a device that reads meanwhile misses nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kamdesk.headoffice import feed, upkeep
from kamdesk.headoffice.store import Store
from tests.headoffice import cluster
from tests.headoffice.conftest import Office
from tests.headoffice.writers import WRITERS, two_processes


@pytest.fixture
def database(postgres) -> str:
    return postgres.empty_database()


def follow(office: Office, head: str, naive: bool) -> tuple[set[str], set[str]]:
    """Read the feed by its cursor while two processes write; return what came and what was written."""
    store: Store = office.store
    customers = [office.customer(f"H{number}") for number in range(2 * WRITERS)]
    with store.read() as connection:
        user = connection.execute(text("SELECT id FROM account WHERE login = 'kim'")).scalar_one()
    came: set[str] = set()
    cursor = store.head()

    def read() -> None:
        nonlocal cursor
        with store.read() as connection:
            now = connection.execute(text(head)).scalar_one()
            taken, cursor, _ = feed._changed(connection, user, cursor, now, 100_000, {2})
        came.update(row[1] for row in taken.rows if row[0] == 2)

    written = two_processes(
        str(store.engine.url.render_as_string(hide_password=False)).replace("+psycopg", ""),
        customers, 3, naive=naive, meanwhile=read,
    )  # fmt: skip
    read()
    return came, written


def test_nothing_is_missed_while_two_processes_write(office: Office) -> None:
    came, written = follow(office, "SELECT seq FROM sync_head", naive=False)
    assert len(written) > 50
    assert written <= came
    assert list(upkeep.findings(office.store)) == []


def test_numbers_from_a_sequence_would_lose_rows_and_this_finds_it(office: Office) -> None:
    with office.store.write("test") as writer:
        start = office.store.head() + 20
        writer.connection.execute(text(f"CREATE SEQUENCE naive START {start}"))
    came, written = follow(office, "SELECT max(seq) FROM sync_commit", naive=True)
    assert written - came


def test_somebody_elses_transaction_in_the_same_cluster_holds_nothing_up(
    office: Office, postgres: cluster.Cluster
) -> None:
    """A feed that waits for the oldest transaction of the cluster would stand still until that one ends."""
    customer = office.customer("H")
    ann, kim = office.desk("ann").reconcile(), office.desk("kim").reconcile()
    with postgres.other_database() as idle:
        idle.execute("CREATE TABLE held (x int)")  # and nothing more: it is left open
        row = idle.execute("SELECT pg_current_xact_id_if_assigned()").fetchone()
        assert row is not None
        with office.store.read() as connection:
            oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())"
            assert str(connection.execute(text(oldest)).scalar_one()) == str(row[0])
        [verdict] = ann.push(
            ann.group(ann.patch("customer", customer, phone=[None, "021"]))
        )
        assert verdict["st"] == "applied"
        office.edit("customer", customer, city="Wuhan")
        held = kim.reconcile().document("customer", customer)
        assert (held["phone"], held["city"]) == ("021", "Wuhan")
        assert ann.reconcile().document("customer", customer) == held
    assert list(upkeep.findings(office.store)) == []
