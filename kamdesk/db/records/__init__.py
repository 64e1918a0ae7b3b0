"""Every kind of record, named one by one: a frozen program that scans folders finds nothing, silently."""

from __future__ import annotations

from kamdesk.db.describe import Record
from kamdesk.db.records.attachment import Attachment
from kamdesk.db.records.colleague import Colleague
from kamdesk.db.records.contract import Contract
from kamdesk.db.records.contract_line import ContractLine
from kamdesk.db.records.contract_line_floor import ContractLineFloor
from kamdesk.db.records.contract_line_price import ContractLinePrice
from kamdesk.db.records.customer import Customer
from kamdesk.db.records.person import Person
from kamdesk.db.records.product import Product
from kamdesk.db.records.promotion_request import PromotionRequest
from kamdesk.db.records.sealed_text import SealedText
from kamdesk.db.records.task import Task
from kamdesk.db.records.visit import Visit
from kamdesk.domain.spec import RecordSpec

RECORDS: dict[str, type[Record]] = {
    record.__tablename__: record
    for record in (
        Customer,
        Person,
        Visit,
        Task,
        Product,
        Contract,
        Colleague,
        PromotionRequest,
        ContractLine,
        ContractLinePrice,
        ContractLineFloor,
        Attachment,
        SealedText,
    )
}
SPECS: dict[str, RecordSpec] = {kind: record.spec() for kind, record in RECORDS.items()}
PRICE_BUCKETS = {spec.bucket.prefix: spec.level for spec in SPECS.values() if spec.sealed}
"""The first words of the buckets that hold prices, and who may hold them."""
_PRICE_PREFIXES = tuple(f"{prefix}:" for prefix in PRICE_BUCKETS)


def is_price_bucket(bucket: str) -> bool:
    """Say whether a bucket holds prices, and nothing else."""
    return bucket.startswith(_PRICE_PREFIXES)  # of thousands in every request of a first load


def opened_with(followed: set[str]) -> set[str]:
    """Name the prefixes of the buckets that come with a new customer, for who follows these prefixes."""
    return {SPECS["customer"].bucket.prefix} | (followed & set(PRICE_BUCKETS))


__all__ = [
    "RECORDS",
    "PRICE_BUCKETS",
    "SPECS",
    "Attachment",
    "Colleague",
    "Contract",
    "ContractLine",
    "ContractLineFloor",
    "ContractLinePrice",
    "Customer",
    "Person",
    "Product",
    "PromotionRequest",
    "SealedText",
    "Task",
    "Visit",
    "is_price_bucket",
    "opened_with",
]
