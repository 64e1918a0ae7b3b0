"""Where a run keeps its data: in memory, in encrypted files, or head office on PostgreSQL."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from kamdesk.db.connect import connect
from kamdesk.domain.roles import Actor
from kamdesk.headoffice.store import Store, _postgresql, _sqlite
from tests.sync.sim import stores, template
from tests.sync.sim.stores import KEY, MemoryDatabase, SimStore, Watched


class Storing(Protocol):
    """What a run needs of its disks."""

    def begin(self) -> None: ...
    def laptop(self, name: str, actor: Actor) -> Watched: ...
    def rows(self, name: str, sql: str) -> list[tuple[Any, ...]]: ...
    def office(self) -> SimStore: ...
    def backup(self) -> Any: ...
    def restore(self, copy: Any) -> None: ...


class InMemory:
    """Everything in memory: thousands of runs in minutes."""

    def begin(self) -> None:
        """Copy what every run begins with."""
        self._office = stores.clone(template.prepared().office)
        self._laptops: dict[str, Any] = {}

    def laptop(self, name: str, actor: Actor) -> Watched:
        """Open a laptop's store, as its disk holds it."""
        if name not in self._laptops:
            self._laptops[name] = stores.clone(template.prepared().laptops[name][0])
        return MemoryDatabase(self._laptops[name], actor)

    def rows(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        """Read a laptop's store."""
        return list(self._laptops[name].execute(sql).fetchall())

    def office(self) -> SimStore:
        """Open head office."""
        return stores.memory_office(self._office)

    def backup(self) -> Any:
        """Copy head office's database."""
        return stores.clone(self._office)

    def restore(self, copy: Any) -> None:
        """Put a copy back."""
        self._office = stores.clone(copy)


class OnDisk(InMemory):
    """Laptops in encrypted files, as they ship; head office in a file of SQLite."""

    def __init__(self, folder: Path, templates: Path) -> None:
        self._folder = folder
        self._templates = templates
        self._open: dict[str, Watched] = {}
        self._readers: dict[str, Any] = {}
        self._store: SimStore | None = None

    def begin(self) -> None:
        self._copies = 0
        self._write(template.prepared().office)

    def _write(self, raw: Any) -> None:
        if self._store is not None:
            self._store.close()
        for path in self._folder.glob("office.db*"):
            path.unlink()
        with closing(stores.driver.connect(str(self._folder / "office.db"))) as target:
            raw.backup(target)

    def laptop(self, name: str, actor: Actor) -> Watched:
        if name in self._open:
            self._close(name)
        made = self._templates / name
        if not made.exists():
            template.file_template(self._templates, name)
        self._open[name] = stores.file_device(self._folder / name, made, actor)
        return self._open[name]

    def rows(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        if name not in self._readers:  # kept: opening one costs as much as a hundred questions
            self._readers[name] = connect(self._open[name].path, KEY)
        return list(self._readers[name].execute(sql).fetchall())

    def _close(self, name: str) -> None:
        if name in self._readers:
            self._readers.pop(name).close()
        self._open.pop(name).close()

    def office(self) -> SimStore:
        path = self._folder / "office.db"
        self._store = SimStore(_sqlite(path), path)
        return self._store

    def backup(self) -> Any:
        copy = stores.memory()
        with closing(stores.driver.connect(str(self._folder / "office.db"))) as source:
            source.backup(copy)
        return copy

    def restore(self, copy: Any) -> None:
        self._write(copy)

    def close(self) -> None:
        """Close and remove everything of the last run."""
        for name in list(self._open):
            self._close(name)
        if self._store is not None:
            self._store.close()
            self._store = None
        for path in self._folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


class OnPostgresql(InMemory):
    """Head office on PostgreSQL, the laptops in memory."""

    def __init__(self, url: str) -> None:
        self._engine = _postgresql(url)
        Store.open(url, company="Hehe Pharma").close()
        self._plain = self._engine.dialect.do_commit

    def begin(self) -> None:
        super().begin()
        stores.refill(SimStore(self._engine, None), stores.dump(self._office))

    def office(self) -> SimStore:
        self._engine.dialect.do_commit = self._plain  # type: ignore[method-assign]
        return SimStore(self._engine, None)

    def backup(self) -> Any:
        return stores.dump(self._engine)

    def restore(self, copy: Any) -> None:
        stores.refill(SimStore(self._engine, None), copy)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
