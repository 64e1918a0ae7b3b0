"""What other systems hand in and fetch: structs that decode, check and describe at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

MOST_RECORDS = 500
MOST_PAGE = 1000

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=300)]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
# `$` alone takes a line's end, and \d the digits of any script
Price = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,12})?(?!\n)$")]


class Form(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The base: a member that is not known is a mistake of the other system, and said."""


class CustomerForm(Form):
    """A customer as the ERP has it. Members left out, or null, stay as they are."""

    code: Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    kind: Literal["hospital", "distributor", "agent", "bidding_office", "pharma_client"] | None = (
        None
    )
    province: Text | None = None
    city: Text | None = None
    county: Text | None = None
    address: Text | None = None
    postcode: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    website: Text | None = None
    grade: Text | None = None
    segment: Literal["A", "B", "C"] | None = None
    parent_name: Text | None = None
    territory: Text | None = None  # id or name
    status: Literal["active", "archived"] | None = None


class ProductForm(Form):
    """A product as the ERP has it."""

    code: Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    form: Text | None = None
    route: Text | None = None
    atc: Text | None = None
    holder: Text | None = None
    status: Literal["active", "archived"] | None = None


class InvoiceForm(Form):
    """An invoice; amounts in minor units, so that 12.50 is 1250."""

    code: Code
    customer: Code  # the customer's code
    issued_on: Day
    currency: Currency
    amount_minor: Minor
    open_minor: Minor
    due_on: Day | None = None
    disputed: bool | None = None
    state: Literal["open", "paid", "cancelled"] | None = None  # a new one is open


class FlowForm(Form):
    """A line of flow data: what a distributor sold to whom."""

    code: Code
    customer: Code  # who got it
    source: Code  # the distributor who sold it
    product: Code
    sold_on: Day
    quantity: Minor
    batch: Text | None = None
    unit_price: Price | None = None
    currency: Currency | None = None


class Batch(Form):
    """What all batches share. With `dry_run` everything is checked and nothing stored."""

    dry_run: bool = False


class CustomerBatch(Batch):
    """Customers, at most 500."""

    records: Annotated[list[CustomerForm], msgspec.Meta(max_length=MOST_RECORDS)] = []


class ProductBatch(Batch):
    """Products, at most 500."""

    records: Annotated[list[ProductForm], msgspec.Meta(max_length=MOST_RECORDS)] = []


class InvoiceBatch(Batch):
    """Invoices, at most 500."""

    records: Annotated[list[InvoiceForm], msgspec.Meta(max_length=MOST_RECORDS)] = []


class FlowBatch(Batch):
    """Flow lines, at most 500."""

    records: Annotated[list[FlowForm], msgspec.Meta(max_length=MOST_RECORDS)] = []


class Verdict(msgspec.Struct, omit_defaults=True):
    """What became of one record. The others of the batch are stored all the same."""

    code: str
    st: Literal["created", "updated", "unchanged", "rejected"]
    id: str = ""
    reason: str = ""
    field: str = ""


class BatchAnswer(msgspec.Struct, omit_defaults=False):
    """One verdict for each record, in the order of the batch."""

    dry_run: bool
    import_id: str
    verdicts: list[Verdict]


class Export(msgspec.Struct, omit_defaults=False):
    """One page. Ask again with `after=cursor`; kept, the cursor brings only what changed since."""

    records: list[dict[str, Any]]
    cursor: str
    more: bool


EXAMPLES: dict[str, dict[str, Any]] = {
    "CustomerBatch": {
        "dry_run": False,
        "records": [
            {"code": "C-10017", "name": "武汉市第一医院", "kind": "hospital", "province": "湖北省",
             "city": "武汉市", "territory": "湖北"}
        ],
    },
    "ProductBatch": {
        "records": [{"code": "P-0301", "name": "阿司匹林肠溶片 100 mg", "form": "片剂"}]
    },
    "InvoiceBatch": {
        "records": [
            {"code": "INV-2026-00981", "customer": "C-10017", "issued_on": "2026-11-02",
             "due_on": "2027-01-31", "currency": "CNY", "amount_minor": 1250000,
             "open_minor": 1250000}
        ],
    },
    "FlowBatch": {
        "records": [
            {"code": "F-88120-1", "customer": "C-10017", "source": "D-20004", "product": "P-0301",
             "sold_on": "2026-11-05", "quantity": 400, "batch": "20260817"}
        ],
    },
    "BatchAnswer": {
        "dry_run": False, "import_id": "019a8f6e-7a3b-7c11-9d7e-0f8f5f2b6a10",
        "verdicts": [{"code": "C-10017", "st": "created", "id": "019a8f6e-7a3c-7b52-8a34-51c1a86f2f0e"}],
    },
}  # fmt: skip


def _export(**values: Any) -> dict[str, Any]:
    record = {"id": _ID, "rev": 3, "deleted": False, **values}
    return {"records": [record], "cursor": f"4711.{_ID}", "more": False}


_ID = "019a8f6e-7a3c-7b52-8a34-51c1a86f2f0e"
_CUSTOMER = "019a8f6e-7a3b-7d10-8c02-6f1f0a4f8e11"
_OWNER = "019a8f6e-7a3b-7d10-8c02-6f1f0a4f8e22"
_PRODUCT = "019a8f6e-7a3b-7d10-8c02-6f1f0a4f8e33"
EXPORTS: dict[str, dict[str, Any]] = {
    "customers": _export(
        code="C-10017", name="武汉市第一医院", kind="hospital", province="湖北省", city="武汉市", county=None,
        address=None, postcode=None, phone=None, grade="三甲", segment="A", territory_id=_OWNER, status="active",
    ),
    "products": _export(
        code="P-0301", name="阿司匹林肠溶片 100 mg", form="片剂", route=None, atc="B01AC06", holder=None,
        status="active",
    ),
    "invoices": _export(
        code="INV-2026-00981", customer="C-10017", customer_id=_CUSTOMER, issued_on="2026-11-02",
        due_on="2027-01-31", currency="CNY", amount_minor=1250000, open_minor=1250000, disputed=None, state="open",
    ),
    "flow-lines": _export(
        code="F-88120-1", customer="C-10017", customer_id=_CUSTOMER, source="D-20004", from_id=_OWNER,
        product="P-0301", product_id=_PRODUCT, sold_on="2026-11-05", quantity=400, batch="20260817",
        unit_price="12.3456", currency="CNY",
    ),
    "visits": _export(
        customer_id=_CUSTOMER, owner_id=_OWNER, kind="call", state="completed", held_on="2026-11-24",
        products=[_PRODUCT], late=False,
    ),
    "promotions": _export(
        customer_id=_CUSTOMER, owner_id=_OWNER, type="department_meeting", state="approved", product_id=_PRODUCT,
        planned_on="2027-01-15", estimate_minor=1200000, currency="CNY", decided_on="2026-12-01",
    ),
}  # fmt: skip
"""A page of each kind that is given, by its path."""
