"""`kamdesk-headoffice backup | restore | doctor | health | audit`: keeping head office well."""

from __future__ import annotations

import argparse
import dataclasses
import os
from contextlib import closing
from pathlib import Path

from kamdesk.domain.errors import UserError
from kamdesk.headoffice import audit, blobs, checkup, health, horizon, letters, secure, upkeep
from kamdesk.headoffice.cli_common import (
    Add,
    Commands,
    complain,
    group,
    json_option,
    open_store,
    say,
    say_json,
    table,
)


def declare(commands: Commands, add: Add) -> None:
    """Add the commands to the parser."""
    backup = add(commands, "backup", _backup, "Copy the database into a new, checked file.")
    backup.add_argument("file", type=Path, help="a file, or with --keep a folder")
    backup.add_argument(
        "--keep",
        type=int,
        metavar="N",
        help="write a dated file into the folder, keep the newest N",
    )
    add(commands, "restore", _restore, "Put a copy in place of the database.").add_argument(
        "file", type=Path
    )
    doctor = add(commands, "doctor", _doctor, "Check the data, the database and the machine.")
    doctor.add_argument("--certificate", type=Path, help="the certificate that is served with")
    json_option(doctor)
    state = group(commands, "health", "How synchronization is doing.")
    json_option(add(state, "show", _health, "Counts: devices by last contact, issues, commits."))
    json_option(add(state, "late", _late, "List devices that were not here for a day."))
    json_option(add(state, "letters", _letters, "List changes that met a bug."))
    add(state, "redo", _redo, "Let a device hand in anew what met a bug.").add_argument("incident")
    _declare_audit(commands, add)
    database = group(commands, "database", "The database itself.")
    add(
        database,
        "forget",
        _forget,
        "Forget deletions older than 180 days; a server that runs does so once a day.",
    )
    add(
        database,
        "ask-again",
        _ask_again,
        "Have devices hand in again the attachments whose bytes are missing or damaged.",
    )
    add(
        database,
        "secure",
        _secure,
        "Let the server work with a role that owns nothing and sees by bucket; PostgreSQL, as the owner.",
    ).add_argument("role")


def _declare_audit(commands: Commands, add: Add) -> None:
    chain = group(commands, "audit", "Who did what, in a chain that shows every change.")
    verify = add(chain, "verify", _verify, "Name the first event that is not what it was.")
    seal = add(chain, "seal", _seal, "Seal whole days with a key; daily, by cron.")
    for one in (verify, seal):
        one.add_argument(
            "--key-file",
            type=Path,
            default=os.environ.get("KAMDESK_AUDIT_KEY"),
            help="where the key of the seals is (default: $KAMDESK_AUDIT_KEY)",
        )
    verify.add_argument(
        "--head", action="append", default=[], metavar="N:HASH", help="a head kept outside"
    )
    add(chain, "head", _head, "Print the newest event as N:HASH, to be kept outside.")
    add(chain, "restored", _restored, "Note that the database was restored by other tools.")
    json_option(add(chain, "list", _events, "List the newest events."))


def _forget(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        say(f"{horizon.forget(store)} old deletions forgotten")
        if count := blobs.forget(store):
            say(f"{count} contents without a record deleted")
    return 0


def _ask_again(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        say(f"{blobs.ask_again(store)} attachments are asked for")
    return 0


def _secure(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store, store.engine.begin() as connection:
        secure.secure(connection, chosen.role)
    say(f"secured; serve with the role {chosen.role}")
    return 0


def _backup(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        if chosen.keep is None:
            upkeep.back_up(store, chosen.file)
            say(str(chosen.file))
        else:
            say(str(upkeep.back_up_and_keep(store, chosen.file, keep=chosen.keep)))
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    if str(chosen.database).startswith("postgres"):
        complain("Restore a PostgreSQL database with pg_restore; see docs/headoffice.md.")
        return 1
    kept = upkeep.restore(Path(chosen.database), chosen.file)
    if kept is not None:
        say(f"what stood there is kept in {kept}")
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        found = [*upkeep.findings(store), *checkup.findings(store, certificate=chosen.certificate)]
        facts = checkup.facts(store)
    if chosen.json:
        say_json({"findings": found, "facts": facts})
    else:
        for line in found:
            say(line)
        say("sound" if not found else f"{len(found)} findings")
    return 1 if found else 0


def _health(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        state = health.state(store)
    told = dataclasses.asdict(state)
    if chosen.json:
        say_json(told)
        return 0
    for name, value in told.items():
        shown = (
            ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
            if isinstance(value, dict)
            else str(value)
        )
        say(f"{name.replace('_', ' ')}\t{shown}")
    return 0


def _late(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        late = [one for one in health.devices(store) if one.is_late]
    table(chosen, late, lambda one: f"{one.id}\t{one.login}\t{one.last_seen}\t{one.name}")
    return 0


def _letters(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        found = health.dead_letters(store)
    table(
        chosen,
        found,
        lambda one: (
            f"{one.incident}\t{one.login}\t{one.device_id}\t{one.mid}\t{one.error}\t{one.at}"
        ),
    )
    return 0


def _redo(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        say(letters.redo(store, chosen.incident))
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    held = tuple(_parsed(one) for one in chosen.head)
    key = audit.key_from(Path(chosen.key_file)) if chosen.key_file else None
    with closing(open_store(chosen)) as store:
        found = audit.verify(store, key=key, held=held)
        with store.read() as connection:
            n, digest = audit.head(connection)
    if found is not None:
        say(str(found))
        return 1
    say(f"{n} events, all as they were written; newest {n}:{digest}")
    return 0


def _parsed(written: str) -> tuple[int, str]:
    number, _, digest = written.partition(":")
    if not (number.isascii() and number.isdigit() and len(digest) == 64):
        raise UserError("{head} is not of the form N:HASH.", code="BAD_HEAD", head=written)
    return int(number), digest.lower()


def _seal(chosen: argparse.Namespace) -> int:
    if not chosen.key_file:
        raise UserError("Name the key file with --key-file.", code="NO_KEY_FILE")
    with closing(open_store(chosen)) as store:
        say(f"{audit.seal(store, audit.key_from(Path(chosen.key_file)))} days sealed")
    return 0


def _head(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store, store.read() as connection:
        n, digest = audit.head(connection)
    say(f"{n}:{digest}")
    return 0


def _restored(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        audit.note_in(store, audit.RESTORED, "database")
    return 0


def _events(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        found = audit.newest(store)
    table(
        chosen,
        found,
        lambda one: f"{one.n}\t{one.at}\t{one.actor}\t{one.action}\t{one.subject}\t{one.detail}",
    )
    return 0
