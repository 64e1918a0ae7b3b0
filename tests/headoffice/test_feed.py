"""What devices are told: everything that is theirs, nothing else, whatever happens in between."""

from __future__ import annotations

import threading
from datetime import timedelta

import msgspec
import pytest
import requests
from sqlalchemy import event

from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts, upkeep
from kamdesk.sync.protocol import MAX_ROWS, SyncResponse
from tests.headoffice.conftest import PASSWORD, Office


def test_a_first_load_brings_the_territory_and_nothing_else(office: Office) -> None:
    mine = {office.customer(f"N{number}") for number in range(5)}
    office.customer("S", office.south)
    desk = office.desk().reconcile()
    assert set(desk.of_kind("customer")) == mine
    assert {one["name"] for one in desk.of_kind("colleague").values()} == {"Ann", "Kim", "Sam"}


def test_a_manager_gets_the_territories_below_his_own(office: Office) -> None:
    all_of_them = {office.customer("N"), office.customer("S", office.south)}
    assert set(office.desk("kim").reconcile().of_kind("customer")) == all_of_them


def test_a_big_bucket_arrives_in_parts_and_whole(office: Office) -> None:
    customer = office.customer("Big")
    for part in range(6):
        with office.store.write("load") as writer:
            for number in range(40):
                person = {"customer_id": customer, "name": f"{part} {number}"}
                writer.put("person", new_id(), person)
    desk = office.desk()
    desk.limit = 100
    desk.reconcile()
    assert len(desk.of_kind("person")) == 240
    assert desk.requests > 3


def test_many_small_buckets_fill_one_answer(office: Office) -> None:
    for number in range(30):
        office.customer(f"N{number:02}")
    desk = office.desk().reconcile()
    assert desk.requests == 2  # the list of buckets, then all of them


def test_a_commit_larger_than_the_limit_comes_whole(office: Office) -> None:
    customer = office.customer("Big")
    desk = office.desk().reconcile()
    with office.store.write("load") as writer:
        for number in range(250):
            writer.put("person", new_id(), {"customer_id": customer, "name": str(number)})
    office.edit("customer", customer, phone="1")
    desk.limit = 10
    desk.reconcile()
    assert len(desk.of_kind("person")) == 250
    assert desk.document("customer", customer)["phone"] == "1"


def test_customers_to_be_visited_soon_are_loaded_first(office: Office) -> None:
    office.customer("Aaa")
    soon = office.customer("Zzz")
    ann = next(one.id for one in accounts.users(office.store) if one.login == "ann")
    with office.store.write("plan") as writer:
        visit = {"customer_id": soon, "owner_id": ann, "kind": "call", "state": "planned"}
        writer.put("visit", new_id(), {**visit, "held_on": clock.now().date().isoformat()})
    desk = office.desk()
    buckets = desk.post(desk.request()).json()["scope"]["buckets"]
    assert buckets[:3] == ["ref", f"user:{ann}", f"acct:{soon}"]


def test_changes_deletions_and_moves_arrive(office: Office) -> None:
    first, second = office.customer("One"), office.customer("Two", office.south)
    person, gone = new_id(), new_id()
    office.edit("person", person, customer_id=first, name="Li")
    office.edit("person", gone, customer_id=first, name="Wu")
    ann, sam = office.desk().reconcile(), office.desk("sam").reconcile()
    with office.store.write("office") as writer:
        writer.delete("person", gone)
    office.edit("person", person, customer_id=second)
    assert ann.reconcile().of_kind("person") == {}
    assert set(sam.reconcile().of_kind("person")) == {person}


def test_a_customer_that_changes_territory_changes_hands(office: Office) -> None:
    customer = office.customer("One")
    person = new_id()
    office.edit("person", person, customer_id=customer, name="Li")
    ann, sam = office.desk().reconcile(), office.desk("sam").reconcile()
    office.edit("customer", customer, territory_id=office.south)
    assert ann.reconcile().of_kind("customer") == {}
    assert ann.of_kind("person") == {}
    assert set(sam.reconcile().of_kind("customer")) == {customer}
    assert set(sam.of_kind("person")) == {person}
    assert list(upkeep.findings(office.store)) == []


def test_an_assignment_takes_effect_at_the_next_request(office: Office) -> None:
    customer = office.customer("S", office.south)
    ann = office.desk().reconcile()
    accounts.assign(office.store, "ann", ["North", "South"])
    assert set(ann.reconcile().of_kind("customer")) == {customer}
    accounts.assign(office.store, "ann", [])
    assert ann.reconcile().of_kind("customer") == {}


def test_a_bucket_that_is_not_the_users_cannot_be_asked_for(office: Office) -> None:
    foreign = office.customer("S", office.south)
    ann = office.desk().reconcile()
    answer = ann.post(ann.request(loading=[[f"acct:{foreign}", 0, 0]])).json()
    assert "load_pages" not in answer
    assert foreign not in str(answer.get("digest", {}))


def test_a_role_without_the_right_gets_neither_records_nor_their_digest(office: Office) -> None:
    customer = office.customer("One")
    office.edit("person", new_id(), customer_id=customer, name="Li")
    accounts.add_user(
        office.store, login="finn", name="Finn", role="FIN", password=PASSWORD, territories=["Land"]
    )
    desk = office.desk("finn").reconcile()
    assert set(desk.of_kind("customer")) == {customer}
    assert desk.of_kind("person") == {}


