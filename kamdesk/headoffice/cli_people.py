"""`kamdesk-headoffice user | code | territory | device`: who works with head office, and on what."""

from __future__ import annotations

import argparse
import getpass
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from kamdesk.domain.roles import Role
from kamdesk.headoffice import accounts, devices, health, leases, representatives
from kamdesk.headoffice.cli_common import Add, Commands, group, json_option, open_store, say, table


def declare(commands: Commands, add: Add) -> None:
    """Add the commands to the parser."""
    user = group(commands, "user", "Users.")
    new = add(user, "add", _user_add, "Add a user.")
    new.add_argument("login")
    new.add_argument("--name")
    new.add_argument("--role", default=Role.REP.value, help=", ".join(Role))
    new.add_argument("--territory", action="append", default=[])
    new.add_argument("--no-password", action="store_true", help="the user enrols by code only")
    new.add_argument("--password-stdin", action="store_true")
    json_option(
        add(user, "list", _user_list, "List users: login, role, status, name, territories.")
    )
    password = add(user, "password", _user_password, "Set a password.")
    password.add_argument("login")
    password.add_argument("--password-stdin", action="store_true")
    role = add(user, "role", _user_role, "Give a user another role.")
    role.add_argument("login")
    role.add_argument("role", help=", ".join(Role))
    filing = add(
        user, "filing", _user_filing,
        "Note a medical representative's filing, which plans and promotions need from then on.",
    )  # fmt: skip
    filing.add_argument("login")
    filing.add_argument("number", help='as the platform gave it; "" takes it away')
    filing.add_argument("--until", type=date.fromisoformat, help="its last day, as 2027-12-31")
    mode = add(
        user, "mr-mode", _user_mr_mode,
        "Have a representative follow the rules for medical representatives, or not at all.",
    )  # fmt: skip
    mode.add_argument("login")
    mode.add_argument("mode", choices=("on", "off"))
    add(user, "disable", _user_disable, "Shut a user out.").add_argument("login")
    add(user, "enable", _user_enable, "Let a user in again.").add_argument("login")
    add(
        commands, "code", _code, "Print a code for enrolling one device within 24 hours."
    ).add_argument("login")
    unlock = add(
        commands, "price-unlock", _price_unlock, "How computers enrolled from now on open prices."
    )
    unlock.add_argument("way", choices=("passphrase", "keyring"))
    lease = add(
        commands,
        "lease-days",
        _lease_days,
        "For how many days computers open prices without contact.",
    )
    lease.add_argument("days", type=int)
    masking = add(
        commands,
        "price-masking",
        _price_masking,
        "For which roles open prices are dots until they are held; without a role, as each user likes.",
    )
    masking.add_argument("role", nargs="*")
    places = group(commands, "territory", "Territories.")
    place = add(places, "add", _territory_add, "Add a territory.")
    place.add_argument("name")
    place.add_argument("--parent")
    json_option(add(places, "list", _territory_list, "List territories: id, name, the one above."))
    assign = add(
        places, "assign", _territory_assign, "Assign a user to these territories and no other."
    )
    assign.add_argument("login")
    assign.add_argument("territory", nargs="*")
    device = group(commands, "device", "Devices.")
    json_option(
        add(
            device,
            "list",
            _device_list,
            "List devices: id, user, status, last seen, name, system, program, verdicts on the way.",
        )
    )
    revoke = add(device, "revoke", _device_revoke, "Shut one device out.")
    revoke.add_argument("device")
    revoke.add_argument(
        "--replaced",
        action="store_true",
        help="for a computer that was exchanged: print a code for the new one",
    )
    prices = add(
        device, "prices", _device_prices, "Have a device delete its prices at its next contact."
    )
    wipe = add(
        device,
        "wipe",
        _device_wipe,
        "Have a device hand in its work and delete everything at its next contact.",
    )
    renew = add(
        device,
        "new-key",
        _device_new_key,
        "Have a device replace the key that seals its prices and, when it closes, the one of its data.",
    )
    renew.add_argument("device")
    for order in (prices, wipe):
        order.add_argument("device")
        order.add_argument("--lift", action="store_true", help="take the order back")


def _password(chosen: argparse.Namespace) -> str | None:
    if chosen.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if getattr(chosen, "no_password", False):
        return None
    first = getpass.getpass("Password: ")
    return first if first == getpass.getpass("Again: ") else ""


def _user_add(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        user_id = accounts.add_user(
            store,
            login=chosen.login,
            name=chosen.name or chosen.login,
            role=chosen.role,
            password=_password(chosen),
            territories=chosen.territory,
        )
    say(user_id)
    return 0


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    login: str
    role: str
    status: str
    name: str
    territories: str


def _user_list(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        known = accounts.users(store)
        with store.read() as connection:
            people = [
                _Person(
                    one.id, one.login, one.role.value, one.status, one.name,
                    accounts.territory_names(connection, one.id),
                )
                for one in known
            ]  # fmt: skip
    table(
        chosen,
        people,
        lambda one: f"{one.login}\t{one.role}\t{one.status}\t{one.name}\t{one.territories}",
    )
    return 0


def _user_password(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        accounts.set_password(store, chosen.login, _password(chosen) or "")
    return 0


def _user_role(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        accounts.set_role(store, chosen.login, chosen.role)
    return 0


def _user_filing(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        representatives.set_filing(store, chosen.login, chosen.number, chosen.until)
    return 0


def _user_mr_mode(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        representatives.set_mode(store, chosen.login, is_on=chosen.mode == "on")
    return 0


def _price_unlock(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        accounts.set_price_unlock(store, chosen.way)
    return 0


def _user_disable(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        accounts.disable_user(store, chosen.login)
    return 0


def _user_enable(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        accounts.enable_user(store, chosen.login)
    return 0


def _code(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        say(devices.issue_code(store, chosen.login))
    return 0


def _territory_add(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        say(accounts.add_territory(store, chosen.name, parent=chosen.parent))
    return 0


def _territory_list(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        known = accounts.territories(store)
    names = {one.id: one.name for one in known}
    table(chosen, known, lambda one: f"{one.id}\t{one.name}\t{names.get(one.parent or '', '')}")
    return 0


def _territory_assign(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        accounts.assign(store, chosen.login, chosen.territory)
    return 0


def _device_list(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        known = health.devices(store)
    table(
        chosen,
        known,
        lambda one: "\t".join(
            (
                one.id,
                one.login,
                one.state,
                one.last_seen,
                one.name,
                one.os,
                one.app,
                str(one.unanswered),
                one.disk,
            )
        ),  # fmt: skip
    )
    return 0


def _device_revoke(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        if chosen.replaced:
            say(devices.replace(store, chosen.device))
        else:
            devices.revoke(store, chosen.device)
    return 0


def _lease_days(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        leases.set_days(store, chosen.days)
    return 0


def _price_masking(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        leases.set_masked_roles(store, chosen.role)
    return 0


def _device_prices(chosen: argparse.Namespace) -> int:
    return _order(chosen, "prices")


def _device_wipe(chosen: argparse.Namespace) -> int:
    return _order(chosen, "wipe")


def _device_new_key(chosen: argparse.Namespace) -> int:
    with closing(open_store(chosen)) as store:
        leases.want_new_key(store, chosen.device)
    return 0


def _order(chosen: argparse.Namespace, what: leases.What) -> int:
    with closing(open_store(chosen)) as store:
        if chosen.lift:
            leases.lift_order(store, chosen.device)
        else:
            leases.give_order(store, chosen.device, what)
    return 0
