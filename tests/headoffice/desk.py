"""A device in a few lines: it keeps what the protocol says a device keeps, and nothing else."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import msgspec
import requests

from kamdesk.db.records import SPECS, is_price_bucket
from kamdesk.domain.ids import new_id
from kamdesk.domain.merge import overlay
from kamdesk.security.signing import new_signing_key, public_key
from kamdesk.sync.protocol import SCHEMA, Page, SyncResponse, row_hash, scope_hash


class Desk:
    """One enrolled device, over real HTTP."""

    def __init__(self, url: str, welcome: dict[str, Any]) -> None:
        self.url = url
        self.device_id: str = welcome["device_id"]
        self.server_id: str = welcome["server_id"]
        self.user_id: str = welcome["user"]["id"]
        self.access: str = welcome["access"]
        self.refresh: str = welcome["refresh"]
        self.seen = (0, 0)
        self.cursor = 0
        self.price_cursor = 0
        self.has_prices = False  # whether this device's prices are open
        self.scope: set[str] = set()
        self.loading: dict[str, tuple[int, int]] = {}
        self.rows: dict[tuple[str, str], tuple[int, str, dict[str, Any]]] = {}
        self.next_mid = 1
        self.sent: dict[int, dict[str, Any]] = {}
        self.ack = 0
        self.limit = 2000
        self.requests = 0
        self.audit: tuple[int, str] = (0, "")

    @classmethod
    def enrol(cls, url: str, *, key: bytes | None = None, **sign_in: str) -> Desk:
        """Introduce a new device; fails unless head office takes it in."""
        answer = enrol(url, key=key, **sign_in)
        assert answer.status_code == 200, answer.text
        return cls(url, answer.json())

    def request(self, *groups: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Write the request that this device would send now."""
        return {
            "server_id": self.server_id,
            "device": self.device_id,
            "schema": SCHEMA,
            "seen": self.seen,
            "cursor": self.cursor,
            "price_cursor": self.price_cursor if self.has_prices else -1,
            "scope": scope_hash(self.scope) if self.scope else "",
            "loading": [[bucket, *self.loading[bucket]] for bucket in self._due()],
            "ack": self.ack,
            "groups": list(groups),
            "audit": self.audit,
            "limit": {"rows": self.limit},
            **changed,
        }

    def _due(self) -> list[str]:
        """Name the buckets that are to be loaded now."""
        return [one for one in self.loading if self.has_prices or not is_price_bucket(one)]

    def post(self, body: Mapping[str, Any]) -> requests.Response:
        """Send one request as it is."""
        self.requests += 1
        return requests.post(
            f"{self.url}/v1/sync",
            data=gzip.compress(json.dumps(body).encode()),
            headers={
                "Authorization": f"Bearer {self.access}",
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
            },
            timeout=30,
        )

    def group(self, *ops: dict[str, Any]) -> dict[str, Any]:
        """Number ops as one user action."""
        numbered = []
        for op in ops:
            numbered.append({"mid": self.next_mid, "sv": 1, "at": "2026-03-01T09:00:00.000Z", **op})
            self.sent[self.next_mid] = op
            self.next_mid += 1
        return {"g": new_id(), "ops": numbered}

    def create(self, kind: str, document: dict[str, Any], record_id: str = "") -> dict[str, Any]:
        """Write an op that creates a record."""
        fields = {name: [None, value] for name, value in document.items() if value is not None}
        return {"k": kind, "id": record_id or new_id(), "op": "create", "f": fields}

    def patch(self, kind: str, record_id: str, **changes: list[Any]) -> dict[str, Any]:
        """Write an op that changes fields, on the revision that this device holds."""
        base = self.rows[kind, record_id][0] if (kind, record_id) in self.rows else 0
        return {"k": kind, "id": record_id, "op": "patch", "base": base, "f": changes}

    def command(self, kind: str, record_id: str, cmd: str, **args: Any) -> dict[str, Any]:
        """Write an op that asks head office to decide something."""
        base = self.rows[kind, record_id][0] if (kind, record_id) in self.rows else 0
        return {"k": kind, "id": record_id, "op": "cmd", "cmd": cmd, "args": args, "base": base}

    def push(self, *groups: dict[str, Any]) -> list[dict[str, Any]]:
        """Hand groups in, take what comes back, and return the verdicts."""
        answer = self.post(self.request(*groups))
        assert answer.status_code == 200, answer.text
        self.apply(msgspec.json.decode(answer.content, type=SyncResponse))
        results: list[dict[str, Any]] = answer.json().get("results", [])
        self.ack = max([self.ack, *(one["mid"] for one in results)])
        return results

    def reconcile(self) -> Desk:
        """Fetch until nothing is missing, and compare digests on the way."""
        for _ in range(1000):
            answer = self.post(self.request())
            assert answer.status_code == 200, answer.text
            decoded = msgspec.json.decode(answer.content, type=SyncResponse)
            self.apply(decoded)
            if (
                decoded.scope is None
                and not self._due()
                and decoded.delta
                and not decoded.delta.more
                and not (decoded.price_delta and decoded.price_delta.more)
            ):
                return self
        raise AssertionError("never done")

    def apply(self, answer: SyncResponse) -> None:
        """Take one answer in, as the protocol says."""
        self.seen = answer.head
        self.audit = answer.audit if answer.audit[0] else self.audit
        for result in answer.results:
            if result.row is not None and result.row.b in self.scope:
                self._take(
                    result.row.k, result.row.id, result.row.rev, result.row.b, result.row.data
                )
            elif result.st == "applied" and result.mid in self.sent:
                self._take_own(self.sent[result.mid], result.rev)
        if answer.scope is not None:
            self._follow(answer.scope.buckets, answer.head[0])
            return
        assert self.has_prices or answer.price_delta is None
        deltas = [one for one in (answer.delta, answer.price_delta) if one is not None]
        for page in [*(page for one in deltas for page in one.pages), *answer.load_pages]:
            self._apply_page(page)
        for part in answer.load:
            if part.done:
                del self.loading[part.b]
            else:
                self.loading[part.b] = (part.after, self.loading[part.b][1])
        if answer.delta is not None:
            self.cursor = answer.delta.cursor
        if answer.price_delta is not None:
            self.price_cursor = answer.price_delta.cursor
        for bucket, digest in answer.digest.items():
            assert self.digest(bucket) == digest, bucket

    def _follow(self, buckets: list[str], head: int) -> None:
        for bucket in buckets:
            if bucket not in self.scope:
                cursor = self.price_cursor if is_price_bucket(bucket) else self.cursor
                self.loading[bucket] = (0, cursor if self.scope else head)
        if not self.scope:
            self.cursor = self.price_cursor = head
        for bucket in self.scope - set(buckets):
            self.loading.pop(bucket, None)
        self.scope = set(buckets)
        self.rows = {key: row for key, row in self.rows.items() if row[1] in self.scope}

    def _take(
        self, kind: str, record_id: str, rev: int, bucket: str, data: list[Any] | None
    ) -> None:
        held = self.rows.get((kind, record_id))
        if held is not None and rev < held[0]:
            return
        if data is None:
            self.rows.pop((kind, record_id), None)
        else:
            self.rows[kind, record_id] = (
                rev,
                bucket,
                dict(zip(SPECS[kind].names, data, strict=True)),
            )

    def _take_own(self, op: Mapping[str, Any], rev: int) -> None:
        """Take over an own change that was applied as it is: head office does not tell its patches again."""
        spec, key = SPECS[op["k"]], (op["k"], op["id"])
        held = self.rows.get(key)
        if op["op"] == "create" and held is None:
            document = dict.fromkeys(spec.names) | {name: one[-1] for name, one in op["f"].items()}
            self.rows[key] = (rev, spec.bucket.of(op["id"], document), document)
        elif op["op"] == "patch" and held is not None and held[0] == rev - 1:
            self.rows[key] = (rev, held[1], overlay(spec, held[2], op["f"]))

    def _apply_page(self, page: Page) -> None:
        taken = 0
        for record_id, rev, bucket, *values in page.puts():
            taken += 1
            held = self.rows.get((page.k, record_id))
            if held is None or rev >= held[0]:
                self.rows[page.k, record_id] = (rev, bucket, dict(zip(page.c, values, strict=True)))
        assert taken == page.n
        for record_id, rev, bucket in [*page.dele, *page.rem]:
            held = self.rows.get((page.k, record_id))
            if held is not None and held[1] == bucket and rev >= held[0]:
                del self.rows[page.k, record_id]

    def digest(self, bucket: str) -> tuple[int, str]:
        """Recompute a bucket's digest from the rows that are here."""
        count = total = 0
        for (kind, record_id), (rev, its, _) in self.rows.items():
            if its == bucket:
                count += 1
                total ^= row_hash(kind, record_id, rev)
        return count, f"{total:016x}"

    def document(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return a record that must be here."""
        return self.rows[kind, record_id][2]

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return all records of a kind."""
        return {record_id: row[2] for (its, record_id), row in self.rows.items() if its == kind}


def enrol(url: str, *, key: bytes | None = None, **sign_in: Any) -> requests.Response:
    """Ask to be taken in."""
    body = {
        "device_name": "laptop",
        "os": "linux",
        "app": "0.1.0",
        "public_key": base64.b64encode(public_key(key or new_signing_key())).decode(),
        **sign_in,
    }
    return requests.post(f"{url}/v1/enroll", json=body, timeout=30)
