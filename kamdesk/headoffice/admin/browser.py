"""Between the browser and the pages: cookies, forms, headers of caution, what went wrong in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import parse_qs

import jinja2
from litestar import Request, Response

from kamdesk.domain import clock
from kamdesk.domain.errors import KamError
from kamdesk.headoffice import audit
from kamdesk.headoffice.admin import sessions, texts
from kamdesk.headoffice.admin.sessions import Session
from kamdesk.headoffice.problems import Rejected
from kamdesk.headoffice.store import Store

Ask = Request[Any, Any, Any]
Form = dict[str, list[str]]
T = TypeVar("T")

_COOKIE = "kamdesk_admin"
_LANGUAGE = "kamdesk_language"
_MOST_FORM = 64 * 1024
_SECONDS = 15.0
PAGES = (
    ("/admin", "Synchronization"),
    ("/admin/users", "Users"),
    ("/admin/devices", "Devices"),
    ("/admin/imports", "Imports"),
    ("/admin/systems", "Systems"),
    ("/admin/audit", "Audit"),
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_REJECTIONS = {
    "sign_in_failed": "Not an administrator, or user or password are wrong.",
    "user_disabled": "Not an administrator, or user or password are wrong.",
    "throttled": "Too many attempts. Wait {seconds} seconds.",
    "form_expired": "The form is too old. Go back, load the page again, and repeat.",
}


def store_of(request: Ask) -> Store:
    """Return the store behind the pages."""
    store: Store = request.app.state.desk.store
    return store


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kamdesk.headoffice.admin", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


@cache
def style() -> bytes:
    """Return the style sheet."""
    return files("kamdesk.headoffice.admin").joinpath("style.css").read_bytes()


def language(request: Ask) -> str:
    """Choose the language: asked for just now, chosen before, or the browser's."""
    asked = request.query_params.get("lang") or request.cookies.get(_LANGUAGE) or ""
    if asked in texts.LANGUAGES:
        return asked
    return texts.preferred(request.headers.get("accept-language", ""))


def page(
    request: Ask, template: str, values: dict[str, Any], *, status: int = 200
) -> Response[bytes]:
    """Render one page."""
    chosen = language(request)
    text = (
        _templates()
        .get_template(template)
        .render(
            tr=texts.translator(chosen), language=chosen, company=store_of(request).company,
            when=_when, pages=PAGES, event=texts.events(chosen), role_name=texts.roles(chosen),
            **{"error": "", "secret": "", "sealed_text": "", **values},
        )
    )  # fmt: skip
    response = answer(text.encode(), "text/html", status=status)
    if request.query_params.get("lang") in texts.LANGUAGES:
        response.set_cookie(
            key=_LANGUAGE, value=chosen, max_age=31_536_000, path="/admin", samesite="strict",
            httponly=True, secure=_is_tls(request),
        )  # fmt: skip
    return response


def _when(stamp: str) -> str:
    return clock.parse_stamp(stamp).strftime("%Y-%m-%d %H:%M UTC")


def answer(body: bytes, kind: str, *, status: int = 200) -> Response[bytes]:
    """Make an answer with the headers of caution."""
    return Response(
        body, status_code=status, media_type=f"{kind}; charset=utf-8", headers=dict(_HEADERS)
    )


def to(path: str) -> Response[bytes]:
    """Send the browser on after something was done, so that a reload does not repeat it."""
    response = answer(b"", "text/html", status=303)
    response.headers["Location"] = path
    return response


def _is_tls(request: Ask) -> bool:
    return bool(request.url.scheme == "https")


def keep(request: Ask, response: Response[bytes], token: str) -> None:
    """Give the browser its session, or take it away."""
    response.set_cookie(
        key=_COOKIE, value=token, path="/admin", httponly=True, samesite="strict",
        secure=_is_tls(request), max_age=int(sessions.LIFE.total_seconds()) if token else 0,
    )  # fmt: skip


async def session(request: Ask) -> Session | None:
    """Return the session of the browser; None for one that is not signed in."""
    cookie = request.cookies.get(_COOKIE, "")
    return await asyncio.to_thread(sessions.find, store_of(request), cookie)


async def form(request: Ask) -> Form:
    """Read a form within limits. Raises Rejected."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Rejected(415, "unsupported_media_type")
    body = b""
    try:
        async with asyncio.timeout(_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MOST_FORM:
                    raise Rejected(413, "too_large", max=_MOST_FORM)
    except TimeoutError:
        raise Rejected(408, "too_slow") from None
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=500)
    except (UnicodeDecodeError, ValueError):
        raise Rejected(400, "bad_request") from None


def first(given: Form, name: str) -> str:
    """Return one value of a form; NUL, which no database keeps, is dropped."""
    return given.get(name, [""])[0].replace("\x00", "")


def part(request: Ask, name: str) -> str:
    """Return one part of the address."""
    return str(request.path_params[name]).replace("\x00", "")


async def act(who: Session, do: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Do something in the administrator's name. Raises what it raises."""

    def run() -> T:
        with audit.acting(f"admin:{who.login}"):
            return do(*arguments, **named)

    return await asyncio.to_thread(run)


def words(request: Ask, error: KamError | Rejected) -> str:
    """Say in the reader's language what went wrong."""
    tr = texts.translator(language(request))
    if isinstance(error, Rejected):
        return tr(_REJECTIONS.get(error.code, "No such page"), seconds=error.retry_after)
    return tr(error.text, **error.params)
