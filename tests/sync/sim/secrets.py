"""The lock on the prices of a simulated laptop, and how the oracle looks behind it."""

from __future__ import annotations

import base64
import re
from typing import Literal

from kamdesk.db.records import SPECS
from kamdesk.domain import prices
from kamdesk.domain.prices import Unreadable
from kamdesk.security.pricelock import PriceLock

MARK = ".4242 CNY"
"""The end of every price that is typed in the simulated world, and of nothing else."""
_SEALED = re.compile("S0QB[A-Za-z0-9+/]+=*")


class _Keys:
    """What the key store would give; one price key for all, so that the oracle can read."""

    store_id = "00000000-0000-4000-8000-000000000001"
    price_unlock: Literal["keyring", "passphrase"] = "passphrase"

    def open_price_keys(self, _passphrase: str) -> dict[int, bytearray]:
        """Give the key."""
        return {1: bytearray(b"\x05" * 32)}

    def drop_price_keys(self) -> None:
        """Keep it all the same: what was typed must be found in an issue, whoever may open it."""


class SimLock(PriceLock):
    """The real lock, without a thread that sweeps memory."""

    def __init__(self, *, is_allowed: bool) -> None:
        super().__init__(_Keys(), is_allowed=is_allowed)  # type: ignore[arg-type]

    def lock(self) -> None:
        """Forget the keys."""
        self._epoch += 1
        self._ciphers = {}


_reader = SimLock(is_allowed=True)
_reader.open()


def clear(kind: str, name: str, record_id: str, sealed: bytes | None) -> str | None:
    """Open one cell of a laptop, whether its user could or not, as the wire would have it."""
    if sealed is None:
        return None
    value = _reader.unseal(kind, name, record_id, sealed)
    return value.why if isinstance(value, Unreadable) else prices.to_wire(value)


def clear_text(kind: str, record_id: str, words: str) -> str:
    """Replace every envelope in what a laptop keeps about a record by what is in it."""
    spec = SPECS.get(kind)
    if spec is None or not spec.sealed:
        return words

    def opened(found: re.Match[str]) -> str:
        sealed = base64.b64decode(found[0])
        told = [clear(kind, name, record_id, sealed) for name in spec.sealed]
        return str(next((one for one in told if one is None or " " in one), found[0]))

    return _SEALED.sub(opened, words)