def test_an_administrator_reads_no_business_data(office: Office) -> None:
    office.customer("One")
    accounts.add_user(
        office.store, login="adm", name="Adm", role="ADM", password=PASSWORD, territories=["Land"]
    )
    desk = office.desk("adm").reconcile()
    assert {kind for kind, _ in desk.rows} == {"colleague"}


def test_a_row_that_changes_between_two_pages_is_not_missed(office: Office) -> None:
    customer = office.customer("Big")
    people = [new_id() for _ in range(6)]
    for person in people:
        office.edit("person", person, customer_id=customer, name="old")
    desk = office.desk()
    desk.limit = 3
    desk.push()
    desk.push()
    for person in people:
        office.edit("person", person, name="new")
    desk.reconcile()
    assert {one["name"] for one in desk.of_kind("person").values()} == {"new"}
    assert len(desk.of_kind("person")) == len(people)


def test_pages_of_a_hundred_travel_as_columns(office: Office) -> None:
    customer = office.customer("Big")
    with office.store.write("load") as writer:
        for number in range(100):
            writer.put("person", new_id(), {"customer_id": customer, "name": str(number)})
    desk = office.desk()
    desk.push()
    pages = desk.post(desk.request()).json()["load_pages"]
    forms = {page["k"]: ("cols" in page, "rows" in page) for page in pages}
    assert forms["person"] == (True, False)
    assert forms["customer"] == (False, True)


@pytest.mark.parametrize("count", [2, 60])
def test_buckets_that_follow_from_the_records_are_not_told_to_who_knows(
    office: Office, count: int
) -> None:
    customers = [office.customer(f"N{number}") for number in range(count)]
    desk = office.desk().reconcile()
    with office.store.write("load") as writer:
        for at, one in enumerate([*customers, *customers]):
            writer.put("person", new_id(), {"customer_id": one, "name": str(at)})
    plain, brief = (
        msgspec.json.decode(desk.post(desk.request(brief=is_brief)).content, type=SyncResponse)
        for is_brief in (False, True)
    )
    assert plain.delta is not None
    assert brief.delta is not None
    [told], [short] = plain.delta.pages, brief.delta.pages
    assert (told.rule, short.rule) == (None, ("acct", "customer_id"))
    assert [list(row) for row in short.puts()] == [list(row) for row in told.puts()]
    assert len(short.cols or short.rows[0]) < len(told.cols or told.rows[0])
    assert (plain.summary, bool(brief.summary)) == ("", count > 20)


def test_what_is_new_is_found_without_looking_through_the_rest(office: Office) -> None:
    if office.store.path is None:
        pytest.skip("a matter of SQLite's plans")
    customer = office.customer("N")
    desk = office.desk().reconcile()
    asked: list[tuple[str, object]] = []
    event.listen(
        office.store.engine, "before_cursor_execute",
        lambda *told: asked.append((told[2], told[3])),
    )  # fmt: skip
    office.edit("customer", customer, phone="2")
    desk.reconcile()
    plans = []
    with office.store.read() as connection:
        for sql, values in [one for one in asked if "FROM sync_row r" in one[0]]:
            plans += [
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            ]
    assert plans[0].startswith("SEARCH r USING INDEX sync_row_seq")


def test_a_waiting_device_is_woken_by_what_concerns_it(office: Office) -> None:
    customer = office.customer("One")
    ann = office.desk().reconcile()

    def wait(seconds: int) -> requests.Response:
        return requests.get(
            f"{office.url}/v1/head?wait={seconds}&cursor={ann.cursor}",
            headers={"Authorization": f"Bearer {ann.access}"},
            timeout=60,
        )

    assert wait(0).status_code == 204
    answers: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(wait(50)))
    waiting.start()
    office.customer("S", office.south)
    office.edit("customer", customer, phone="1")
    waiting.join(20)
    assert answers[0].json() == {"head": office.store.head()}
    ann.reconcile()
    office.customer("S2", office.south)
    assert wait(0).status_code == 204


def test_an_idle_request_is_small(office: Office) -> None:
    for number in range(20):
        office.customer(f"N{number}")
    desk = office.desk().reconcile()
    answer = desk.post(desk.request())
    assert len(answer.content) < 700


def test_a_limit_is_held_to(office: Office) -> None:
    customer = office.customer("Big")
    for part in range(3):
        with office.store.write("load") as writer:
            for number in range(MAX_ROWS // 2):
                writer.put(
                    "person", new_id(), {"customer_id": customer, "name": f"{part} {number}"}
                )
    desk = office.desk()
    desk.push()
    pages = desk.post(desk.request()).json()["load_pages"]
    assert sum(page["n"] for page in pages) <= MAX_ROWS


@pytest.mark.parametrize("rows", [-5, 0, 10**12])
def test_an_odd_limit_still_gets_everything(office: Office, rows: int) -> None:
    office.customer("One")
    desk = office.desk()
    desk.limit = rows
    assert len(desk.reconcile().of_kind("customer")) == 1


def test_an_expired_access_token_is_told_from_a_wrong_one(office: Office) -> None:
    desk = office.desk()
    later = clock.now() + timedelta(minutes=11)
    with clock.frozen(lambda: later):
        assert desk.post(desk.request()).json()["code"] == "token_expired"
    desk.access = "x" * 43
    assert desk.post(desk.request()).json()["code"] == "token_invalid"
