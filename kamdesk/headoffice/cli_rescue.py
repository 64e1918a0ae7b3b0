"""`kamdesk-headoffice rescue`: what devices left that were told to delete everything."""

from __future__ import annotations

import argparse
from contextlib import closing

import msgspec

from kamdesk.headoffice import rescues
from kamdesk.headoffice.cli_common import (
    Add,
    Commands,
    group,
    json_option,
    open_store,
    say,
    say_json,
    table,
)


def declare(commands: Commands, add: Add) -> None:
    """Add the commands to the parser."""
    rescue = group(commands, "rescue", "What devices left that were told to delete everything.")
    json_option(add(rescue, "list", _list, "List it: id, time, user, device, bytes, handed in."))
    read = add(rescue, "read", _read, "Print as JSON what was left; this is put on record.")
    apply = add(rescue, "apply", _apply, "Hand it in, as the user of the device; twice is once.")
    for one in (read, apply):
        one.add_argument("rescue", help="an id of the list, or a file rescue-DEVICE.kdr")


def _list(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        found = rescues.listed(store)
    table(
        chosen,
        found,
        lambda one: f"{one.id}\t{one.at}\t{one.login}\t{one.device}\t{one.bytes}\t{one.applied_at}",
    )
    return 0


def _read(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        left = rescues.read(store, chosen.rescue)
    say_json(msgspec.to_builtins(left))
    return 0


def _apply(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        counts = rescues.apply(store, chosen.rescue)
    say(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "nothing")
    return 0
