"""From a started program to an open store: profiles, their keys, enrolment. Implements `domain.session.Doorkeeper`.

One profile is one head office and one user: a folder with its keys, its encrypted store and a lock. What stands
beside them in the clear is a label for the list of profiles, nothing else.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from kamdesk.db import compaction, generations, open_store, outbox, rekey
from kamdesk.db.connect import wrong
from kamdesk.db.database import Database
from kamdesk.db.queries.profile import profile_of
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Connection, SignIn
from kamdesk.domain.errors import KamError, MachineError, UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.roles import Actor, Level, Role, may_read
from kamdesk.domain.session import KeyCheck, KnownProfile, Opened
from kamdesk.domain.store import Store
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.keeper import Keeper
from kamdesk.security import keystore, wrapping
from kamdesk.security.files import make_private, write_atomically
from kamdesk.security.folders import check_folder
from kamdesk.security.glance import ENDED
from kamdesk.security.instance import acquire
from kamdesk.security.keystore import OpenKeys
from kamdesk.security.pricelock import PriceLock
from kamdesk.security.probe import probe_keyring
from kamdesk.security.sealedfiles import SealedFiles
from kamdesk.security.unlock import Unlocked, open_keys, unlock
from kamdesk.services.imports import note_interrupted
from kamdesk.sync import enrol, leases, parting
from kamdesk.sync.about import Knowing
from kamdesk.sync.carrier import Carrier
from kamdesk.sync.enrol import Enrolled
from kamdesk.sync.leases import Leaseholder
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport

LABEL = "profile.json"
SET_ASIDE = "set-aside"
"""Where profiles without keys are kept, beside `profiles`."""
_log = logging.getLogger(__name__)


class Profiles:
    """The profiles in one data folder. Every method may wait; none belongs on the GUI thread.

    `server`: an address that replaces the remembered one, for a demo whose port may differ every day.
    """

    def __init__(self, data_dir: Path, *, server: str = "") -> None:
        self._folder = data_dir / "profiles"
        self._server = server

    def profiles(self) -> list[KnownProfile]:
        """Return the profiles on this computer, the last used first."""
        found = []
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if not folder.is_dir():
                continue  # what file managers leave behind
            if parting.has_ended(folder):
                remove_ended(folder)
                continue
            try:
                sealed = keystore.read_keystore(folder)
            except KamError as error:
                if error.code == "KEYSTORE_MISSING" and not any(folder.glob("store/*")):
                    continue
                found.append(self._known(folder, by_passphrase=False))
                continue
            found.append(
                replace(
                    self._known(folder, by_passphrase=sealed.unlock_kind == "passphrase"),
                    has_passphrase=sealed.has_passphrase,
                )
            )
        return sorted(found, key=lambda one: str(one.last_used or ""), reverse=True)

    def _known(self, folder: Path, *, by_passphrase: bool) -> KnownProfile:
        written = self.label_of(folder)
        label, last_used = written.get("label"), None
        with suppress(ValueError):
            last_used = clock.parse_stamp(str(written.get("last_used")))
        named = label if isinstance(label, str) and label else folder.name
        return KnownProfile(folder.name, named, by_passphrase, last_used)

    def label_of(self, folder: Path) -> dict[str, object]:
        """Return what stands beside a profile in the clear; a damaged file is nothing, never an error."""
        with suppress(OSError, ValueError, RecursionError):
            written = json.loads((folder / LABEL).read_text(encoding="utf-8"))
            if isinstance(written, dict):
                return written
        return {}

    def folder_of(self, profile_id: str) -> Path:
        """Return where a profile is."""
        return self._folder / profile_id

    def check_keys(self) -> KeyCheck:
        """Ask whether keys can be kept in this computer's key store, by keeping one there for a moment."""
        state = probe_keyring(write=True)
        return (
            KeyCheck(trusted=True)
            if state.is_usable
            else KeyCheck(trusted=False, reason=str(state.problem))
        )

    def open(self, profile_id: str, passphrase: str) -> Opened:
        """Open a profile. Raises UserError for a wrong passphrase, MachineError for everything else."""
        return self.enter(unlock(self._folder / profile_id, passphrase))

    def enter(self, unlocked: Unlocked) -> Opened:
        """Open the store of an unlocked profile; releases it when that fails. Raises MachineError."""
        try:
            database = open_store.open_existing(unlocked.folder, unlocked.keys, Actor("", Role.REP))
            return self._opened(unlocked, database)
        except BaseException:
            unlocked.release()
            raise

    def unlock(self, folder: Path, passphrase: str) -> OpenKeys:
        """Open the keys of a profile, whose lock the caller holds. Raises UserError, MachineError."""
        return open_keys(folder, passphrase)

    @staticmethod
    def id_of(enrolled: Enrolled) -> str:
        """Return the name of the profile of one user of one head office."""
        name = f"{enrolled.welcome.server_id}/{enrolled.welcome.user.id}"
        return hashlib.sha256(name.encode()).hexdigest()[:16]

    def enrol(self, sign_in: SignIn, passphrase: str) -> Opened:
        """Enrol this computer, make its store and open it. Raises UserError with the field, MachineError."""
        check_folder(self._folder.parent)
        by_passphrase = not self.check_keys().trusted
        if by_passphrase:
            wrapping.check_passphrase(passphrase)
        enrolled = enrol.enrol(sign_in)
        profile_id = self.id_of(enrolled)
        make_private(self._folder.parent)
        make_private(self._folder)
        folder = make_private(self._folder / profile_id)
        lock = acquire(folder)
        keys: OpenKeys | None = None
        try:
            keys = self._keys(folder, profile_id, passphrase if by_passphrase else "")
            user = enrolled.profile
            actor = Actor(user.user_id, Role(user.role), user.name)
            database = open_store.create(folder, keys, actor)
            database.transact(Origin.SYNC, lambda work: enrol.remember(work, enrolled))
            welcome = enrolled.welcome
            leases.keep_first(
                keys, welcome.server_key, welcome.server_id, welcome.device_id, welcome.lease
            )
            return self._opened(Unlocked(folder, lock, keys), database)
        except BaseException:
            if keys is not None:
                keys.forget()
            lock.release()
            raise

    def _keys(self, folder: Path, profile_id: str, passphrase: str) -> OpenKeys:
        try:
            if passphrase:
                return keystore.create_with_passphrase(folder, profile_id, passphrase)
            return keystore.create_with_keyring(folder, profile_id)
        except MachineError as error:
            if error.code != "KEYSTORE_EXISTS":
                raise
            raise UserError(
                QT_TRANSLATE_NOOP(
                    "connection",
                    "This user is set up on this computer already. Open that profile instead.",
                ),
                field="user",
                code="profile_exists",
                context="connection",
            ) from error

    def _opened(self, unlocked: Unlocked, database: Database) -> Opened:
        try:
            return self._started(unlocked, database)
        except BaseException:
            database.close()
            raise

    def _started(self, unlocked: Unlocked, database: Database) -> Opened:
        folder, keys = unlocked.folder, unlocked.keys
        generations.demand_newest(folder, keys, database)
        if database.is_read_only:
            return self._only_read(unlocked, database)
        profile = database.read(profile_of)
        if self._server and self._server != profile.server:
            server = self._server
            database.transact(
                Origin.SYNC, lambda work: outbox.write_state(work.driver, {"server": server})
            )
            profile = database.read(profile_of)
        database.actor = Actor(profile.user_id, Role(profile.role), profile.name)
        database.transact(Origin.SYNC, note_interrupted)
        upkeep = Keeper(folder, database, keys)
        leaseholder = Leaseholder(database, keys, upkeep.tell)
        leaseholder.look()  # before prices are opened: the time may be over
        prices = _price_lock(keys, database, is_withdrawn=leaseholder.is_withdrawn)
        self._write_label(folder, f"{profile.name} · {profile.company}", profile.server)
        transport = Transport(profile.server)
        carrier = _carrier(folder, database, keys, transport)
        reconciler = Reconciler(
            database, transport, keep_copy=upkeep.keep_copy, leases=leaseholder,
            part=lambda access, leaving: parting.part(database, keys, transport, access, leaving),
            carrier=carrier, about=Knowing(folder),
        )  # fmt: skip
        upkeep.start(prices)
        leaseholder.start()
        reconciler.start()
        return Opened(
            store=cast("Store", database),
            connection=cast("Connection", reconciler),
            profile=profile,
            close=_closer(database, reconciler, unlocked, prices, upkeep, leaseholder, carrier),
            prices=prices,
            upkeep=upkeep,
            attachments=carrier,
        )

    def _only_read(self, unlocked: Unlocked, database: Database) -> Opened:
        """Open what cannot be written: nothing is reconciled, backed up or noted."""
        profile = database.read(profile_of)
        database.actor = Actor(profile.user_id, Role(profile.role), profile.name)
        upkeep = Keeper(unlocked.folder, database, unlocked.keys)
        leaseholder = Leaseholder(database, unlocked.keys, upkeep.tell)
        leaseholder.look()
        prices = _price_lock(unlocked.keys, database, is_withdrawn=leaseholder.is_withdrawn)
        upkeep.attend(prices)
        upkeep.tell(wrong("STORE_ONLY_READ"))

        transport = Transport(profile.server)
        carrier = _carrier(unlocked.folder, database, unlocked.keys, transport)

        def close() -> None:
            prices.lock()
            carrier.remove_copies()
            database.close()
            unlocked.release()

        return Opened(
            store=cast("Store", database),
            connection=cast("Connection", Reconciler(database, transport)),
            profile=profile,
            close=close,
            prices=prices,
            upkeep=upkeep,
            attachments=carrier,
        )

    def _write_label(self, folder: Path, label: str, server: str) -> None:
        about = {"label": label, "server": server, "last_used": clock.stamp()}
        text = json.dumps(about, ensure_ascii=False)
        # Only a name in a list: a full disk is told when something is to be saved
        with suppress(OSError, MachineError):
            write_atomically(folder / LABEL, text.encode())


