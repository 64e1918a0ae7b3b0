"""What a user does with customers."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.db.records import Customer
from kamdesk.db.work import Work
from kamdesk.domain.errors import UserError
from kamdesk.domain.spec import Policy
from kamdesk.i18n import QT_TRANSLATE_NOOP

EDITABLE = tuple(
    field.name
    for field in Customer.spec()
    if field.policy not in {Policy.SRV, Policy.FIXED} and field.name != "kind"
)


def change_customer(work: Work, customer_id: str, values: Mapping[str, object]) -> None:
    """Change fields of a customer, by name. Raises UserError with the field that is wrong."""
    customer = work.require(Customer, customer_id)
    for name, value in values.items():
        if name not in EDITABLE:
            raise UserError(
                QT_TRANSLATE_NOOP("customer", "Only head office changes this field."),
                field=name,
                context="customer",
            )
        setattr(customer, name, value.strip() or None if isinstance(value, str) else value)
