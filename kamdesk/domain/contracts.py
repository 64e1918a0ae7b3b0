"""Rules of contracts: what a draft may hold, what it needs before it goes into review, and who may do it.

The states of the whole chain are declared, so that the approvals to come need commands only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.roles import Actor, Level, Role, may_read
from kamdesk.domain.rules import Command, Find, need, only_owner, step
from kamdesk.i18n import QT_TRANSLATE_NOOP


class ContractType(StrEnum):
    """What a contract is about."""

    SALES = "sales"
    AGENCY = "agency"
    DISTRIBUTION = "distribution"
    DEPOSIT = "deposit"
    QUALITY = "quality"


class ContractState(StrEnum):
    """Where a contract stands; head office decides every step after the first."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PRICE_APPROVED = "price_approved"
    LEGAL_APPROVED = "legal_approved"
    NEGOTIATION = "negotiation"
    SIGNED = "signed"
    ACTIVE = "active"
    RENEWAL_WINDOW = "renewal_window"
    RENEWED = "renewed"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    AMENDED = "amended"


AUTHORS = frozenset({Role.KAM, Role.RM})
READERS = frozenset({Role.KAM, Role.RM, Role.PRC, Role.LEG, Role.FIN, Role.QA, Role.GM})
"""Whose work contracts are; others meet them on a customer's page."""
EDITABLE = frozenset({ContractState.DRAFT})
OVER = frozenset(
    {
        ContractState.RENEWED,
        ContractState.EXPIRED,
        ContractState.TERMINATED,
        ContractState.AMENDED,
    }
)
PRICED = frozenset({ContractType.SALES, ContractType.AGENCY, ContractType.DISTRIBUTION})
"""The types that sell something, and so need lines."""
NEEDED = ("customer_id", "title", "type", "starts_on", "ends_on")
LARGEST_VOLUME = 10**9
MOST_LINES = 1500
"""Products of one contract: all of them exchanged at once, with their prices, are still one action of the user's."""


def may_draft(actor: Actor) -> bool:
    """Say whether `actor` draws up contracts at all."""
    return actor.role in AUTHORS


def may_edit(*, state: str, owner_id: str, actor: Actor) -> bool:
    """Say whether `actor` may change this contract and its lines as it stands."""
    return may_draft(actor) and owner_id == actor.user_id and state in EDITABLE


def check_draft(
    *, customer_id: str, title: str, starts_on: date | None, ends_on: date | None
) -> None:
    """Raise UserError unless a draft can be kept like this: with customer and title, its term not backwards."""
    backwards = starts_on is not None and ends_on is not None and ends_on < starts_on
    for is_wrong, field, words in (
        (not customer_id, "customer", QT_TRANSLATE_NOOP("contract", "Choose the customer.")),
        (not title.strip(), "title", QT_TRANSLATE_NOOP("contract", "Give the contract a title.")),
        (backwards, "ends_on", QT_TRANSLATE_NOOP("contract", "It ends before it begins.")),
    ):
        if is_wrong:
            raise UserError(words, field=field, context="contract")


def check_contract(
    *,
    customer_id: str,
    title: str,
    type_: str,
    starts_on: date | None,
    ends_on: date | None,
    lines: int,
) -> None:
    """Raise UserError, naming the field, unless this contract can go into review."""
    check_draft(customer_id=customer_id, title=title, starts_on=starts_on, ends_on=ends_on)
    for is_missing, field, words in (
        (
            starts_on is None,
            "starts_on",
            QT_TRANSLATE_NOOP("contract", "Enter the day it begins."),
        ),
        (ends_on is None, "ends_on", QT_TRANSLATE_NOOP("contract", "Enter the day it ends.")),
        (
            type_ in PRICED and not lines,
            "lines",
            QT_TRANSLATE_NOOP("contract", "Add at least one product."),
        ),
    ):
        if is_missing:
            raise UserError(words, field=field, context="contract")


def check_new(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may bring this contract into being; it begins as a draft."""
    if not may_draft(actor):
        raise Refused("The role does not draft contracts.", code="not_allowed")
    only_owner(document, actor)
    if document.get("state") != ContractState.DRAFT:
        raise Refused(
            "A contract begins as a draft.",
            code="illegal_transition",
            to=str(document.get("state")),
        )


def check_edit(document: Mapping[str, object], actor: Actor) -> None:
    """Raise Refused unless `actor` may change or delete this contract: its owner, while it is a draft."""
    if not may_draft(actor):
        raise Refused("The role does not draft contracts.", code="not_allowed")
    only_owner(document, actor)
    if document.get("state") not in EDITABLE:
        raise Refused("The contract is in review; withdraw it to change it.", code="in_review")


def check_line(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` may add, change or delete this line: a line is as open as its contract."""
    contract = find("contract", str(document.get("contract_id") or ""))
    if contract is None:
        raise Refused("There is no such contract.", code="not_found")
    check_edit(contract, actor)
    if document.get("customer_id") != contract.get("customer_id"):
        raise Refused("The line names another customer.", code="bad_value", field="customer_id")
    volume = document.get("volume")
    if isinstance(volume, int) and not 0 <= volume <= LARGEST_VOLUME:
        raise Refused("The value is not of the expected form.", code="bad_value", field="volume")


def check_price(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless `actor` may set or delete these prices: whoever may change their line."""
    line = find("contract_line", str(document.get("line_id") or ""))
    if line is None:
        raise Refused("There is no such line.", code="not_found")
    check_line(line, actor, find)
    _demand_same_customer(document, line)


def check_floor(document: Mapping[str, object], actor: Actor, find: Find) -> None:
    """Raise Refused unless this is the floor of a line that there is; who may hold it may set it."""
    line = find("contract_line", str(document.get("line_id") or ""))
    if line is None:
        raise Refused("There is no such line.", code="not_found")
    if not may_read(actor.role, Level.L4):
        raise Refused("The role does not hold floor prices.", code="not_allowed")
    _demand_same_customer(document, line)


def _demand_same_customer(document: Mapping[str, object], line: Mapping[str, object]) -> None:
    if document.get("customer_id") != line.get("customer_id"):
        raise Refused("The price names another customer.", code="bad_value", field="customer_id")


def _submit(
    document: Mapping[str, object], _args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    if not may_draft(actor):
        raise Refused("The role does not draft contracts.", code="not_allowed")
    only_owner(document, actor)
    change = step(document, "submit", ContractState.IN_REVIEW, *EDITABLE)
    need(document, *NEEDED)
    if str(document["ends_on"]) < str(document["starts_on"]):
        raise Refused("It ends before it begins.", code="bad_value", field="ends_on")
    return change


def _withdraw(
    document: Mapping[str, object], _args: Mapping[str, object], actor: Actor
) -> dict[str, object]:
    only_owner(document, actor)
    return step(document, "withdraw", ContractState.DRAFT, ContractState.IN_REVIEW)


COMMANDS: dict[str, Command] = {"submit": _submit, "withdraw": _withdraw}
