"""Every kind of record, named one by one: a frozen program that scans folders finds nothing, silently."""

from __future__ import annotations

from kamdesk.db.describe import Record
from kamdesk.db.records.colleague import Colleague
from kamdesk.db.records.contract import Contract
from kamdesk.db.records.contract_line import ContractLine
from kamdesk.db.records.contract_line_floor import ContractLineFloor
from kamdesk.db.records.contract_line_price import ContractLinePrice
from kamdesk.db.records.customer import Customer
from kamdesk.db.records.person import Person
from kamdesk.db.records.product import Product
from kamdesk.db.records.promotion_request import PromotionRequest
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
    )
}
SPECS: dict[str, RecordSpec] = {kind: record.spec() for kind, record in RECORDS.items()}

__all__ = [
    "RECORDS",
    "SPECS",
    "Colleague",
    "Contract",
    "ContractLine",
    "ContractLineFloor",
    "ContractLinePrice",
    "Customer",
    "Person",
    "Product",
    "PromotionRequest",
    "Task",
    "Visit",
]
