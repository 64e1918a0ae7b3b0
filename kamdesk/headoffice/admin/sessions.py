"""Who is signed in at the administrator's pages."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from kamdesk.domain import clock
from kamdesk.domain.roles import Role
from kamdesk.headoffice import accounts, audit, devices
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.security.passwords import new_token, token_hash

LIFE = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Session:
    """One administrator in one browser. `csrf` must come back with everything that changes something."""

    token_hash: str
    user_id: str
    login: str
    name: str
    csrf: str

    def demand(self, given: str) -> None:
        """Refuse a form that is not from our own page. Raises Rejected."""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.csrf.encode()):
            raise Rejected(403, "form_expired")


def sign_in(store: Store, login: str, password: str, address: str) -> str:
    """Begin a session and return what the cookie holds. Raises Rejected for all but administrators."""
    user_id = devices.by_password(store, login, password, address)
    token = new_token()
    with store.write("admin") as writer:
        account = accounts.by_id(writer.connection, user_id)
        if account.role is not Role.ADM:
            raise Rejected(401, "sign_in_failed")
        connection = writer.connection
        connection.execute(
            text("DELETE FROM admin_session WHERE expires < :now"), {"now": clock.stamp()}
        )
        connection.execute(
            text(
                "INSERT INTO admin_session (hash, user_id, csrf, expires) VALUES (:hash, :user, :csrf, :expires)"
            ),
            {
                "hash": token_hash(token), "user": user_id, "csrf": new_token(),
                "expires": clock.stamp(clock.now() + LIFE),
            },
        )  # fmt: skip
        with audit.acting(f"admin:{account.login}"):
            audit.note(writer, "admin.signed_in", user_id, address=address)
    return token


def find(store: Store, token: str) -> Session | None:
    """Return the session of a cookie; None where there is none, or no longer."""
    if not token or len(token) > 100:
        return None
    with store.read() as connection:
        row = connection.execute(
            text(
                "SELECT s.hash, a.id, a.login, a.name, s.csrf FROM admin_session s "
                "JOIN account a ON a.id = s.user_id WHERE s.hash = :hash AND s.expires >= :now "
                "AND a.status = 'active' AND a.role = 'ADM'"
            ),
            {"hash": token_hash(token), "now": clock.stamp()},
        ).one_or_none()
    return None if row is None else Session(*row)


def sign_out(store: Store, session: Session) -> None:
    """End a session."""
    with store.write("admin") as writer:
        writer.connection.execute(
            text("DELETE FROM admin_session WHERE hash = :hash"), {"hash": session.token_hash}
        )
