"""Identities: UUIDv7 (RFC 9562, 5.7), made on the device, never reused, the same on both sides."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5


def new_id() -> str:
    """Return a fresh UUIDv7 as text; ids made later sort later, to the millisecond."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62
    digits = f"{value | random & (1 << 62) - 1:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_beside(owner: str, record_id: str) -> str:
    """Return the id of what takes the place of a record among those of `owner`: the same each time it is asked."""
    return str(uuid5(UUID(owner), record_id))


def is_id(value: object) -> bool:
    """Say whether `value` is a UUID in canonical text form."""
    if not isinstance(value, str) or len(value) != 36:
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
