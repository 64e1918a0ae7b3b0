"""What travels between desktop and head office: one set of structs, read by both, published as OpenAPI.

`POST /v1/sync` hands in changes and fetches what is new in one request. See docs/architecture.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

PROTOCOL = 1
SCHEMA = 2
"""Version of the record declarations; a change of a field or kind that no released program has says `since` this."""

MAX_OPS = 500
MAX_GROUP = 10_000
"""Changes of one user action, which stand or fall together: a request may carry these though they are more."""
MAX_ROWS = 2000
MAX_BODY = 8 * 1024 * 1024
MAX_INFLATED = 32 * 1024 * 1024
COLUMNS_FROM = 100
"""Pages of at least this many rows travel as columns, which compress five times better."""


class Wire(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=False):
    """The base of all structs. Unknown members are ignored, so that either side may be newer."""


class EnrollRequest(Wire):
    """A device introduces itself, with a code or with user and password."""

    device_name: str
    os: str
    app: str
    public_key: str
    code: str = ""
    user: str = ""
    password: str = ""
    proves: bool = (
        False  # trades its tokens with a proof, see `TokenRequest`: none of them is taken without
    )


class PasswordRequest(Wire):
    """A user chooses another password; the one in force proves who asks."""

    user: str
    password: str
    new: str


class PasswordAnswer(Wire):
    """The other password holds, from `at` on."""

    at: str


class UserInfo(Wire):
    """Who signed in."""

    id: str
    login: str
    name: str
    role: str
    territory: str = ""


class Lease(Wire):
    """How long a device may open its prices; `signature` is head office's under `lease_message`, base64.

    `share`: 32 bytes in base64 without which the price keys do not open; only for a device that does not have them.
    """

    share_id: int
    issued: str
    expires: str
    signature: str = ""
    share: str = ""


class Order(Wire):
    """What head office wants deleted: the `prices` of a device, or all of it (`wipe`).

    `rescue_key`: the X25519 key, in base64, that work which cannot be handed in any more is sealed to.
    """

    what: Literal["prices", "wipe"]
    at: str
    rescue_key: str = ""
    signature: str = ""


class EnrollResponse(Wire):
    """What the device keeps from its enrolment."""

    device_id: str
    server_id: str
    company: str
    server_key: str
    access: str
    access_seconds: int
    refresh: str
    user: UserInfo
    records: int = 0  # roughly how many the first load brings, for an honest progress bar
    price_unlock: str = "passphrase"  # or keyring: whether prices ask for a passphrase of their own
    lease: Lease | None = None


class TokenRequest(Wire):
    """Trade the refresh token for the next pair; `proof`: the signature of `token_message` with the device's key."""

    device_id: str
    refresh: str
    proof: str = ""


def token_message(device_id: str, refresh: str) -> bytes:
    """Return what a device signs to trade a refresh token, so that one that was stolen alone is worth nothing."""
    return f"KAMDesk/token/v1\0{device_id}\0{refresh}".encode("utf-8", "surrogatepass")


class TokenResponse(Wire):
    """The next pair; the old refresh token stays valid until this one is used."""

    access: str
    access_seconds: int
    refresh: str


class Op(Wire):
    """One change of one record. `mid` is dense per device and never means anything else."""

    mid: int
    k: str
    id: str
    op: Literal["create", "patch", "delete", "cmd"]
    base: int = 0  # revision of the client's base at send time
    sv: int = 1  # the version of the declarations that it was written in
    at: str = ""  # the client's clock; shown to people, decides nothing
    f: dict[str, list[Any]] = {}
    cmd: str = ""
    args: dict[str, Any] = {}


class Group(Wire):
    """One user action: its ops stand or fall together."""

    g: str
    ops: list[Op]
    held: bool = False  # sent before, and cannot be repeated now: the device's prices are locked


class Disclosure(Wire):
    """Prices of a contract left the program of a device: what was done and when by its clock, never a value."""

    id: str
    what: Literal["copied", "exported"]
    record: str
    at: str
    how: Literal["", "printed"] = ""  # more exactly, for who knows it


class Limit(Wire):
    """How much the client wants in one answer."""

    rows: int = MAX_ROWS


class Loading(Wire, array_like=True):
    """Progress of one bucket that is being loaded: entries after `after`; removals only past `start`."""

    bucket: str
    after: int
    start: int


class About(Wire):
    """What a device says of itself, once after each start."""

    app: str
    os: str
    disk: str = ""  # encrypted, plain; "" where its system does not tell


