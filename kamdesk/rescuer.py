"""Bringing a profile back whose store or keys are not what they were. Implements `domain.rescue.Rescuer`."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kamdesk.db import backups, generations, journal, rekey
from kamdesk.db.queries import instant
from kamdesk.domain import clock
from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import KamError, UserError
from kamdesk.domain.rescue import Findings, Unsent
from kamdesk.domain.roles import Actor, Role
from kamdesk.domain.session import Opened
from kamdesk.doorkeeper import SET_ASIDE, Profiles, remove_ended
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.keeper import as_copy
from kamdesk.security import keystore
from kamdesk.security.files import make_private, write_atomically
from kamdesk.security.glance import ENDED
from kamdesk.security.instance import acquire
from kamdesk.security.keystore import OpenKeys
from kamdesk.sync import enrol
from kamdesk.sync.enrol import Enrolled

_NAMES = ("title", "name", "objective", "purpose")


class Rescue:
    """Works on the profiles of one doorkeeper."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def look(self, profile_id: str, passphrase: str) -> Findings:
        """Say what there is to go on with; without the keys, only where the files are."""
        folder = self._profiles.folder_of(profile_id)
        copies = tuple(map(as_copy, backups.find(folder)))
        try:
            with acquire(folder):
                keys = self._profiles.unlock(folder, passphrase)
        except KamError:
            return Findings(str(folder), copies)
        try:
            kept = generations.kept_of(folder, keys)
        finally:
            keys.forget()
        drafts = sum(bool(frame["form"]) for frame in kept.drafts.values())
        unsent = tuple(map(_unsent, kept.unsent))
        return Findings(
            str(folder),
            copies,
            unsent,
            drafts,
            str(self._profiles.label_of(folder).get("server", "")),
            is_opened=True,
        )

    def open(self, profile_id: str, passphrase: str) -> Opened:
        """Open it as it is. Raises KamError."""
        return self._profiles.open(profile_id, passphrase)

    def restore(self, profile_id: str, passphrase: str, copy_id: str) -> Opened:
        """Put a backup (or any file) in force with the unsent work on top, and open. Raises KamError."""
        return self._replace(
            profile_id,
            passphrase,
            lambda folder, keys: generations.restore(
                folder, keys, Path(copy_id), Actor("", Role.REP)
            ),
        )

    def begin_again(self, profile_id: str, passphrase: str, sign_in: SignIn) -> Opened:
        """Let head office send everything again, with the unsent work on top, and open. Raises KamError."""
        enrolled = enrol.enrol(sign_in)
        if self._profiles.id_of(enrolled) != profile_id:
            raise UserError(
                QT_TRANSLATE_NOOP(
                    "connection", "This is another user. Sign in as the one whose data this is."
                ),
                field="user",
                code="another_user",
                context="connection",
            )
        return self._replace(
            profile_id, passphrase, lambda folder, keys: _begin_again(folder, keys, enrolled)
        )

    def replace_key(
        self,
        profile_id: str,
        passphrase: str,
        told: Callable[[int, int], None],
        stopped: Callable[[], bool],
    ) -> Opened:
        """Put the data under a new key and open it; when it was stopped, under the old one. Raises KamError."""
        folder = self._profiles.folder_of(profile_id)
        with acquire(folder):
            sealed = keystore.read_keystore(folder)
            is_asked = sealed.unlock_kind == "passphrase"
            keys = self._profiles.unlock(folder, passphrase if is_asked else "")
            try:
                with suppress(InterruptedError):
                    rekey.replace_key(folder, keys, passphrase, told=told, stopped=stopped)
            finally:
                keys.forget()
        return self.open(profile_id, passphrase if is_asked else "")

    def set_aside(self, profile_id: str) -> None:
        """Move a profile whose keys are gone out of the way, whole, so that it can be set up again."""
        folder = self._profiles.folder_of(profile_id)
        aside = make_private(folder.parent.parent / SET_ASIDE)
        with acquire(folder):
            pass
        stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
        folder.replace(aside / f"{stamp}-{profile_id}")

    def remove(self, profile_id: str) -> None:
        """Delete the keys of a profile for ever, then its files. Raises MachineError where it is open."""
        folder = self._profiles.folder_of(profile_id)
        with acquire(folder):
            # From here on it is never offered again, whatever comes between
            write_atomically(folder / ENDED, b"")
            keystore.erase_keystore(folder)
        remove_ended(folder)

    def _replace(
        self, profile_id: str, passphrase: str, replace: Callable[[Path, OpenKeys], object]
    ) -> Opened:
        folder = self._profiles.folder_of(profile_id)
        with acquire(folder):
            keys = self._profiles.unlock(folder, passphrase)
            try:
                replace(folder, keys)
            finally:
                keys.forget()
        return self.open(profile_id, passphrase)


def _begin_again(folder: Path, keys: OpenKeys, enrolled: Enrolled) -> int:
    user = enrolled.profile
    actor = Actor(user.user_id, Role(user.role), user.name)
    return generations.begin_again(folder, keys, actor, lambda work: enrol.remember(work, enrolled))


def _unsent(frame: journal.Frame) -> Unsent:
    changes = json.loads(frame["f"]) if frame["f"] else {}
    named = (changes[name][-1] for name in _NAMES if name in changes)
    return Unsent(frame["kind"], str(next(named, "") or ""), frame["op"], instant(frame["at"]))
