"""The text of a PDF as Qt and others print it: glyphs by number, which tables in the file turn into letters."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress

LARGEST = 16 * 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n")
_TABLE = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_CODE = rb"\s*<([0-9A-Fa-f]+)>"
_CHARACTER = re.compile(_CODE * 2)
_RANGE = re.compile(_CODE * 2 + rb"\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(rb"<([0-9A-Fa-f]+)>|\b(ET|Tm|T\*)(?=\s)")
Glyphs = dict[int, str]


def text_of(pdf: bytes) -> bytes:
    """Return what the pages of a PDF say, as UTF-8, read with each table of letters that it has."""
    parts = [pdf, *_inflated(pdf[:LARGEST])]
    tables = [_glyphs(one) for one in parts if b"begincmap" in one]
    pages = [one for one in parts[1:] if b"Tj" in one or b"TJ" in one]
    said = (_read(page, table) for page in pages for each in tables for table in each)
    return "\n".join(said).encode("utf-8", "replace")


def _inflated(pdf: bytes) -> Iterator[bytes]:
    for found in _STREAM.finditer(pdf):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(pdf[found.end() :], LARGEST)


def _glyphs(part: bytes) -> list[Glyphs]:
    """Return the tables in a part of the file, one for each font."""
    tables = []
    for cmap in part.split(b"begincmap")[1:]:
        glyphs: Glyphs = {}
        for kind, entries in _TABLE.findall(cmap.split(b"endcmap")[0]):
            if kind == b"char":
                for code, letters in _CHARACTER.findall(entries):
                    glyphs[int(code, 16)] = _letters(letters)
                continue
            for first, last, letters, many in _RANGE.findall(entries):
                start, end = int(first, 16), min(int(last, 16), int(first, 16) + 0xFFFF)
                if many:
                    glyphs |= dict(
                        zip(range(start, end + 1), map(_letters, _HEX.findall(many)), strict=False)
                    )
                else:
                    at = int(letters, 16)
                    glyphs |= {
                        start + n: chr(at + n) for n in range(end - start + 1) if at + n < 0x110000
                    }
        tables.append(glyphs)
    return tables


def _letters(code: bytes) -> str:
    return bytes.fromhex(code.decode().rjust(4, "0")).decode("utf-16-be", "replace")


def _read(page: bytes, glyphs: Glyphs) -> str:
    said: list[str] = []
    for code, end in _SHOWN.findall(page):
        said.extend(glyphs.get(int(code[at : at + 4], 16), "") for at in range(0, len(code) - 3, 4))
        said += "\n" if end else ""
    return "".join(said)
