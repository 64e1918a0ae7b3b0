"""Other systems of the company, such as its ERP: which may do what, and by which token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import audit
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.security.passwords import new_token, token_hash

SCOPES = (
    "customers:read", "customers:write", "products:read", "products:write", "invoices:read",
    "invoices:write", "flow:read", "flow:write", "prices:read", "visits:read", "promotions:read",
)  # fmt: skip
"""What a token can allow; `prices:read` adds unit prices to `flow:read`."""
_USED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Integration:
    """One other system."""

    id: str
    name: str
    scopes: str
    status: str
    created_at: str
    used_at: str | None

    def may(self, scope: str) -> bool:
        """Say whether the system's token allows this."""
        return scope in self.scopes.split()

    def demand(self, scope: str) -> None:
        """Raise Rejected where the system's token does not allow this."""
        if not self.may(scope):
            raise Rejected(403, "scope_missing", scope=scope)


_FIELDS = "id, name, scopes, status, created_at, used_at"


def add(store: Store, name: str, scopes: Iterable[str]) -> str:
    """Let a system in and return its token, which is kept nowhere. Raises UserError."""
    chosen = [one for one in SCOPES if one in set(scopes)]
    if not chosen or set(scopes) - set(SCOPES):
        raise UserError(
            "Choose at least one scope of: {scopes}.", code="BAD_SCOPE", scopes=", ".join(SCOPES)
        )
    if not name.strip() or len(name) > 60:
        raise UserError("The name must have 1 to 100 characters.", code="BAD_NAME")
    token, made = f"kdi_{new_token()}", new_id()
    with store.write("integration") as writer:
        taken = writer.connection.execute(
            text("SELECT 1 FROM integration WHERE name = :name"), {"name": name.strip()}
        ).scalar()
        if taken:
            raise UserError("There is a system {name} already.", code="SYSTEM_EXISTS", name=name)
        writer.connection.execute(
            text(
                "INSERT INTO integration (id, name, scopes, hash, status, created_at) "
                "VALUES (:id, :name, :scopes, :hash, 'active', :at)"
            ),
            {
                "id": made, "name": name.strip(), "scopes": " ".join(chosen),
                "hash": token_hash(token), "at": clock.stamp(),
            },
        )  # fmt: skip
        audit.note(writer, "system.added", made, scopes=chosen)
    return token


def revoke(store: Store, named: str) -> None:
    """Shut a system out, by id or name. Raises UserError."""
    with store.write("integration") as writer:
        found = writer.connection.execute(
            text(
                "UPDATE integration SET status = 'revoked' WHERE id = :named OR name = :named RETURNING id"
            ),
            {"named": named},
        ).scalar()
        if found is None:
            raise UserError("There is no system {name}.", code="NO_SUCH_SYSTEM", name=named)
        audit.note(writer, "system.revoked", found)


def systems(store: Store) -> list[Integration]:
    """List all systems by name."""
    with store.read() as connection:
        rows = connection.execute(text(f"SELECT {_FIELDS} FROM integration ORDER BY name")).all()
    return [Integration(*row) for row in rows]


def authenticate(store: Store, authorization: str) -> Integration:
    """Say which system calls, from the Authorization header. Raises Rejected."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.startswith("kdi_") or len(token) > 100:
        raise Rejected(401, "token_invalid")
    with store.read() as connection:
        row = connection.execute(
            text(f"SELECT {_FIELDS} FROM integration WHERE hash = :hash AND status = 'active'"),
            {"hash": token_hash(token)},
        ).one_or_none()
    if row is None:
        raise Rejected(401, "token_invalid")
    found = Integration(*row)
    now = clock.now()
    if not found.used_at or now - clock.parse_stamp(found.used_at) > _USED_EVERY:
        with store.write("seen") as writer:
            writer.connection.execute(
                text("UPDATE integration SET used_at = :now WHERE id = :id"),
                {"now": clock.stamp(now), "id": found.id},
            )
    return found