def _price_lock(keys: OpenKeys, database: Database, *, is_withdrawn: bool) -> PriceLock:
    """Put the lock on the prices; where head office lets the key store open them, they are open at once."""
    prices = PriceLock(
        keys,
        policy=database.read(enrol.price_unlock_of),
        is_allowed=may_read(database.actor.role, Level.L3) and not is_withdrawn,
    )
    prices.set_masked(on=database.read(leases.must_mask))
    database.prices = prices
    if prices.state is PriceState.LOCKED and not prices.needs_passphrase:
        # A key store that cannot be written to keeps prices shut, and everything else works
        with suppress(KamError):
            prices.open()
    return prices


def _carrier(folder: Path, database: Database, keys: OpenKeys, transport: Transport) -> Carrier:
    files = SealedFiles(folder / rekey.ATTACHMENTS, keys.store_key, keys.store_id)
    return Carrier(database, files, transport, folder)


def _closer(
    database: Database,
    reconciler: Reconciler,
    unlocked: Unlocked,
    prices: PriceLock,
    upkeep: Keeper,
    leaseholder: Leaseholder,
    carrier: Carrier,
) -> Callable[[], None]:
    def close() -> None:
        """End reconciliation, then the store, then forget the keys; never waits for the network."""
        prices.lock()
        is_ended = reconciler.stop()
        carrier.remove_copies()
        leaseholder.stop()
        is_whole = upkeep.stop()
        is_wasteful = is_due = False
        if is_whole:
            with suppress(KamError):
                open_store.mark_clean(database)
                is_due = rekey.is_due(database, unlocked.keys)
                is_wasteful = database.read(compaction.is_wasteful)
        if is_ended:
            database.close()
            if not unlocked.keys.is_erased:
                is_new = rekey.replace_if_due(unlocked.folder, unlocked.keys, is_due=is_due)
                if is_wasteful and not is_new:
                    compaction.compact(unlocked.folder, unlocked.keys)
        else:
            _log.warning("a thread of reconciliation did not end in time")
        unlocked.release()
        if unlocked.keys.is_erased:
            remove_ended(unlocked.folder)

    return close


def remove_ended(folder: Path) -> None:
    """Remove what is left of a profile whose keys were deleted, or were to be; nothing of it is read any more."""
    with suppress(OSError, KamError):
        keystore.erase_keystore(folder)
    mark = folder / ENDED
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path != mark:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        # The mark last: what another program holds open goes at the next start
        if not {*folder.iterdir()} - {mark}:
            shutil.rmtree(folder, ignore_errors=True)
