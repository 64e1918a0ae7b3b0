"""Leaks that are planted to see whether they are found, as other programs would have made them; and clean noise."""

from __future__ import annotations

import base64
import configparser
import gzip
import json
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from PySide6.QtCore import QSettings
from sqlcipher3 import dbapi2 as driver

from kamdesk.security.leaks import Needles

CANARIES = {
    "list price": "281474976.7106", "contract price": "739148357.2613", "net price": "918273645.5467",
    "changed price": "564738291.8273", "undone price": "647382915.2837", "my price of two": "836271945.1739",
    "their price of two": "375918264.6281", "draft": "492837165.7391", "killed draft": "617283945.9283",
    "note": "753951846.2637", "import": "862479135.3729", "older store": "951627384.7183",
}  # fmt: skip
"""One for each place where a price is typed, so that a hit names the culprit."""
REBATE = "61.7283945061"
SEEN = CANARIES["contract price"]
NOISE_BYTES = 8_000_000


def needles(*names: str) -> Needles:
    """Look for these canaries; without names for all of them, and for ten thousand everyday prices beside them."""
    made = Needles()
    for name in names or CANARIES:
        if name in CANARIES:
            made.add(int(CANARIES[name].replace(".", "")), 4, "CNY")
    if not names or "rebate" in names:
        made.add(int(REBATE.replace(".", "")), 10, "PCT")
    if names:
        return made
    for number in range(10_000):
        made.add(1_000 + 37 * number, 2, "CNY")
    return made


def _database(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    with closing(driver.connect(path, isolation_level=None)) as connection:
        for statement, values in statements:
            connection.execute(statement, values)


def _column(kind: str, value: object) -> Callable[[Path], None]:
    return lambda path: _database(
        path, (f"CREATE TABLE t(v {kind})", ()), ("INSERT INTO t VALUES(?)", (value,))
    )


def _text_index(path: Path) -> None:
    _database(
        path,
        ("CREATE VIRTUAL TABLE t USING fts5(v)", ()),
        ("INSERT INTO t VALUES(?)", (f"net {SEEN} agreed",)),
        ("DELETE FROM t", ()),
    )


def _deleted_row(path: Path) -> None:
    _database(
        path,
        ("PRAGMA secure_delete=OFF", ()),
        ("CREATE TABLE t(v TEXT)", ()),
        ("INSERT INTO t VALUES(?)", (SEEN,)),
        ("DELETE FROM t", ()),
    )


def _erased_row(path: Path) -> None:
    _database(
        path,
        ("PRAGMA journal_mode=OFF", ()),
        ("PRAGMA secure_delete=ON", ()),
        ("CREATE TABLE t(v TEXT)", ()),
        ("INSERT INTO t VALUES(?)", (SEEN,)),
        ("DELETE FROM t", ()),
    )


def _settings(path: Path) -> None:
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    settings.setValue("last", float(SEEN))
    settings.sync()


def _ini(path: Path) -> None:
    parser = configparser.ConfigParser()
    parser["prices"] = {"net": SEEN}
    with path.open("w", encoding="utf-16") as file:
        parser.write(file)


def _workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_number(0, 0, float(SEEN))


def _document(path: Path) -> None:
    page = zlib.compress(f"BT /F1 12 Tf 72 700 Td (Net {SEEN} CNY) Tj ET".encode())
    head = f"%PDF-1.4\n1 0 obj <</Length {len(page)} /Filter /FlateDecode>> stream\n"
    path.write_bytes(head.encode() + page + b"\nendstream")


def _printed(path: Path) -> None:
    """Write a document as Qt does: every glyph alone, by a number that a table turns into a letter."""
    letters = sorted({*SEEN})
    table = " ".join(f"<{ord(one):04X}>" for one in letters)
    cmap = f"begincmap 1 beginbfrange <0001> <{len(letters):04X}> [{table} ] endbfrange endcmap"
    shown = "".join(f"<{letters.index(one) + 1:04X}> Tj 240.5 0 Td " for one in SEEN)
    page = zlib.compress(f"BT /F1 12 Tf 1 0 0 -1 0 0 Tm {shown}ET\n".encode())
    head = f"%PDF-1.4\n1 0 obj << /Length {len(page)} /Filter /FlateDecode >>\nstream\n".encode()
    tail = f"\nendstream\n2 0 obj << /Length {len(cmap)} >>\nstream\n{cmap}\nendstream\n".encode()
    path.write_bytes(head + page + tail)


FORMS: dict[str, Callable[[Path], object]] = {
    "REAL": _column("REAL", float(SEEN)),
    "TEXT": _column("TEXT", SEEN),
    "INTEGER times 10,000": _column("INTEGER", int(SEEN.replace(".", ""))),
    "NUMERIC": _column("NUMERIC", SEEN),
    "pickle": lambda path: path.write_bytes(pickle.dumps({"net": Decimal(SEEN)})),
    "text index after deletion": _text_index,
    "deleted row": _deleted_row,
    "JSON": lambda path: path.write_text(json.dumps({"net_price": f"{SEEN} CNY"})),
    "gzip": lambda path: path.write_bytes(gzip.compress(f"net={SEEN}".encode() * 3)),
    "UTF-16 settings": _ini,
    "grouped in a log": lambda path: path.write_text("12:03:11,213 total 739,148,357.2613 set\n"),
    "file name": lambda path: path.with_name(f"offer {SEEN}.txt").write_text("see the name"),
    "base64": lambda path: path.write_bytes(base64.b64encode(b"x" * 8 + f"net {SEEN}".encode())),
    "float in msgpack": lambda path: path.write_bytes(b"\x81\xa3net\xcb" + struct.pack(">d", float(SEEN))),
    "workbook": _workbook,
    "QSettings": _settings,
    "PDF": _document,
    "printed PDF": _printed,
    "row of a table": lambda path: path.write_text(f"ENTRESTO,12,box,1000,{SEEN},900.5,CNY\r\n"),
}  # fmt: skip
"""What must be found, by name: each writes one file, or one beside it."""


def _packed_noise(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a", os.urandom(100_000))


CLEAN: dict[str, Callable[[Path], object]] = {
    "erased row": _erased_row,
    "random bytes": lambda path: path.write_bytes(os.urandom(NOISE_BYTES)),
    "packed noise": _packed_noise,
    "log without prices": lambda path: path.write_text(
        "".join(f"03:{n // 60:02}:{n % 60:02},{n:03} ready after {n} ms, {n * 37} rows\n" for n in range(900))
    ),
}  # fmt: skip
"""What must not be found."""


def found(folder: Path) -> tuple[list[str], list[str]]:
    """Plant everything below `folder`; return what was missed of the leaks, and what was found of the clean."""
    from kamdesk.security import leaks

    looked_for = needles()
    results: list[list[str]] = []
    for planted, is_leak in ((FORMS, True), (CLEAN, False)):
        wrong = []
        for name, plant in planted.items():
            place = folder / name
            place.mkdir(parents=True)
            plant(place / "file.bin")
            if bool(leaks.search([place], looked_for).hits) is not is_leak:
                wrong.append(name)
        results.append(wrong)
    return results[0], results[1]
