"""The kinds of records at head office: those of the desktop, and those that only other systems bring so far.

Invoices and flow lines live in buckets of their own, which no desktop is subscribed to until it has screens for them.
"""

from __future__ import annotations

from kamdesk.db import records
from kamdesk.domain.roles import Level
from kamdesk.domain.spec import BucketRule, FieldSpec, FieldType, Policy, RecordSpec


def _field(
    name: str, type_: FieldType, *, required: bool = False, most: int = 0, level: Level = Level.L1,
    choices: tuple[str, ...] = (), of: str = "",
) -> FieldSpec:  # fmt: skip
    return FieldSpec(
        name, type_, name, policy=Policy.SRV, required=required, max_length=most, level=level,
        choices=choices, kind=of,
    )  # fmt: skip


INVOICE = RecordSpec(
    kind="invoice",
    number=40,
    label="Invoice",
    plural="Invoices",
    bucket=BucketRule("money", "customer_id"),
    level=Level.L3,
    client_creates=False,
    client_edits=False,
    fields=(
        _field("code", FieldType.TEXT, required=True, most=64),
        _field("customer_id", FieldType.REFERENCE, required=True),
        _field("issued_on", FieldType.DATE, required=True),
        _field("due_on", FieldType.DATE),
        _field("currency", FieldType.TEXT, required=True, most=3),
        _field("amount_minor", FieldType.INTEGER, required=True, level=Level.L3),
        _field("open_minor", FieldType.INTEGER, required=True, level=Level.L3),
        _field("disputed", FieldType.BOOLEAN),
        _field("state", FieldType.CHOICE, required=True, choices=("open", "paid", "cancelled")),
    ),
)
FLOW_LINE = RecordSpec(
    kind="flow_line",
    number=41,
    label="Flow line",
    plural="Flow data",
    bucket=BucketRule("flow", "customer_id"),
    client_creates=False,
    client_edits=False,
    fields=(
        _field("code", FieldType.TEXT, required=True, most=64),
        _field("customer_id", FieldType.REFERENCE, required=True),
        _field("from_id", FieldType.REFERENCE, required=True),
        _field("product_id", FieldType.REFERENCE, required=True, of="product"),
        _field("sold_on", FieldType.DATE, required=True),
        _field("quantity", FieldType.INTEGER, required=True),
        _field("batch", FieldType.TEXT, most=64),
        _field("unit_price", FieldType.TEXT, most=40, level=Level.L3),
        _field("currency", FieldType.TEXT, most=3),
    ),
)
SPECS: dict[str, RecordSpec] = {
    **records.SPECS,
    **{spec.kind: spec for spec in (INVOICE, FLOW_LINE)},
}
AT_REST: dict[str, tuple[str, ...]] = {
    spec.kind: tuple(one.name for one in spec if one.level >= Level.L3)
    for spec in (INVOICE, FLOW_LINE)
}
"""The amounts that only head office holds: sealed in its database, though no desktop seals them."""
