"""Devices: how they are enrolled, listed and shut out."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta

from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Level, may_read
from kamdesk.headoffice import accounts, audit, leases, throttle, tokens
from kamdesk.headoffice.pages import record_count
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import Caller
from kamdesk.security.passwords import (
    hash_password,
    needs_rehash,
    new_code,
    normal_code,
    token_hash,
    verify_password,
)
from kamdesk.security.posture import Disk
from kamdesk.sync.protocol import (
    About,
    EnrollRequest,
    EnrollResponse,
    PasswordAnswer,
    PasswordRequest,
    TokenResponse,
    UserInfo,
)

CODE_LIFE = timedelta(hours=24)


def issue_code(store: Store, login: str) -> str:
    """Make an enrolment code for a user: good for 24 hours, once."""
    code = new_code()
    with store.write("user") as writer:
        account = accounts.require(writer.connection, login)
        if not account.is_active:
            raise UserError("The user {login} is disabled.", code="USER_DISABLED", login=login)
        writer.connection.execute(
            text("DELETE FROM enrolment_code WHERE expires < :now"), {"now": clock.stamp()}
        )
        writer.connection.execute(
            text(
                "INSERT INTO enrolment_code (hash, user_id, expires) VALUES (:hash, :user, :expires)"
            ),
            {
                "hash": token_hash(code),
                "user": account.id,
                "expires": clock.stamp(clock.now() + CODE_LIFE),
            },
        )
        audit.note(writer, "device.code", account.id)
    return code


def enrol(store: Store, request: EnrollRequest, address: str) -> EnrollResponse:
    """Take in a device, by code or by user and password. Raises Rejected."""
    key = _public_key(request.public_key)
    for value, name in (
        (request.device_name, "device_name"),
        (request.os, "os"),
        (request.app, "app"),
    ):
        if len(value) > 200 or "\x00" in value:
            raise Rejected(400, "bad_request", field=name)
    user_id = (
        _by_code(store, request, address)
        if request.code
        else by_password(store, request.user, request.password, address)
    )
    with store.write("enrol") as writer:
        device_id = _device(writer.connection, user_id, key, request)
        generation = tokens.next_generation(writer.connection, device_id)
        pair = tokens.issue(
            writer.connection, device_id, generation=generation, proven=request.proves
        )
        # A number of its own: a restore must not bring back a database that never met this device
        writer.ledger_changed()
        how = "code" if request.code else "password"
        with audit.acting(f"user:{user_id}"):
            audit.note(writer, "device.enrolled", device_id, user=user_id, by=how)
    return _welcome(store, user_id, device_id, pair)


def _device(connection: Connection, user_id: str, key: bytes, request: EnrollRequest) -> str:
    """Return the id of a new device; one that signs in again with its own key keeps its id and its ledger."""
    written = base64.b64encode(key).decode()
    known = connection.execute(
        text(
            "SELECT id FROM sync_device WHERE user_id = :user AND public_key = :key AND status = 'active' "
            "AND NOT EXISTS (SELECT 1 FROM device_order o WHERE o.device_id = id AND o.what = 'wipe')"
        ),
        {"user": user_id, "key": written},
    ).scalar()
    if known is not None:
        tokens.begin_anew(connection, str(known))
        return str(known)
    device_id = new_id()
    connection.execute(
        text(
            "INSERT INTO sync_device (id, user_id, name, os, app, public_key, status, last_mid, ack, "
            "created_at, last_seen, disk) VALUES (:id, :user, :name, :os, :app, :key, 'active', 0, 0, :now, :now, '')"
        ),
        {
            "id": device_id,
            "user": user_id,
            "name": request.device_name,
            "os": request.os,
            "app": request.app,
            "key": written,
            "now": clock.stamp(),
        },
    )
    return device_id


def check_about(about: About | None) -> None:
    """Raise Rejected for what no device can have said of itself."""
    if about is None:
        return
    for value, name in ((about.app, "app"), (about.os, "os"), (about.disk, "disk")):
        if len(value) > 200 or "\x00" in value or (name == "disk" and value not in set(Disk)):
            raise Rejected(400, "bad_request", field="about")


def note_about(store: Store, caller: Caller, about: About | None) -> None:
    """Remember what a device says of itself, where it is news."""
    if about is None:
        return
    told = {"id": caller.device_id, "app": about.app, "os": about.os, "disk": about.disk}
    with store.read() as connection:
        known = connection.execute(
            text(
                "SELECT 1 FROM sync_device WHERE id = :id AND app = :app AND os = :os AND disk = :disk"
            ),
            told,
        ).scalar()
    if known is None:
        with store.write("seen") as writer:
            writer.connection.execute(
                text("UPDATE sync_device SET app = :app, os = :os, disk = :disk WHERE id = :id"),
                told,
            )


def _welcome(store: Store, user_id: str, device_id: str, pair: TokenResponse) -> EnrollResponse:
    with store.read() as connection:
        account = accounts.by_id(connection, user_id)
        told = connection.execute(
            text("SELECT what FROM device_order WHERE device_id = :id"), {"id": device_id}
        ).scalar()
        answer = EnrollResponse(
            device_id=device_id,
            server_id=store.server_id,
            company=store.company,
            server_key=base64.b64encode(store.public_key).decode(),
            access=pair.access,
            access_seconds=pair.access_seconds,
            refresh=pair.refresh,
            user=UserInfo(
                id=account.id,
                login=account.login,
                name=account.name,
                role=account.role.value,
                territory=accounts.territory_names(connection, user_id),
            ),
            records=record_count(connection, user_id, account.role),
            price_unlock=accounts.price_unlock(connection),
        )
    if told is None and may_read(account.role, Level.L3):
        answer.lease = leases.lease(store, device_id, held=0)
    return answer


def _public_key(written: str) -> bytes:
    try:
        plain = written.strip().replace("-", "+").replace("_", "/")
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise Rejected(400, "bad_request", field="public_key")
    return key


def _by_code(store: Store, request: EnrollRequest, address: str) -> str:
    keys = [f"ip:{address}"]
    code = normal_code(request.code)
    with store.write("enrol") as writer:
        connection = writer.connection
        throttle.check(connection, keys)
        user_id = None
        if code is not None:
            # DELETE ... RETURNING: of two devices with the same code, one gets a row
            user_id = connection.execute(
                text(
                    "DELETE FROM enrolment_code WHERE hash = :hash AND expires >= :now RETURNING user_id"
                ),
                {"hash": token_hash(code), "now": clock.stamp()},
            ).scalar()
        if user_id is None:
            throttle.failed(connection, keys)
            with audit.acting("nobody"):
                audit.note(writer, "sign_in.failed", "code", address=address)
    if user_id is None:
        raise Rejected(401, "code_invalid")
    return _active(store, user_id)


def by_password(store: Store, user: str, password: str, address: str) -> str:
    """Return the id of the user who signs in with a password. Raises Rejected, without saying why."""
    login = accounts.normal_login(user)[:100]
    if not login or not password or "\x00" in login:
        raise Rejected(401, "sign_in_failed")
    # Not the login that was typed: people type their password there
    keys = [f"user:{store.mark(login)}", f"ip:{address}"]
    with store.read() as connection:
        throttle.check(connection, keys)
        row = connection.execute(
            text("SELECT id, password FROM account WHERE login = :login"), {"login": login}
        ).one_or_none()
    # Outside of any transaction: this takes a core for tens of milliseconds, known user or not
    is_right = verify_password(row.password if row else None, password)
    if not is_right or row is None:
        with store.write("enrol") as writer, audit.acting("nobody"):
            throttle.failed(writer.connection, keys)
            known = str(row.id) if row else "unknown"
            audit.note(writer, "sign_in.failed", known, address=address)
        raise Rejected(401, "sign_in_failed")
    with store.write("enrol") as writer:
        throttle.succeeded(writer.connection, keys[0])
        if needs_rehash(row.password):
            writer.connection.execute(
                text("UPDATE account SET password = :phc WHERE id = :id"),
                {"phc": hash_password(password), "id": row.id},
            )
    return _active(store, row.id)


def change_password(store: Store, request: PasswordRequest, address: str) -> PasswordAnswer:
    """Let a user choose another password. Raises Rejected, as for a sign-in where the one in force is not right."""
    user_id = by_password(store, request.user, request.password, address)
    login = accounts.normal_login(request.user)
    try:
        with audit.acting(f"user:{user_id}"):
            accounts.set_password(store, login, request.new)
    except UserError as error:
        raise Rejected(400, "password_refused", field="new", why=error.code) from error
    return PasswordAnswer(clock.stamp())


def _active(store: Store, user_id: str) -> str:
    with store.read() as connection:
        if not accounts.by_id(connection, user_id).is_active:
            raise Rejected(403, "user_disabled")
    return user_id


def replace(store: Store, device_id: str) -> str:
    """Shut out a computer that was exchanged and return a code for the new one. Raises UserError."""
    with store.read() as connection:
        login = connection.execute(
            text(
                "SELECT a.login FROM sync_device d JOIN account a ON a.id = d.user_id WHERE d.id = :id"
            ),
            {"id": device_id},
        ).scalar()
    revoke(store, device_id)
    return issue_code(store, str(login))


def revoke(store: Store, device_id: str) -> None:
    """Shut one device out at once. Raises UserError where there is none."""
    with store.write("revoke") as writer:
        found = writer.connection.execute(
            text("UPDATE sync_device SET status = 'revoked' WHERE id = :id"), {"id": device_id}
        ).rowcount
        if not found:
            raise UserError("There is no device {device}.", code="NO_SUCH_DEVICE", device=device_id)
        writer.connection.execute(
            text("UPDATE refresh_token SET spent = 1 WHERE device_id = :id"), {"id": device_id}
        )
        audit.note(writer, "device.revoked", device_id)
