"""How the company's devices are doing, in counts: for metrics, the administrator's page and the shell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store, head_of

LATE = timedelta(hours=24)
_AGES = (("1h", timedelta(hours=1)), ("24h", LATE), ("7d", timedelta(days=7)))
_OLDER = "older"


@dataclass(frozen=True, slots=True)
class Held:
    """One device, and what is on its way to it."""

    id: str
    login: str
    name: str
    os: str
    app: str
    status: str
    last_seen: str
    unanswered: int  # verdicts that it has not fetched
    refused: int  # of these, refusals and conflicts
    order: str = ""  # what it was told to delete: prices, wipe
    disk: str = ""  # encrypted, plain; "" where it does not tell

    @property
    def state(self) -> str:
        """Say in one word of `admin.texts` how it stands."""
        if self.status != "active":
            return self.status
        if self.order:
            return {"prices": "prices withdrawn", "wipe": "to be wiped"}[self.order]
        return "late" if self.is_late else "active"

    @property
    def is_late(self) -> bool:
        """Say whether it should have been here within the last day."""
        return self.status == "active" and self.last_seen < clock.stamp(clock.now() - LATE)


@dataclass(slots=True)
class State:
    """The state of synchronization."""

    head: int = 0
    commits_last_hour: int = 0
    dead_letters: int = 0
    database_bytes: int = 0
    oldest_verdict: int = 0
    devices: dict[str, int] = field(default_factory=dict)
    issues: dict[str, int] = field(default_factory=dict)


def state(store: Store) -> State:
    """Look once over everything."""
    now = clock.now()
    with store.read() as connection:
        found = State(head=head_of(connection)[0])
        found.commits_last_hour = int(
            connection.execute(
                text("SELECT count(*) FROM sync_commit WHERE seq > :from AND at >= :at"),
                # A number past which all are younger would need an index on time; a scan of the newest is enough
                {"from": found.head - 500_000, "at": clock.stamp(now - timedelta(hours=1))},
            ).scalar_one()
        )
        found.dead_letters = int(
            connection.execute(text("SELECT count(*) FROM sync_deadletter")).scalar_one()
        )
        found.database_bytes = database_bytes(connection)
        found.devices = _by_contact(connection)
        found.issues = _issues(connection)
        oldest = connection.execute(
            text(
                "SELECT min(c.at) FROM (SELECT min(h) AS h FROM sync_result GROUP BY device_id) r "
                "JOIN sync_commit c ON c.seq = r.h"
            )
        ).scalar()
    if oldest:
        found.oldest_verdict = max(0, int((now - clock.parse_stamp(oldest)).total_seconds()))
    return found


def database_bytes(connection: Connection) -> int:
    """Say how much room the database takes."""
    if connection.dialect.name == "postgresql":
        size = connection.execute(text("SELECT pg_database_size(current_database())"))
    else:
        size = connection.execute(
            text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        )
    return int(size.scalar_one())


def _by_contact(connection: Connection) -> dict[str, int]:
    counts = dict.fromkeys([name for name, _ in _AGES] + [_OLDER], 0)
    now = clock.now()
    limits = [(name, clock.stamp(now - age)) for name, age in _AGES]
    for (seen,) in connection.execute(
        text("SELECT last_seen FROM sync_device WHERE status = 'active'")
    ):
        counts[next((name for name, limit in limits if seen >= limit), _OLDER)] += 1
    return counts


# A refusal is kept until its device has it; the status and the code stand at the start of the stored verdict
_REFUSED = (
    '(body LIKE \'{"mid":%,"st":"rejected"%\' OR body LIKE \'{"mid":%,"st":"conflict"%\' '
    'OR body LIKE \'{"mid":%,"st":"failed"%\')'
)


def _issues(connection: Connection) -> dict[str, int]:
    code = (
        "body::json ->> 'code'"
        if connection.dialect.name == "postgresql"
        else "json_extract(body, '$.code')"
    )
    rows = connection.execute(
        text(
            f"SELECT coalesce({code}, 'conflict') AS code, count(*) FROM sync_result "
            f"WHERE {_REFUSED} GROUP BY 1 ORDER BY 2 DESC"
        )
    )
    return {str(row[0]): int(row[1]) for row in rows}


def devices(store: Store) -> list[Held]:
    """List all devices, those that were not here for longest first."""
    with store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT d.id, a.login, d.name, d.os, d.app, d.status, d.last_seen, "
                "CAST(coalesce(r.n, 0) AS INTEGER), CAST(coalesce(r.bad, 0) AS INTEGER), coalesce(o.what, ''), d.disk "
                "FROM sync_device d JOIN account a ON a.id = d.user_id "
                "LEFT JOIN device_order o ON o.device_id = d.id LEFT JOIN (SELECT device_id, count(*) AS n, "
                f"sum(CASE WHEN {_REFUSED} THEN 1 ELSE 0 END) AS bad "
                "FROM sync_result GROUP BY device_id) r ON r.device_id = d.id "
                "ORDER BY d.status, d.last_seen, d.id"
            )
        ).all()
    return [Held(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Letter:
    """A change that met a bug: where from, what kind of error; never what was in it."""

    incident: str
    device_id: str
    login: str
    mid: int
    error: str
    at: str


def dead_letters(store: Store, *, most: int = 200) -> list[Letter]:
    """List the newest changes that met a bug."""
    with store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT l.incident, l.device_id, a.login, l.mid, l.error, l.at FROM sync_deadletter l "
                "JOIN sync_device d ON d.id = l.device_id JOIN account a ON a.id = d.user_id "
                "ORDER BY l.at DESC, l.incident LIMIT :most"
            ),
            {"most": most},
        ).all()
    # Of the error the class alone: its text may quote what was handed in
    return [
        replace(one, error=one.error.partition(":")[0]) for one in (Letter(*row) for row in rows)
    ]
