"""Which form a store has and which one this program writes, told without Alembic, whose import takes 160 ms.

A migration is `NNNN_name.py` in `migrations/versions`, NNNN its revision; a test compares them with Alembic.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kamdesk.db.reader import Reader
from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP

VERSIONS = Path(__file__).parent / "migrations" / "versions"


@cache
def known() -> tuple[str, ...]:
    """Return the revisions that this program knows, the oldest first."""
    return tuple(sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py")))


def newest() -> str:
    """Return the revision that this program writes."""
    return known()[-1]


def current(reader: Reader) -> str | None:
    """Return the revision of an open store; None for an empty one."""
    if not reader.value("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
        return None
    found = reader.value("SELECT version_num FROM alembic_version")
    return str(found) if found else None


def is_behind(reader: Reader) -> bool:
    """Say whether an open store needs `migrate.upgrade`.

    Raises MachineError("STORE_NEWER") for a store that a newer program wrote.
    """
    revision = current(reader)
    if revision is not None and revision not in known():
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "store",
                "A newer KAMDesk wrote this store. Update KAMDesk on this computer; nothing was changed.",
            ),
            code="STORE_NEWER",
            context="store",
        )
    return revision != newest()
