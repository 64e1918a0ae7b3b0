"""What a user does with attachments: attach, remove, bring back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kamdesk.db.records import RECORDS, Attachment
from kamdesk.db.work import Work
from kamdesk.domain import clock, filenames
from kamdesk.domain.attachments import PARENTS, Content, check_count, check_size


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file that is kept already, and the record that it is to belong to. `id` makes a repeated save the same save."""

    id: str
    kind: str
    parent_id: str
    name: str
    content: Content


def attach(work: Work, new: NewAttachment) -> str:
    """Note that a content belongs to a record; its bytes must be durable by now. Return the attachment's id."""
    check_size(new.content.size)
    parent: Any = work.require(RECORDS[new.kind], new.parent_id)
    if work.get(Attachment, new.id) is not None:
        return new.id
    field = PARENTS[new.kind]
    standing = work.all(Attachment, **{field: new.parent_id})
    for one in standing:
        if (one.sha256, one.size) == (new.content.sha256, new.content.size):
            return one.id  # the same file again
    check_count(len(standing))
    name = filenames.safe_name(new.name)
    work.add(
        Attachment(
            id=new.id,
            customer_id=parent.customer_id,
            owner_id=work.actor.user_id,
            name=name,
            mime=filenames.mime_of(name),
            size=new.content.size,
            sha256=new.content.sha256,
            attached_at=clock.now(),
            **{field: new.parent_id},
        )
    )
    return new.id


def remove(work: Work, attachment_id: str) -> None:
    """Take an attachment away; its content stays for a while, so that it can be brought back."""
    work.delete(work.require(Attachment, attachment_id))


def change(work: Work, *, added: Sequence[NewAttachment], gone: Sequence[str]) -> None:
    """Do what was attached and taken away in a form. Raises UserError."""
    for attachment_id in gone:
        one = work.get(Attachment, attachment_id)
        if one is not None:
            work.delete(one)
    for new in added:
        attach(work, new)


def bring_back(
    work: Work, attachment_id: str, kind: str, parent_id: str, name: str, content: Content
) -> str:
    """Undo `remove`."""
    return attach(work, NewAttachment(attachment_id, kind, parent_id, name, content))
