"""Users, their roles and their territories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.roles import Role
from kamdesk.headoffice import audit, scopes
from kamdesk.headoffice.commit import Writer
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.security.passwords import check_password, hash_password
from kamdesk.sync.protocol import scope_hash

_FIELDS = "id, login, name, role, status, scope_hash"


@dataclass(frozen=True, slots=True)
class Account:
    """One user of head office."""

    id: str
    login: str
    name: str
    role: Role
    status: str
    scope_hash: str

    @property
    def is_active(self) -> bool:
        """Say whether the user may sign in."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Territory:
    """One territory; its customers belong to whoever is assigned to it."""

    id: str
    name: str
    parent: str | None


def normal_login(login: str) -> str:
    """Write a login as it is stored: people do not remember capitals."""
    return login.strip().casefold()


def add_user(
    store: Store,
    *,
    login: str,
    name: str,
    role: Role | str,
    password: str | None = None,
    territories: Iterable[str] = (),
) -> str:
    """Add a user, assigned to territories by id or name, and return the id. Raises UserError."""
    normal = normal_login(login)
    if not normal or len(normal) > 100 or any(letter.isspace() for letter in normal):
        raise UserError("The login must be one word of at most 100 characters.", code="BAD_LOGIN")
    if not name.strip() or len(name) > 100:
        raise UserError("The name must have 1 to 100 characters.", code="BAD_NAME")
    checked = _role(role)
    phc = _phc(password, normal) if password is not None else None
    user_id = new_id()
    with store.write("user") as writer:
        if _find(writer.connection, normal) is not None:
            raise UserError("There is a user {login} already.", code="USER_EXISTS", login=normal)
        places = [territory_in(writer.connection, one).id for one in territories]
        writer.connection.execute(
            text(
                "INSERT INTO account (id, login, name, role, password, status, created_at, scope_hash, scope_seq) "
                "VALUES (:id, :login, :name, :role, :password, 'active', :at, :hash, 0)"
            ),
            {
                "id": user_id,
                "login": normal,
                "name": name.strip(),
                "role": checked.value,
                "password": phc,
                "at": clock.stamp(),
                "hash": scope_hash(()),
            },
        )
        _assign(writer.connection, user_id, places)
        writer.put(
            "colleague", user_id, {"name": name.strip(), "role": checked.value, "status": "active"}
        )
        writer.then(lambda connection, seq: scopes.refresh(connection, user_id, seq))
        audit.note(
            writer, "user.added", user_id, login=normal, role=checked.value, territories=places
        )
    return user_id


def _role(role: Role | str) -> Role:
    try:
        return Role(str(role).upper())
    except ValueError:
        raise UserError(
            "There is no role {role}. Roles are {roles}.",
            code="BAD_ROLE",
            role=str(role),
            roles=", ".join(Role),
        ) from None


def _phc(password: str, login: str) -> str:
    check_password(password, username=login)
    return hash_password(password)


def set_password(store: Store, login: str, password: str) -> None:
    """Replace a user's password; devices stay enrolled, browsers sign in anew. Raises UserError."""
    phc = _phc(password, normal_login(login))
    with store.write("user") as writer:
        account = require(writer.connection, login)
        writer.connection.execute(
            text("UPDATE account SET password = :phc WHERE id = :id"),
            {"phc": phc, "id": account.id},
        )
        # Whoever knew the old one may be signed in with it
        writer.connection.execute(
            text("DELETE FROM admin_session WHERE user_id = :id"), {"id": account.id}
        )
        audit.note(writer, "user.password", account.id)


def set_role(store: Store, login: str, role: Role | str) -> None:
    """Give a user another role; what his devices hold follows. Raises UserError."""
    checked = _role(role)
    with store.write("user") as writer:
        account = require(writer.connection, login)
        writer.connection.execute(
            text("UPDATE account SET role = :role WHERE id = :id"),
            {"role": checked.value, "id": account.id},
        )
        _tell_colleagues(writer, account, role=checked, status=account.status)
        writer.then(lambda connection, seq: scopes.refresh(connection, account.id, seq))
        audit.note(writer, "user.role", account.id, before=account.role.value, after=checked.value)


