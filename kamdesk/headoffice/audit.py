"""Who did what, in a chain of hashes: nobody changes or cuts it unseen.

Each event's hash covers the one before. Devices keep the newest hash they were told and bring it back, so that
even a cut end, or another one put in its place, shows. See docs/decisions/0011.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.domain.errors import MachineError
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store

START = "0" * 64
RESTORED = "database.restored"
MISMATCH = "audit.mismatch"
_SHORTEST_KEY = 16
_actor: ContextVar[str | None] = ContextVar("actor", default=None)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the audit: at which event, and what."""

    n: int
    what: str

    def __str__(self) -> str:
        return f"audit event {self.n}: {self.what}"


@contextmanager
def acting(actor: str) -> Iterator[None]:
    """Name who acts, such as `admin:zhou` or `device:<id>`; without it, it is the shell's user."""
    before = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(before)


def actor() -> str:
    """Say who acts now."""
    named = _actor.get()
    if named is not None:
        return named
    try:
        return f"shell:{getpass.getuser()}"
    except (OSError, KeyError):  # a container without a user's name
        return "shell"


def note(writer: Writer, action: str, subject: str, **detail: object) -> None:
    """Add one event to the chain, in the commit of `writer`: both stand, or neither does."""
    by = actor()
    # After the head is locked: one at a time, or two events would follow the same one
    writer.then(lambda connection, _: _append(connection, by, action, subject, detail))


def note_in(store: Store, action: str, subject: str, **detail: object) -> None:
    """Add one event in a commit of its own."""
    with store.write("audit") as writer:
        note(writer, action, subject, **detail)


def _append(
    connection: Connection, by: str, action: str, subject: str, detail: Mapping[str, object]
) -> None:
    n, before = head(connection)
    event = {
        "n": n + 1,
        "at": clock.stamp(),
        "actor": _clean(by),
        "action": action,
        "subject": _clean(subject),
        "detail": _canonical(detail).decode(),
    }
    connection.execute(
        text(
            "INSERT INTO audit_event (n, at, actor, action, subject, detail, hash) "
            "VALUES (:n, :at, :actor, :action, :subject, :detail, :hash)"
        ),
        {**event, "hash": chained(before, event)},
    )


def _clean(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:200]


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def chained(before: str, event: Mapping[str, object]) -> str:
    """Hash one event onto the one before: SHA-256 over "KDA1", that hash, a length and canonical JSON."""
    body = _canonical(event)
    return hashlib.sha256(
        b"KDA1" + bytes.fromhex(before) + struct.pack(">I", len(body)) + body
    ).hexdigest()


