"""The doorkeeper and the rescuer, imported by the worker that first asks them: the window does not wait for that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kamdesk.domain.connection import SignIn
from kamdesk.domain.rescue import Findings
from kamdesk.domain.session import KeyCheck, KnownProfile, Opened
from kamdesk.security.put_off import put_off

if TYPE_CHECKING:
    from kamdesk.db.first_page import FirstPage
    from kamdesk.doorkeeper import Profiles
    from kamdesk.rescuer import Rescue
    from kamdesk.security.unlock import Unlocked


class Door:
    """Opens profiles with everything that their window needs imported. Implements `domain.session.Doorkeeper`."""

    def __init__(self, data_dir: Path, server: str) -> None:
        self._data_dir, self._server = data_dir, server

    def real(self) -> Profiles:
        """Return the doorkeeper itself."""
        # SQLAlchemy looks for plug-ins with the one, and none is asked for; no driver of ours is asynchronous
        with put_off("importlib.metadata", "asyncio", called={"iscoroutine"}):
            from kamdesk.doorkeeper import Profiles

        return Profiles(self._data_dir, server=self._server)

    def profiles(self) -> list[KnownProfile]:
        """Return the profiles on this computer, the last used first."""
        return self.real().profiles()

    def check_keys(self) -> KeyCheck:
        """Ask whether keys can be kept in this computer's key store."""
        return self.real().check_keys()

    def open(self, profile_id: str, passphrase: str) -> Opened:
        """Open a profile. Raises UserError for a wrong passphrase, MachineError for everything else."""
        return _with_screens(self.real().open(profile_id, passphrase))

    def enter(self, unlocked: Unlocked) -> Opened:
        """Open the store of an unlocked profile. Raises MachineError."""
        door = self.real()
        _load_screens()  # before the store is open: reconciliation begins with it, and imports its own
        return door.enter(unlocked)

    def enrol(self, sign_in: SignIn, passphrase: str) -> Opened:
        """Enrol this computer, make its store and open it. Raises UserError with the field, MachineError."""
        return _with_screens(self.real().enrol(sign_in, passphrase))


class Help:
    """Brings profiles back. Implements `domain.rescue.Rescuer`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def _real(self) -> Rescue:
        from kamdesk.rescuer import Rescue

        return Rescue(self._door.real())

    def look(self, profile_id: str, passphrase: str) -> Findings:
        """Say what there is to go on with."""
        return self._real().look(profile_id, passphrase)

    def open(self, profile_id: str, passphrase: str) -> Opened:
        """Open it as it is. Raises KamError."""
        return _with_screens(self._real().open(profile_id, passphrase))

    def restore(self, profile_id: str, passphrase: str, copy_id: str) -> Opened:
        """Put a backup in force with the unsent work on top, and open. Raises KamError."""
        return _with_screens(self._real().restore(profile_id, passphrase, copy_id))

    def begin_again(self, profile_id: str, passphrase: str, sign_in: SignIn) -> Opened:
        """Let head office send everything again, and open. Raises KamError."""
        return _with_screens(self._real().begin_again(profile_id, passphrase, sign_in))

    def replace_key(
        self,
        profile_id: str,
        passphrase: str,
        told: Callable[[int, int], None],
        stopped: Callable[[], bool],
    ) -> Opened:
        """Put the data of a profile under a new key, and open. Raises KamError."""
        return _with_screens(self._real().replace_key(profile_id, passphrase, told, stopped))

    def set_aside(self, profile_id: str) -> None:
        """Move a profile out of the way."""
        self._real().set_aside(profile_id)

    def remove(self, profile_id: str) -> None:
        """Delete a profile with its keys. Raises MachineError."""
        self._real().remove(profile_id)


def unlock(folder: Path) -> tuple[Unlocked, FirstPage | None]:
    """Open the keys of a profile and read its first page; both with little imported. Raises KamError."""
    from kamdesk.db import first_page
    from kamdesk.security.unlock import unlock

    unlocked = unlock(folder)
    try:
        return unlocked, first_page.read(folder, unlocked.keys)
    except BaseException:
        unlocked.release()
        raise


def _with_screens(opened: Opened) -> Opened:
    _load_screens()
    return opened


def _load_screens() -> None:
    from kamdesk.ui import screens

    screens.load_all()
