"""Who is subscribed to which buckets: kept ready in `user_bucket`, changed in the commit that causes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from kamdesk.db.records import PRICE_BUCKETS, SPECS, is_price_bucket
from kamdesk.domain import clock
from kamdesk.domain.roles import Role, may_read
from kamdesk.domain.visits import OPEN
from kamdesk.headoffice.lists import among, listed
from kamdesk.headoffice.sql import text
from kamdesk.sync.protocol import scope_hash

if TYPE_CHECKING:
    from kamdesk.headoffice.commit import Row

_COMING = timedelta(days=7)
_OFFICES = frozenset({Role.PRC, Role.LEG, Role.FIN, Role.GM})
"""Who works for the whole company, unless assigned to territories."""
_INNER = """WITH RECURSIVE inner_territory (id) AS (
  SELECT territory_id FROM account_territory WHERE user_id = :user
  UNION
  SELECT t.id FROM territory t JOIN inner_territory i ON t.parent = i.id)"""
_OUTER = """WITH RECURSIVE outer_territory (id, parent, depth) AS (
  SELECT id, parent, 0 FROM territory WHERE id = :territory
  UNION
  SELECT t.id, t.parent, 1 FROM territory t JOIN outer_territory o ON t.id = o.parent)"""


def follow(connection: Connection, changes: list[tuple[Row | None, Row]], seq: int) -> None:
    """Bring subscriptions and the small side tables in line with changed customers and visits."""
    territories: set[str] = set()
    places: list[dict[str, Any]] = []
    planned: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for before, row in changes:
        if row.spec.kind == "customer":
            document = row.document
            place = {
                "bucket": row.bucket,
                "territory": document.get("territory_id") or "",
                "sort": document.get("pinyin") or document.get("name") or "",
            }
            places.append(place)
            old = before.document.get("territory_id") or "" if before is not None else ""
            if before is None or before.is_gone != row.is_gone or old != place["territory"]:
                territories |= {old, place["territory"]}
        elif row.spec.kind == "visit":
            planned.append({"id": row.id, **row.document})
            if before is not None:
                known.append({"id": row.id})
    _keep_places(connection, places)
    _keep_planned(connection, planned, known)
    users = _newly_priced(connection, changes)
    for territory in sorted(territories - {""}):
        users |= {user for user, _ in _users_of(connection, territory)}
    for user in sorted(users):
        refresh(connection, user, seq)


def _keep_places(connection: Connection, places: list[dict[str, Any]]) -> None:
    if places:
        connection.execute(
            text(
                "INSERT INTO customer_place (bucket, territory_id, sort) VALUES (:bucket, :territory, :sort) "
                "ON CONFLICT (bucket) DO UPDATE SET territory_id = excluded.territory_id, sort = excluded.sort"
            ),
            places,
        )


def _keep_planned(
    connection: Connection, visits: list[dict[str, Any]], known: list[dict[str, Any]]
) -> None:
    if known:
        connection.execute(text("DELETE FROM planned_visit WHERE visit_id = :id"), known)
    coming = [
        {name: one.get(name) or "" for name in ("id", "owner_id", "customer_id", "held_on")}
        for one in visits
        if one.get("state") in OPEN
    ]
    if coming:
        connection.execute(
            text(
                "INSERT INTO planned_visit (visit_id, owner_id, customer_id, held_on) "
                "VALUES (:id, :owner_id, :customer_id, :held_on)"
            ),
            coming,
        )


def _newly_priced(connection: Connection, changes: list[tuple[Row | None, Row]]) -> set[str]:
    """Find who is to follow prices of a customer that had none yet."""
    users: set[str] = set()
    fresh = {row.bucket for before, row in changes if before is None and row.spec.sealed}
    for bucket in sorted(fresh):
        territory = connection.execute(
            text("SELECT territory_id FROM customer_place WHERE bucket = :bucket"),
            {"bucket": account_of(bucket)},
        ).scalar()
        held = connection.execute(
            text("SELECT user_id FROM user_bucket WHERE bucket = :bucket"), {"bucket": bucket}
        ).scalars()
        level = PRICE_BUCKETS[bucket.partition(":")[0]]
        users |= {
            user for user, role in _users_of(connection, territory or "") if may_read(role, level)
        } - set(held)
    return users


def account_of(bucket: str) -> str:
    """Name the bucket of the customer whose prices another bucket holds; every other bucket is its own."""
    prefix, _, customer_id = bucket.partition(":")
    return f"acct:{customer_id}" if prefix in PRICE_BUCKETS else bucket


def _users_of(connection: Connection, territory: str) -> set[tuple[str, Role]]:
    """Find who follows the customers of a territory: assigned to it or, but for reps, above it; the offices too."""
    rows = connection.execute(
        text(
            f"{_OUTER} SELECT a.user_id, o.depth, u.role FROM outer_territory o "
            "JOIN account_territory a ON a.territory_id = o.id JOIN account u ON u.id = a.user_id"
        ),
        {"territory": territory},
    )
    found = {(user, Role(role)) for user, depth, role in rows if depth == 0 or role != Role.REP}
    offices = connection.execute(
        text(
            "SELECT id, role FROM account u WHERE NOT EXISTS "
            "(SELECT 1 FROM account_territory a WHERE a.user_id = u.id)"
        )
    )
    return found | {(user, Role(role)) for user, role in offices if role in _OFFICES}


def refresh(connection: Connection, user_id: str, seq: int) -> None:
    """Recompute one user's subscription. Only after the head is locked: two such must not pass each other."""
    due = wanted(connection, user_id)
    now = held(connection, user_id)
    if due == now:
        return
    if added := [{"user": user_id, "bucket": bucket} for bucket in sorted(due - now)]:
        connection.execute(
            text("INSERT INTO user_bucket (user_id, bucket) VALUES (:user, :bucket)"), added
        )
    if dropped := [{"user": user_id, "bucket": bucket} for bucket in sorted(now - due)]:
        connection.execute(
            text("DELETE FROM user_bucket WHERE user_id = :user AND bucket = :bucket"), dropped
        )
    connection.execute(
        text("UPDATE account SET scope_hash = :hash, scope_seq = :seq WHERE id = :user"),
        {"hash": scope_hash(due), "seq": seq, "user": user_id},
    )


