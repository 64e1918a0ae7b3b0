"""Dead letters: changes of devices that met a bug, and another try for them."""

from __future__ import annotations

import msgspec

from kamdesk.domain.errors import Refused, UserError
from kamdesk.headoffice import accounts, audit, scopes, verdicts
from kamdesk.headoffice.sql import text
from kamdesk.headoffice.store import Store
from kamdesk.headoffice.tokens import Caller
from kamdesk.headoffice.verdicts import Session
from kamdesk.sync.protocol import Op


def redo(store: Store, incident: str) -> str:
    """Decide a dead letter anew, as its device would have handed it in; return the verdict's word.

    The device was told that head office keeps the change; what is stored now reaches it like any other.
    Raises UserError where it is refused or others changed the same, which leaves the letter where it is.
    """
    with store.write("redo") as writer:
        row = writer.connection.execute(
            text(
                "SELECT l.body, l.device_id, d.user_id, d.last_seen FROM sync_deadletter l "
                "JOIN sync_device d ON d.id = l.device_id WHERE l.incident = :incident"
            ),
            {"incident": incident},
        ).one_or_none()
        if row is None:
            raise UserError(
                "There is no dead letter {incident}.", code="NO_SUCH_LETTER", incident=incident
            )
        op = msgspec.json.decode(writer.seals.opened_text(incident, row.body), type=Op)
        account = accounts.by_id(writer.connection, row.user_id)
        caller = Caller(
            row.device_id, account.id, account.login, account.name, account.role,
            account.scope_hash, row.last_seen,
        )  # fmt: skip
        buckets = scopes.held(writer.connection, account.id)
        try:
            # As an old edit: what others changed since is not overwritten
            result = verdicts.decide(Session(writer, caller, frozenset(buckets), old_edit=True), op)
        except Refused as refusal:
            raise UserError(
                "It is refused: {why}", code="STILL_REFUSED", why=str(refusal)
            ) from refusal
        if result.st == "conflict":
            raise UserError(
                "Others changed the same since. Who handed it in has to do it anew.",
                code="CHANGED_SINCE",
            )
        writer.connection.execute(
            text("DELETE FROM sync_deadletter WHERE incident = :incident"), {"incident": incident}
        )
        audit.note(writer, "letter.redone", incident, device=row.device_id, verdict=result.st)
    return result.st
