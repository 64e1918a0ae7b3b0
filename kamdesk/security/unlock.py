"""Unlocking a profile: its lock is taken, its keys are opened."""

from __future__ import annotations

from pathlib import Path

from kamdesk.domain.values import dataclass
from kamdesk.security import keystore
from kamdesk.security.folders import demand_safe
from kamdesk.security.instance import InstanceLock, acquire
from kamdesk.security.keystore import OpenKeys


@dataclass(frozen=True)
class Unlocked:
    """A profile that is ours until `release`."""

    folder: Path
    lock: InstanceLock
    keys: OpenKeys

    def release(self) -> None:
        """Forget the keys and let the next program in."""
        self.keys.forget()
        self.lock.release()


def unlock(folder: Path, passphrase: str = "") -> Unlocked:
    """Unlock a profile, by the computer's key store where there is no passphrase. May wait for a prompt.

    Raises UserError for a wrong passphrase, MachineError for everything else.
    """
    demand_safe(folder)
    lock = acquire(folder)
    try:
        return Unlocked(folder, lock, open_keys(folder, passphrase))
    except BaseException:
        lock.release()
        raise


def open_keys(folder: Path, passphrase: str) -> OpenKeys:
    """Open the keys of a profile, whose lock the caller holds. Raises UserError, MachineError."""
    sealed = keystore.read_keystore(folder)
    if sealed.unlock_kind == "passphrase" or passphrase:
        return sealed.open_with_passphrase(passphrase)
    return sealed.open_with_keyring()