def _tell_colleagues(writer: Writer, account: Account, *, role: Role, status: str) -> None:
    known = writer.get("colleague", account.id)
    writer.put(
        "colleague",
        account.id,
        {
            **(known.document if known is not None else {}),
            "name": account.name,
            "role": role.value,
            "status": "active" if status == "active" else "left",
        },
    )


def disable_user(store: Store, login: str) -> None:
    """Shut a user out: no sign-in, no tokens, no subscription. What he recorded stays."""
    _set_status(store, login, "disabled")


def enable_user(store: Store, login: str) -> None:
    """Let a disabled user in again."""
    _set_status(store, login, "active")


def _set_status(store: Store, login: str, status: str) -> None:
    with store.write("user") as writer:
        account = require(writer.connection, login)
        writer.connection.execute(
            text("UPDATE account SET status = :status WHERE id = :id"),
            {"status": status, "id": account.id},
        )
        _tell_colleagues(writer, account, role=account.role, status=status)
        writer.then(lambda connection, seq: scopes.refresh(connection, account.id, seq))
        audit.note(writer, "user.disabled" if status == "disabled" else "user.enabled", account.id)


def price_unlock(connection: Connection) -> str:
    """Say how computers open prices: `passphrase`, or `keyring` where the system's key store is enough."""
    found = connection.execute(text("SELECT v FROM meta WHERE k = 'price_unlock'")).scalar()
    return str(found or "passphrase")


