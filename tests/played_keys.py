"""What tests of keys share: passphrases that cost no time, and a key store of the system that is played."""

from __future__ import annotations

from functools import partial

import pytest

from kamdesk.security import oskeys, pricekeys, slots
from tests.unit.test_machine_faults import Ring


@pytest.fixture(autouse=True)
def _cheap_passphrases(monkeypatch):
    """Stretch with little memory: dozens of passphrases are not what these tests are about."""
    for module in (pricekeys, slots):
        cheap = partial(module.PassphraseWork, memory_kib=64, passes=1, lanes=1)
        monkeypatch.setattr(module, "PassphraseWork", cheap)


@pytest.fixture
def ring(monkeypatch) -> Ring:
    """The key store of this computer, which fails as the test says."""
    one = Ring()
    plain = oskeys.find_backend
    monkeypatch.setattr(
        oskeys, "find_backend", lambda given=None, **how: plain(given or one, **how)
    )
    return one
