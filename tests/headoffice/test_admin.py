"""The administrator's pages as a browser uses them: who gets in, what each form does, what never shows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pytest
import requests

from kamdesk.headoffice import accounts, audit, import_log, integrations, representatives
from kamdesk.headoffice.admin import browser, questions, texts
from tests.headoffice.conftest import PASSWORD, Office, serving
from tests.headoffice.desk import Desk, enrol

PAGES = ("", "/users", "/devices", "/imports", "/systems", "/audit")


class Browser:
    """One browser at the pages; keeps cookies, finds the form's token."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/admin"
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str = "", **headers: str) -> requests.Response:
        """Open one page."""
        return self.session.get(self.url + path, headers=headers, timeout=30)

    def csrf(self) -> str:
        """Read the token that our own forms carry."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get().text)
        assert found
        return found[1]

    def post(self, path: str, **fields: str | list[str]) -> requests.Response:
        """Send one form, as our page would, and say yes where it asks."""
        return self.ask(path, sure="1", **fields)

    def ask(self, path: str, **fields: str | list[str]) -> requests.Response:
        """Send one form, as our page would."""
        data = {"csrf": self.csrf(), **fields}
        return self.session.post(self.url + path, data=data, timeout=30)

    def sign_in(self, login: str, password: str = PASSWORD) -> requests.Response:
        """Fill in the first page."""
        return self.session.post(
            f"{self.url}/sign-in", data={"login": login, "password": password}, timeout=30
        )


@pytest.fixture
def admin(office: Office) -> Browser:
    """An administrator who is signed in."""
    accounts.add_user(office.store, login="zhou", name="Zhou", role="ADM", password=PASSWORD)
    opened = Browser(office.url)
    assert opened.sign_in("zhou").status_code == 200
    return opened


def test_only_administrators_get_in(office: Office) -> None:
    for login, password in (("kim", PASSWORD), ("nobody", PASSWORD), ("ann", "wrong"), ("", "")):
        opened = Browser(office.url)
        answer = opened.sign_in(login, password)
        assert answer.status_code == 401
        assert "Not an administrator" in answer.text
        assert not opened.session.cookies
        for page in PAGES:
            assert "current-password" in opened.get(page).text
            assert office.north not in opened.get(page).text


def test_guessing_is_slowed_down(office: Office) -> None:
    opened = Browser(office.url)
    answers = [opened.sign_in("zhou", "a guess of somebody").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


@pytest.mark.parametrize("page", PAGES)
def test_pages_show_in_both_languages_and_load_nothing_from_elsewhere(
    office: Office, admin: Browser, page: str
) -> None:
    english, chinese = (admin.get(page, **{"Accept-Language": one}) for one in ("de,en", "zh-CN"))
    assert (english.status_code, chinese.status_code) == (200, 200)
    assert 'lang="en"' in english.text
    assert "Sign out" in english.text
    assert 'lang="zh-CN"' in chinese.text
    assert "退出登录" in chinese.text
    assert not re.search(r"<script|javascript:|https?://|style=", english.text)
    policy = english.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert english.headers["Cache-Control"] == "no-store"


def test_the_language_can_be_switched(admin: Browser) -> None:
    assert "退出登录" in admin.get("?lang=zh").text
    assert "退出登录" in admin.get("/users", **{"Accept-Language": "en"}).text


def test_the_cookie_is_for_our_pages_alone(office: Office) -> None:
    accounts.add_user(office.store, login="zhou", name="Zhou", role="ADM", password=PASSWORD)
    answer = requests.post(
        f"{office.url}/admin/sign-in",
        data={"login": "zhou", "password": PASSWORD},
        allow_redirects=False,
        timeout=30,
    )
    cookie = answer.headers["Set-Cookie"].lower()
    assert all(one in cookie for one in ("httponly", "samesite=strict", "path=/admin"))


@pytest.mark.parametrize("token", ["", "x", "\u00e9"])
def test_a_form_from_elsewhere_does_nothing(office: Office, admin: Browser, token: str) -> None:
    (ann,) = (one for one in accounts.users(office.store) if one.login == "ann")
    answer = admin.session.post(
        f"{admin.url}/users/{ann.id}/status",
        data={"csrf": token, "status": "disabled"},
        timeout=30,
    )
    assert answer.status_code == 403
    assert "too old" in answer.text
    assert accounts.find_by_id(office.store, ann.id) == ann


def test_without_a_session_no_form_does_anything(office: Office) -> None:
    answer = requests.post(f"{office.url}/admin/users", data={"login": "x"}, timeout=30)
    assert answer.status_code == 401
    assert len(accounts.users(office.store)) == 3


def test_a_user_is_added_changed_and_shut_out(office: Office, admin: Browser) -> None:
    fields = {"login": "li.na", "name": "李娜", "role": "REP", "password": PASSWORD}
    added = admin.post("/users", **fields, territory=[office.north])
    assert "李娜" in added.text
    user_id = added.url.rpartition("/")[2]
    again = admin.post("/users", **fields)
    assert (again.status_code, "There is a user li.na already" in again.text) == (409, True)
    assert enrol(office.url, user="li.na", password=PASSWORD).status_code == 200
    admin.post(f"/users/{user_id}/filing", number="沪-1", until="2027-12-31")
    assert all(one in admin.get(f"/users/{user_id}").text for one in ("沪-1", "2027-12-31"))
    wrong = admin.post(f"/users/{user_id}/filing", number="沪-1", until="tomorrow")
    assert (wrong.status_code, "2027-12-31" in wrong.text) == (409, True)
    admin.post(f"/users/{user_id}/role", role="KAM")
    assert "沪-1" not in admin.get(f"/users/{user_id}").text
    admin.post(f"/users/{user_id}/territories", territory=[office.south])
    admin.post(f"/users/{user_id}/password", password=PASSWORD[::-1])
    assert enrol(office.url, user="li.na", password=PASSWORD[::-1]).json()["user"] == {
        "id": user_id, "login": "li.na", "name": "李娜", "role": "KAM", "territory": "South",
    }  # fmt: skip
    weak = admin.post(f"/users/{user_id}/password", password="short")
    assert (weak.status_code, "at least 10 characters" in weak.text) == (409, True)
    admin.post(f"/users/{user_id}/status", status="disabled")
    assert enrol(office.url, user="li.na", password=PASSWORD[::-1]).status_code == 403
    admin.post(f"/users/{user_id}/status", status="active")
    assert enrol(office.url, user="li.na", password=PASSWORD[::-1]).status_code == 200
    told = [(one.actor, one.action) for one in audit.newest(office.store)]
    assert {("admin:zhou", f"user.{one}") for one in ("added", "role", "territories")} <= set(told)


def test_what_was_typed_and_ticked_stays_when_a_user_cannot_be_added(
    office: Office, admin: Browser
) -> None:
    fields = {"login": "wu.fang", "name": "吴芳", "role": "QA", "password": "short"}
    refused = admin.post("/users", **fields, territory=[office.south])
    assert (refused.status_code, "at least 10 characters" in refused.text) == (409, True)
    ticked = re.findall(r'name="territory" value="([^"]+)" checked', refused.text)
    assert ticked == [office.south]
    assert all(f'value="{fields[name]}"' in refused.text for name in ("login", "name"))
    assert re.search(r'<option value="QA" selected', refused.text)
    assert 'value="short"' not in refused.text
    assert " checked" not in admin.get("/users").text
    elsewhere = admin.post("/users", **fields, csrf="guessed")
    assert (elsewhere.status_code, "wu.fang" in elsewhere.text) == (403, False)


def test_a_code_is_shown_once_and_enrols(office: Office, admin: Browser) -> None:
    (ann,) = (one for one in accounts.users(office.store) if one.login == "ann")
    page = admin.post(f"/users/{ann.id}/code")
    found = re.search(r'class="secret">([A-Z2-7-]{19})<', page.text)
    assert found
    assert found[1] not in admin.get(f"/users/{ann.id}").text
    assert Desk.enrol(office.url, code=found[1]).user_id == ann.id


def test_a_device_is_shut_out_or_replaced(office: Office, admin: Browser) -> None:
    stolen, old = office.desk().reconcile(), office.desk("kim").reconcile()
    assert stolen.device_id in admin.get("/devices").text
    admin.post(f"/devices/{stolen.device_id}/revoke")
    page = admin.post(f"/devices/{old.device_id}/revoke", replaced="1")
    for desk in (stolen, old):
        assert desk.post(desk.request()).json()["code"] == "device_revoked"
    found = re.search(r'class="secret">([A-Z2-7-]{19})<', page.text)
    assert found
    assert Desk.enrol(office.url, code=found[1]).user_id == old.user_id
    missing = admin.post("/devices/nothing/revoke")
    assert missing.status_code == 409


def test_prices_are_withdrawn_and_a_device_is_to_be_wiped(office: Office, admin: Browser) -> None:
    desk = office.desk("kim").reconcile()
    admin.post(f"/devices/{desk.device_id}/order", what="prices")
    assert "prices withdrawn" in admin.get("/devices").text
    assert desk.post(desk.request(lease=0)).json()["order"]["what"] == "prices"
    admin.post(f"/devices/{desk.device_id}/order", what="lift")
    answer = desk.post(desk.request(lease=0)).json()
    assert "order" not in answer
    assert len(answer["lease"]["share"]) == 44
    admin.post(f"/devices/{desk.device_id}/order", what="wipe")
    assert "to be wiped" in admin.get("/devices").text
    answer = desk.post(desk.request(lease=0)).json()
    assert answer["order"]["what"] == "wipe"
    assert "delta" not in answer
    assert "lease" not in answer
    assert admin.post("/devices/nothing/order", what="wipe").status_code == 409


def test_what_shuts_somebody_out_is_asked_about_first_and_cancelled_by_a_link(
    office: Office, admin: Browser
) -> None:
    desk = office.desk("kim").reconcile()
    (kim,) = (one for one in accounts.users(office.store) if one.login == "kim")
    integrations.add(office.store, "SAP", ["customers:write"])
    (system,) = integrations.systems(office.store)
    device = f"/devices/{desk.device_id}"
    for path, fields, asked, subject in (
        (f"{device}/order", {"what": "wipe"}, questions.WIPE, "(kim)"),
        (f"{device}/order", {"what": "prices"}, questions.PRICES, "(kim)"),
        (f"{device}/revoke", {}, questions.LOST, "(kim)"),
        (f"{device}/revoke", {"replaced": "1"}, questions.REPLACED, "(kim)"),
        (f"/users/{kim.id}/status", {"status": "disabled"}, questions.DISABLE, "Kim (kim)"),
        (f"/systems/{system.id}/revoke", {}, questions.SYSTEM, "SAP"),
    ):
        page = admin.ask(path, **fields).text
        assert all(one in page for one in (asked.title, asked.told, asked.verb, subject))
        assert f'action="/admin{path}"' in page
        assert f'href="{asked.back}"' in page
        sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        assert {**sent, "csrf": ""} == {**fields, "csrf": "", "sure": "1"}
    assert desk.post(desk.request(lease=0)).json().get("order") is None
    assert accounts.find_by_id(office.store, kim.id) == kim
    assert integrations.systems(office.store)[0].status == "active"


def test_the_language_is_switched_where_a_form_was_answered_too(
    office: Office, admin: Browser
) -> None:
    (ann,) = (one for one in accounts.users(office.store) if one.login == "ann")
    page = admin.post(f"/users/{ann.id}/code").text
    (link,) = re.findall(r'href="([^"]+)\?lang=zh"', page)
    assert "退出登录" in admin.get(f"{link.removeprefix('/admin')}?lang=zh").text


def test_without_devices_no_page_says_that_all_were_here(office: Office, admin: Browser) -> None:
    for path in ("", "/devices"):
        page = admin.get(path, **{"Accept-Language": "en"}).text
        assert "No device is enrolled yet" in page
        assert "All devices were here" not in page
    office.desk().reconcile()
    page = admin.get("", **{"Accept-Language": "en"}).text
    assert "All devices were here" in page


def test_the_audit_is_told_with_names_and_words(office: Office, admin: Browser) -> None:
    (ann,) = (one for one in accounts.users(office.store) if one.login == "ann")
    admin.post(f"/users/{ann.id}/territories", territory=[office.south])
    admin.post(f"/users/{ann.id}/role", role="KAM")
    page = admin.get("/audit", **{"Accept-Language": "en"}).text
    assert "Territory added" in page
    assert "null" not in page  # what there is none of is not told
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert any("admin:zhou" in row and "Role changed" in row and "|ann|" in row for row in rows)
    assert any("Territories assigned" in row and "South" in row for row in rows)
    assert f'title="{ann.id}"' in page


def test_an_administrator_cannot_shut_himself_out(office: Office, admin: Browser) -> None:
    (zhou,) = (one for one in accounts.users(office.store) if one.login == "zhou")
    for what, fields in (("status", {"status": "disabled"}), ("role", {"role": "REP"})):
        assert admin.post(f"/users/{zhou.id}/{what}", **fields).status_code == 409
    assert accounts.find_by_id(office.store, zhou.id) == zhou


def test_a_session_ends_with_the_user_and_by_signing_out(office: Office, admin: Browser) -> None:
    other = Browser(office.url)
    other.sign_in("zhou")
    other.post("/sign-out")
    assert "current-password" in other.get().text
    assert "Sign out" in admin.get().text
    accounts.disable_user(office.store, "zhou")
    assert "current-password" in admin.get().text


def test_a_new_password_ends_the_sessions_that_the_old_one_began(
    office: Office, admin: Browser
) -> None:
    other = Browser(office.url)
    other.sign_in("zhou")
    (zhou,) = (one for one in accounts.users(office.store) if one.login == "zhou")
    admin.post(f"/users/{zhou.id}/password", password="quite another one 7")
    assert "current-password" in other.get("/users").text
    assert other.sign_in("zhou", "quite another one 7").status_code == 200


def test_a_system_gets_a_token_once(office: Office, admin: Browser) -> None:
    page = admin.post("/systems", name="SAP", scope=["customers:write"])
    found = re.search(r'class="secret">(kdi_[\w-]+)<', page.text)
    assert found
    assert found[1] not in admin.get("/systems").text
    system = integrations.authenticate(office.store, f"Bearer {found[1]}")
    assert (system.name, system.scopes) == ("SAP", "customers:write")
    assert admin.post("/systems", name="SAP", scope=["visits:read"]).status_code == 409
    assert admin.post("/systems", name="Other").status_code == 409
    admin.post(f"/systems/{system.id}/revoke")
    from kamdesk.headoffice.problems import Rejected

    with pytest.raises(Rejected):
        integrations.authenticate(office.store, f"Bearer {found[1]}")


def test_no_business_data_shows(office: Office, admin: Browser) -> None:
    office.customer("Hospital of the secret")
    desk = office.desk().reconcile()
    task = {"title": "Plan of the secret", "state": "open", "assignee_id": desk.user_id}
    desk.push(desk.group(desk.create("task", task)))
    from kamdesk.domain.errors import Refused

    import_log.note(
        office.store, "i1", "customer", rows=3,
        counts={"created": 1, "updated": 1, "unchanged": 0},
        errors=[(3, Refused("Text of the secret", code="too_long", field="name"))],
    )  # fmt: skip
    shown = "".join(admin.get(page).text for page in PAGES)
    assert "of the secret" not in shown
    assert "too_long" in shown


def test_what_is_typed_is_shown_as_text(office: Office, admin: Browser) -> None:
    accounts.add_user(
        office.store, login="x<b>", name="<script>alert(1)</script>", role="REP", password=None
    )
    text = admin.get("/users").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_every_text_of_the_pages_is_in_chinese() -> None:
    folder = browser.files("kamdesk.headoffice.admin")
    used: set[str] = set()
    for name in ("layout.html", "sign_in.html"):
        used |= set(re.findall(r"tr\('([^']+)'", folder.joinpath(name).read_text("utf-8")))
        used |= set(
            re.findall(r"button\([^,]+?, '([^']+)'", folder.joinpath(name).read_text("utf-8"))
        )
    used |= {name for _, name in browser.PAGES} | set(browser._REJECTIONS.values())
    used |= {
        text for one in questions.EVERY for text in (one.title, one.told, one.verb)
    }  # fmt: skip
    told = inspect.getsource(representatives)
    used |= set(re.findall(r'UserError\(\s*"([^"]+)"', told))
    zh: Callable[..., str] = texts.translator("zh")
    events = set(re.findall(r'"(user\.\w+)"', told))
    assert {"user.filing", "user.mr_mode"} <= events
    assert {one for one in events if texts.events("zh")(one) == one} == set()
    assert {one for one in used if zh(one) == one} == set()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"login=%ff&password=x", "application/x-www-form-urlencoded", 401),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"login=a%00b&password=%00", "application/x-www-form-urlencoded", 401),
        (b"&".join(b"a=b" for _ in range(600)), "application/x-www-form-urlencoded", 400),
    ],
)
def test_rubbish_in_a_form_is_refused(
    office: Office, body: bytes, content_type: str, status: int
) -> None:
    answer = requests.post(
        f"{office.url}/admin/sign-in",
        data=body,
        headers={"Content-Type": content_type},
        timeout=30,
    )
    assert answer.status_code == status


FORWARDED = {"X-Forwarded-For": "192.0.2.{}", "X-Forwarded-Proto": "https"}


def _sign_in(url: str, password: str, at: int) -> requests.Response:
    headers = {name: value.format(at) for name, value in FORWARDED.items()}
    return requests.post(
        f"{url}/admin/sign-in", data={"login": f"nobody{at}", "password": password},
        headers=headers, timeout=30, allow_redirects=False,
    )  # fmt: skip


def test_behind_a_proxy_each_browser_is_an_address_of_its_own_and_the_cookie_stays_with_tls(office):
    accounts.add_user(office.store, login="nobody99", name="Zhou", role="ADM", password=PASSWORD)
    for at in range(1, 23):
        assert _sign_in(office.url, "wrong", at).status_code != 429
    assert "; secure" in _sign_in(office.url, PASSWORD, 99).headers["Set-Cookie"].lower()


def test_who_is_not_the_proxy_is_not_believed(office):
    accounts.add_user(office.store, login="nobody99", name="Zhou", role="ADM", password=PASSWORD)
    with serving(office.store, proxies="192.0.2.200") as url:
        signed_in = _sign_in(url, PASSWORD, 99)
        assert "; secure" not in signed_in.headers["Set-Cookie"].lower()
        codes = [_sign_in(url, "wrong", at).status_code for at in range(1, 23)]
    assert codes[-1] == 429
