"""What a user does with the people of a customer."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.db.records import Person
from kamdesk.db.work import Work
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person not yet known, as typed in the visit's dialog."""

    name: str
    department: str = ""
    title: str = ""
    phone: str = ""
    id: str = ""


def add_person(work: Work, person: NewPerson, *, customer_id: str) -> str:
    """Store a person of a customer; return the id. Raises UserError without a name."""
    if not person.name.strip():
        raise UserError(
            QT_TRANSLATE_NOOP("person", "Enter the name."), field="name", context="person"
        )
    if person.id and work.get(Person, person.id) is not None:
        return person.id
    return work.add(
        Person(
            id=person.id or new_id(),
            customer_id=customer_id,
            name=person.name.strip(),
            department=person.department.strip() or None,
            title=person.title.strip() or None,
            phone=person.phone.strip() or None,
            status="active",
        )
    ).id


def spell_people(work: Work, spellings: Mapping[str, tuple[str, str]]) -> None:
    """Store pinyin and initials, computed elsewhere, for people created offline."""
    for person_id, (pinyin, initials) in spellings.items():
        person = work.get(Person, person_id)
        if person is not None and not person.initials:
            person.pinyin, person.initials = pinyin or None, initials or None