def set_price_unlock(store: Store, way: str) -> None:
    """Decide how computers that are enrolled from now on open prices. Raises UserError."""
    if way not in {"passphrase", "keyring"}:
        raise UserError("Choose passphrase or keyring.", code="BAD_POLICY")
    with store.write("policy") as writer:
        writer.connection.execute(
            text(
                "INSERT INTO meta (k, v) VALUES ('price_unlock', :v) "
                "ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ),
            {"v": way},
        )
        writer.ledger_changed()
        audit.note(writer, "policy.price_unlock", way)


def users(store: Store) -> list[Account]:
    """List all users by login."""
    with store.read() as connection:
        rows = connection.execute(text(f"SELECT {_FIELDS} FROM account ORDER BY login")).all()
    return [_account(row) for row in rows]


def _account(row: Iterable[str]) -> Account:
    id_, login, name, role, status, scope = row
    return Account(id_, login, name, Role(role), status, scope)


def _find(connection: Connection, login: str) -> Account | None:
    row = connection.execute(
        text(f"SELECT {_FIELDS} FROM account WHERE login = :login"),
        {"login": normal_login(login)},
    ).one_or_none()
    return None if row is None else _account(row)


def require(connection: Connection, login: str) -> Account:
    """Return a user by login. Raises UserError where there is none."""
    account = _find(connection, login)
    if account is None:
        raise UserError("There is no user {login}.", code="NO_SUCH_USER", login=login)
    return account


def by_id(connection: Connection, user_id: str) -> Account:
    """Return a user by id. Raises where there is none."""
    return _account(
        connection.execute(
            text(f"SELECT {_FIELDS} FROM account WHERE id = :id"), {"id": user_id}
        ).one()
    )


def find_by_id(store: Store, user_id: str) -> Account | None:
    """Return a user by id; None where there is none."""
    with store.read() as connection:
        row = connection.execute(
            text(f"SELECT {_FIELDS} FROM account WHERE id = :id"),
            {"id": user_id.replace("\x00", "")},
        ).one_or_none()
    return None if row is None else _account(row)


def add_territory(store: Store, name: str, *, parent: str | None = None) -> str:
    """Add a territory, below another one named by id or name; return its id. Raises UserError."""
    if not name.strip() or len(name) > 100:
        raise UserError("The name must have 1 to 100 characters.", code="BAD_NAME")
    territory_id = new_id()
    with store.write("territory") as writer:
        above = territory_in(writer.connection, parent).id if parent else None
        taken = writer.connection.execute(
            text("SELECT 1 FROM territory WHERE name = :name"), {"name": name.strip()}
        ).scalar()
        if taken:
            raise UserError(
                "There is a territory {name} already.", code="TERRITORY_EXISTS", name=name
            )
        writer.connection.execute(
            text("INSERT INTO territory (id, name, parent) VALUES (:id, :name, :parent)"),
            {"id": territory_id, "name": name.strip(), "parent": above},
        )
        audit.note(writer, "territory.added", territory_id, parent=above)
    return territory_id


def territories(store: Store) -> list[Territory]:
    """List all territories by name."""
    with store.read() as connection:
        rows = connection.execute(
            text("SELECT id, name, parent FROM territory ORDER BY name")
        ).all()
    return [Territory(*row) for row in rows]


def find_territory(store: Store, named: str) -> Territory:
    """Return a territory by id or name. Raises UserError where there is none."""
    with store.read() as connection:
        return territory_in(connection, named)


def territory_in(connection: Connection, named: str) -> Territory:
    """Return a territory by id or name, in this transaction. Raises UserError where there is none."""
    row = connection.execute(
        text("SELECT id, name, parent FROM territory WHERE id = :named OR name = :named"),
        {"named": named.strip()},
    ).first()
    if row is None:
        raise UserError("There is no territory {name}.", code="NO_SUCH_TERRITORY", name=named)
    return Territory(*row)


def assign(store: Store, login: str, named: Iterable[str]) -> None:
    """Assign a user to these territories, by id or name, and to no other. Raises UserError."""
    with store.write("territory") as writer:
        account = require(writer.connection, login)
        places = [territory_in(writer.connection, one).id for one in named]
        writer.connection.execute(
            text("DELETE FROM account_territory WHERE user_id = :user"), {"user": account.id}
        )
        _assign(writer.connection, account.id, places)
        audit.note(writer, "user.territories", account.id, territories=places)
        writer.then(lambda connection, seq: scopes.refresh(connection, account.id, seq))


def _assign(connection: Connection, user_id: str, places: Iterable[str]) -> None:
    rows = [{"user": user_id, "territory": place} for place in sorted(set(places))]
    if rows:
        connection.execute(
            text(
                "INSERT INTO account_territory (user_id, territory_id) VALUES (:user, :territory)"
            ),
            rows,
        )


def territory_names(connection: Connection, user_id: str) -> str:
    """Name a user's territories, for people to read."""
    names = connection.execute(
        text(
            "SELECT t.name FROM account_territory a JOIN territory t ON t.id = a.territory_id "
            "WHERE a.user_id = :user ORDER BY t.name"
        ),
        {"user": user_id},
    ).scalars()
    return ", ".join(names)


def all_territory_names(connection: Connection) -> dict[str, str]:
    """Name every user's territories, by the user's id."""
    found: dict[str, list[str]] = {}
    for user_id, name in connection.execute(
        text(
            "SELECT a.user_id, t.name FROM account_territory a "
            "JOIN territory t ON t.id = a.territory_id ORDER BY t.name"
        )
    ):
        found.setdefault(user_id, []).append(name)
    return {user_id: ", ".join(names) for user_id, names in found.items()}


def territory_ids(connection: Connection, user_id: str) -> set[str]:
    """Return the ids of a user's territories."""
    return set(
        connection.execute(
            text("SELECT territory_id FROM account_territory WHERE user_id = :user"),
            {"user": user_id},
        ).scalars()
    )


def move_customers(writer: Writer, customer_ids: Iterable[str], territory_id: str) -> None:
    """Hand customers to another territory; subscriptions follow in the same commit."""
    ids = list(customer_ids)
    writer.load(("customer", one) for one in ids)
    for one in ids:
        row = writer.get("customer", one)
        if row is not None and not row.is_gone:
            writer.put("customer", one, {**row.document, "territory_id": territory_id})