def wanted(connection: Connection, user_id: str) -> set[str]:
    """Compute what a user should be subscribed to, from role, assignments and customers."""
    account = connection.execute(
        text("SELECT role, status FROM account WHERE id = :user"), {"user": user_id}
    ).one()
    buckets = {"ref", f"user:{user_id}"}
    if account.role != Role.ADM and account.status == "active":
        accounts = _accounts_of(connection, user_id, account.role)
        buckets |= accounts | _priced(connection, accounts, Role(account.role))
    return buckets


def _priced(connection: Connection, accounts: set[str], role: Role) -> set[str]:
    """Give the buckets with the prices of these customers that a role may hold, where there are any."""
    if not any(may_read(role, level) for level in PRICE_BUCKETS.values()):
        return set()
    kinds = ",".join(str(spec.number) for spec in SPECS.values() if spec.sealed)
    buckets = connection.execute(
        text(f"SELECT DISTINCT bucket FROM sync_digest WHERE kind IN ({kinds})")
    ).scalars()
    return {
        bucket
        for bucket in buckets
        if may_read(role, PRICE_BUCKETS[bucket.partition(":")[0]])
        and account_of(bucket) in accounts
    }


def _accounts_of(connection: Connection, user_id: str, role: str) -> set[str]:
    if role == Role.REP:
        query = """SELECT p.bucket FROM customer_place p
        JOIN account_territory a ON a.territory_id = p.territory_id WHERE a.user_id = :user"""
    elif role in _OFFICES and not _is_assigned(connection, user_id):
        query = "SELECT bucket FROM customer_place"
    else:
        query = f"""{_INNER} SELECT p.bucket FROM customer_place p
        JOIN inner_territory i ON i.id = p.territory_id"""
    return set(connection.execute(text(query), {"user": user_id}).scalars())


def _is_assigned(connection: Connection, user_id: str) -> bool:
    return bool(
        connection.execute(
            text("SELECT 1 FROM account_territory WHERE user_id = :user"), {"user": user_id}
        ).first()
    )


def buckets_of(connection: Connection, user_id: str) -> list[str]:
    """List a user's buckets, most needed first: shared, own, customers to be visited soon, the rest by name."""
    today = clock.now().date()
    soon = set(
        connection.execute(
            text(
                "SELECT customer_id FROM planned_visit "
                "WHERE owner_id = :user AND held_on >= :since AND held_on <= :until"
            ),
            {
                "user": user_id,
                "since": (today - timedelta(days=1)).isoformat(),
                "until": (today + _COMING).isoformat(),
            },
        ).scalars()
    )
    rows = connection.execute(
        text(
            "SELECT u.bucket, p.sort FROM user_bucket u "
            "LEFT JOIN customer_place p ON p.bucket = u.bucket WHERE u.user_id = :user"
        ),
        {"user": user_id},
    )

    def rank(entry: tuple[str, str | None]) -> tuple[int, str, str]:
        bucket, sort = entry
        if not bucket.startswith("acct:"):
            return (4 if is_price_bucket(bucket) else int(bucket != "ref"), "", bucket)
        return (2 if bucket[5:] in soon else 3, sort or "", bucket)

    return [bucket for bucket, _ in sorted(((row[0], row[1]) for row in rows), key=rank)]


def held(connection: Connection, user_id: str) -> set[str]:
    """Return all of a user's buckets, in no order."""
    return set(
        connection.execute(
            text("SELECT bucket FROM user_bucket WHERE user_id = :user"), {"user": user_id}
        ).scalars()
    )


def subscribed(connection: Connection, user_id: str, buckets: Iterable[str]) -> set[str]:
    """Return those of `buckets` that the user is subscribed to."""
    chosen = among(connection, "bucket", "buckets")
    return set(
        connection.execute(
            text(f"SELECT bucket FROM user_bucket WHERE user_id = :user AND {chosen}"),
            {"user": user_id, "buckets": listed(connection, sorted(set(buckets)))},
        ).scalars()
    )


def reachable(connection: Connection, user_id: str, buckets: Iterable[str]) -> set[str]:
    """Return those of `buckets` that the user may write to, as far as customers go; the role is asked apart.

    Prices follow their customer: the first one of a customer comes before anybody is subscribed to them.
    """
    wanted = set(buckets)
    held = subscribed(connection, user_id, {account_of(bucket) for bucket in wanted})
    return {bucket for bucket in wanted if account_of(bucket) in held}
