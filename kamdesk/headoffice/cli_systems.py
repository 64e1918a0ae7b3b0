"""`kamdesk-headoffice system`: which other systems may hand in and fetch what."""

from __future__ import annotations

import argparse
from contextlib import closing

from kamdesk.headoffice import integrations
from kamdesk.headoffice.cli_common import Add, Commands, group, json_option, open_store, say, table


def declare(commands: Commands, add: Add) -> None:
    """Add the commands to the parser."""
    system = group(commands, "system", "Other systems, such as the ERP.")
    new = add(system, "add", _add, "Let a system in, and print its token, which is kept nowhere.")
    new.add_argument("name")
    new.add_argument(
        "--scope", action="append", default=[], choices=integrations.SCOPES, required=True
    )
    json_option(add(system, "list", _list, "List systems: id, name, state, last used, scopes."))
    add(system, "revoke", _revoke, "Shut a system out.").add_argument("system")


def _add(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        say(integrations.add(store, chosen.name, chosen.scope))
    return 0


def _list(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        found = integrations.systems(store)
    table(
        chosen,
        found,
        lambda one: f"{one.id}\t{one.name}\t{one.status}\t{one.used_at or ''}\t{one.scopes}",
    )
    return 0


def _revoke(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        integrations.revoke(store, chosen.system)
    return 0
