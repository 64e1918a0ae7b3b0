"""A store that lies sealed whole in quarantine, made a file again for as long as it is read; see `security.outer`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from kamdesk.db import backups
from kamdesk.db.connect import wrong
from kamdesk.security import files, outer

_FILE = "store/unsealed.new.kdb"  # what a killed program leaves of it is removed with all of `store/*.new*`


@contextmanager
def readable(
    source: Path, profile_dir: Path, keys: Sequence[bytes], store_id: str
) -> Iterator[tuple[Path, list[bytes]]]:
    """Give a copy of the store as a file that can be opened, and the keys that may do it, `keys` among them.

    Raises MachineError: STORE_FOREIGN where none of the keys opens what is sealed.
    """
    if source.suffix != outer.ENDING:
        yield source, list(keys)
        return
    target = profile_dir / _FILE
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _discard(target)
    try:
        try:
            known = _unsealed(source, target, keys, store_id)
            endings = source.name[source.name.index(outer.ENDING) :]
            log = source.with_name(source.name.removesuffix(endings) + "-wal" + endings)
            if log.exists():
                _unsealed(log, Path(f"{target}-wal"), keys, store_id)
        except OSError as error:
            raise wrong("STORE_IO") from error
        yield target, known
    finally:
        _discard(target)


def _unsealed(source: Path, target: Path, keys: Sequence[bytes], store_id: str) -> list[bytes]:
    """Write what is inside, however often it was sealed; return the keys that were with it, then the others."""
    backups.need_room(target.parent, source.stat().st_size)
    name, content, known = source.name, source.read_bytes(), list(keys)
    while name.endswith(outer.ENDING):
        for key in known:
            with suppress(ValueError):
                inside, content = outer.unseal(name, content, key, store_id)
                break
        else:
            raise backups.foreign()
        name, known = name.removesuffix(outer.ENDING), [*inside, *known]
    files.write_atomically(target, content)
    return known


def _discard(target: Path) -> None:
    for path in target.parent.glob(f"{target.name}*"):
        with suppress(OSError):
            path.unlink(missing_ok=True)
