"""The only source of "now"; tests replace it, nothing else reads the system's clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def _system_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the one place


_source: Callable[[], datetime] = _system_now


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return _source()


def today() -> date:
    """Return the present day where the user is."""
    return now().astimezone().date()


def stamp(instant: datetime | None = None) -> str:
    """Write an instant as the wire and the store do: UTC, milliseconds, `Z`."""
    value = (instant or now()).astimezone(UTC)
    return value.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_stamp(text: str) -> datetime:
    """Read what `stamp` wrote. Raises ValueError for anything else."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(text)
    return value.astimezone(UTC)


@contextmanager
def frozen(source: Callable[[], datetime]) -> Iterator[None]:
    """Use another source of time for the duration of a test."""
    global _source  # noqa: PLW0603  # one clock per process is the point
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
