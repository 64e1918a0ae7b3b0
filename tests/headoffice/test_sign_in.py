"""Enrolment and tokens: who gets in, who is slowed down, what a lost answer costs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import text

from kamdesk.domain import clock
from kamdesk.headoffice import accounts, devices
from kamdesk.security.signing import new_signing_key
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.desk import Desk, enrol


class Time:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = clock.now()

    def __call__(self) -> datetime:
        """Return what the clock shows."""
        return self.now

    def turn(self, **by: int) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@pytest.fixture
def time() -> Any:
    """Stop the clock of head office, which runs in this process."""
    stopped = Time()
    with clock.frozen(stopped):
        yield stopped


def trade(desk: Desk, refresh: str) -> requests.Response:
    """Ask for the next pair of tokens."""
    body = {"device_id": desk.device_id, "refresh": refresh}
    return requests.post(f"{desk.url}/v1/token", json=body, timeout=30)


def code_of(answer: requests.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def test_enrolment_tells_who_one_is_and_where(office: Office) -> None:
    office.customer("H")
    answer = enrol(office.url, user="Ann", password=PASSWORD).json()
    assert (answer["user"]["name"], answer["user"]["role"], answer["user"]["territory"]) == (
        "Ann",
        "REP",
        "North",
    )
    assert answer["company"] == "Hehe Pharma"
    assert answer["records"] == 4
    assert base64.b64decode(answer["server_key"]) == office.store.public_key
    chance, number, _ = answer["refresh"].split(".")
    assert (len(answer["access"]), len(chance), number) == (43, 43, "1")


def test_a_code_enrols_once_however_it_is_typed(office: Office) -> None:
    code = devices.issue_code(office.store, "ann")
    assert enrol(office.url, code=code.lower().replace("-", " ")).status_code == 200
    assert code_of(enrol(office.url, code=code)) == (401, "code_invalid")


def test_a_code_ends_after_a_day(office: Office, time: Time) -> None:
    code = devices.issue_code(office.store, "ann")
    time.turn(hours=24, seconds=1)
    assert code_of(enrol(office.url, code=code)) == (401, "code_invalid")


@pytest.mark.parametrize(
    "sign_in",
    [
        {"user": "ann", "password": "wrong but long enough"},
        {"user": "nobody", "password": PASSWORD},
        {"user": "ann"},
        {},
    ],
)
def test_a_wrong_sign_in_does_not_say_what_was_wrong(
    office: Office, sign_in: dict[str, str]
) -> None:
    assert code_of(enrol(office.url, **sign_in)) == (401, "sign_in_failed")


@pytest.mark.parametrize("user", ["ann", "nobody"])
def test_guessing_is_slowed_down_more_and_more_but_never_for_good(
    office: Office, time: Time, user: str
) -> None:
    def guess() -> requests.Response:
        return enrol(office.url, user=user, password="a guess of somebody")

    assert [guess().status_code for _ in range(6)] == [401] * 5 + [429]
    waits = []
    for _ in range(8):
        waits.append(int(guess().headers["Retry-After"]))
        time.turn(seconds=waits[-1])
        assert guess().status_code == 401
    assert waits[0] <= 31
    assert waits == sorted(waits)
    assert 800 < waits[-1] <= 901
    time.turn(seconds=901)
    if user == "ann":
        assert enrol(office.url, user=user, password=PASSWORD).status_code == 200
        assert guess().status_code == 401


def test_what_is_typed_as_a_login_is_not_kept(office: Office, time: Time) -> None:
    """People type their password there. And whoever guesses at names fills no table."""
    for typed in ("Correct-Horse-7", "somebody", "ann"):
        assert enrol(office.url, user=typed, password="wrong").status_code == 401

    def kept() -> list[str]:
        with office.store.read() as connection:
            return list(connection.execute(text("SELECT k FROM throttle")).scalars())

    assert len(kept()) == 4  # three names and an address
    assert "horse" not in str(kept()).lower()
    time.turn(seconds=3601)
    assert enrol(office.url, user="ann", password="wrong").status_code == 401
    assert len(kept()) == 2


def test_guessing_codes_is_slowed_down_by_address(office: Office, time: Time) -> None:
    codes = [enrol(office.url, code="AAAA-AAAA-AAAA-AAAA").status_code for _ in range(21)]
    assert codes == [401] * 20 + [429]
    code = devices.issue_code(office.store, "ann")
    assert code_of(enrol(office.url, code=code)) == (429, "throttled")
    time.turn(seconds=31)
    assert enrol(office.url, code=code).status_code == 200


def test_a_disabled_user_gets_in_nowhere(office: Office) -> None:
    desk = office.desk()
    accounts.disable_user(office.store, "ann")
    assert code_of(enrol(office.url, user="ann", password=PASSWORD)) == (403, "user_disabled")
    assert code_of(desk.post(desk.request())) == (403, "user_disabled")
    assert code_of(trade(desk, desk.refresh)) == (403, "user_disabled")


def test_a_revoked_device_is_out_and_the_others_stay(office: Office) -> None:
    desk, other = office.desk(), office.desk()
    devices.revoke(office.store, desk.device_id)
    assert code_of(desk.post(desk.request())) == (401, "device_revoked")
    assert code_of(trade(desk, desk.refresh)) == (401, "device_revoked")
    assert other.post(other.request()).status_code == 200


def test_a_lost_answer_does_not_lock_a_device_out(office: Office) -> None:
    desk = office.desk()
    lost = trade(desk, desk.refresh).json()
    kept = trade(desk, desk.refresh).json()
    assert lost["refresh"] != kept["refresh"]
    desk.access = kept["access"]
    assert desk.post(desk.request()).status_code == 200
    assert trade(desk, kept["refresh"]).status_code == 200


def test_a_token_whose_successor_was_used_ends_the_family(office: Office) -> None:
    desk = office.desk()
    first = desk.refresh
    second = trade(desk, first).json()["refresh"]
    third = trade(desk, second).json()
    assert code_of(trade(desk, first)) == (401, "token_reused")
    assert code_of(trade(desk, third["refresh"])) == (401, "token_reused")
    desk.access = third["access"]
    assert code_of(desk.post(desk.request())) == (401, "token_invalid")


@pytest.mark.parametrize(("days", "status"), [(6, 200), (8, 401)])
def test_an_old_token_is_good_for_a_week(
    office: Office, time: Time, days: int, status: int
) -> None:
    desk = office.desk()
    trade(desk, desk.refresh)
    time.turn(days=days)
    assert trade(desk, desk.refresh).status_code == status


def test_a_device_that_was_away_for_months_comes_back(office: Office, time: Time) -> None:
    desk = office.desk()
    time.turn(days=170)
    assert code_of(desk.post(desk.request())) == (401, "token_expired")
    assert trade(desk, desk.refresh).status_code == 200


def test_a_device_that_signs_in_again_keeps_its_identity_and_its_ledger(office: Office) -> None:
    key = new_signing_key()
    desk = Desk.enrol(office.url, key=key, user="ann", password=PASSWORD).reconcile()
    desk.push(
        desk.group(
            desk.create("task", {"title": "t", "state": "open", "assignee_id": desk.user_id})
        )
    )
    again = Desk.enrol(office.url, key=key, user="ann", password=PASSWORD)
    assert again.device_id == desk.device_id
    assert again.post(again.request()).json()["last"] == 1
    assert code_of(trade(desk, desk.refresh)) == (401, "token_invalid")
    other = Desk.enrol(office.url, key=key, user="sam", password=PASSWORD)
    assert other.device_id != desk.device_id


@pytest.mark.parametrize("key", ["", "x", "AAAA", base64.b64encode(b"x" * 31).decode()])
def test_a_key_that_is_none_is_refused(office: Office, key: str) -> None:
    body = {
        "device_name": "d",
        "os": "o",
        "app": "a",
        "public_key": key,
        "user": "ann",
        "password": PASSWORD,
    }
    answer = requests.post(f"{office.url}/v1/enroll", json=body, timeout=30)
    assert code_of(answer) == (400, "bad_request")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic YTpi", "Bearer x", "Bearer " + "x" * 500, "Bearer \u00e9"]
)
def test_without_a_good_token_nothing_is_told(office: Office, header: str) -> None:
    answer = requests.get(
        f"{office.url}/v1/head", headers={"Authorization": header.encode("latin-1")}, timeout=30
    )
    assert code_of(answer) == (401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_password_that_is_easy_to_guess_is_refused(office: Office) -> None:
    refused: Callable[[str], object] = lambda word: accounts.set_password(office.store, "ann", word)  # noqa: E731
    for word in ("short", "password123", "aaaaaaaaaaaa"):
        with pytest.raises(Exception, match="password"):
            refused(word)
