"""What is inside an envelope: values in a form whose length says nothing about them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from struct import Struct

from kamdesk.domain.prices import (
    MOST_DIGITS,
    MOST_PLACES,
    PERCENT,
    Price,
    Ratio,
    Secret,
    SecretText,
)
from kamdesk.security.envelope import SealFormatError

_MONEY, _RATIO, _TEXT, _BYTES = 1, 2, 3, 4
_MANTISSA = 11
_VALUE = Struct(">5s3sQ")
"""What stands before the mantissa, its highest three bytes, the others."""
_NO_HEAD, _NO_DIGITS = bytes(5), bytes(3)
VALUE_BYTES = 16
"""Of a price, a ratio or nothing."""
NOTHING = bytes(VALUE_BYTES)
_LONGEST = 1 << 31
_TOO_LARGE = 10**MOST_DIGITS


def encode(value: Secret | None) -> bytes:
    """Write a price, a ratio or nothing as 16 bytes; a text as `encode_text` does."""
    if value is None:
        return NOTHING
    if isinstance(value, SecretText):
        return encode_text(value.reveal())
    mantissa, scale = value.parts()
    is_money = isinstance(value, Price)
    unit = value.currency if isinstance(value, Price) else PERCENT
    head = bytes((_MONEY if is_money else _RATIO, scale)) + unit.encode("ascii")
    return head + mantissa.to_bytes(_MANTISSA, "big", signed=True)


def decode(data: bytes) -> Secret | None:
    """Read what `encode` wrote. Raises SealFormatError."""
    if data[:1] == bytes((_TEXT,)):
        return SecretText(decode_text(data))
    found = number(data)
    if found is None:
        return None
    mantissa, scale, unit = found
    value = Decimal(mantissa).scaleb(-scale)
    return Ratio(value) if unit == PERCENT else Price(value, unit)


def number(data: bytes) -> tuple[int, int, str] | None:
    """Read (mantissa, digits after the point, currency or PCT); None for nothing. Raises SealFormatError."""
    if len(data) != VALUE_BYTES:
        raise SealFormatError
    return numbers(data)[0]


def numbers(data: bytes) -> list[tuple[int, int, str] | None]:
    """Read many values of 16 bytes one after the other, each as `number` does. Raises SealFormatError."""
    found: list[tuple[int, int, str] | None] = []
    for head, high, mantissa in _VALUE.iter_unpack(data):
        if high != _NO_DIGITS:
            mantissa = int.from_bytes(high + mantissa.to_bytes(8, "big"), "big", signed=True)  # noqa: PLW2901
            if not -_TOO_LARGE < mantissa < _TOO_LARGE:
                raise SealFormatError
        elif not mantissa and head == _NO_HEAD:
            found.append(None)
            continue
        found.append((mantissa, *_places_and_unit(head)))
    return found


@lru_cache(maxsize=256)
def _places_and_unit(head: bytes) -> tuple[int, str]:
    """Read what stands before the mantissa: the same few values in all prices of a list."""
    if len(head) != 5 or head[0] not in (_MONEY, _RATIO) or head[1] > MOST_PLACES:
        raise SealFormatError
    unit = head[2:].decode("ascii", "replace")
    if (unit == PERCENT) != (head[0] == _RATIO):
        raise SealFormatError
    if not (unit.isascii() and unit.isalpha() and unit.isupper()):
        raise SealFormatError
    return head[1], unit


def encode_text(text: str) -> bytes:
    """Write a text, padded to a multiple of 64 bytes."""
    return _padded(_TEXT, text.encode("utf-8", "surrogatepass"), 64)


def decode_text(data: bytes) -> str:
    """Read what `encode_text` wrote. Raises SealFormatError."""
    try:
        return _unpadded(_TEXT, data, 64).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise SealFormatError from None


def encode_bytes(content: bytes) -> bytes:
    """Write bytes, padded to a multiple of 4,096."""
    return _padded(_BYTES, content, 4096)


def decode_bytes(data: bytes) -> bytes:
    """Read what `encode_bytes` wrote. Raises SealFormatError."""
    return _unpadded(_BYTES, data, 4096)


def _padded(type_: int, content: bytes, unit: int) -> bytes:
    if len(content) >= _LONGEST:
        raise ValueError("too long")
    plain = bytes((type_,)) + len(content).to_bytes(4, "big") + content
    return plain + bytes(-len(plain) % unit)


def _unpadded(type_: int, data: bytes, unit: int) -> bytes:
    if len(data) < unit or len(data) % unit or data[0] != type_:
        raise SealFormatError
    end = 5 + int.from_bytes(data[1:5], "big")
    if end > len(data) or len(data) - end >= unit or any(data[end:]):
        raise SealFormatError
    return data[5:end]
