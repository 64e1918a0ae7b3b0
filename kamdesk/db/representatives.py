"""What a medical representative may not write, and what he needs (`domain.medical_reps`), on his own computer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kamdesk.db.reader import Reader
from kamdesk.domain import medical_reps
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.spec import RecordSpec
from kamdesk.i18n import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from kamdesk.db.work import Work


def colleague_of(reader: Reader, user_id: str) -> medical_reps.Colleague | None:
    """Return what head office keeps about a user as a representative; None while he is not known here."""
    row = reader.row(
        "SELECT mr_mode, mr_filing_no, mr_filing_until FROM colleague WHERE id = ?", user_id
    )
    if row is None:
        return None
    mode, number, until = row
    return {
        "mr_mode": None if mode is None else bool(mode),
        "mr_filing_no": number,
        "mr_filing_until": until,
    }


def demand(work: Work, spec: RecordSpec, values: Mapping[str, object]) -> None:
    """Raise Refused where a representative's text among the values of a record counts prescriptions."""
    _demand(work, medical_reps.texts_of(spec, values))


def check_texts(work: Work, spec: RecordSpec, patch: Mapping[str, list[Any]]) -> None:
    """Raise UserError at the field where a representative's text counts prescriptions."""
    with _in_words():
        demand(work, spec, {name: told[-1] for name, told in patch.items()})


def check_args(work: Work, args: Mapping[str, object]) -> None:
    """As `check_texts`, of what is said with a command: a reason."""
    with _in_words():
        _demand(work, args)


def _demand(work: Work, values: Mapping[str, object]) -> None:
    actor = work.actor
    medical_reps.check_texts(values, actor.role, lambda: colleague_of(work.reader, actor.user_id))


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "medical_reps",
                "“{words}” counts what somebody prescribes. Medical representatives may not note that. Take it out.",
            ),
            field=str(refused.params["field"]),
            code="prescriptions",
            context="medical_reps",
            words=refused.params["words"],
        ) from refused
