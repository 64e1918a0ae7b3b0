"""A file that belongs to a visit or a promotion request: what it is called and what is in it, never the bytes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.attachments import UploadState
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Attachment(Record):
    """One file, by its content's SHA-256. It is never edited; another content is another attachment."""

    __tablename__ = "attachment"
    number = 12
    label = QT_TRANSLATE_NOOP("attachment", "Attachment")
    plural = QT_TRANSLATE_NOOP("attachment", "Attachments")
    bucket = BucketRule("acct", "customer_id")
    client_edits = False
    client_deletes = True
    since = 2

    customer_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("attachment", "Customer"),
        policy=Policy.FIXED,
        kind="customer",
        required=True,
    )
    visit_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("attachment", "Visit"),
        policy=Policy.FIXED,
        kind="visit",
        index=True,
    )
    request_id: Mapped[str | None] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("attachment", "Promotion request"),
        policy=Policy.FIXED,
        kind="promotion_request",
        index=True,
    )
    owner_id: Mapped[str] = field(
        FieldType.REFERENCE,
        label=QT_TRANSLATE_NOOP("attachment", "Attached by"),
        policy=Policy.FIXED,
        kind="colleague",
        required=True,
    )
    name: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("attachment", "Name"),
        policy=Policy.FIXED,
        required=True,
        max_length=120,
        in_list=True,
    )
    mime: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("attachment", "Type"),
        policy=Policy.FIXED,
        required=True,
        max_length=100,
    )
    size: Mapped[int] = field(
        FieldType.INTEGER,
        label=QT_TRANSLATE_NOOP("attachment", "Size"),
        policy=Policy.FIXED,
        required=True,
    )
    sha256: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("attachment", "Content"),
        policy=Policy.FIXED,
        required=True,
        max_length=64,
    )
    attached_at: Mapped[datetime | None] = field(
        FieldType.INSTANT,
        label=QT_TRANSLATE_NOOP("attachment", "Attached"),
        policy=Policy.FIXED,
    )
    upload_state: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("attachment", "At head office"),
        policy=Policy.SRV,
        choices=tuple(UploadState),
    )


Index("attachment_waiting", Attachment.id, sqlite_where=Attachment.upload_state.is_(None))
