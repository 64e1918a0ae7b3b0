"""The sealed form of one value, version 1: AES-256-GCM, bound to the store, table, column and row it is in.

    0  2  magic 4B 44     3  1  suite 01      5  1  flags 00      10 12  nonce
    2  1  version 01      4  1  purpose       6  4  key id        22  N  ciphertext, then 16 of tag

There is no way to pass a nonce: a repeated one under the same key would give the key stream away.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"KD\x01\x01"
"""Magic, version and suite."""
HEADER_BYTES = 10
OVERHEAD = 38
_LABEL = b"KAMDesk/field/v1\x00"
_NONCE_END = 22
_ROW_BYTES = 16
_SHORTEST = 16  # of a plaintext: the smallest value of a field


class Purpose(IntEnum):
    """What a key seals; a value of one purpose never opens as another."""

    PRICE = 1
    TEXT = 2
    ATTACHMENT = 3
    DRAFT = 4
    OP = 5
    CONFLICT = 6


class SealError(Exception):
    """A sealed value cannot be opened; other cells can."""

    why = "format"


class SealFormatError(SealError):
    """These bytes are no envelope of this version."""


class KeyMissing(SealError):  # noqa: N818  # what is the matter, in the words of the design
    """The key that sealed this value is not here."""

    why = "key"

    def __init__(self, key_id: int) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class SealTampered(SealError):  # noqa: N818  # as above
    """The value was changed, or belongs to another place."""

    why = "tampered"

    def __init__(self, table: str, column: str, row: str) -> None:
        super().__init__(table, column, row)
        self.table, self.column, self.row = table, column, row


def row_bytes(row_id: str) -> bytes:
    """Return the 16 bytes of a record's id."""
    raw = bytes.fromhex(row_id.replace("-", ""))
    if len(raw) != _ROW_BYTES:
        raise ValueError(row_id)
    return raw


def header(purpose: Purpose, key_id: int) -> bytes:
    """Return the first ten bytes of an envelope."""
    return MAGIC + bytes((purpose, 0)) + key_id.to_bytes(4, "big")


@lru_cache(maxsize=256)
def bound_to(head: bytes, store_id: bytes, table: str, column: str) -> bytes:
    """Return what a value is bound to, up to the row. Lengths keep ("ab", "c") apart from ("a", "bc")."""
    parts = [name.encode() for name in (table, column)]
    return (
        _LABEL + head + store_id + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    )


def seal(
    cipher: AESGCM, head: bytes, *, store_id: bytes, table: str, column: str, row: str, data: bytes
) -> bytes:
    """Seal `data` for its place, under a fresh random nonce."""
    nonce = os.urandom(12)
    aad = bound_to(head, store_id, table, column) + row_bytes(row)
    return head + nonce + cipher.encrypt(nonce, data, aad)


def purpose_of(sealed: bytes) -> Purpose:
    """Say whether an envelope of a record's field holds a text or an amount; `key_id_of` checks the rest."""
    return Purpose.TEXT if sealed[4:5] == bytes((Purpose.TEXT,)) else Purpose.PRICE


def key_id_of(sealed: bytes, purpose: Purpose) -> int:
    """Check the header of an envelope and return which key sealed it. Raises SealFormatError."""
    if (
        len(sealed) < OVERHEAD + _SHORTEST
        or sealed[:4] != MAGIC
        or sealed[4] != purpose
        or sealed[5] != 0
    ):
        raise SealFormatError
    return int.from_bytes(sealed[6:HEADER_BYTES], "big")


def unseal(
    cipher: AESGCM, sealed: bytes, *, store_id: bytes, table: str, column: str, row: str
) -> bytes:
    """Open an envelope whose header was checked. Raises SealTampered."""
    aad = bound_to(sealed[:HEADER_BYTES], store_id, table, column) + row_bytes(row)
    try:
        return cipher.decrypt(sealed[HEADER_BYTES:_NONCE_END], sealed[_NONCE_END:], aad)
    except InvalidTag:
        raise SealTampered(table, column, row) from None


def unseal_together(
    cipher: AESGCM,
    rows: Sequence[tuple[str, bytes]],
    *,
    store_id: bytes,
    table: str,
    column: str,
    length: int,
) -> bytes:
    """Open (row, envelope) of one column, all under one header that was checked, into values of `length` bytes each.

    Two thirds of the time that it takes one by one. Raises SealError, ValueError where any of them is different.
    """
    head = rows[0][1][:HEADER_BYTES]
    place = bound_to(head, store_id, table, column)
    its = bytes.fromhex("".join([row for row, _ in rows]).replace("-", ""))
    decrypt, at, found = cipher.decrypt, 0, []
    try:
        for _, sealed in rows:
            if len(sealed) != length + OVERHEAD or sealed[:HEADER_BYTES] != head:
                raise SealFormatError
            aad = place + its[at : (at := at + _ROW_BYTES)]
            found.append(decrypt(sealed[HEADER_BYTES:_NONCE_END], sealed[_NONCE_END:], aad))
    except InvalidTag:
        raise SealTampered(table, column, rows[len(found)][0]) from None
    return b"".join(found)