class SyncRequest(Wire):
    """Everything that one round trip carries from the desktop."""

    server_id: str
    device: str
    schema: int
    seen: tuple[int, int] = (0, 0)  # highest head ever seen and its nonce
    cursor: int = 0
    price_cursor: int = -1  # as `cursor`, for the prices; below zero: send none, they are locked
    scope: str = ""
    loading: list[Loading] = []
    ack: int = 0
    groups: list[Group] = []
    check_after: str | None = None  # compare the next live buckets by name too; "" begins
    limit: Limit | None = None
    audit: tuple[int, str] = (0, "")  # the newest head of the audit that this device was told
    disclosed: list[Disclosure] = []  # for the audit; told again until an answer arrives
    lease: int | None = (
        None  # the share that this device has, 0 for none; older programs know no lease
    )
    renewed: str = ""  # the `renew` that was followed; told until it is asked for no more
    brief: bool = False  # this program knows `Page.rule` and `SyncResponse.summary`
    compare: list[str] = []  # buckets of a `summary` that differed: told one by one
    noticed: int = -1  # the commit up to which this device was told `notices`; below zero: none
    settled: list[str] = []  # notices that the user settled here; told until an answer arrives
    disputed: list[tuple[str, str, list[str]]] = []  # kind, id and fields that wait for the user
    about: About | None = None


class FieldConflict(Wire):
    """One field where head office kept its own value."""

    old: Any = None
    mine: Any = None
    theirs: Any = None
    by: str = ""
    at: str = ""


class RowState(Wire):
    """A record as it stands at head office; `data` in the kind's field order, None when deleted."""

    k: str
    id: str
    rev: int
    b: str
    data: list[Any] | None = None


class Result(Wire):
    """The verdict on one op.

    `held`: the group came without its values and had not arrived before; it comes again under new numbers.
    """

    mid: int
    st: Literal["applied", "merged", "noop", "conflict", "rejected", "failed", "held"]
    rev: int = 0
    code: str = ""
    params: dict[str, Any] = {}
    row: RowState | None = None
    fields: dict[str, FieldConflict] = {}
    overwritten: dict[str, Any] = {}
    by: dict[str, tuple[str, str]] = {}  # who wrote what was `overwritten`, and when by head office


if TYPE_CHECKING:
    Column = Any
else:
    # Decoded one by one: to decode a whole answer of a first load would stop the window for that long
    Column = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "array"})]


class Page(Wire):
    """Records of one kind: as columns (`cols`) or as rows (`rows`), with the ones that went.

    `c` names the fields in order. `rows` are `[id, rev, bucket, *fields]`; `cols` are the same, turned.
    A bucket that all rows share is given once in `b`, and its column is left out; so it is where each row's bucket
    follows from a field, by `rule`: what stands before the colon, and the field whose value stands behind it.
    """

    k: str
    n: int
    c: list[str] = []
    b: str = ""
    rule: tuple[str, str] | None = None
    rows: list[list[Any]] = []
    cols: list[Column] = []
    dele: list[tuple[str, int, str]] = msgspec.field(
        default_factory=list, name="del"
    )  # id, rev, bucket
    rem: list[tuple[str, int, str]] = []  # id, rev, the bucket it left
    undone: list[str] = []  # of `del`: brought in by an import that its user took back

    def open(self) -> None:
        """Decode the columns that are still as they came. Raises DecodeError."""
        self.cols = [
            msgspec.json.decode(one) if isinstance(one, msgspec.Raw) else one for one in self.cols
        ]

    def ids(self) -> set[str]:
        """Name the records."""
        self.open()
        return set(self.cols[0]) if self.cols else {row[0] for row in self.rows}

    @property
    def is_bare(self) -> bool:
        """Whether the buckets are left out of the records."""
        return bool(self.b) or self.rule is not None

    def buckets(self) -> Sequence[str]:
        """Give the bucket of each record."""
        self.open()
        columns = self.cols or list(zip(*self.rows, strict=True))
        if not columns:
            return []
        if self.b:
            return [self.b] * len(columns[0])
        if self.rule is None:
            named: Sequence[str] = columns[2]
            return named
        prefix, name = self.rule
        return [f"{prefix}:{one}" for one in columns[0 if name == "id" else 2 + self.c.index(name)]]

    def puts(self) -> Iterable[Sequence[Any]]:
        """Give `[id, rev, bucket, *fields]` for every record, whichever form it came in."""
        self.open()
        if not self.is_bare:
            return zip(*self.cols, strict=True) if self.cols else self.rows
        if self.cols:
            return zip(*self.cols[:2], self.buckets(), *self.cols[2:], strict=True)
        return [
            [row[0], row[1], bucket, *row[2:]]
            for row, bucket in zip(self.rows, self.buckets(), strict=True)
        ]


class Delta(Wire):
    """What changed in the live buckets since the cursor."""

    cursor: int
    more: bool
    pages: list[Page]


class Load(Wire):
    """The next part of a bucket that is being loaded."""

    b: str
    after: int
    done: bool


class Scope(Wire):
    """The buckets that the user is subscribed to, most needed first."""

    hash: str
    buckets: list[str]


class Hint(Wire):
    """What head office advises."""

    poll_s: int = 60
    min_schema_push: int = 1
    min_schema_pull: int = 1
    schema: int = 0  # the version of its declarations; 0: not told


