"""What head office knows, put into drawn requests, so that they get past who asks and reach what is behind that."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from kamdesk.db.records import SPECS
from kamdesk.domain import commands
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import devices, integrations, leases
from kamdesk.security import parcel
from kamdesk.security.posture import Disk
from kamdesk.security.signing import new_signing_key, public_key
from kamdesk.sync.protocol import SCHEMA
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.test_blobs import attach, put_all, visit_of

Draw = Callable[[st.SearchStrategy[Any]], Any]
_COMMANDS = {name for some in commands.COMMANDS.values() for name in some}
_NUMBER = (1 << 53) - 1
_ANY = st.integers(0, 10**6)
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(-1e300, 1e300), st.text(max_size=30),
    st.sampled_from(["2026-11-24", "2026-11-24T09:00:00.000Z", "planned", "draft", "CNY", "28.50"]),
    st.lists(st.text(max_size=5), max_size=3), st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


class Known:
    """A device, its user's records, and what each operation has to name of them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        customer = office.customer("Huashan")
        self.desk = office.desk("kim").reconcile()
        self.visit = visit_of(self.desk, customer)
        self.customer = customer
        self.desk.reconcile()
        self.attachment, _ = attach(self.desk, customer, self.visit, b"whole")
        put_all(self.desk, self.attachment, b"whole")
        self.ids = [customer, self.visit, self.attachment, self.desk.user_id, new_id()]
        self.last = self.desk.next_mid - 1
        self.system = integrations.add(office.store, "Fuzz", integrations.SCOPES)
        self.token = self.desk.access

    def believe(self, name: str, case: Any, draw: Draw, *, everything: bool) -> None:
        """Name who asks, and with `everything` what the operation needs; all else stays as it was drawn."""
        self.token = self.system if name.startswith("erp") else self.desk.access
        fill = getattr(self, f"_{name}", None)
        if everything and fill is not None:
            fill(case, draw)

    def learn(self, name: str, answer: Any) -> None:
        """Keep what the next request of the device has to know."""
        if answer.status_code != 200:
            return
        if name == "sync":
            told = answer.json()
            self.last = told["last"]
            # Not a bug that was put aside with its change either
            assert not [one for one in told.get("results", []) if one["st"] == "failed"], told
        if name == "token":
            self.desk.refresh = answer.json()["refresh"]

    # ---- operations

    def _erp_put_invoices(self, case: Any, _: Draw) -> None:
        _whole(case.body.get("records", []), "amount_minor", "open_minor")

    def _erp_put_flow_lines(self, case: Any, _: Draw) -> None:
        _whole(case.body.get("records", []), "quantity")

    def _enroll(self, case: Any, draw: Draw) -> None:
        key = base64.b64encode(public_key(new_signing_key())).decode()
        case.body |= {"public_key": key, "code": "", "user": "ann", "password": PASSWORD}
        for name in ("device_name", "os", "app"):  # the document gives no limit; a database has one
            case.body[name] = case.body.get(name, "").replace("\x00", "")[:200]
        if draw(st.booleans()):
            case.body["code"] = devices.issue_code(self.office.store, "ann")

    def _token(self, case: Any, _: Draw) -> None:
        case.body |= {"device_id": self.desk.device_id, "refresh": self.desk.refresh}
        case.body.pop("proof", None)  # as a device of before there were any

    def _password(self, case: Any, _: Draw) -> None:
        case.body |= {"user": "ann", "password": PASSWORD, "new": PASSWORD}

    def _sync(self, case: Any, draw: Draw) -> None:
        body, desk = case.body, self.desk
        body |= {
            "server_id": desk.server_id, "device": desk.device_id, "seen": list(desk.seen),
            "schema": draw(st.sampled_from([SCHEMA, SCHEMA - 1])),
            "cursor": draw(_ANY) % (desk.seen[0] + 1), "ack": draw(_ANY) % (self.last + 1),
        }  # fmt: skip
        body["loading"] = [  # numbers as they can be
            [bucket.replace("\x00", ""), int(after) & _NUMBER, int(start) & _NUMBER]
            for bucket, after, start, *_ in body.get("loading", [])
        ]
        body["price_cursor"] = int(body.get("price_cursor", 0)) & _NUMBER
        body["compare"] = [name.replace("\x00", "") for name in body.get("compare", [])]
        body["audit"] = list(desk.audit)
        if body.get("about"):
            body["about"] = {"app": "1", "os": "2", "disk": draw(st.sampled_from(list(Disk)))}
        records = st.lists(st.sampled_from(self.ids), min_size=1)
        for one in body.get("disclosed", []):
            one |= {"record": draw(records)[0], "at": str(one["at"])[:40]}
        body["noticed"] = int(body.get("noticed", -1)) & _NUMBER
        body["settled"] = [
            "".join(filter(str.isalnum, one))[:64] or "0" for one in body.get("settled", [])
        ]
        body["disputed"] = [
            [kind, draw(records)[0], list(names)[:100]]
            for kind, _, names, *_ in body.get("disputed", [])
        ]
        drawn = [one for one in body.get("groups", []) if one["ops"] and 0 < len(one["g"]) <= 100]
        body["groups"] = [*drawn, *draw(st.lists(self._groups(), max_size=3))]
        mid = self.last
        for group in body["groups"]:
            for op in group["ops"]:
                mid += 1
                op |= {"mid": mid, "base": int(op.get("base", 0)) & _NUMBER}

    def _groups(self) -> st.SearchStrategy[dict[str, Any]]:
        def op(kind: str) -> st.SearchStrategy[dict[str, Any]]:
            names = st.sampled_from([*SPECS[kind].names, "no_such_field"])
            pair = st.lists(_VALUES | st.sampled_from(self.ids), min_size=2, max_size=2)
            return st.fixed_dictionaries(
                {
                    "k": st.just(kind),
                    "id": st.sampled_from(self.ids) | st.builds(new_id),
                    "op": st.sampled_from(["create", "patch", "delete", "cmd"]),
                    "base": st.integers(0, 9),
                    "sv": st.integers(0, SCHEMA + 1),
                    "f": st.dictionaries(names, pair, max_size=4),
                    "cmd": st.sampled_from(["", *sorted(_COMMANDS)]),
                    "args": st.dictionaries(names, _VALUES, max_size=2),
                }
            )

        ops = st.lists(st.sampled_from(sorted(SPECS)).flatmap(op), min_size=1, max_size=3)
        return st.fixed_dictionaries({"g": st.builds(new_id), "ops": ops, "held": st.booleans()})

    def _parting(self, case: Any, draw: Draw) -> None:
        leaving = self.office.desk()
        leases.give_order(self.office.store, leaving.device_id, "wipe")
        self.token, case.body["sealed"] = leaving.access, ""
        left = draw(st.binary(max_size=99))
        if left:
            rescue_key = self.office.store.seals.rescue_key
            sealed = parcel.seal(rescue_key, leaving.device_id, left)
            case.body["sealed"] = base64.b64encode(sealed).decode()

    def _bucket(self, case: Any, draw: Draw) -> None:
        case.query["name"] = draw(st.sampled_from(sorted(self.desk.scope)))

    def _attachment(self, case: Any, _: Draw) -> None:
        case.query["id"] = self.attachment

    def _attachment_part(self, case: Any, _: Draw) -> None:
        case.query |= {"id": self.attachment, "offset": 0}

    def _attachment_put(self, case: Any, draw: Draw) -> None:
        data = draw(st.binary(min_size=1, max_size=99))
        if draw(st.booleans()):  # else the same piece comes again
            self.desk.next_mid = self.last + 1
            self.sent = data
            self.handed, _ = attach(self.desk, self.customer, self.visit, data)
            self.last = self.desk.next_mid - 1
        elif not hasattr(self, "handed"):
            self.handed, self.sent = self.attachment, b"whole"
        case.body |= {
            "id": self.handed, "offset": 0, "data": base64.b64encode(self.sent).decode(),
            "sha256": hashlib.sha256(self.sent).hexdigest(),
        }  # fmt: skip


def _whole(records: list[dict[str, Any]], *names: str) -> None:
    """Write whole numbers as such: to a JSON schema 1.0 is an integer too, head office takes none for money."""
    for record in records:
        for name in names:
            if isinstance(record.get(name), float):
                record[name] = int(record[name])
