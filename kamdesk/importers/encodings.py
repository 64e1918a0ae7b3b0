"""Which encoding a text file is in: what can be told for certain first, likelihood last.

The whole file is looked at, but only its windows with characters beyond ASCII are kept, so that a file of
half a gigabyte costs a megabyte of memory and a single pass.
"""

from __future__ import annotations

import re
from pathlib import Path

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP

_WINDOW = 1 << 16
_KEPT = 1 << 20
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "xlsx, docx, zip"),
    (b"\xd0\xcf\x11\xe0", "xls, doc"),
    (b"\x1f\x8b", "gz"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"SQLite format 3\x00", "sqlite"),
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# The rows of GB 2312 that hold its 3,755 everyday characters; text in Chinese is mostly made of them.
_EVERYDAY = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")
_PAIR = re.compile(rb"[\x81-\xfe](?:[\x40-\x7e\x80-\xfe]|[\x30-\x39][\x81-\xfe][\x30-\x39])")

_SHIFT_JIS = re.compile(rb"([\x81-\x9f\xe0-\xfc])[\x40-\x7e\x80-\xfc]")
_BIG5 = re.compile(rb"([\xa1-\xf9])[\x40-\x7e\xa1-\xfe]")
_C1 = re.compile(rb"[\x80-\x9f]")
# Letters of Latin-9 where cp1252 has signs that do not stand beside letters, and the euro. Not B4, which is often
# typed for an apostrophe.
_LATIN_9 = re.compile(
    rb"\xa4|[\xa6\xa8\xb8\xbc-\xbe][A-Za-z\xc0-\xff]|[A-Za-z\xc0-\xff][\xa6\xa8\xb8\xbc-\xbe]"
)


def encoding_of(path: Path) -> str:
    """Name the encoding of a file. Raises UserError for what is not text, or holds a zero character."""
    with path.open("rb") as file:
        start = file.read(_WINDOW)
    for magic, name in _OTHER_FORMATS:
        if start.startswith(magic):
            raise not_a_table(format=name)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    wide = _wide_without_bom(start)
    if wide:
        return wide
    if len(_CONTROLS.findall(start)) > len(start) // 50:
        raise not_a_table(format="?")
    return _narrow(_beyond_ascii(path))


def not_a_table(*, format: str) -> UserError:  # noqa: A002  # fills {format} in the sentence
    """Say that a file is of another kind than a table in plain text."""
    return UserError(
        QT_TRANSLATE_NOOP(
            "importers",
            "This is not a text file ({format}). Save the table as csv and choose it again.",
        ),
        code="FORMAT_UNKNOWN",
        context="importers",
        format=format,
    )


def _wide_without_bom(start: bytes) -> str:
    """Recognise UTF-16 whose mark is missing: every other byte of its ASCII characters is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if even + odd < max(2, len(start) // 50) or min(even, odd) * 20 > max(even, odd):
        return ""
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = start[: len(start) // 2 * 2 - 2].decode(name)
    except UnicodeDecodeError:
        return ""
    return "" if "\x00" in text else name


def _beyond_ascii(path: Path) -> bytes:
    """Read the file once and return the windows that are not ASCII, each cut at the end of a line."""
    kept = bytearray()
    lines = 1
    with path.open("rb") as file:
        while window := file.read(_WINDOW):
            window += file.readline(_WINDOW)
            zero = window.find(b"\x00")
            if zero >= 0:
                raise _zero_character(lines + window.count(b"\n", 0, zero))
            lines += window.count(b"\n")
            if len(kept) < _KEPT and not window.isascii():
                kept += window
    return bytes(kept)


def _zero_character(line: int) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "importers",
            "Line {line} holds a zero character, as damaged files do. Export the file again.",
        ),
        code="NUL_CHARACTER",
        context="importers",
        line=line,
    )


def _narrow(sample: bytes) -> str:
    if not sample or _is_mostly_utf8(sample):
        return "utf-8"
    if _is_chinese(sample):
        return "gb18030"
    if _is_japanese(sample):
        return "cp932"
    if _is_western(sample):
        return _western(sample)
    if _is_traditional_chinese(sample):
        return "cp950"
    return _likely(sample)


def _is_mostly_utf8(sample: bytes) -> bool:
    """Admit a few broken characters: one bad row must not turn all the others into mojibake."""
    text = sample.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for char in text if char > "\x7f") - broken
    return broken == 0 or broken * 50 <= whole


def _is_chinese(sample: bytes) -> bool:
    text = sample.decode("gb18030", errors="replace")
    broken = text.count("\ufffd")
    pairs = _PAIR.findall(sample)
    everyday = sum(1 for pair in pairs if _EVERYDAY.match(pair))
    return bool(pairs) and everyday >= len(pairs) * 0.6 and broken * 50 <= len(pairs)


def _is_japanese(sample: bytes) -> bool:
    """Recognise Shift-JIS by its many first bytes below A0, where western text has quotes and dashes at most."""
    firsts = _SHIFT_JIS.findall(sample)
    low = [one for one in firsts if one < b"\xa0"]
    return (
        len(set(low)) >= 6
        and len(low) * 2 >= len(firsts)
        and _broken(sample, "cp932") * 50 <= len(firsts)
    )


def _is_traditional_chinese(sample: bytes) -> bool:
    """Recognise Big5: nearly all of its text is made of the 5,401 everyday characters."""
    pairs = _BIG5.findall(sample)
    everyday = sum(b"\xa4" <= first <= b"\xc6" for first in pairs)
    return everyday >= max(1, len(pairs) * 0.8) and _broken(sample, "cp950") * 50 <= len(pairs)


def _broken(sample: bytes, encoding: str) -> int:
    return sample.decode(encoding, errors="replace").count("\ufffd")


def _is_western(sample: bytes) -> bool:
    """Say whether accents stand alone among ASCII letters, as in western European languages."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return sum(1 for run in runs if len(run) <= 2) >= len(runs) * 0.9


def _western(sample: bytes) -> str:
    if _LATIN_9.search(sample) and not _C1.search(sample):
        return "iso8859-15"
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _likely(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415  # 40 ms that most files do not need

    best = from_bytes(sample[: 1 << 18]).best()
    return best.encoding if best is not None else _western(sample)
