"""What all commands of `kamdesk-headoffice` share."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from kamdesk.domain.one_line import one_line
from kamdesk.headoffice.store import Store

if TYPE_CHECKING:
    # argparse has no public name for it
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001
else:
    Commands = object

Run = Callable[[argparse.Namespace], int]
Add = Callable[["Commands", str, Run, str], argparse.ArgumentParser]


def say(line: str) -> None:
    """Print one line of the answer, whatever the names in it are made of."""
    sys.stdout.write(one_line(line, keep="\t") + "\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """Print the answer as JSON."""
    written = json.dumps(value, ensure_ascii=False, indent=1)
    sys.stdout.write(one_line(written, keep="\n") + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """Print one line for the person at the shell, beside the answer."""
    sys.stderr.write(one_line(line) + "\n")
    sys.stderr.flush()


def open_store(chosen: argparse.Namespace) -> Store:
    """Open the database that the command names. Raises MachineError with a sentence."""
    return Store.open(chosen.database, company=getattr(chosen, "company", ""))


def table(chosen: argparse.Namespace, rows: Iterable[Any], write: Callable[[Any], str]) -> None:
    """Print dataclasses: one line each, or all of them as JSON where `--json` was given."""
    if chosen.json:
        say_json([dataclasses.asdict(row) for row in rows])
        return
    for row in rows:
        say(write(_without_tabs(row)))


def _without_tabs(row: Any) -> Any:
    """Keep a name from looking like two columns."""
    texts = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    calm = {name: one_line(text) for name, text in texts.items() if isinstance(text, str)}
    return dataclasses.replace(row, **calm)


def group(commands: Commands, name: str, text: str) -> Commands:
    """Add a command that has commands of its own."""
    return commands.add_parser(name, help=text, description=text).add_subparsers(
        required=True, metavar="ACTION"
    )


def json_option(parser: argparse.ArgumentParser) -> None:
    """Let a command answer in JSON."""
    parser.add_argument("--json", action="store_true", help="answer in JSON")
