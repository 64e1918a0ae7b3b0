"""What head office asks of medical representatives (`domain.medical_reps`), by what it keeps about each.

That is part of the record of the colleague, so that his own computer knows it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kamdesk.db.records import SPECS
from kamdesk.domain import clock, medical_reps
from kamdesk.domain.errors import UserError
from kamdesk.domain.roles import Role
from kamdesk.domain.spec import RecordSpec
from kamdesk.domain.visits import VisitState
from kamdesk.headoffice import accounts, audit, schema
from kamdesk.headoffice.sql import text

if TYPE_CHECKING:
    from kamdesk.headoffice.store import Store
    from kamdesk.headoffice.verdicts import Session
    from kamdesk.sync.protocol import Op


def set_filing(store: Store, login: str, number: str, until: date | None) -> None:
    """Note a representative's filing, which he needs from then on; "" takes it away, and the need with it.

    `until`: its last day, where it has one. Raises UserError.
    """
    number = number.strip()
    if len(number) > SPECS["colleague"].field("mr_filing_no").max_length:
        raise UserError("The number of a filing has at most 60 characters.", code="BAD_FILING")
    _change(
        store, login, "user.filing", mr_mode=True if number else None, mr_filing_no=number or None,
        mr_filing_until=until.isoformat() if until and number else None,
    )  # fmt: skip


def set_mode(store: Store, login: str, *, is_on: bool) -> None:
    """Have a representative follow these rules whole, or not at all. Raises UserError."""
    _change(store, login, "user.mr_mode", mr_mode=is_on)


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing as the administrator sees it; empty where there is none."""

    number: str = ""
    until: str = ""


def filing_of(store: Store, user_id: str) -> Filing:
    """Return what is kept about a user's filing."""
    spec = SPECS["colleague"]
    with store.read() as connection:
        data = connection.execute(
            text("SELECT data FROM sync_row WHERE kind = :kind AND id = :id AND gone = 0"),
            {"kind": spec.number, "id": user_id},
        ).scalar()
    document = schema.decode(spec, data) if data else {}
    return Filing(
        str(document.get("mr_filing_no") or ""), str(document.get("mr_filing_until") or "")
    )


def _change(store: Store, login: str, what: str, **values: object) -> None:
    with store.write("user") as writer:
        account = accounts.require(writer.connection, login)
        if account.role is not Role.REP:
            raise UserError(
                "{login} is no representative.", code="NO_REPRESENTATIVE", login=account.login
            )
        known = writer.get("colleague", account.id)
        document = dict(known.document) if known is not None else {}
        writer.put("colleague", account.id, {**document, **values})
        audit.note(writer, what, account.id, **values)


def check_texts(session: Session, spec: RecordSpec, values: Mapping[str, object]) -> None:
    """Raise Refused where a representative's text counts prescriptions."""
    texts = medical_reps.texts_of(spec, values)
    medical_reps.check_texts(texts, session.caller.role, lambda: _me(session))


def check_new(session: Session, spec: RecordSpec, document: Mapping[str, object]) -> None:
    """Raise Refused where a representative's new record tells too much, or plans a visit without a filing."""
    check_texts(session, spec, document)
    _check_plan(session, document)


def check_moved(session: Session, op: Op) -> None:
    """Raise Refused where a representative moved a plan to a day without a valid filing.

    After all changes of its group: a report changes the day of a visit too before it completes it.
    """
    day = op.f.get("held_on")
    if op.k != "visit" or op.op != "patch" or not day or op.id in session.reported:
        return
    visit = session.find(op.k, op.id)
    if visit is not None and visit.get("held_on") == day[-1]:
        _check_plan(session, visit)


def _check_plan(session: Session, document: Mapping[str, object]) -> None:
    if session.caller.role is not Role.REP or document.get("state") != VisitState.PLANNED:
        return
    day = document.get("held_on")
    if isinstance(day, str) and day > clock.now().date().isoformat():
        medical_reps.check_filing(session.caller.role, _me(session), day)


def check_command(session: Session, spec: RecordSpec, op: Op) -> None:
    """Raise Refused where a representative hands in a promotion without filing or registration."""
    if session.caller.role is not Role.REP:
        return
    medical_reps.check_texts(op.args, session.caller.role, lambda: _me(session))
    if (spec.kind, op.cmd) == ("promotion_request", "submit"):
        request = session.find(spec.kind, op.id) or {}
        medical_reps.check_promotion(request, session.caller.role, _me(session))


def _me(session: Session) -> Mapping[str, object] | None:
    return session.find("colleague", session.caller.user_id)
