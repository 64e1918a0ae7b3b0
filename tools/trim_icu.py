"""Make ICU's data library smaller for the installed program: two languages instead of hundreds.

Qt links to ICU, whose data library (31 MB) is a fifth of the program. What is kept: everything that is no locale
(normalisation, collation's base), the locales of English and Chinese, and their converters: files are read by
Python, which has its own. Any other language falls back to the root as ICU does by itself.
The format: https://unicode-org.github.io/icu/userguide/icu_data/ ("CmnD", a table of names and offsets, then the
items in the order of their names).
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

_NAMED = ("root", "en", "zh", "res_index", "pool", "supplementalData", "icustd", "icuver")
_LOCALE = re.compile(r"^[a-z]{2,3}(_[A-Za-z0-9]+)*\.res$")
_DROPPED = re.compile(r"^(translit|brkitr|rbnf)/|^(?!gb18030|windows-936-2000|ibm-1252_|ibm-5348_).*\.cnv$")


def keep(name: str) -> bool:
    """Say whether an item of the data is needed; names are like `coll/zh.res`."""
    if _DROPPED.match(name):
        return False
    stem = name.rpartition("/")[2]
    if "/" in name and not name.startswith("coll/"):
        return stem.split(".")[0].split("_")[0] in {"root", "en", "zh"} or stem.startswith(_NAMED)
    return not _LOCALE.match(stem) or stem.split(".")[0].split("_")[0] in {"root", "en", "zh"}


def trimmed(data: bytes) -> bytes:
    """Return the same collection of data without the items that are not kept. Raises ValueError."""
    size = struct.unpack_from("<H", data)[0]
    if data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD":
        raise ValueError("this is not ICU's common data")
    head, table = data[:size], data[size:]
    count = struct.unpack_from("<I", table)[0]
    entries = [struct.unpack_from("<II", table, 4 + 8 * at) for at in range(count)]
    ends = [start for _, start in entries[1:]] + [len(table)]
    items = []
    for (name_at, start), end in zip(entries, ends, strict=True):
        name = table[name_at : table.index(b"\0", name_at)]
        if keep(name.decode().partition("/")[2]):
            items.append((name, table[start:end]))
    names_at = 4 + 8 * len(items)
    names = b"".join(name + b"\0" for name, _ in items)
    starts, at = [], -(-(names_at + len(names)) // 16) * 16
    for _, item in items:
        starts.append(at)
        at += -(-len(item) // 16) * 16
    out = bytearray(struct.pack("<I", len(items)))
    name_at = names_at
    for (name, _), start in zip(items, starts, strict=True):
        out += struct.pack("<II", name_at, start)
        name_at += len(name) + 1
    out += names
    for (_, item), start in zip(items, starts, strict=True):
        out += bytes(start - len(out)) + item
    return head + bytes(out)


def data_in(library: bytes, symbol: bytes) -> bytes:
    """Return what an exported symbol of a 64-bit ELF library names. Raises ValueError."""
    if library[:6] != b"\x7fELF\x02\x01":
        raise ValueError("this is no library of this kind")
    sections_at = struct.unpack_from("<Q", library, 40)[0]
    size, number = struct.unpack_from("<HH", library, 58)
    sections = [
        struct.unpack_from("<IIQQQQIIQQ", library, sections_at + size * at) for at in range(number)
    ]
    for section in sections:
        if section[1] != 11:  # the dynamic symbols
            continue
        strings = sections[section[6]][4]
        for at in range(section[4], section[4] + section[5], 24):
            name, _, _, where, value, length = struct.unpack_from("<IBBHQQ", library, at)
            start = strings + name
            if length and library[start : library.index(b"\0", start)] == symbol:
                home = sections[where]
                begin = home[4] + value - home[3]
                return library[begin : begin + length]
    raise ValueError(f"there is no {symbol.decode()}")


def trim(library: Path, out: Path) -> Path:
    """Write a smaller library of the same name into `out`; return the old one where there is no compiler."""
    version = library.name.rpartition(".")[2]
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return library
    symbol = f"icudt{version}_dat"
    out.mkdir(parents=True, exist_ok=True)
    target = out / library.name
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "icu.dat"
        data.write_bytes(trimmed(data_in(library.read_bytes(), symbol.encode())))
        source = Path(name) / "icu.S"
        source.write_text(
            f".section .rodata\n.globl {symbol}\n.type {symbol}, %object\n.balign 16\n{symbol}:\n"
            f'.incbin "{data}"\n.size {symbol}, .-{symbol}\n.section .note.GNU-stack,"",%progbits\n'
        )
        command = [
            compiler,
            "-shared",
            "-nostdlib",
            f"-Wl,-soname,{library.name}",
            "-o",
            str(target),
            str(source),
        ]
        subprocess.run(command, check=True)  # noqa: S603  # the compiler
    return target
