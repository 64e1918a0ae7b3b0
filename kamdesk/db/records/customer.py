"""Whom the company serves: hospitals, distributors, agents, bidding offices."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.spec import BucketRule, FieldType, Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP


class Customer(Record):
    """One party of the field; its bucket holds everything that belongs to it."""

    __tablename__ = "customer"
    number = 1
    label = QT_TRANSLATE_NOOP("customer", "Customer")
    plural = QT_TRANSLATE_NOOP("customer", "Customers")
    bucket = BucketRule("acct", "id")
    searchable = True

    kind: Mapped[str] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("customer", "Kind"),
        required=True,
        choices=("hospital", "distributor", "agent", "bidding_office", "pharma_client"),
    )
    name: Mapped[str] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Name"),
        required=True,
        max_length=200,
        in_list=True,
        searchable=True,
    )
    pinyin: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Pinyin"),
        policy=Policy.SRV,
        max_length=1000,
        searchable=True,
    )
    initials: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Initials"),
        policy=Policy.SRV,
        max_length=200,
        searchable=True,
    )
    aliases: Mapped[list[str] | None] = field(
        FieldType.TAGS,
        label=QT_TRANSLATE_NOOP("customer", "Also called"),
        policy=Policy.SET,
        searchable=True,
    )
    code: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Code"),
        policy=Policy.SRV,
        max_length=64,
        searchable=True,
    )
    grade: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("customer", "Grade"), max_length=40, in_list=True
    )
    segment: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("customer", "Segment"),
        choices=("A", "B", "C"),
        in_list=True,
    )
    province: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Province"),
        group="address",
        max_length=80,
    )
    city: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "City"),
        group="address",
        max_length=80,
        in_list=True,
        searchable=True,
    )
    county: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "County"),
        group="address",
        max_length=80,
    )
    address: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Address"),
        group="address",
        max_length=300,
    )
    postcode: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Postcode"),
        group="address",
        max_length=20,
    )
    latitude_e6: Mapped[int | None] = field(
        FieldType.INTEGER,
        label=QT_TRANSLATE_NOOP("customer", "Latitude, millionths"),
        group="address",
    )
    longitude_e6: Mapped[int | None] = field(
        FieldType.INTEGER,
        label=QT_TRANSLATE_NOOP("customer", "Longitude, millionths"),
        group="address",
    )
    phone: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("customer", "Phone"), max_length=120
    )
    email: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "E-mail"),
        policy=Policy.LWW,
        max_length=200,
    )
    website: Mapped[str | None] = field(
        FieldType.TEXT,
        label=QT_TRANSLATE_NOOP("customer", "Website"),
        policy=Policy.LWW,
        max_length=300,
    )
    parent_name: Mapped[str | None] = field(
        FieldType.TEXT, label=QT_TRANSLATE_NOOP("customer", "Belongs to"), max_length=200
    )
    territory_id: Mapped[str | None] = field(
        FieldType.REFERENCE, label=QT_TRANSLATE_NOOP("customer", "Territory"), policy=Policy.SRV
    )
    status: Mapped[str | None] = field(
        FieldType.CHOICE,
        label=QT_TRANSLATE_NOOP("customer", "Status"),
        policy=Policy.SRV,
        choices=("active", "archived"),
    )
    tags: Mapped[list[str] | None] = field(
        FieldType.TAGS, label=QT_TRANSLATE_NOOP("customer", "Tags"), policy=Policy.SET
    )
