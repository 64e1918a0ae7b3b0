"""`kamdesk-headoffice`: everything that an administrator does, from a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from kamdesk.domain import clock
from kamdesk.domain.errors import KamError
from kamdesk.headoffice import (
    accounts,
    cli_care,
    cli_people,
    cli_rescue,
    cli_serve,
    cli_systems,
    imports,
    story,
)
from kamdesk.headoffice.cli_common import Add, Commands, complain, open_store, say
from kamdesk.headoffice.store import Store
from kamdesk.importers.preview import preview
from kamdesk.security import process

_DATABASE = "kamdesk-headoffice.db"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0: done, 1: refused, with a sentence on stderr, 2: the command is wrong."""
    process.keep_files_private()
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a Chinese name must not stop an import
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return run(chosen)
    except KamError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _demo(chosen: argparse.Namespace) -> int:
    with closing(Store.open(chosen.database, company=story.company(chosen.folder))) as store:
        story.tell(store, chosen.folder, today=clock.today())
        for one in accounts.users(store):
            say(f"{one.login}\t{one.role.value}\t{story.PASSWORD}")
    return 0


def _import(chosen: argparse.Namespace) -> int:
    record_kind = chosen.what.removesuffix("s")
    seen = preview(chosen.file, kind=record_kind)
    for problem in seen.errors:
        column = f", {problem.column}" if problem.column else ""
        complain(f"line {problem.row}{column}: {problem}")
    say(
        f"{seen.rows} rows ({seen.encoding}): {len(seen.records)} records, "
        f"{seen.duplicates_total} duplicates, {seen.errors_total} errors"
    )
    if chosen.preview:
        return 0
    with closing(open_store(chosen)) as store:
        done = imports.store_preview(
            store, seen, territory=chosen.territory, customer_kind=chosen.kind
        )
    for at, refusal in done.refused:
        complain(f"line {seen.record_rows[at]}, {refusal.params.get('field', '')}: {refusal}")
    say(
        f"{done.created} created, {done.updated} updated, {done.unchanged} unchanged, {len(done.refused)} refused"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kamdesk-headoffice", description="The head office of KAMDesk."
    )
    parser.add_argument(
        "--database",
        default=os.environ.get("KAMDESK_DATABASE", _DATABASE),
        # Never the default itself: the variable holds a password, and help is printed and pasted anywhere
        help=f"a file, or postgresql://user:password@host/name (default: $KAMDESK_DATABASE, else {_DATABASE})",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    # The same option after the command, for those who write it there; it must not undo the first
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--database", default=argparse.SUPPRESS, help=argparse.SUPPRESS)

    def add(
        group: Commands,
        name: str,
        run: Callable[[argparse.Namespace], int],
        text: str,
    ) -> argparse.ArgumentParser:
        made = group.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(run=run)
        return made

    cli_serve.declare(commands, add)
    cli_people.declare(commands, add)
    _data(commands, add)
    cli_care.declare(commands, add)
    cli_rescue.declare(commands, add)
    cli_systems.declare(commands, add)
    return parser


def _data(commands: Commands, add: Add) -> None:
    bring = add(commands, "import", _import, "Import customers or products from a file.")
    bring.add_argument("what", choices=("customers", "products"))
    bring.add_argument("file", type=Path)
    bring.add_argument("--territory", help="where new customers belong")
    bring.add_argument("--kind", help="what new customers are, such as hospital or distributor")
    bring.add_argument("--preview", action="store_true", help="only say what would be stored")
    add(commands, "demo", _demo, "Fill an empty head office with the demo company.").add_argument(
        "folder", type=Path, help="where the demo's files are: resources/demo of the checkout"
    )


if __name__ == "__main__":
    sys.exit(main())
