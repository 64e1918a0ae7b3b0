"""The tokens that devices hold: how they are traded, and who calls with one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from kamdesk.domain import clock
from kamdesk.domain.roles import Actor, Level, Role, may_read
from kamdesk.headoffice import accounts, audit
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.security.passwords import new_token, token_hash
from kamdesk.security.signing import verify
from kamdesk.sync.protocol import TokenRequest, TokenResponse, token_message

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=180)
"""As long as tombstones live: a device that was away longer has to load anew anyhow."""
OVERLAP = timedelta(days=7)
WIPE = "wipe"
_PROVEN = ".k"
_SEEN_EVERY = timedelta(minutes=5)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """The device and the user behind a request."""

    device_id: str
    user_id: str
    login: str
    name: str
    role: Role
    scope_hash: str
    last_seen: str
    order: str = ""
    """What the device was told to delete: `prices`, `wipe`, or nothing."""
    is_active: bool = True
    """Whether the user is; one that is not gets here only with a device that is to be wiped."""

    def may_be_told(self, level: Level) -> bool:
        """Say whether values of this class may be told: not what the device was told to delete."""
        return may_read(self.role, level) and not (self.order and level >= Level.L3)

    @property
    def actor(self) -> Actor:
        """Give the user as the rules of the domain know him."""
        return Actor(self.user_id, self.role, self.name)


def issue(
    connection: Connection, device_id: str, *, generation: int, proven: bool
) -> TokenResponse:
    """Make a pair of tokens for a device; only their hashes are kept."""
    access, now = new_token(), clock.now()
    refresh = _refresh(connection, device_id, generation, proven=proven)
    connection.execute(
        text("DELETE FROM access_token WHERE device_id = :device AND expires < :now"),
        {"device": device_id, "now": clock.stamp(now)},
    )
    connection.execute(
        text(
            "INSERT INTO access_token (hash, device_id, expires) VALUES (:hash, :device, :expires)"
        ),
        {
            "hash": token_hash(access),
            "device": device_id,
            "expires": clock.stamp(now + ACCESS_LIFE),
        },
    )
    _keep(connection, refresh, device_id, generation, now)
    return TokenResponse(access, int(ACCESS_LIFE.total_seconds()), refresh)


def next_generation(connection: Connection, device_id: str) -> int:
    """Number the next refresh token of a device, above all that it ever had."""
    newest = connection.execute(
        text("SELECT max(generation) FROM refresh_token WHERE device_id = :id"), {"id": device_id}
    ).scalar()
    return (newest or 0) + 1


def begin_anew(connection: Connection, device_id: str) -> None:
    """Forget the tokens of a device whose user signs in again; their numbers are not given a second time."""
    newest = next_generation(connection, device_id) - 1
    for table in ("access_token", "refresh_token"):
        connection.execute(text(f"DELETE FROM {table} WHERE device_id = :id"), {"id": device_id})
    connection.execute(
        text(
            "INSERT INTO refresh_token (hash, device_id, generation, issued_at, traded_at, spent) "
            "VALUES (:hash, :device, :generation, :now, NULL, 1)"
        ),
        {
            "hash": f"none of {device_id}",
            "device": device_id,
            "generation": newest,
            "now": clock.stamp(),
        },
    )


def _keep(
    connection: Connection, refresh: str, device_id: str, generation: int, now: datetime
) -> None:
    connection.execute(
        text(
            "INSERT INTO refresh_token (hash, device_id, generation, issued_at, traded_at, spent) "
            "VALUES (:hash, :device, :generation, :now, NULL, 0)"
        ),
        {
            "hash": token_hash(refresh),
            "device": device_id,
            "generation": generation,
            "now": clock.stamp(now),
        },
    )


def _refresh(connection: Connection, device_id: str, generation: int, *, proven: bool) -> str:
    """Make a refresh token: chance, its number, and the proof that head office gave it to this device.

    One with `_PROVEN` behind it is taken only with the signature of the device: a thief needs its key too.
    """
    chance, mark = new_token(), _PROVEN if proven else ""
    return f"{chance}.{generation}.{_proof(connection, device_id, generation, chance + mark)}{mark}"


def _is_of_the_device(request: TokenRequest, key: str) -> bool:
    try:
        signature = base64.b64decode(request.proof, validate=True)
    except ValueError:  # binascii.Error, or what is not ASCII at all
        return False
    message = token_message(request.device_id, request.refresh)
    return verify(base64.b64decode(key), signature, message)


def _proof(connection: Connection, device_id: str, generation: int, chance: str) -> str:
    secret = connection.execute(text("SELECT private FROM signing_key")).scalar_one()
    key = hashlib.sha256(b"kamdesk/refresh\0" + bytes(secret)).digest()
    told = f"{device_id}\0{generation}\0{chance}".encode()
    return base64.urlsafe_b64encode(hmac.digest(key, told, "sha256")[:18]).decode()


def _recover(connection: Connection, device_id: str, refresh: str) -> bool:
    """Note a token that this head office gave and does not know: it was restored to a backup from before.

    Its number is above all that are known; one below them was spent and forgotten, or is of before a new sign-in.
    """
    mark = _PROVEN if refresh.endswith(_PROVEN) else ""
    chance, _, rest = refresh.removesuffix(mark).partition(".")
    number, _, proof = rest.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return False
    generation = int(number)
    if generation < next_generation(connection, device_id) or not hmac.compare_digest(
        proof.encode(), _proof(connection, device_id, generation, chance + mark).encode()
    ):
        return False
    _keep(connection, refresh, device_id, generation, clock.now())
    _logger.info("device %s holds a token of after the backup", device_id)
    return True


def trade(store: Store, request: TokenRequest) -> TokenResponse:
    """Give the next pair for a refresh token. Raises Rejected.

    An answer may get lost, so a token stays good until its successor is used, at most a week. One whose
    successor was used is in foreign hands, or the device was copied: then all tokens of the device end.
    """
    with store.write("token") as writer:
        pair, problem = _trade(writer.connection, request)
        if problem.code == "token_reused":
            with audit.acting(f"device:{request.device_id}"):
                audit.note(writer, "token.reused", request.device_id)
    if pair is None:
        raise problem
    return pair


def _trade(connection: Connection, request: TokenRequest) -> tuple[TokenResponse | None, Rejected]:
    lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    device = connection.execute(
        text(
            "SELECT d.id, d.status, d.user_id, d.public_key, "
            "(SELECT o.what FROM device_order o WHERE o.device_id = d.id) AS told "
            f"FROM sync_device d WHERE d.id = :id{lock}"
        ),
        {"id": request.device_id.replace("\x00", "")},
    ).one_or_none()
    if device is None:
        return None, Rejected(401, "token_invalid")
    is_proven = _is_of_the_device(request, device.public_key)
    if not is_proven and (request.proof or request.refresh.endswith(_PROVEN)):
        return None, Rejected(401, "token_invalid")
    token = _known(connection, device.id, request.refresh)
    if token is None and _recover(connection, device.id, request.refresh):
        token = _known(connection, device.id, request.refresh)
    if token is None:
        return None, Rejected(401, "token_invalid")
    if device.status != "active":
        return None, Rejected(401, "device_revoked")
    if device.told != WIPE and not accounts.by_id(connection, device.user_id).is_active:
        return None, Rejected(403, "user_disabled")
    if token.spent:
        _end_tokens(connection, device.id)
        return None, Rejected(401, "token_reused")
    now = clock.now()
    if now - clock.parse_stamp(token.issued_at) > REFRESH_LIFE or _is_overdue(token.traded_at, now):
        return None, Rejected(401, "token_expired")
    connection.execute(
        text(
            "UPDATE refresh_token SET spent = 1 "
            "WHERE device_id = :device AND generation <= :generation AND hash <> :hash"
        ),
        {"device": device.id, "generation": token.generation, "hash": token.hash},
    )
    connection.execute(
        text("UPDATE refresh_token SET traded_at = coalesce(traded_at, :now) WHERE hash = :hash"),
        {"now": clock.stamp(now), "hash": token.hash},
    )
    connection.execute(
        text("DELETE FROM refresh_token WHERE device_id = :device AND issued_at < :old"),
        {"device": device.id, "old": clock.stamp(now - REFRESH_LIFE)},
    )
    pair = issue(connection, device.id, generation=token.generation + 1, proven=is_proven)
    return pair, Rejected(401, "token_invalid")


def _known(connection: Connection, device_id: str, refresh: str) -> Row[Any] | None:
    return connection.execute(
        text("SELECT * FROM refresh_token WHERE hash = :hash AND device_id = :device"),
        {"hash": token_hash(refresh), "device": device_id},
    ).one_or_none()


def _is_overdue(traded_at: str | None, now: datetime) -> bool:
    return traded_at is not None and now - clock.parse_stamp(traded_at) > OVERLAP


def _end_tokens(connection: Connection, device_id: str) -> None:
    # Spent refresh tokens stay: they must still be recognised as what they are
    connection.execute(text("DELETE FROM access_token WHERE device_id = :id"), {"id": device_id})
    connection.execute(
        text("UPDATE refresh_token SET spent = 1 WHERE device_id = :id"), {"id": device_id}
    )


def authenticate(store: Store, authorization: str) -> Caller:
    """Say who calls, from the Authorization header. Raises Rejected."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 200:
        raise Rejected(401, "token_invalid")
    with store.read() as connection:
        row = connection.execute(
            text(
                "SELECT t.expires, d.id, d.status AS device_status, d.last_seen, a.id AS user_id, a.login, a.name, "
                "a.role, a.status, a.scope_hash, coalesce(o.what, '') AS told FROM access_token t "
                "JOIN sync_device d ON d.id = t.device_id JOIN account a ON a.id = d.user_id "
                "LEFT JOIN device_order o ON o.device_id = d.id WHERE t.hash = :hash"
            ),
            {"hash": token_hash(token)},
        ).one_or_none()
    if row is None:
        raise Rejected(401, "token_invalid")
    if row.device_status != "active":
        raise Rejected(401, "device_revoked")
    if row.status != "active" and row.told != WIPE:
        raise Rejected(403, "user_disabled")
    if clock.parse_stamp(row.expires) < clock.now():
        raise Rejected(401, "token_expired")
    return Caller(
        row.id, row.user_id, row.login, row.name, Role(row.role), row.scope_hash, row.last_seen,
        row.told, row.status == "active",
    )  # fmt: skip


def note_seen(store: Store, caller: Caller, held: tuple[int, str], newest: tuple[int, str]) -> None:
    """Remember that a device was here, and the head of the audit that it brought back.

    Not at every request, for a write costs more than a read; but at once where the head is not ours.
    """
    now = clock.now()
    if held[0] and held != newest:
        with store.read() as connection:
            is_ours = audit.holds(connection, held)
        if not is_ours:
            _logger.error("device %s holds event %d of another audit", caller.device_id, held[0])
            with store.write("audit") as writer, audit.acting(f"device:{caller.device_id}"):
                audit.witness(writer, caller.device_id, held)
            return
    if now - clock.parse_stamp(caller.last_seen) < _SEEN_EVERY:
        return
    with store.write("seen") as writer:
        writer.connection.execute(
            text("UPDATE sync_device SET last_seen = :now WHERE id = :id"),
            {"now": clock.stamp(now), "id": caller.device_id},
        )
        if held[0]:
            audit.witness(writer, caller.device_id, held)
