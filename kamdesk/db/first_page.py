"""The first page, read with the driver alone: what is planned today is on the screen before SQLAlchemy is loaded.

Nothing is written here, nothing is checked and nothing is updated; `open_store` does that right afterwards.
"""

from __future__ import annotations

from pathlib import Path

from sqlcipher3 import dbapi2 as driver

from kamdesk.db import cipher, revisions
from kamdesk.db.connect import Keys, connect, is_read_only, is_store_of, raise_fault
from kamdesk.db.queries.profile import profile_of
from kamdesk.db.queries.today import Today, agenda
from kamdesk.db.reader import Reader
from kamdesk.domain import clock
from kamdesk.domain.connection import Profile
from kamdesk.domain.promotions import DECIDERS
from kamdesk.domain.values import dataclass
from kamdesk.security.keystore import store_file


@dataclass(frozen=True, slots=True)
class FirstPage:
    """Who works here, and his day without what takes long to find out."""

    profile: Profile
    today: Today


def read(profile_dir: Path, keys: Keys) -> FirstPage | None:
    """Read the first page of a store; None for one that has to be updated or refused first.

    Raises MachineError where the file or the disk is at fault.
    """
    path = store_file(profile_dir, keys.generation)
    if not path.exists():
        return None
    connection = connect(path, keys.store_key, query_only=True)
    try:
        reader = Reader(connection)
        if not is_store_of(reader, keys) or revisions.current(reader) != revisions.newest():
            return None
        if cipher.is_old(connection) and not is_read_only(path):
            return None  # it is written anew, and the window says so
        profile = profile_of(reader)
        found = agenda(
            reader,
            user_id=profile.user_id,
            today=clock.today(),
            decides=profile.role in DECIDERS,
        )
    except driver.Error as error:
        raise_fault(error)
    finally:
        connection.close()
    return FirstPage(profile, found)
