"""The program's log: what happened and where, never what a record held.

An exception is written as its type and the places in the code it passed; its message may quote what a user
typed or what a price is, so it stays out. Messages are written by the program and name no values.
"""

from __future__ import annotations

import logging
import traceback
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from kamdesk.domain.one_line import one_line

_BYTES, _COPIES = 1_000_000, 3


class CalmFormatter(logging.Formatter):
    """Writes exceptions without their messages, and every message in one line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; what another handler made of its exception is not taken over."""
        of_another, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = of_another

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """Write one line, whatever the names in it are made of."""
        return one_line(super().formatMessage(record))

    def formatException(  # noqa: N802  # logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return describe(ei[1]) if ei[1] is not None else ""


def describe(error: BaseException) -> str:
    """Return type and places of an exception and of what caused it, without their messages; each once."""
    parts = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        places = [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(at.__traceback__)
        ]
        parts.append("\n".join([type(at).__name__, *places]))
        at = at.__cause__ or at.__context__
    return "\ncaused by ".join(parts)


def start(folder: Path) -> None:
    """Log into `folder`; a disk that cannot be written costs the log, not the program."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for noisy in ("urllib3", "alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "kamdesk.log",
            maxBytes=_BYTES,
            backupCount=_COPIES,
            encoding="utf-8",
            delay=True,
        )
        handler.setFormatter(CalmFormatter())
        root.addHandler(handler)
