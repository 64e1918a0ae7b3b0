"""The administrator's pages: each shows something, each form does one thing and says what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

from litestar import Response, Router, get, post

from kamdesk.domain.errors import KamError, UserError
from kamdesk.domain.roles import Role
from kamdesk.headoffice import (
    accounts,
    audit,
    devices,
    health,
    import_log,
    integrations,
    leases,
    letters,
    representatives,
)
from kamdesk.headoffice.admin import browser, questions, sessions, telling, texts
from kamdesk.headoffice.admin.browser import Ask, Form, first
from kamdesk.headoffice.admin.questions import Question
from kamdesk.headoffice.admin.sessions import Session
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.store import Store

Values = dict[str, Any]


def _health(store: Store, tr: Callable[..., str]) -> Values:
    state = health.state(store)
    contacts = {"1h": "Here within an hour", "24h": "Here within a day", "7d": "Here within a week"}
    cards: list[tuple[str, object, str]] = [
        (contacts.get(name, "Longer ago"), n, "late" if n and name not in {"1h", "24h"} else "")
        for name, n in state.devices.items()
    ]
    minutes = state.oldest_verdict // 60
    cards += [
        ("Commits in the last hour", state.commits_last_hour, ""),
        ("Size of the database", f"{state.database_bytes / 1024**2:.1f} MiB", ""),
        ("Verdict not fetched for longest", f"{minutes} min" if minutes else tr("none"), ""),
        ("Changes that met a bug", state.dead_letters, "bad" if state.dead_letters else ""),
    ]
    late = [one for one in health.devices(store) if one.is_late]
    return {
        "state": state, "cards": cards, "late": late, "letters": health.dead_letters(store),
        "names": _names(store),
    }  # fmt: skip


def _users(store: Store, _tr: Callable[..., str]) -> Values:
    with store.read() as connection:
        places = accounts.all_territory_names(connection)
    return {
        "users": [(one, places.get(one.id, "")) for one in accounts.users(store)],
        "roles": [one.value for one in Role],
        "territories": accounts.territories(store),
        "form": {},
        "ticked": [],
    }


def _devices(store: Store, _tr: Callable[..., str]) -> Values:
    return {"devices": health.devices(store), "names": _names(store)}


def _names(store: Store) -> dict[str, str]:
    return {one.login: one.name for one in accounts.users(store)}


def _imports(store: Store, _tr: Callable[..., str]) -> Values:
    return {"imports": import_log.imports(store)}


def _systems(store: Store, _tr: Callable[..., str]) -> Values:
    return {"systems": integrations.systems(store), "scopes": integrations.SCOPES}


def _audit(store: Store, _tr: Callable[..., str]) -> Values:
    return {"events": telling.told(store, audit.newest(store))}


_LOOKS: dict[str, tuple[str, Callable[[Store, Callable[..., str]], Values]]] = {
    "health": ("Synchronization", _health),
    "users": ("Users", _users),
    "devices": ("Devices", _devices),
    "imports": ("Imports", _imports),
    "systems": ("Systems", _systems),
    "audit": ("Audit", _audit),
}


async def _show(
    request: Ask, who: Session, page: str, *, status: int = 200, **more: Any
) -> Response[bytes]:
    title, look = _LOOKS[page]
    tr = texts.translator(browser.language(request))
    values = await asyncio.to_thread(look, browser.store_of(request), tr)
    here = "/admin" if page == "health" else f"/admin/{page}"
    shown = {"title": title, "page": page, "here": here, "session": who, **values, **more}
    return browser.page(request, "layout.html", shown, status=status)


async def _show_user(
    request: Ask, who: Session, user_id: str, *, status: int = 200, **more: Any
) -> Response[bytes]:
    store = browser.store_of(request)

    def look() -> Values | None:
        user = accounts.find_by_id(store, user_id)
        if user is None:
            return None
        with store.read() as connection:
            assigned = accounts.territory_ids(connection, user_id)
        held = [one for one in health.devices(store) if one.login == user.login]
        return {
            "user": user, "assigned": assigned, "territories": accounts.territories(store),
            "devices": held, "filing": representatives.filing_of(store, user_id),
        }  # fmt: skip

    values = await asyncio.to_thread(look)
    if values is None:
        tr = texts.translator(browser.language(request))
        error = tr("There is no user of this id.")
        return await _show(request, who, "users", status=404, error=error)
    shown = {
        "title": "Users", "page": "user", "here": f"/admin/users/{user_id}", "session": who,
        "roles": [one.value for one in Role], **values, **more,
    }  # fmt: skip
    return browser.page(request, "layout.html", shown, status=status)


def _sign_in_page(request: Ask, *, error: str = "", status: int = 200) -> Response[bytes]:
    return browser.page(request, "sign_in.html", {"error": error}, status=status)


async def _page(request: Ask, page: str) -> Response[bytes]:
    who = await browser.session(request)
    return _sign_in_page(request) if who is None else await _show(request, who, page)


@get("/style.css")
async def style() -> Response[bytes]:
    """Give the style sheet."""
    return browser.answer(browser.style(), "text/css")


@get("/")
async def start(request: Ask) -> Response[bytes]:
    """Show how synchronization is doing."""
    return await _page(request, "health")


@get(["/users", "/devices", "/imports", "/systems", "/audit"])
async def other(request: Ask) -> Response[bytes]:
    """Show one of the other pages."""
    return await _page(request, request.url.path.rstrip("/").rpartition("/")[2])


@get("/users/{user_id:str}")
async def user(request: Ask) -> Response[bytes]:
    """Show one user."""
    user_id = browser.part(request, "user_id")
    who = await browser.session(request)
    return _sign_in_page(request) if who is None else await _show_user(request, who, user_id)


@post("/sign-in")
async def sign_in(request: Ask) -> Response[bytes]:
    """Begin a session."""
    try:
        given = await browser.form(request)
        desk = request.app.state.desk
        address = request.client.host if request.client else ""
        token = await desk.sign_in(
            sessions.sign_in, desk.store, first(given, "login"), first(given, "password"), address
        )
    except Rejected as error:
        return _sign_in_page(request, error=browser.words(request, error), status=error.status)
    response = browser.to("/admin")
    browser.keep(request, response, token)
    return response


@post("/sign-out")
async def sign_out(request: Ask) -> Response[bytes]:
    """End the session."""

    async def do(store: Store, who: Session, _given: Form) -> Response[bytes]:
        await asyncio.to_thread(sessions.sign_out, store, who)
        response = browser.to("/admin")
        browser.keep(request, response, "")
        return response

    return await _done(request, do, page="health")


async def _done(
    request: Ask, do: Callable[..., Any], *, page: str, user_id: str = ""
) -> Response[bytes]:
    """Do what a form asks, for who is signed in and sent our own form; say in words what stands against it.

    What was typed and ticked to add a user stands there again, but for the password.
    """
    who = await browser.session(request)
    if who is None:
        return _sign_in_page(request, status=401)
    given: Form = {}
    try:
        given = await browser.form(request)
        who.demand(first(given, "csrf"))
        response: Response[bytes] = await do(browser.store_of(request), who, given)
    except (KamError, Rejected) as error:
        status = error.status if isinstance(error, Rejected) else 409
        said = browser.words(request, error)
        if user_id:
            return await _show_user(request, who, user_id, status=status, error=said)
        kept: Values = {}
        # Not what somebody else's page sent here: a filled form beside our token would be half of an attack
        if request.url.path == "/admin/users" and not isinstance(error, Rejected):
            kept["form"] = {name: first(given, name) for name in ("login", "name", "role") if name in given}
            kept["ticked"] = given.get("territory", [])
        return await _show(request, who, page, status=status, error=said, **kept)
    return response


async def _ask(
    request: Ask, who: Session, question: Question, subject: str, given: Form
) -> Response[bytes]:
    """Ask whether it is meant; yes sends the same form with `sure`."""
    fields = {name: first(given, name) for name in given if name not in {"csrf", "sure"}}
    page = next(name for path, name in browser.PAGES if path == question.back)
    shown = {
        "title": page, "page": "sure", "here": question.back, "session": who, "fields": fields,
        "question": question, "subject": subject, "action": request.url.path,
    }  # fmt: skip
    return browser.page(request, "layout.html", shown)


@post("/users")
async def add_user(request: Ask) -> Response[bytes]:
    """Add a user."""

    async def do(store: Store, who: Session, given: Form) -> Response[bytes]:
        user_id = await browser.act(
            who, accounts.add_user, store, login=first(given, "login"), name=first(given, "name"),
            role=first(given, "role"), password=first(given, "password") or None,
            territories=_clean(given.get("territory", [])),
        )  # fmt: skip
        return browser.to(f"/admin/users/{user_id}")

    return await _done(request, do, page="users")


def _clean(values: list[str]) -> list[str]:
    return [one.replace("\x00", "") for one in values]


@post("/users/{user_id:str}/{what:str}")
async def change_user(request: Ask) -> Response[bytes]:
    """Change one thing about a user, or issue a code."""
    user_id = browser.part(request, "user_id")
    what = browser.part(request, "what")
    tr = texts.translator(browser.language(request))

    async def do(store: Store, who: Session, given: Form) -> Response[bytes]:
        account = await asyncio.to_thread(accounts.find_by_id, store, user_id)
        if account is None or what not in _CHANGES:
            return await _show(
                request, who, "users", status=404, error=tr("There is no user of this id.")
            )
        if what == "code":
            code = await browser.act(who, devices.issue_code, store, account.login)
            told = tr(
                "For {name}. It is shown this once, enrols one computer, and ends after 24 hours.",
                name=account.name,
            )
            return await _show_user(request, who, user_id, secret=code, secret_text=told)
        if account.id == who.user_id and what in {"status", "role"}:
            return await _show_user(
                request, who, user_id, status=409, error=tr("You cannot shut yourself out.")
            )
        if first(given, "status") == "disabled" and not first(given, "sure"):
            subject = f"{account.name} ({account.login})"
            return await _ask(request, who, questions.DISABLE, subject, given)
        await browser.act(who, _CHANGES[what], store, account.login, given)
        return browser.to(f"/admin/users/{user_id}")

    return await _done(request, do, page="users", user_id=user_id)


def _set_status(store: Store, login: str, given: Form) -> None:
    change = accounts.disable_user if first(given, "status") == "disabled" else accounts.enable_user
    change(store, login)


def _set_filing(store: Store, login: str, given: Form) -> None:
    try:
        until = date.fromisoformat(first(given, "until")) if first(given, "until") else None
    except ValueError:
        raise UserError("The day is not of the form 2027-12-31.", code="BAD_DAY") from None
    representatives.set_filing(store, login, first(given, "number"), until)


_CHANGES: dict[str, Callable[[Store, str, Form], Any]] = {
    "filing": _set_filing,
    "role": lambda store, login, given: accounts.set_role(store, login, first(given, "role")),
    "password": lambda store, login, given: accounts.set_password(
        store, login, first(given, "password")
    ),
    "territories": lambda store, login, given: accounts.assign(
        store, login, _clean(given.get("territory", []))
    ),
    "status": _set_status,
    "code": lambda store, login, _given: devices.issue_code(store, login),
}


@post("/devices/{device_id:str}/revoke")
async def revoke_device(request: Ask) -> Response[bytes]:
    """Shut a device out; for one that was replaced, show a code for the new one."""
    device_id = browser.part(request, "device_id")
    tr = texts.translator(browser.language(request))

    async def do(store: Store, who: Session, given: Form) -> Response[bytes]:
        if not first(given, "sure"):
            question = questions.REPLACED if first(given, "replaced") else questions.LOST
            subject = await asyncio.to_thread(questions.device, store, device_id)
            return await _ask(request, who, question, subject, given)
        if not first(given, "replaced"):
            await browser.act(who, devices.revoke, store, device_id)
            return browser.to("/admin/devices")
        code = await browser.act(who, devices.replace, store, device_id)
        told = tr(
            "For {name}. It is shown this once, enrols one computer, and ends after 24 hours.",
            name=tr("Device"),
        )
        return await _show(request, who, "devices", secret=code, secret_text=told)

    return await _done(request, do, page="devices")


@post("/devices/{device_id:str}/order")
async def order_device(request: Ask) -> Response[bytes]:
    """Tell a device to delete its prices or everything, take that back, or have it replace its price key."""
    device_id = browser.part(request, "device_id")

    async def do(store: Store, who: Session, given: Form) -> Response[bytes]:
        what = first(given, "what")
        if what not in {"lift", "key"} and not first(given, "sure"):
            question = questions.WIPE if what == leases.WIPE else questions.PRICES
            subject = await asyncio.to_thread(questions.device, store, device_id)
            return await _ask(request, who, question, subject, given)
        if what == "lift":
            await browser.act(who, leases.lift_order, store, device_id)
        elif what == "key":
            await browser.act(who, leases.want_new_key, store, device_id)
        else:
            wanted = leases.WIPE if what == leases.WIPE else leases.PRICES
            await browser.act(who, leases.give_order, store, device_id, wanted)
        return browser.to("/admin/devices")

    return await _done(request, do, page="devices")


@post("/letters/{incident:str}/redo")
async def redo(request: Ask) -> Response[bytes]:
    """Decide a dead letter anew."""
    incident = browser.part(request, "incident")

    async def do(store: Store, who: Session, _given: Form) -> Response[bytes]:
        await browser.act(who, letters.redo, store, incident)
        return browser.to("/admin")

    return await _done(request, do, page="health")


@post("/systems")
async def add_system(request: Ask) -> Response[bytes]:
    """Let another system in, and show its token once."""
    tr = texts.translator(browser.language(request))

    async def do(store: Store, who: Session, given: Form) -> Response[bytes]:
        name = first(given, "name")
        token = await browser.act(who, integrations.add, store, name, given.get("scope", []))
        told = tr("For {name}. It is shown this once; give it to the system's operator.", name=name)
        return await _show(request, who, "systems", secret=token, secret_text=told)

    return await _done(request, do, page="systems")


@post("/systems/{system_id:str}/revoke")
async def revoke_system(request: Ask) -> Response[bytes]:
    """Shut another system out."""
    system_id = browser.part(request, "system_id")

    async def do(store: Store, who: Session, given: Form) -> Response[bytes]:
        if not first(given, "sure"):
            known = await asyncio.to_thread(integrations.systems, store)
            name = next((one.name for one in known if one.id == system_id), "")
            return await _ask(request, who, questions.SYSTEM, name, given)
        await browser.act(who, integrations.revoke, store, system_id)
        return browser.to("/admin/systems")

    return await _done(request, do, page="systems")


ROUTER = Router(
    "/admin",
    route_handlers=[
        style, start, other, user, sign_in, sign_out, add_user, change_user, revoke_device, order_device,
        redo,
        add_system, revoke_system,
    ],
)  # fmt: skip
