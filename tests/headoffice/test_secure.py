"""Row-level security: with the server's own role, the database itself shows records by bucket alone."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from kamdesk.domain.errors import MachineError
from kamdesk.headoffice import audit, scopes
from kamdesk.headoffice.cli import main
from kamdesk.headoffice.store import Store
from tests.headoffice import cluster
from tests.headoffice.conftest import Office, serving

ROLE = "kamdesk_server"


@pytest.fixture
def database(postgres: cluster.Cluster) -> str:
    """SQLite has no roles."""
    return postgres.empty_database()


@pytest.fixture
def secured(office: Office, database: str) -> Iterator[Store]:
    """The same database, opened with the role of the server."""
    with psycopg.connect(database, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA public TO public")
    assert main(["--database", database, "database", "secure", ROLE]) == 0
    user = database.partition("://")[2].partition("@")[0]
    opened = Store.open(database.replace(f"//{user}@", f"//{ROLE}@"))
    yield opened
    opened.close()


def test_everything_works_with_the_role_of_the_server(office: Office, secured: Store) -> None:
    customer = office.customer("H")
    assert secured.is_secured
    with serving(secured) as url:
        ann = office.desk()
        ann.url = url
        ann.reconcile()
        assert set(ann.of_kind("customer")) == {customer}
        task = ann.create("task", {"title": "t", "state": "open", "assignee_id": ann.user_id})
        assert ann.push(ann.group(task))[0]["st"] == "applied"
        assert task["id"] in ann.reconcile().of_kind("task")
    assert audit.verify(secured) is None


def test_h50_a_reader_sees_the_buckets_of_its_user_and_without_a_user_nothing(
    office: Office, secured: Store
) -> None:
    mine, theirs = office.customer("Mine"), office.customer("Theirs", office.south)
    user = office.desk().user_id

    def seen(subscriber: str) -> set[str]:
        with secured.read(subscriber=subscriber) as connection:
            rows = connection.execute(text("SELECT id FROM sync_row WHERE kind = 1")).scalars()
            assert connection.execute(text("SELECT count(*) FROM sync_row")).scalar() == len(
                connection.execute(text("SELECT bucket FROM sync_row")).all()
            )
            return set(rows)

    assert seen(user) == {mine}
    assert seen("*") == {mine, theirs}
    assert seen("nobody") == set()
    with secured.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sync_row")).scalar() == 0


def test_h50_a_notice_is_seen_by_the_one_whose_value_was_replaced_alone(
    office: Office, secured: Store
) -> None:
    customer = office.customer("H")
    ann, kim = office.desk(), office.desk("kim")
    kim.reconcile()
    for desk, site in ((kim, "b"), (ann, "c")):
        change = desk.patch("customer", customer, website=["a", site])
        assert desk.push(desk.group(change))[0]["st"] in ("applied", "merged")

    def seen(subscriber: str) -> int:
        with secured.read(subscriber=subscriber) as connection:
            return int(connection.execute(text("SELECT count(*) FROM sync_notice")).scalar() or 0)

    assert [seen(one) for one in (kim.user_id, ann.user_id, "nobody", "*")] == [1, 0, 0, 1]


def test_a_feed_that_forgot_the_subscription_would_tell_nothing_more(
    office: Office, secured: Store
) -> None:
    theirs = office.customer("Theirs", office.south)
    ann = office.desk()
    with secured.read(subscriber=ann.user_id) as connection:
        leaked = connection.execute(
            text("SELECT id FROM sync_row WHERE bucket = :bucket"), {"bucket": f"acct:{theirs}"}
        ).all()
        assert leaked == []
        assert f"acct:{theirs}" not in scopes.held(connection, ann.user_id)


def test_an_upgrade_by_the_owner_keeps_it_secured_and_the_servers_role_asks_for_the_owner(
    office: Office, secured: Store, database: str
) -> None:
    with office.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE blob_part, blob"))
        connection.execute(text("UPDATE meta SET v = '5' WHERE k = 'headoffice_schema'"))
    with pytest.raises(MachineError, match="as the owner"):
        Store.open(secured.url)
    again = Store.open(database)
    again.close()
    with secured.engine.connect() as connection:  # no `database secure` in between
        for table in ("blob", "blob_part"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
        with pytest.raises(Exception, match=r"permission"):
            connection.execute(text("DELETE FROM audit_event"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET subject = ''",
        "DELETE FROM audit_event",
        "ALTER TABLE sync_row DISABLE ROW LEVEL SECURITY",
        "DROP POLICY kamdesk_by_bucket ON sync_row",
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
    ],
)
def test_the_role_cannot_undo_it(office: Office, secured: Store, statement: str) -> None:
    with (
        secured.engine.connect() as connection,
        pytest.raises(Exception, match=r"permission|owner"),
    ):
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("nobody_here", "CREATE ROLE"),
        ("x; DROP", "not the name"),
        ("postgres", "may see everything"),
    ],
)
def test_a_role_that_will_not_do_is_refused(
    database: str, store: Store, capsys: pytest.CaptureFixture[str], role: str, sentence: str
) -> None:
    assert main(["--database", database, "database", "secure", role]) == 1
    assert sentence in capsys.readouterr().err
