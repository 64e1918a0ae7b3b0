"""`kamdesk-headoffice`: everything that an administrator does, from a shell."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kamdesk.domain import clock
from kamdesk.domain.errors import KamError
from kamdesk.domain.roles import Role
from kamdesk.headoffice import accounts, devices, imports, story, upkeep
from kamdesk.headoffice.store import Store
from kamdesk.importers.preview import preview

if TYPE_CHECKING:
    # argparse has no public name for it
    _Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

_DATABASE = "kamdesk-headoffice.db"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0: done, 1: refused, with a sentence on stderr, 2: the command is wrong."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a Chinese name must not stop an import
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return run(chosen)
    except KamError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _open(chosen: argparse.Namespace) -> Store:
    return Store.open(chosen.database, company=getattr(chosen, "company", ""))


def _serve(chosen: argparse.Namespace) -> int:
    # Here: the other commands need no web framework, and it takes longer to load than they run
    from kamdesk.headoffice.server import Server, address_of, bind

    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    with closing(_open(chosen)) as store:
        taken = bind(chosen.host, chosen.port)
        is_tls = bool(chosen.certificate)
        if not is_tls and chosen.host not in {"127.0.0.1", "::1", "localhost"}:
            _complain(
                "Without a certificate, passwords cross the network in clear. Use TLS, here or in front."
            )
        server = Server(store, certificate=chosen.certificate, key=chosen.key)
        _say(f"listening on {address_of(taken, is_tls=is_tls)}")
        server.run([taken])
    return 0


def _password(chosen: argparse.Namespace) -> str | None:
    if chosen.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if getattr(chosen, "no_password", False):
        return None
    first = getpass.getpass("Password: ")
    return first if first == getpass.getpass("Again: ") else ""


def _demo(chosen: argparse.Namespace) -> int:
    with closing(Store.open(chosen.database, company=story.company(chosen.folder))) as store:
        story.tell(store, chosen.folder, today=clock.today())
        for one in accounts.users(store):
            _say(f"{one.login}\t{one.role.value}\t{story.PASSWORD}")
    return 0


def _user_add(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        user_id = accounts.add_user(
            store,
            login=chosen.login,
            name=chosen.name or chosen.login,
            role=chosen.role,
            password=_password(chosen),
            territories=chosen.territory,
        )
    _say(user_id)
    return 0


def _user_list(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        for one in accounts.users(store):
            with store.read() as connection:
                places = accounts.territory_names(connection, one.id)
            _say(f"{one.login}\t{one.role.value}\t{one.status}\t{one.name}\t{places}")
    return 0


def _user_password(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        accounts.set_password(store, chosen.login, _password(chosen) or "")
    return 0


def _user_disable(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        accounts.disable_user(store, chosen.login)
    return 0


def _user_enable(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        accounts.enable_user(store, chosen.login)
    return 0


def _code(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        _say(devices.issue_code(store, chosen.login))
    return 0


def _territory_add(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        _say(accounts.add_territory(store, chosen.name, parent=chosen.parent))
    return 0


def _territory_list(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        names = {one.id: one.name for one in accounts.territories(store)}
        for one in accounts.territories(store):
            _say(f"{one.id}\t{one.name}\t{names.get(one.parent or '', '')}")
    return 0


def _territory_assign(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        accounts.assign(store, chosen.login, chosen.territory)
    return 0


def _device_list(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        for one in devices.devices(store):
            _say(
                f"{one.id}\t{one.login}\t{one.status}\t{one.last_seen}\t{one.name}\t{one.os}\t{one.app}"
            )
    return 0


def _device_revoke(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        devices.revoke(store, chosen.device)
    return 0


def _import(chosen: argparse.Namespace) -> int:
    record_kind = chosen.what.removesuffix("s")
    seen = preview(chosen.file, kind=record_kind)
    for problem in seen.errors:
        column = f", {problem.column}" if problem.column else ""
        _complain(f"line {problem.row}{column}: {problem}")
    _say(
        f"{seen.rows} rows ({seen.encoding}): {len(seen.records)} records, "
        f"{seen.duplicates_total} duplicates, {seen.errors_total} errors"
    )
    if chosen.preview:
        return 0
    with closing(_open(chosen)) as store:
        done = imports.store_preview(
            store, seen, territory=chosen.territory, customer_kind=chosen.kind
        )
    for at, refusal in done.refused:
        _complain(f"line {seen.record_rows[at]}, {refusal.params.get('field', '')}: {refusal}")
    _say(
        f"{done.created} created, {done.updated} updated, {done.unchanged} unchanged, {len(done.refused)} refused"
    )
    return 0


def _backup(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        upkeep.back_up(store, chosen.file)
    _say(str(chosen.file))
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    if str(chosen.database).startswith("postgres"):
        _complain("Restore a PostgreSQL database with pg_restore.")
        return 1
    kept = upkeep.restore(Path(chosen.database), chosen.file)
    if kept is not None:
        _say(f"what stood there is kept in {kept}")
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    with closing(_open(chosen)) as store:
        found = list(upkeep.findings(store))
    for line in found:
        _say(line)
    _say("sound" if not found else f"{len(found)} findings")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kamdesk-headoffice", description="The head office of KAMDesk."
    )
    parser.add_argument(
        "--database",
        default=os.environ.get("KAMDESK_DATABASE", _DATABASE),
        help="a file, or postgresql://user:password@host/name (default: $KAMDESK_DATABASE, else %(default)s)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    # The same option after the command, for those who write it there; it must not undo the first
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--database", default=argparse.SUPPRESS, help=argparse.SUPPRESS)

    def add(
        group: _Commands,
        name: str,
        run: Callable[[argparse.Namespace], int],
        text: str,
    ) -> argparse.ArgumentParser:
        made = group.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(run=run)
        return made

    serve = add(commands, "serve", _serve, "Serve the desktops.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8440, help="0 takes a free one and prints it")
    serve.add_argument("--company", default="", help="shown on the desktops; kept in the database")
    serve.add_argument("--certificate", help="PEM file for TLS, with the chain")
    serve.add_argument("--key", help="PEM file of the certificate's key")
    _people(commands, add)
    _data(commands, add)
    return parser


_Add = Callable[..., argparse.ArgumentParser]


def _people(commands: _Commands, add: _Add) -> None:
    user = commands.add_parser("user", help="Users.").add_subparsers(
        required=True, metavar="ACTION"
    )
    new = add(user, "add", _user_add, "Add a user.")
    new.add_argument("login")
    new.add_argument("--name")
    new.add_argument("--role", default=Role.REP.value, help=", ".join(Role))
    new.add_argument("--territory", action="append", default=[])
    new.add_argument("--no-password", action="store_true", help="the user enrols by code only")
    new.add_argument("--password-stdin", action="store_true")
    add(user, "list", _user_list, "List users: login, role, status, name, territories.")
    password = add(user, "password", _user_password, "Set a password.")
    password.add_argument("login")
    password.add_argument("--password-stdin", action="store_true")
    add(user, "disable", _user_disable, "Shut a user out.").add_argument("login")
    add(user, "enable", _user_enable, "Let a user in again.").add_argument("login")
    add(
        commands, "code", _code, "Print a code for enrolling one device within 24 hours."
    ).add_argument("login")
    territory = commands.add_parser("territory", help="Territories.")
    places = territory.add_subparsers(required=True, metavar="ACTION")
    place = add(places, "add", _territory_add, "Add a territory.")
    place.add_argument("name")
    place.add_argument("--parent")
    add(places, "list", _territory_list, "List territories: id, name, the one above.")
    assign = add(
        places, "assign", _territory_assign, "Assign a user to these territories and no other."
    )
    assign.add_argument("login")
    assign.add_argument("territory", nargs="*")
    device = commands.add_parser("device", help="Devices.").add_subparsers(
        required=True, metavar="ACTION"
    )
    add(
        device,
        "list",
        _device_list,
        "List devices: id, user, status, last seen, name, system, program.",
    )
    add(device, "revoke", _device_revoke, "Shut one device out.").add_argument("device")


def _data(commands: _Commands, add: _Add) -> None:
    bring = add(commands, "import", _import, "Import customers or products from a file.")
    bring.add_argument("what", choices=("customers", "products"))
    bring.add_argument("file", type=Path)
    bring.add_argument("--territory", help="where new customers belong")
    bring.add_argument("--kind", help="what new customers are, such as hospital or distributor")
    bring.add_argument("--preview", action="store_true", help="only say what would be stored")
    add(commands, "backup", _backup, "Copy the database into a new file.").add_argument(
        "file", type=Path
    )
    add(commands, "restore", _restore, "Put a copy in place of the database.").add_argument(
        "file", type=Path
    )
    add(commands, "demo", _demo, "Fill an empty head office with the demo company.").add_argument(
        "folder", type=Path, help="where the demo's files are: resources/demo of the checkout"
    )
    add(commands, "doctor", _doctor, "Check that what is stored is consistent.")


if __name__ == "__main__":
    sys.exit(main())
