"""Profiles that earlier versions wrote (see `write.py`), copied for a test, and a head office that knows them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamdesk.db import open_store
from kamdesk.db.database import Database
from kamdesk.headoffice import accounts
from kamdesk.security import keystore, passwords
from kamdesk.security.keystore import OpenKeys
from tests.headoffice.conftest import PASSWORD
from tests.migrations import write
from tests.sync.world import World

HERE = Path(__file__).parent
VERSIONS = sorted(path.name for path in HERE.glob("[0-9]*"))


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A profile of each version in turn."""
    return copied(request.param, tmp_path / request.param)


def copied(version: str, folder: Path) -> Path:
    """Copy the profile of a version."""
    return Path(shutil.copytree(HERE / version, folder))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A head office with the user, the customers, the person and the product of the profiles."""
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 64)
    one = World(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "new_id", lambda: write.KIM.user_id)
        accounts.add_user(
            one.store, login="min", name=write.KIM.name, role="KAM", password=PASSWORD,
            territories=["Land"],
        )  # fmt: skip
    with one.store.write("office") as writer:
        for kind in ("customer", "person", "product"):
            for record in write.HELD[kind]:
                where = {"territory_id": one.north} if kind == "customer" else {}
                values = {name: value for name, value in record.items() if name != "id"}
                writer.put(kind, str(record["id"]), {**values, **where})
    yield one
    one.close()


@pytest.fixture
def keys(tmp_path: Path) -> OpenKeys:
    """Keys of a new profile."""
    return keystore.create_with_passphrase(tmp_path, "profile", write.PASSPHRASE)


@pytest.fixture
def store(tmp_path: Path, keys: OpenKeys) -> Iterator[Database]:
    """An empty store of today."""
    database = open_store.create(tmp_path, keys, write.KIM)
    yield database
    database.close()
