"""The program as its next version could be: a copy with one more field and one more kind of records."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kamdesk.sync.protocol import SCHEMA
from tests.sync.world import World

NEXT = SCHEMA + 1
ROOT = Path(__file__).parents[2]
_ERRAND = '''"""A kind that the version before does not know."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kamdesk.db.describe import Record, field
from kamdesk.domain.spec import BucketRule, FieldType


class Errand(Record):
    """Something to fetch from a customer."""

    __tablename__ = "errand"
    number = 30
    label = plural = "Errand"
    bucket = BucketRule("acct", "customer_id")
    since = {next}

    customer_id: Mapped[str] = field(FieldType.REFERENCE, label="Customer", kind="customer", required=True)
    what: Mapped[str | None] = field(FieldType.TEXT, label="What")
'''
_PLACE = """

    place: Mapped[str | None] = field(FieldType.TEXT, label="Place", policy=Policy.LWW, since={next})
"""
_MIGRATION = '''"""the next version"""

from alembic import op

revision = "9999"
down_revision = "{last}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE task ADD COLUMN place VARCHAR")
    op.execute(
        "CREATE TABLE errand (_n INTEGER PRIMARY KEY, id VARCHAR(36) NOT NULL UNIQUE, _rev INTEGER NOT NULL, "
        "_b VARCHAR NOT NULL, _x VARCHAR, customer_id VARCHAR, what VARCHAR)"
    )
    op.execute("CREATE INDEX errand__b ON errand(_b)")
'''


def next_version(folder: Path) -> Path:
    """Write the next version of the program; return the folder to import it from."""
    package = folder / "kamdesk"
    shutil.copytree(ROOT / "kamdesk", package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ("sync/protocol.py", "db/capture.py"):
        _edit(package / path, f"\nSCHEMA = {SCHEMA}", f"\nSCHEMA = {NEXT}")
    task = package / "db/records/task.py"
    task.write_text(task.read_text().rstrip() + _PLACE.format(next=NEXT))
    (package / "db/records/errand.py").write_text(_ERRAND.format(next=NEXT))
    init = package / "db/records/__init__.py"
    person = "from kamdesk.db.records.person"
    _edit(init, person, f"from kamdesk.db.records.errand import Errand\n{person}")
    _edit(init, "        Customer,\n", "        Customer,\n        Errand,\n")
    versions = package / "db/migrations/versions"
    last = max(one.name[:4] for one in versions.glob("0*.py"))
    (versions / "9999_next.py").write_text(_MIGRATION.format(last=last))
    return folder


def _edit(path: Path, old: str, new: str) -> None:
    words = path.read_text()
    assert words.count(old) == 1, (path, old)
    path.write_text(words.replace(old, new))


def run(folder: Path, code: str, *arguments: str) -> Any:
    """Run code of that version; give what it prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(folder), cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout or "null")


@contextmanager
def serving(folder: Path, world: World) -> Iterator[None]:
    """Serve the world's head office with that version, at the same address as before."""
    world.cut()
    world.store.close()
    with subprocess.Popen(
        [sys.executable, "-m", "kamdesk.headoffice", "--database", world.file, "serve",
         "--port", str(world._port)],
        env=environment(folder), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert "http" in process.stdout.readline()
        try:
            yield
        finally:
            process.terminate()


def environment(folder: Path) -> dict[str, str]:
    """Import the program from there."""
    return {**os.environ, "PYTHONPATH": str(folder)}