class SyncResponse(Wire):
    """Everything that one round trip brings back. With `scope`, nothing else but results is here."""

    server_id: str
    now: str
    head: tuple[int, int]
    last: int
    results: list[Result] = []
    scope: Scope | None = None
    delta: Delta | None = None
    load: list[Load] = []
    load_pages: list[Page] = []
    digest: dict[str, tuple[int, str]] = {}  # bucket -> (count, 16 hex digits)
    summary: str = ""  # see `summary_hash`: what the rest of a big `delta` touched, in one piece
    checked_to: str | None = (
        None  # the last bucket of `check_after`'s part; "" when it was the last part
    )
    receipt: str = ""  # signature of `receipt_message`, base64
    records: int = 0  # how many records the subscribed buckets hold now
    audit: tuple[int, str] = (0, "")  # head of the audit's chain: kept by the device as a witness
    price_delta: Delta | None = None  # as `delta`, for the prices; only where they were asked for
    role: str = ""  # the user's role now
    lease: Lease | None = None
    order: Order | None = None
    renew: str = ""  # since when a new price key is wanted from this device
    masking: str = ""  # "held": open prices are dots until they are held; "": as the user likes
    hint: Hint = msgspec.field(default_factory=Hint)
    notices: list[Notice] = []
    noticed: int = -1  # the commit up to which `notices` tell; below `head` more are to come
    written: list[Written] = []  # of `disputed`, and what `notices` are about: written since


class Notice(Wire):
    """A value of the user's that somebody replaced without having seen it, or in settling a conflict.

    `fields`: without values where they are prices, without `theirs` where he no longer works on the record.
    """

    id: str
    k: str
    row: str
    by: str = ""
    at: str = ""  # head office's clock
    fields: dict[str, FieldConflict] = {}
    settled: bool = False  # on another computer of the user's


class Written(Wire):
    """Who wrote fields of a record since this device last asked: by field the user, his name, and when."""

    k: str
    id: str
    fields: dict[str, tuple[str, str, str]] = {}


class Parting(Wire):
    """The last thing that a device hands in before it deletes its keys: what head office does not have.

    `sealed`: base64, to the order's `rescue_key`; empty where nothing was left.
    """

    sealed: str = ""


class Parted(Wire):
    """What became of it."""

    rescue_id: str = ""


class Listing(Wire):
    """What one bucket holds at head office, to name the first difference: (kind, id, revision)."""

    head: tuple[int, int]
    rows: list[tuple[str, str, int]]


class Head(Wire):
    """The answer of the long poll: the number of the newest commit."""

    head: int


class Meta(Wire):
    """What head office is; asked before enrolment to tell a server from a captive portal."""

    product: str
    company: str
    server_id: str
    protocol: int
    schema: int
    now: str


class Problem(Wire):
    """An error in the form of RFC 9457, with a stable code."""

    code: str
    status: int = 0
    params: dict[str, Any] = {}
    retry_after: int = 0
    type: str = "about:blank"
    title: str = ""


class Diverged(Wire):
    """The body of 409 `history_diverged`: head office was restored; what it still knows of this device."""

    code: str
    last: int
    head: tuple[int, int]
    stored: list[Result] = []
    now: str = ""


def scope_hash(buckets: Iterable[str]) -> str:
    """Hash a subscription: 64 bits of SHA-256 over the sorted names, as 16 hex digits."""
    return scope_hash_of("\n".join(sorted(buckets)))


def scope_hash_of(names: str) -> str:
    """Hash a subscription whose names were sorted already, one a line."""
    return hashlib.sha256(names.encode()).hexdigest()[:16]


def summary_hash(held: Iterable[tuple[str, int, int, int]]) -> str:
    """Hash many digests: 64 bits of SHA-256 over (bucket, number of the kind, count, hash), as 16 hex digits."""
    lines = [f"{bucket} {kind} {n} {x:016x}" for bucket, kind, n, x in held]
    return scope_hash(lines)


def row_hash(kind: str, record_id: str, rev: int) -> int:
    """Hash one live record for the digest of its bucket: 64 bits, combined with XOR."""
    digest = hashlib.blake2b(f"{kind}\x00{record_id}\x00{rev}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def lease_message(server_id: str, device: str, lease: Lease) -> bytes:
    """Write what head office signs with a lease; the share itself travels beside it."""
    signed = (server_id, device, lease.share_id, lease.issued, lease.expires)
    return b"KAMDesk/lease/v1\0" + msgspec.json.encode(signed)


def order_message(server_id: str, device: str, order: Order) -> bytes:
    """Write what head office signs with an order."""
    signed = (server_id, device, order.what, order.at, order.rescue_key)
    return b"KAMDesk/order/v1\0" + msgspec.json.encode(signed)


def receipt_message(device: str, answer: SyncResponse) -> bytes:
    """Write what head office signs with an answer.

    For which device, up to which of its changes with which verdicts, at which commit, holding what.
    """
    verdicts = [(one.mid, one.st, one.rev) for one in answer.results]
    held = sorted((bucket, *digest) for bucket, digest in answer.digest.items())
    signed = (answer.server_id, device, answer.last, answer.head, answer.now, verdicts, held)
    summary = (answer.summary,) if answer.summary else ()
    return b"KAMDesk/receipt/v1\0" + msgspec.json.encode((*signed, *summary))