def head(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the newest event; (0, zeros) before the first."""
    row = connection.execute(
        text("SELECT n, hash FROM audit_event ORDER BY n DESC LIMIT 1")
    ).one_or_none()
    return (0, START) if row is None else (row.n, row.hash)


@dataclass(frozen=True, slots=True)
class Event:
    """One event, for lists."""

    n: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str


def newest(store: Store, *, most: int = 200) -> list[Event]:
    """List the newest events, the last one first."""
    with store.read() as connection:
        rows = connection.execute(
            text(
                "SELECT n, at, actor, action, subject, detail FROM audit_event "
                "ORDER BY n DESC LIMIT :most"
            ),
            {"most": most},
        ).all()
    return [Event(*row) for row in rows]


def key_from(path: Path) -> bytes:
    """Read the key of the seals, which belongs where the database's administrator cannot read. Raises MachineError."""
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise MachineError(
            "The key file {path} cannot be read: {reason}.",
            code="NO_KEY_FILE",
            path=str(path),
            reason=str(error.strerror),
        ) from error
    if len(key) < _SHORTEST_KEY:
        raise MachineError(
            "The key file {path} must hold at least {most} bytes.",
            code="KEY_TOO_SHORT",
            path=str(path),
            most=_SHORTEST_KEY,
        )
    return key


def seal(store: Store, key: bytes) -> int:
    """Seal every whole day that is not sealed yet; return how many."""
    today = clock.stamp()[:10]
    with store.write("audit") as writer:
        rows = writer.connection.execute(
            text(
                "SELECT substr(e.at, 1, 10) AS day, max(e.n) AS n FROM audit_event e "
                "WHERE substr(e.at, 1, 10) < :today "
                "AND e.n > (SELECT coalesce(max(n), 0) FROM audit_seal) GROUP BY 1 ORDER BY 1"
            ),
            {"today": today},
        ).all()
        for day, n in rows:
            digest = writer.connection.execute(
                text("SELECT hash FROM audit_event WHERE n = :n"), {"n": n}
            ).scalar_one()
            writer.connection.execute(
                text(
                    "INSERT INTO audit_seal (day, n, hash, mac) VALUES (:day, :n, :hash, :mac) "
                    "ON CONFLICT (day) DO NOTHING"
                ),
                {"day": day, "n": n, "hash": digest, "mac": _mac(key, day, n, digest)},
            )
    return len(rows)


def _mac(key: bytes, day: str, n: int, digest: str) -> str:
    return hmac.new(key, f"KDS1\n{day}\n{n}\n{digest}".encode(), hashlib.sha256).hexdigest()


def witness(writer: Writer, device_id: str, held: tuple[int, str]) -> bool:
    """Remember the head that a device brought back; say whether this chain has it, and record where it has not."""
    n, digest = held
    is_ours = n == 0 or holds(writer.connection, held)
    if not is_ours:
        note(writer, MISMATCH, device_id, n=n, hash=digest)
    writer.connection.execute(
        text(
            "INSERT INTO audit_witness (device_id, n, hash, at) VALUES (:device, :n, :hash, :at) "
            "ON CONFLICT (device_id) DO UPDATE SET n = excluded.n, hash = excluded.hash, at = excluded.at"
        ),
        {"device": device_id, "n": n, "hash": digest, "at": clock.stamp()},
    )
    return is_ours


def holds(connection: Connection, held: tuple[int, str]) -> bool:
    """Say whether the chain has this event with this hash."""
    found = connection.execute(
        text("SELECT hash FROM audit_event WHERE n = :n"), {"n": held[0]}
    ).scalar()
    return bool(found == held[1])


def verify(
    store: Store, *, key: bytes | None = None, held: tuple[tuple[int, str], ...] = ()
) -> Finding | None:
    """Walk the chain and name the first event that is not what it was; None when all is as written.

    `held` are heads kept outside, by devices or on paper; those that devices brought back are compared too.

    A restore that is on record explains why others saw more than is here: a head on paper, and of each device what it
    brings back first. It explains no seal, which lies in this database and was restored with it.
    """
    with store.read() as connection:
        hashes: dict[int, str] = {}
        restored: list[int] = []
        told: list[tuple[str, int, str]] = []
        explained: dict[str, tuple[str, int, str]] = {}
        excused: set[tuple[str, int, str]] = set()
        before, expected = START, 1
        rows = connection.execute(
            text("SELECT n, at, actor, action, subject, detail, hash FROM audit_event ORDER BY n")
        )
        for n, at, by, action, subject, detail, digest in rows:
            if n != expected:
                return Finding(expected, "it was removed")
            event = {
                "n": n, "at": at, "actor": by, "action": action, "subject": subject,
                "detail": detail,
            }  # fmt: skip
            if chained(before, event) != digest:
                return Finding(n, "it was changed")
            hashes[n] = before = digest
            expected += 1
            if action == RESTORED:
                restored.append(n)
                explained = {}
            elif action == MISMATCH:
                shown = msgspec.json.decode(detail)
                told.append((subject, int(shown["n"]), str(shown["hash"])))
                if any(one <= shown["n"] for one in restored):
                    excused.add(explained.setdefault(subject, told[-1]))
        told += [
            (device, n, digest)
            for device, n, digest in connection.execute(
                text("SELECT device_id, n, hash FROM audit_witness ORDER BY device_id")
            )
        ]
        seals = connection.execute(text("SELECT day, n, hash, mac FROM audit_seal")).all()
    findings = [
        _compare(hashes, n, digest, "a head kept outside")
        for n, digest in held
        if not any(one <= n for one in restored)
    ]
    findings += [
        _compare(hashes, one[1], one[2], f"device {one[0]}") for one in told if one not in excused
    ]
    findings += [_compare(hashes, one.n, one.hash, f"the seal of {one.day}") for one in seals]
    if key is not None:
        findings += [
            Finding(one.n, f"the seal of {one.day} was not made with this key")
            for one in seals
            if not hmac.compare_digest(_mac(key, one.day, one.n, one.hash), one.mac)
        ]
    wrong = [one for one in findings if one is not None]
    return min(wrong, key=lambda one: one.n) if wrong else None


def _compare(hashes: Mapping[int, str], n: int, digest: str, by: str) -> Finding | None:
    if n == 0 or hashes.get(n) == digest:
        return None
    if n not in hashes:
        return Finding(len(hashes) + 1, f"the end was cut off; {by} shows event {n}")
    return Finding(n, f"the end was replaced at or before this event; {by} shows another")
