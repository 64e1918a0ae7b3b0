"""A fresh head office and its laptops for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kamdesk.security import passwords
from tests.sync.world import World


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    before = passwords._MEMORY_KIB
    passwords._MEMORY_KIB = 64
    yield
    passwords._MEMORY_KIB = before


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    one = World(tmp_path)
    yield one
    one.close()
