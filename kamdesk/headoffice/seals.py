"""Sealed at rest, opened when answering: prices in records, and verdicts and broken ops that quote them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kamdesk.domain import prices
from kamdesk.domain.prices import SecretText
from kamdesk.domain.spec import RecordSpec
from kamdesk.headoffice.kinds import AT_REST
from kamdesk.security import envelope, parcel, values, wrapping
from kamdesk.security.envelope import Purpose, SealError, SealFormatError

KEY_ID = 1
_PRICE = envelope.header(Purpose.PRICE, KEY_ID)
_TEXT = envelope.header(Purpose.TEXT, KEY_ID)
_OP = envelope.header(Purpose.OP, KEY_ID)
_BLOB = envelope.header(Purpose.ATTACHMENT, KEY_ID)
_BEGINNING = base64.b64encode(_OP[:9]).decode()


class Seals:
    """Seals and opens with head office's key. Envelopes are base64 texts in the stored payloads."""

    def __init__(self, key: bytes, server_id: str) -> None:
        self._cipher = AESGCM(key)
        rescue = wrapping.derive(key, b"KAMDesk/rescue-key/v1")
        self._rescue = bytes(rescue)
        self.rescue_key = parcel.public_key(self._rescue)
        """What devices seal to that are to delete everything; opened with the key beside the database alone."""
        self._store_id = envelope.row_bytes(server_id)

    def __repr__(self) -> str:
        return "<Seals>"

    def sealed(
        self, spec: RecordSpec, record_id: str, document: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return a document with its prices sealed; nothing is sealed too, so that a length says nothing."""
        made = dict(document)
        for name in spec.sealed:
            value = spec.field(name).secret(document.get(name))
            head = _TEXT if isinstance(value, SecretText) else _PRICE
            made[name] = self._seal(head, spec.kind, name, record_id, values.encode(value))
        for name in AT_REST.get(spec.kind, ()):
            written = values.encode_text(msgspec.json.encode(document.get(name)).decode())
            made[name] = self._seal(_OP, spec.kind, name, record_id, written)
        return made

    def opened(
        self, spec: RecordSpec, record_id: str, document: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Undo `sealed`. Raises SealError where a price cannot be opened."""
        made = dict(document)
        for name in spec.sealed:
            made[name] = self.price(spec.kind, name, record_id, document[name])
        for name in AT_REST.get(spec.kind, ()):
            made[name] = self._amount(spec.kind, name, record_id, document[name])
        return made

    def _amount(self, kind: str, name: str, record_id: str, stored: object) -> object:
        """Open one sealed amount; one from before they were sealed is returned as it is."""
        if not isinstance(stored, str) or not stored.startswith(_BEGINNING):
            return stored
        opened = self._open(Purpose.OP, kind, name, record_id, stored)
        return msgspec.json.decode(values.decode_text(opened))

    def price(self, kind: str, name: str, record_id: str, text: str) -> str | None:
        """Open one sealed price or text, as the wire has it. Raises SealError."""
        data = self._open(None, kind, name, record_id, text)
        return prices.to_wire(values.decode(data))

    def opened_values(self, spec: RecordSpec, record_id: str, stored: Sequence[Any]) -> list[Any]:
        """Open the prices of one payload, given in the field order of its kind. Raises SealError."""
        document = dict(zip(spec.names, stored, strict=True))
        return list(self.opened(spec, record_id, document).values())

    def sealed_text(self, place: str, text: str) -> str:
        """Seal a text that quotes a price; `place` is where it is kept."""
        return self._seal(_OP, "text", "body", _row(place), values.encode_text(text))

    def opened_text(self, place: str, text: str) -> str:
        """Undo `sealed_text`; JSON that was never sealed is returned as it is. Raises SealError."""
        if text.startswith("{"):
            return text
        return values.decode_text(self._open(Purpose.OP, "text", "body", _row(place), text))

    def opened_parcel(self, device_id: str, sealed: bytes) -> bytes | None:
        """Return what a device sealed to `rescue_key`; None for anything else."""
        return parcel.opened(self._rescue, device_id, sealed)

    def sealed_bytes(self, place: str, data: bytes) -> bytes:
        """Seal a piece of an attachment for its place."""
        return envelope.seal(
            self._cipher, _BLOB, store_id=self._store_id, table="blob", column="data",
            row=_row(place), data=values.encode_bytes(data),
        )  # fmt: skip

    def opened_bytes(self, place: str, sealed: bytes) -> bytes:
        """Undo `sealed_bytes`. Raises SealError."""
        envelope.key_id_of(sealed, Purpose.ATTACHMENT)
        opened = envelope.unseal(
            self._cipher,
            sealed,
            store_id=self._store_id,
            table="blob",
            column="data",
            row=_row(place),
        )
        return values.decode_bytes(opened)

    def _seal(self, head: bytes, table: str, column: str, row: str, data: bytes) -> str:
        made = envelope.seal(
            self._cipher, head, store_id=self._store_id, table=table, column=column, row=row, data=data
        )  # fmt: skip
        return base64.b64encode(made).decode("ascii")

    def _open(
        self, purpose: Purpose | None, table: str, column: str, row: str, text: object
    ) -> bytes:
        try:
            sealed = base64.b64decode(text if isinstance(text, str) else "", validate=True)
        except ValueError:  # binascii.Error, or what is not ASCII at all
            raise SealFormatError from None
        key_id = envelope.key_id_of(sealed, purpose or envelope.purpose_of(sealed))
        if key_id != KEY_ID:
            raise envelope.KeyMissing(key_id)
        return envelope.unseal(
            self._cipher, sealed, store_id=self._store_id, table=table, column=column, row=row
        )


def _row(place: str) -> str:
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:32]


__all__ = ["SealError", "Seals"]
