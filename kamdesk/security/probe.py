"""Can the key store of this computer be trusted with the key to a store?"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from kamdesk.domain.errors import MachineError
from kamdesk.domain.values import dataclass
from kamdesk.security import oskeys
from kamdesk.security.oskeys import KeyringProblem

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

# Not under the service of the keys: the Windows vault moves an entry aside to make room for
# another user of the same service, and a test shall not move a key
_PROBE_SERVICE = "KAMDesk probe"


@dataclass(frozen=True)
class KeyringState:
    """What the probe found: a backend, and what is wrong with it, if anything."""

    backend_name: str
    problem: KeyringProblem | None = None
    reason: str = ""

    @property
    def is_usable(self) -> bool:
        """Say whether keys may be kept there."""
        return self.problem is None

    def error(self) -> MachineError:
        """Return the error to show. Only for a state with a problem."""
        assert self.problem is not None
        return oskeys.keyring_error(
            self.problem, backend_name=self.backend_name, reason=self.reason
        )


def probe_keyring(
    *,
    write: bool,
    timeout: float = oskeys.PATIENCE,
    backend: KeyringBackend | None = None,
) -> KeyringState:
    """Say whether keys may be kept in the key store of this computer. May wait for `timeout`.

    With `write`, a random canary is written, read back and deleted; without, only the class is
    judged, which is what the start of the program has time for. `backend` is one that the caller
    vouches for, in place of the one that keyring finds.
    """
    name = ""

    def ask() -> None:
        nonlocal name
        found = oskeys.find_backend(backend)
        name = oskeys.name_of(found)
        if write:
            _try_canary(found)

    try:
        oskeys.watched(ask, timeout=timeout)
    except MachineError as error:
        return KeyringState(
            backend_name=name or str(error.params.get("backend", "")),
            problem=KeyringProblem(error.code),
            reason=str(error.params.get("reason", "")),
        )
    return KeyringState(backend_name=name)


def _try_canary(backend: KeyringBackend) -> None:
    user = f"canary/{secrets.token_hex(8)}"
    try:
        oskeys.write_entry(backend, _PROBE_SERVICE, user, secrets.token_urlsafe(32))
    finally:
        oskeys.delete_entry(backend, _PROBE_SERVICE, user)
