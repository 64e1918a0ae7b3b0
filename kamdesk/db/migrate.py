"""Making and updating the tables of the local store.

`python -m kamdesk.db.migrate new "what changes"` writes the next migration (see `python dev.py migration`).
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from kamdesk.db import text_index, unknown
from kamdesk.db.reader import DriverConnection
from kamdesk.db.records import SPECS


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("kamdesk.db").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring a store to the newest revision, within the transaction of the caller."""
    command.upgrade(_config(connection), "head")
    raw = connection.connection.dbapi_connection
    assert raw is not None
    driver_connection = cast("DriverConnection", raw)
    text_index.create(driver_connection, SPECS.values())
    for spec in SPECS.values():
        unknown.learn(driver_connection, spec)
        if spec.searchable:
            text_index.compose(driver_connection, spec)


def _new(message: str) -> None:
    """Write the migration from what the migrations make to what the records declare."""
    import_module("kamdesk.db.tables")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        engine = create_engine(
            "sqlite+pysqlite://",
            module=driver,
            creator=lambda: driver.connect(str(path)),
            poolclass=StaticPool,
        )
        with engine.connect() as connection:
            config = _config(connection)
            scripts = ScriptDirectory.from_config(config)
            if scripts.get_current_head() is not None:
                command.upgrade(config, "head")
            number = f"{len(list(scripts.walk_revisions())) + 1:04d}"
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "new":
        sys.exit('usage: python -m kamdesk.db.migrate new "what changes"')
    _new(sys.argv[2])
