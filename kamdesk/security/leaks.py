"""Looks for prices in bytes, in every form that a program writes numbers in: text, UTF-16, JSON, base64, floats, ...
And for texts that were sealed with them, in pieces.

What is looked for is kept as keyed hashes, not as text: the search itself leaves no price in memory. Files are read
in small pieces, so that a search beside the window never holds the interpreter for a frame.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import os
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import field
from functools import cached_property
from pathlib import Path

from kamdesk.domain.attachments import OPENED
from kamdesk.domain.values import dataclass
from kamdesk.security import unpacking

PIECE, OVERLAP = 64 * 1024, 512
DEEPEST = 3
FORMS = (
    "text", "UTF-16", "UTF-32", "full width", "hexadecimal", "base64", "floating point", "whole number",
    "packed", "file name",
)  # fmt: skip
"""What a hit is called; each stands for all spellings: plain, grouped, with a comma, with an exponent, in JSON."""
_STRONG_DIGITS = 7
"""So many digits cannot be there by chance; shorter prices count beside a currency or with a point alone."""
_SHORTEST = 3
_LEAST_INTEGER, _MOST_SCALE, _USUAL_SCALE = 1 << 34, 6, 4
"""Smaller whole numbers stand in databases and at the heads of envelopes by chance: of ten thousand everyday prices one
was "found" in some of the sessions that held none."""
_NUMBER = re.compile(
    rb"[0-9](?:[0-9.,']|[ _](?=[0-9]{3})|\xc2\xa0|\xe2\x80\xaf)*[0-9](?:[eE][+-]?[0-9]+)?"
)

_BLANK = re.compile(rb"[ _]|\xc2\xa0|\xe2\x80\xaf")
_ONE_NUMBER = re.compile(
    rb"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?:[.' ][0-9]{3})+,[0-9]+|[0-9]+,[0-9]{1,4}"
)
"""With its commas one number: grouped by them, or with a comma as the point."""


def _run(one: bytes, least: int) -> re.Pattern[bytes]:
    """Compile what finds `one` again and again. Its first byte stands alone: searching a group is ten times slower."""
    return re.compile(one + b"(?:" + one + b"){%d,}" % (least - 1))


_WIDE = (
    (_run(rb"[0-9., ]\x00", 4), "UTF-16", slice(0, None, 2)),
    (_run(rb"\x00[0-9., ]", 4), "UTF-16", slice(1, None, 2)),
    (_run(rb"[0-9., ]\x00\x00\x00", 4), "UTF-32", slice(0, None, 4)),
)
_FULL_WIDTH = (
    (_run(rb"\xef\xbc[\x8c\x8e\x90-\x99]", 4), "utf-8"),
    (_run(rb"\xa3[\xac\xae\xb0-\xb9]", 4), "gb18030"),
    (_run(rb"[\x0c\x0e\x10-\x19]\xff", 4), "utf-16-le"),
)
_HEX = _run(rb"[23][0-9CcEe]", 6)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_ZEROS_BEFORE = re.compile(rb"\x00(?=\x00(?!\x00\x00\x00))")
_ZEROS_AFTER = re.compile(rb"(?<!\x00\x00\x00)\x00(?=\x00)")
"""Two zeros at the large end of a whole number. Where there are nothing but zeros there is none."""
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_SYMBOLS = (b"\xc2\xa5", b"\xef\xbf\xa5", b"\xe5\x85\x83", b"\xe2\x82\xac")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\xf8-\xff]")


_PIECES_OF_TEXT = (20, 12, 8)
"""Bytes of a text that are looked for together: 20, or of a shorter text as many of these as it has."""
_FORMS_OF_TEXT: tuple[tuple[str, Callable[[str], bytes]], ...] = (
    ("text", lambda words: words.encode("utf-8", "replace")),
    ("text", lambda words: words.encode("gb18030", "replace")),
    ("text", lambda words: json.dumps(words)[1:-1].encode()),
    ("UTF-16", lambda words: words.encode("utf-16-le", "replace")),
)


class Needles:
    """The prices and texts to look for. Hashes alone: nobody learns one from them without guessing it first."""

    def __init__(self) -> None:
        self._key = os.urandom(16)
        self._digits: set[bytes] = set()
        self._short: set[bytes] = set()
        self._units: set[bytes] = set()
        self._doubles: set[bytes] = set()
        self._integers: set[bytes] = set()
        self._starts: set[bytes] = set()
        self._sixes: set[bytes] = set()
        self._pieces: set[bytes] = set()
        self._lengths: set[int] = set()
        self._anchors: list[list[set[int]]] = [[set() for _ in range(4)] for _ in _FORMS_OF_TEXT]
        self.count = self.texts = 0

    def add_text(self, words: str) -> None:
        """Look for a text that was sealed, also for a part of it; one of a few letters may be anywhere by chance."""
        self.texts += 1
        seen: set[bytes] = set()
        for (_, encoded), anchors in zip(_FORMS_OF_TEXT, self._anchors, strict=True):
            written = encoded(words)
            length = next((one for one in _PIECES_OF_TEXT if one <= len(written)), 0)
            if not length or written in seen:
                continue
            seen.add(written)
            self._lengths.add(length)
            for at in (*range(0, len(written) - length, length), len(written) - length):
                piece = written[at : at + length]
                self._pieces.add(self._hash(b"t", piece))
                for place, byte in zip(anchors, piece[:4], strict=True):
                    place.add(byte)

    @cached_property
    def starts_of_texts(self) -> list[tuple[str, re.Pattern[bytes]]]:
        """What finds the places where a piece of a text may begin, by the form it would have."""
        return [
            (form, re.compile(b"%b(?=%b%b%b)" % tuple(_class(one) for one in anchors)))
            for (form, _), anchors in zip(_FORMS_OF_TEXT, self._anchors, strict=True)
            if anchors[0]
        ]

    def has_text(self, data: bytes, start: int) -> bool:
        """Say whether a piece of one of the texts begins there."""
        return any(
            self._hash(b"t", data[start : start + length]) in self._pieces
            for length in self._lengths
        )

    def add(self, mantissa: int, places: int, unit: str) -> None:
        """Look for an amount of `mantissa` / 10 ** `places`, and for its `unit` (CNY, PCT) beside short ones."""
        if mantissa <= 0:
            return
        self.count += 1
        digits = str(mantissa)
        plain = digits.rstrip("0")
        self._units.add(unit.encode())
        if len(plain) >= _STRONG_DIGITS:
            self._digits.add(self._hash(b"d", plain.encode()))
            whole = digits[: len(digits) - places]
            if len(whole.rstrip("0")) >= _STRONG_DIGITS + 1:
                self._digits.add(self._hash(b"d", whole.rstrip("0").encode()))
        self._short.add(self._hash(unit.encode(), _normal(mantissa, places)))
        packed = struct.pack(">d", mantissa / 10**places)
        if len(packed.rstrip(b"\0")) >= 6:
            self._doubles.add(self._hash(b"f", packed))
            self._starts.add(packed[:2])
        for scale in range(places, _MOST_SCALE + 1):
            value = mantissa * 10 ** (scale - places)
            if _LEAST_INTEGER <= value < 1 << 48:
                self._integers.add(self._hash(b"i", value.to_bytes(8, "big")))
            if scale in {places, _USUAL_SCALE} and 1 << 31 <= value < 1 << 47:
                # As SQLite stores them; only large ones, for each is looked for by its first two bytes
                self._integers.add(self._hash(b"i", value.to_bytes(6, "big")))
                self._sixes.add(value.to_bytes(6, "big")[:2])

    def _hash(self, form: bytes, what: bytes) -> bytes:
        return hashlib.blake2b(what, digest_size=8, key=self._key, person=form).digest()

    def has_number(self, written: bytes, before: bytes, after: bytes) -> bool:
        """Say whether a number in ASCII is one of the prices; `before` and `after` are what stands around it."""
        mantissa = re.split(rb"[eE]", written)[0]
        digits = re.sub(rb"[^0-9]", b"", mantissa).strip(b"0")
        if len(digits) >= _STRONG_DIGITS and self._hash(b"d", digits) in self._digits:
            return True
        if len(digits) > 24 or before[-1:] in {b":", b"-"}:
            return False
        return self._is_short(mantissa, before, after)

    def _is_short(self, written: bytes, before: bytes, after: bytes) -> bool:
        readings = set(_readings(written))
        for unit in self._units:
            if not any(self._hash(unit, one) in self._short for one in readings):
                continue
            around = before[-6:] + b" " + after[:6]
            if unit in around:
                return True
            if unit == b"PCT" or _CONTROL.search(around):
                continue  # in what is no text, a few digits are there by chance
            if len(written) >= 5 and any(one in around for one in _SYMBOLS):
                return True
            if b"." in written and len(written) >= 6:
                return True
        return False

    @cached_property
    def doubles(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """What finds the places where a price may stand as a double, big-endian and little-endian."""
        first, second = _classes(self._starts)
        return re.compile(first + second), re.compile(second + first)

    @cached_property
    def sixes(self) -> re.Pattern[bytes]:
        """What finds the places where a large price may stand as a whole number of six bytes."""
        return re.compile(b"".join(_classes(self._sixes)))

    def has_double(self, window: bytes) -> bool:
        """Say whether 8 bytes are one of the prices as a big-endian double."""
        return self._hash(b"f", window) in self._doubles

    def has_integer(self, window: bytes) -> bool:
        """Say whether 8 bytes are one of the prices as a big-endian whole number of its smallest units."""
        return self._hash(b"i", window) in self._integers


def _class(found: set[int]) -> bytes:
    return b"[" + b"".join(re.escape(bytes({one})) for one in sorted(found)) + b"]"


def _classes(pairs: set[bytes]) -> tuple[bytes, bytes]:
    """Return what matches the first and the second byte of these pairs; nothing where there are none."""
    if not pairs:
        return b"(?!)", b""
    return (
        b"[" + b"".join(re.escape(bytes({one[0]})) for one in sorted(pairs)) + b"]",
        b"[" + b"".join(re.escape(bytes({one[1]})) for one in sorted(pairs)) + b"]",
    )


def _normal(mantissa: int, places: int) -> bytes:
    digits = str(mantissa).rjust(places + 1, "0")
    whole, rest = (digits[:-places], digits[-places:]) if places else (digits, "")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}".encode() if rest else whole.encode()


def _readings(written: bytes) -> Iterator[bytes]:
    """Give what a written number may mean: with the last mark as the point, or with all marks as groups."""
    plain = re.sub(rb"[ _']|\xc2\xa0|\xe2\x80\xaf", b"", written)
    whole = re.sub(rb"[.,]", b"", plain)
    yield (whole.lstrip(b"0") or b"0")
    at = max(plain.rfind(b"."), plain.rfind(b","))
    if at >= 0:
        head = re.sub(rb"[.,]", b"", plain[:at]).lstrip(b"0") or b"0"
        tail = plain[at + 1 :].rstrip(b"0")
        yield head + b"." + tail if tail else head


@dataclass(frozen=True, slots=True)
class Hit:
    """A price in the clear. `form`: one of `FORMS`; never the price itself."""

    place: str
    form: str

    @property
    def is_opened(self) -> bool:
        """Say whether it is in a copy that the user opened in another program, which goes when the profile closes."""
        return OPENED in Path(self.place).parts[-3:]  # opened, a folder of its own, the file


@dataclass(slots=True)
class Report:
    """What was searched, and what was found. `unread`: files that could not be opened; `texts`: those sealed."""

    prices: int = 0
    texts: int = 0
    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    hits: list[Hit] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    is_whole: bool = True

    def note(self, place: str, forms: Iterable[str]) -> None:
        """Add what was found in one place, each form once."""
        known = {hit.form for hit in self.hits if hit.place == place}
        self.hits += [Hit(place, form) for form in sorted(set(forms) - known)]


def in_bytes(data: bytes, needles: Needles, *, depth: int = 0) -> set[str]:
    """Return the forms in which prices stand in these bytes."""
    return {form for form, _ in _numbers_in(data, needles)} | _packed_in(data, needles, depth)


def _ascii_in(data: bytes, needles: Needles) -> Iterator[int]:
    for found in _NUMBER.finditer(data):
        start, end = found.span()
        if end - start < _SHORTEST:
            continue
        before, after = data[max(0, start - 6) : start], data[end : end + 6]
        written = found[0]
        if needles.has_number(written, before, after) or any(
            needles.has_number(one, before, after) for one in _apart(written)
        ):
            yield start


def _apart(written: bytes) -> list[bytes]:
    """Return what a run of digits and marks is besides one number: "5 739 148" are three, "12.5,99.8" two."""
    parts = [written]
    if b"," in written and not _ONE_NUMBER.fullmatch(written):
        parts = [one.strip(b"., '") for one in written.split(b",")]
    parts += [one for each in parts for one in _BLANK.split(each)]
    return [one for one in parts if len(one) >= _SHORTEST and one != written]


def _numbers_in(data: bytes, needles: Needles) -> Iterator[tuple[str, int]]:
    for start in _ascii_in(data, needles):
        yield "text", start
    for pattern, form, step in _WIDE:
        for found in pattern.finditer(data):
            start, end = found.span()
            around = data[max(0, start - 12) : start], data[end : end + 12]
            before, after = (one.replace(b"\0", b"") for one in around)
            if any(True for _ in _ascii_in(before + found[0][step] + after, needles)):
                yield form, start
    for pattern, encoding in _FULL_WIDTH:
        for found in pattern.finditer(data):
            plain = unicodedata.normalize("NFKC", found[0].decode(encoding, "replace"))
            if needles.has_number(plain.encode(), b"", b""):
                yield "full width", found.start()
    for found in _HEX.finditer(data):
        if needles.has_number(binascii.unhexlify(found[0]), b"", b""):
            yield "hexadecimal", found.start()
    for form, starts in needles.starts_of_texts:
        for found in starts.finditer(data):
            if needles.has_text(data, found.start()):
                yield form, found.start()
    big, little = needles.doubles
    for start in (one.start() for one in big.finditer(data)):
        if needles.has_double(data[start : start + 8]):
            yield "floating point", start
    for end in (one.end() for one in little.finditer(data)):
        if end >= 8 and needles.has_double(data[end - 8 : end][::-1]):
            yield "floating point", end - 8
    for start in (one.start() for one in needles.sixes.finditer(data)):
        if needles.has_integer(data[start : start + 6]):
            yield "whole number", start
    for start in (one.start() for one in _ZEROS_BEFORE.finditer(data)):
        if needles.has_integer(data[start : start + 8]):
            yield "whole number", start
    for start in (one.start() for one in _ZEROS_AFTER.finditer(data)):
        if needles.has_integer(data[max(0, start - 6) : start + 2][::-1]):
            yield "whole number", start


def _packed_in(data: bytes, needles: Needles, depth: int) -> set[str]:
    if depth >= DEEPEST:
        return set()
    found: set[str] = set()
    for run in _BASE64.finditer(data):
        for decoded in _decoded(run[0]):
            if any(True for _ in _numbers_in(decoded, needles)):
                found.add("base64")
    for start in (one.start() for one in _DEFLATED.finditer(data)):
        with suppress(zlib.error):
            inflated = zlib.decompressobj().decompress(data[start:], 4 * 1024 * 1024)
            if len(inflated) >= 8 and in_bytes(inflated, needles, depth=depth + 1):
                found.add("packed")
    return found


def _decoded(run: bytes) -> Iterator[bytes]:
    plain = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    for skip in range(4):
        part = plain[skip:]
        with suppress(binascii.Error):
            yield base64.b64decode(part[: len(part) // 4 * 4])
            tail = part + b"=" * (-len(part) % 4)
            yield base64.b64decode(tail)


def in_file(path: Path, needles: Needles, stopped: Callable[[int], bool]) -> set[str]:
    """Return the forms in which prices stand in a file or its name. `stopped` is told of each piece that was read.

    Raises OSError.
    """
    found = {"file name"} if in_bytes(path.name.encode("utf-8", "replace"), needles) else set()
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        found |= in_stream(file, needles, stopped)
    with suppress(*unpacking.BROKEN):
        for name, inside in unpacking.parts_of(path, head):
            forms = in_stream(io.BytesIO(inside), needles, lambda _: stopped(0))
            if forms or in_bytes(name.encode("utf-8", "replace"), needles):
                found.add("packed")
    return found


def in_stream(
    file: io.BufferedIOBase, needles: Needles, stopped: Callable[[int], bool]
) -> set[str]:
    """Return the forms in which prices stand in what is read from a file, piece by piece."""
    found: set[str] = set()
    before = b""
    while piece := file.read(PIECE):
        if stopped(len(piece)):
            break
        found |= in_bytes(before + piece, needles)
        before = piece[-OVERLAP:]
    return found


def files_under(folders: Iterable[Path]) -> list[Path]:
    """List every file in these folders once; links are not followed."""
    found: dict[Path, None] = {}
    for folder in folders:
        if folder.is_file():
            found[folder] = None
        for here, _, names in os.walk(folder):
            found.update((Path(here, name), None) for name in sorted(names))
    return [path for path in found if path.is_file() and not path.is_symlink()]


def search(
    folders: Iterable[Path],
    needles: Needles,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Look through every file in these folders. `progress` is told bytes done and bytes in all."""
    paths = files_under(folders)
    report = Report(prices=needles.count, texts=needles.texts)
    total = sum(_size(path) for path in paths)

    def read(count: int) -> bool:
        report.bytes += count
        progress(report.bytes, max(total, report.bytes))
        return stopped()

    for path in paths:
        if stopped():
            break
        try:
            report.note(str(path), in_file(path, needles, read))
        except OSError:
            report.unread.append(str(path))
        report.files += 1
    report.is_whole = not stopped()
    return report


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
