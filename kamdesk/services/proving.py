"""Proving that no price lies on this computer in the clear: the user's real prices, looked for in every file.

So are the texts that were sealed with the prices: numbers in Chinese numerals, and what stands around a price.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kamdesk.db.queries import sealed_texts
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.domain.price_access import Prices, PricesLocked
from kamdesk.security import leaks, process
from kamdesk.security.leaks import FORMS, Hit, Needles, Report

__all__ = ["FORMS", "Hit", "Needles", "Report", "needles_of", "places_of", "search"]


def needles_of(reader: Reader, prices: Prices) -> Needles:
    """Take every price and every sealed text of this profile as something to look for. Raises PricesLocked."""
    needles = Needles()
    epoch = prices.epoch
    for spec in SPECS.values():
        for name in spec.sealed:
            rows = reader.rows(f"SELECT id, {name} FROM {spec.kind}")
            if spec.kind == sealed_texts.KIND:
                for record_id, sealed in rows:
                    if sealed and (text := sealed_texts.opened_text(prices, record_id, name, sealed)):
                        needles.add_text(text)
                continue
            for number in prices.numbers(spec.kind, name, iter(rows)):
                if number is not None:
                    needles.add(*number)
    if prices.epoch != epoch:
        raise PricesLocked
    return needles


def places_of(profile_folder: Path) -> list[Path]:
    """Return where this program writes: all profiles with their backups and logs, its settings, its temporary files."""
    found = [profile_folder.parents[1]]
    with suppress(OSError):
        temporary = Path(tempfile.gettempdir())
        found += [one for one in temporary.iterdir() if "kamdesk" in one.name.casefold()]
    return found


def search(
    places: list[Path],
    needles: Needles,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> Report:
    """Look through all files there. Takes about a minute for 500 MB. Never raises for a file that cannot be read."""
    began = time.monotonic()
    report = leaks.search(places, needles, progress=progress, stopped=stopped)
    report.seconds = time.monotonic() - began
    process.sweep()
    return report
