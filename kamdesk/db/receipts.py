"""The receipts of head office, as long as the confirmed changes that they prove."""

from __future__ import annotations

import hashlib

from kamdesk.db.reader import DriverConnection


def keep(
    connection: DriverConnection, *, last: int, head: int, at: str, message: bytes, signature: str
) -> None:
    """Keep one receipt: changes up to number `last` were decided at commit `head`."""
    connection.execute(
        "INSERT OR REPLACE INTO sync_receipt(last, head, at, message, signature) VALUES(?,?,?,?,?)",
        (last, head, at, message, signature),
    )


def forget_after(connection: DriverConnection, last: int) -> None:
    """Drop the receipts of a history that head office no longer has."""
    connection.execute("DELETE FROM sync_receipt WHERE last > ?", (last,))


def forget_before(connection: DriverConnection, oldest: str) -> None:
    """Drop receipts older than the archive of confirmed changes."""
    connection.execute("DELETE FROM sync_receipt WHERE at < ?", (oldest,))


def short_name(signature: str) -> str:
    """Give a receipt the four digits by which people speak of it, such as 7F3A."""
    return hashlib.sha256(signature.encode()).hexdigest()[:4].upper()
