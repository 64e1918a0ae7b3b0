"""Handing in: every change once, merged by field, refused with a reason, a group whole or not at all."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts, upkeep, verdicts
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.desk import Desk


@pytest.fixture
def customer(office: Office) -> str:
    """A customer in the north."""
    return office.customer("H", phone="1", city="Wuhan", province="Hubei", tags=["a"], email="a@b")


@pytest.fixture
def ann(office: Office, customer: str) -> Desk:
    """A device of the rep, up to date."""
    return office.desk().reconcile()


def visit(desk: Desk, customer: str, **changed: Any) -> dict[str, Any]:
    """Write the op of a completed visit of today."""
    document = {
        "customer_id": customer,
        "owner_id": desk.user_id,
        "kind": "call",
        "state": "completed",
        "held_on": clock.now().date().isoformat(),
        "objective": "o",
        "outcome": "u",
        "next_step": "n",
        "met": ["x"],
        "version": 1,
        **changed,
    }
    return desk.create("visit", document)


def task(desk: Desk, **changed: Any) -> dict[str, Any]:
    """Write the op of a task of one's own."""
    return desk.create(
        "task", {"title": "t", "state": "open", "assignee_id": desk.user_id, **changed}
    )


def test_a_visit_reaches_the_second_device(office: Office, ann: Desk, customer: str) -> None:
    op = visit(ann, customer)
    (verdict,) = ann.push(ann.group(op))
    assert (verdict["st"], verdict["rev"]) == ("applied", 1)
    second = office.desk().reconcile()
    assert second.document("visit", op["id"])["met"] == ["x"]
    assert office.desk("kim").reconcile().document("visit", op["id"])["outcome"] == "u"
    assert list(upkeep.findings(office.store)) == []


def test_the_same_request_again_gives_the_same_verdicts_and_changes_nothing(
    office: Office, ann: Desk, customer: str
) -> None:
    body = ann.request(
        ann.group(visit(ann, customer)),
        ann.group(ann.patch("customer", customer, phone=["1", "2"])),
    )
    first = ann.post(body).json()
    head = office.store.head()
    again = ann.post(body).json()
    assert again["results"] == first["results"]
    assert office.store.head() == head
    assert office.desk().reconcile().rows["customer", customer][0] == 2


def test_copies_of_a_request_at_the_same_time_count_once(office: Office, ann: Desk) -> None:
    body = ann.request(*(ann.group(task(ann)) for _ in range(10)))
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(ann.post(body))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json()["results"] == answers[1].json()["results"]
    with office.store.read() as connection:
        assert (
            connection.execute(text("SELECT COUNT(*) FROM sync_row WHERE kind = 4")).scalar() == 10
        )


def test_a_number_whose_verdict_was_acknowledged_comes_again_only_from_a_copy(
    office: Office, ann: Desk
) -> None:
    group = ann.group(task(ann))
    ann.push(group)
    ann.reconcile()
    with office.store.read() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM sync_result")).scalar() == 0
    ann.next_mid = 1
    for again in (group, ann.group(task(ann))):
        answer = ann.post(ann.request(again))
        assert (answer.status_code, answer.json()["code"]) == (409, "device_cloned")


def test_a_verdict_is_not_pruned_before_its_commit_was_seen(office: Office, ann: Desk) -> None:
    before = ann.seen
    ann.post(ann.request(ann.group(task(ann))))
    ann.post(ann.request(ack=1, seen=before))
    with office.store.read() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM sync_result")).scalar() == 1


def test_different_fields_of_two_people_are_both_kept(
    office: Office, ann: Desk, customer: str
) -> None:
    office.edit("customer", customer, grade="3A")
    (verdict,) = ann.push(ann.group(ann.patch("customer", customer, phone=["1", "2"])))
    assert verdict["st"] == "merged"
    assert verdict["row"]["rev"] == verdict["rev"] == 3
    document = office.desk().reconcile().document("customer", customer)
    assert (document["grade"], document["phone"]) == ("3A", "2")


def test_the_same_field_of_two_people_is_a_conflict_with_both_values(
    office: Office, ann: Desk, customer: str
) -> None:
    kim = office.desk("kim").reconcile()
    kim.push(kim.group(kim.patch("customer", customer, phone=["1", "9"])))
    (verdict,) = ann.push(
        ann.group(ann.patch("customer", customer, phone=["1", "2"], grade=[None, "B"]))
    )
    assert verdict["st"] == "conflict"
    clash = verdict["fields"]["phone"]
    assert (clash["old"], clash["mine"], clash["theirs"], clash["by"]) == ("1", "2", "9", "Kim")
    assert clock.parse_stamp(clash["at"]) <= clock.now()
    document = ann.reconcile().document("customer", customer)
    assert (document["phone"], document["grade"]) == ("9", "B")


def test_an_address_is_taken_whole_or_not_at_all(office: Office, ann: Desk, customer: str) -> None:
    office.edit("customer", customer, city="Shanghai")
    patch = ann.patch(
        "customer", customer, city=["Wuhan", "Beijing"], province=["Hubei", "Beijing"]
    )
    (verdict,) = ann.push(ann.group(patch))
    assert set(verdict["fields"]) == {"city", "province"}
    assert ann.reconcile().document("customer", customer)["province"] == "Hubei"


def test_the_same_change_of_two_people_is_no_change(
    office: Office, ann: Desk, customer: str
) -> None:
    office.edit("customer", customer, phone="2")
    (verdict,) = ann.push(ann.group(ann.patch("customer", customer, phone=["1", "2"])))
    assert (verdict["st"], verdict["rev"]) == ("noop", 2)
    assert verdict["row"]["rev"] == 2


def test_tags_of_two_people_are_united(office: Office, ann: Desk, customer: str) -> None:
    office.edit("customer", customer, tags=["a", "b"])
    ann.push(ann.group(ann.patch("customer", customer, tags=[{"add": ["c"], "del": ["a"]}])))
    assert ann.reconcile().document("customer", customer)["tags"] == ["b", "c"]


def test_the_last_writer_wins_only_while_his_view_is_fresh(
    office: Office, ann: Desk, customer: str
) -> None:
    office.edit("customer", customer, email="new@b")
    old = ann.patch("customer", customer, email=["a@b", "mine@b"])
    later = clock.now() + timedelta(hours=73)
    with clock.frozen(lambda: later):
        with office.store.write("late") as writer:
            writer.connection.execute(
                text("UPDATE access_token SET expires = '9999-01-01T00:00:00.000Z'")
            )
        (verdict,) = ann.push(ann.group(old))
    assert verdict["st"] == "conflict"
    (verdict,) = ann.push(ann.group(ann.patch("customer", customer, email=["a@b", "mine@b"])))
    assert verdict["st"] == "merged"
    assert verdict["overwritten"] == {"email": "new@b"}


def test_several_changes_of_one_record_in_one_request_count_up(ann: Desk, customer: str) -> None:
    op = task(ann)
    ops = [
        op,
        {"k": "task", "id": op["id"], "op": "patch", "base": 1, "f": {"title": ["t", "u"]}},
        {"k": "task", "id": op["id"], "op": "patch", "base": 2, "f": {"title": ["u", "v"]}},
    ]
    verdicts_ = ann.push(ann.group(ops[0]), ann.group(ops[1], ops[2]))
    assert [(one["st"], one["rev"]) for one in verdicts_] == [
        ("applied", 1),
        ("applied", 2),
        ("applied", 3),
    ]
    assert all("row" not in one for one in verdicts_)


def test_one_refused_op_takes_its_group_back_and_no_other(
    office: Office, ann: Desk, customer: str
) -> None:
    good, bad, other = task(ann), task(ann, state="nonsense"), task(ann)
    first, second, third = ann.push(ann.group(good, bad), ann.group(other))
    assert (first["st"], first["code"]) == ("rejected", "group")
    assert (second["st"], second["code"], second["params"]) == (
        "rejected",
        "bad_value",
        {"field": "state"},
    )
    assert third["st"] == "applied"
    assert set(office.desk().reconcile().of_kind("task")) == {other["id"]}
    assert list(upkeep.findings(office.store)) == []


def test_a_bug_in_one_op_is_kept_and_the_queue_moves_on(
    office: Office, ann: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = task(ann, title="boom"), task(ann)
    plain = verdicts._DECIDERS["create"]

    def create(session: Any, spec: Any, op: Any) -> Any:
        if op.id == broken["id"]:
            raise ZeroDivisionError
        return plain(session, spec, op)

    monkeypatch.setitem(verdicts._DECIDERS, "create", create)
    failed, applied = ann.push(ann.group(broken), ann.group(fine))
    assert (failed["st"], applied["st"]) == ("failed", "applied")
    with office.store.read() as connection:
        kept = connection.execute(text("SELECT incident, mid FROM sync_deadletter")).one()
    assert tuple(kept) == (failed["params"]["incident"], 1)


def test_a_bug_at_the_commit_costs_only_its_own_group(
    office: Office, ann: Desk, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kamdesk.headoffice import scopes

    plain = scopes.follow

    def follow(connection: Any, changes: Any, seq: int) -> None:
        if any(row.spec.kind == "visit" for _, row in changes):
            raise ZeroDivisionError
        plain(connection, changes, seq)

    monkeypatch.setattr(scopes, "follow", follow)
    verdicts_ = ann.push(
        ann.group(task(ann)), ann.group(visit(ann, customer)), ann.group(task(ann))
    )
    assert [one["st"] for one in verdicts_] == ["applied", "failed", "applied"]


@pytest.mark.parametrize(
    ("op", "code"),
    [
        ({"k": "nothing", "op": "create", "f": {}}, "unknown_kind"),
        ({"k": "task", "op": "create", "f": {"nope": [None, 1]}}, "unknown_field"),
        ({"k": "task", "op": "create", "f": {"title": ["t"]}}, "bad_value"),
        ({"k": "task", "op": "create", "f": {}}, "required"),
        ({"k": "task", "op": "create", "id": "X", "f": {}}, "bad_value"),
        ({"k": "product", "op": "create", "f": {"name": [None, "A"]}}, "not_allowed"),
        ({"k": "customer", "op": "create", "f": {}}, "required"),
        ({"k": "product", "op": "patch", "f": {"name": ["a", "b"]}}, "not_found"),
        ({"k": "task", "op": "patch", "f": {"title": ["a", "b"]}}, "not_found"),
        ({"k": "task", "op": "create", "sv": 99, "f": {}}, "schema_unsupported"),
        ({"k": "visit", "op": "cmd", "cmd": "fly"}, "not_found"),
        ({"k": "visit", "op": "delete"}, "not_allowed"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_code(
    ann: Desk, op: dict[str, Any], code: str
) -> None:
    (verdict,) = ann.push(ann.group({"id": new_id(), **op}))
    assert (verdict["st"], verdict["code"]) == ("rejected", code)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"territory_id": [None, "x"]}, "readonly"),
        ({"name": ["H", None]}, "required"),
        ({"name": ["H", "x" * 201]}, "too_long"),
        ({"segment": [None, "Z"]}, "bad_value"),
        ({"latitude_e6": [None, 2**60]}, "bad_value"),
        ({"tags": [{"add": [f"t{n}" for n in range(501)]}]}, "too_long"),
    ],
)
def test_a_bad_edit_is_refused_and_changes_nothing(
    ann: Desk, customer: str, fields: dict[str, list[Any]], code: str
) -> None:
    (verdict,) = ann.push(ann.group(ann.patch("customer", customer, **fields)))
    assert (verdict["st"], verdict["code"]) == ("rejected", code)
    assert ann.reconcile().rows["customer", customer][0] == 1


def test_a_record_out_of_scope_is_refused_and_not_shown(
    office: Office, ann: Desk, customer: str
) -> None:
    foreign = office.customer("S", office.south)
    patched, created, given = ann.push(
        ann.group(ann.patch("customer", foreign, phone=[None, "2"])),
        ann.group(visit(ann, foreign)),
        ann.group(task(ann, assignee_id=new_id())),
    )
    for verdict in (patched, created, given):
        assert (verdict["st"], verdict["code"]) == ("rejected", "out_of_scope")
        assert "row" not in verdict


def test_work_for_a_customer_that_changed_hands_is_refused_with_its_text_kept_by_the_device(
    office: Office, ann: Desk, customer: str
) -> None:
    office.edit("customer", customer, territory_id=office.south)
    (verdict,) = ann.push(ann.group(visit(ann, customer)))
    assert verdict["code"] == "out_of_scope"


def test_an_id_that_exists_is_refused_but_to_its_own_author(
    office: Office, ann: Desk, customer: str
) -> None:
    op = visit(ann, customer)
    ann.push(ann.group(op))
    again, changed = ann.push(
        ann.group(op), ann.group({**op, "f": {**op["f"], "outcome": [None, "z"]}})
    )
    assert again["st"] == "noop"
    assert (changed["st"], changed["code"]) == ("rejected", "duplicate")
    kim = office.desk("kim").reconcile()
    (theirs,) = kim.push(kim.group({**op, "f": {**op["f"], "owner_id": [None, kim.user_id]}}))
    assert theirs["code"] == "duplicate"


def test_a_deletion_of_what_nobody_changed_stands(office: Office, ann: Desk) -> None:
    op = task(ann)
    ann.push(ann.group(op))
    ann.reconcile()
    second = office.desk().reconcile()
    delete = {"k": "task", "id": op["id"], "op": "delete", "base": 1}
    (verdict,) = ann.push(ann.group(delete))
    assert (verdict["st"], verdict["rev"]) == ("applied", 2)
    assert second.reconcile().of_kind("task") == {}
    (again,) = second.push(second.group(delete))
    assert again["st"] == "noop"
    (edit,) = second.push(
        second.group(
            {"k": "task", "id": op["id"], "op": "patch", "base": 1, "f": {"title": ["t", "z"]}}
        )
    )
    assert (edit["st"], edit["code"]) == ("rejected", "gone")
    assert edit["row"].get("data") is None


def test_a_deletion_of_what_somebody_changed_is_a_conflict_and_the_record_stays(
    office: Office, ann: Desk
) -> None:
    op = task(ann)
    ann.push(ann.group(op))
    second = office.desk().reconcile()
    second.push(second.group(second.patch("task", op["id"], title=["t", "new"])))
    (verdict,) = ann.push(ann.group({"k": "task", "id": op["id"], "op": "delete", "base": 1}))
    assert verdict["st"] == "conflict"
    assert set(verdict["fields"]) == {"$delete"}
    assert ann.reconcile().document("task", op["id"])["title"] == "new"


def test_commands_move_a_visit_and_refuse_what_its_state_does_not_allow(
    office: Office, ann: Desk, customer: str
) -> None:
    op = visit(ann, customer, state="planned")
    complete = {"k": "visit", "id": op["id"], "op": "cmd", "cmd": "complete", "base": 1}
    submit = {**complete, "cmd": "submit", "base": 2}
    made, done, submitted, again = ann.push(
        ann.group(op, complete), ann.group(submit), ann.group({**submit, "base": 3})
    )
    assert [made["st"], done["st"], submitted["st"]] == ["applied"] * 3
    assert (again["st"], again["code"]) == ("rejected", "illegal_transition")
    assert again["params"] == {"from": "submitted", "cmd": "submit"}
    edit = ann.patch("visit", op["id"], outcome=["u", "z"])
    ann.reconcile()
    (locked,) = ann.push(ann.group(edit))
    assert locked["code"] == "locked"
    kim = office.desk("kim").reconcile()
    (reviewed,) = kim.push(kim.group(kim.command("visit", op["id"], "review")))
    assert reviewed["st"] == "applied"


def test_a_report_after_48_hours_is_marked_late_by_head_offices_clock(
    ann: Desk, customer: str
) -> None:
    today = clock.now().date()
    late = visit(
        ann, customer, held_on=(today - timedelta(days=4)).isoformat(), zone="Asia/Shanghai"
    )
    fresh = visit(
        ann, customer, held_on=(today - timedelta(days=1)).isoformat(), zone="Nowhere/Else"
    )
    ann.push(ann.group(late), ann.group(fresh))
    ann.reconcile()
    assert ann.document("visit", late["id"])["late"] is True
    assert ann.document("visit", fresh["id"])["late"] is None


def test_what_only_head_office_sets_is_not_taken_from_a_device(ann: Desk, customer: str) -> None:
    op = visit(ann, customer, superseded_by=new_id())
    (verdict,) = ann.push(ann.group(op))
    assert verdict["st"] == "applied"
    assert verdict["row"]["rev"] == 1
    assert ann.reconcile().document("visit", op["id"])["superseded_by"] is None


def test_a_gap_in_the_numbers_is_told(ann: Desk) -> None:
    ann.next_mid = 5
    answer = ann.post(ann.request(ann.group(task(ann))))
    assert (answer.status_code, answer.json()["code"]) == (409, "mid_gap")
    assert answer.json()["params"] == {"last": 0}


def test_verdicts_are_told_again_without_those_between_and_new_groups_follow(ann: Desk) -> None:
    first, second, third = (ann.group(task(ann)) for _ in range(3))
    ann.post(ann.request(first, second))
    answer = ann.post(ann.request(first, third))
    assert [one["mid"] for one in answer.json()["results"]] == [1, 3]
    assert [one["st"] for one in answer.json()["results"]] == ["applied", "applied"]


def test_a_gap_between_new_groups_decides_none_of_them(ann: Desk) -> None:
    first, _, third = (ann.group(task(ann)) for _ in range(3))
    answer = ann.post(ann.request(first, third))
    assert (answer.status_code, answer.json()["code"]) == (409, "mid_gap")
    ann.next_mid = 1
    assert [one["st"] for one in ann.push(ann.group(task(ann)))] == ["applied"]


def test_numbers_that_go_back_or_skip_within_a_group_are_refused(ann: Desk) -> None:
    first, second = (ann.group(task(ann), task(ann)) for _ in range(2))
    skipping = {"g": second["g"], "ops": [first["ops"][0], second["ops"][0]]}
    for groups in ((second, first), (skipping,)):
        answer = ann.post(ann.request(*groups))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_another_group_under_a_used_number_is_a_cloned_device(ann: Desk) -> None:
    ann.post(ann.request(ann.group(task(ann))))
    ann.next_mid = 1
    answer = ann.post(ann.request(ann.group(task(ann))))
    assert (answer.status_code, answer.json()["code"]) == (409, "device_cloned")


def test_another_change_or_a_longer_group_under_a_used_number_is_a_cloned_device(ann: Desk) -> None:
    group = ann.group(task(ann))
    ann.post(ann.request(group))
    same = ann.post(ann.request(group))
    assert same.json()["results"][0]["st"] == "applied"
    longer = {"g": group["g"], "ops": [*group["ops"], *ann.group(task(ann))["ops"]]}
    edited = {"g": group["g"], "ops": [{**group["ops"][0], "f": task(ann, title="Later")["f"]}]}
    for other in (longer, edited):
        answer = ann.post(ann.request(other))
        assert (answer.status_code, answer.json()["code"]) == (409, "device_cloned")


def test_a_request_for_another_head_office_is_refused(ann: Desk) -> None:
    answer = ann.post(ann.request(server_id=new_id()))
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_server")


def test_a_newer_desktop_is_told_to_wait(ann: Desk) -> None:
    answer = ann.post(ann.request(schema=99))
    assert (answer.status_code, answer.json()["code"]) == (503, "server_older")


def test_more_than_fifty_groups_are_all_decided(office: Office, ann: Desk) -> None:
    verdicts_ = ann.push(*(ann.group(task(ann)) for _ in range(120)))
    assert [one["mid"] for one in verdicts_] == list(range(1, 121))
    assert {one["st"] for one in verdicts_} == {"applied"}


def test_more_ops_than_a_request_may_carry_are_refused_untouched(ann: Desk) -> None:
    answer = ann.post(ann.request(*(ann.group(task(ann)) for _ in range(501))))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert ann.post(ann.request()).json()["last"] == 0


def test_one_action_is_taken_whole_though_it_is_more_than_a_request_carries(
    office: Office, ann: Desk
) -> None:
    """Were it refused for its size, nothing would ever come past it."""
    told = ann.push(ann.group(*(task(ann) for _ in range(501))))
    assert {one["st"] for one in told} == {"applied"}
    assert len(office.desk().reconcile().of_kind("task")) == 501
    bare = {"k": "task", "id": new_id(), "op": "delete", "base": 0}
    answer = ann.post(ann.request(ann.group(*([bare] * 10_001))))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_request_that_is_refused_for_what_it_discloses_takes_no_change(ann: Desk) -> None:
    group = ann.group(task(ann))
    bad = {"id": new_id(), "what": "copied", "record": "none", "at": ""}
    answer = ann.post(ann.request(group, disclosed=[bad]))
    assert (answer.status_code, answer.json()["params"]) == (400, {"field": "disclosed"})
    ann.next_mid = 1  # none was spent
    [verdict] = ann.push(ann.group(task(ann, title="another")))
    assert verdict["st"] == "applied"


def test_a_role_that_may_not_hold_a_kind_may_not_write_it(office: Office, customer: str) -> None:
    accounts.add_user(
        office.store, login="finn", name="Finn", role="FIN", password=PASSWORD, territories=["Land"]
    )
    finn = office.desk("finn").reconcile()
    (verdict,) = finn.push(
        finn.group(finn.create("person", {"customer_id": customer, "name": "Li"}))
    )
    assert (verdict["st"], verdict["code"]) == ("rejected", "not_allowed")


def test_eight_devices_at_once_lose_nothing(office: Office, customer: str) -> None:
    desks = [office.desk().reconcile() for _ in range(8)]
    created: list[str] = []

    def work(desk: Desk) -> None:
        for number in range(5):
            ops = [visit(desk, customer), task(desk)]
            verdicts_ = desk.push(
                desk.group(*ops),
                desk.group(
                    desk.patch(
                        "customer", customer, tags=[{"add": [f"{desk.device_id[-4:]}{number}"]}]
                    )
                ),
            )
            assert {one["st"] for one in verdicts_} <= {"applied", "merged"}
            created.extend(op["id"] for op in ops)

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    copies = [desk.reconcile().rows for desk in desks]
    assert all(copy == copies[0] for copy in copies)
    assert {one for kind, one in copies[0] if kind in {"visit", "task"}} == set(created)
    assert len(created) == 80
    assert len(desks[0].document("customer", customer)["tags"]) == 41
    assert list(upkeep.findings(office.store)) == []


@pytest.mark.parametrize("half", ["a\ud800", "\udfff"])
def test_h63_half_a_character_is_refused_and_takes_nothing_along(
    office: Office, ann: Desk, half: str
) -> None:
    """JSON can write it, UTF-8 cannot."""
    answer = ann.post(ann.request(ann.group(task(ann, title=half))))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_json")
    ann.next_mid = 1
    (verdict,) = ann.push(ann.group(task(ann)))
    assert verdict["st"] == "applied"


def test_h63_a_zero_character_is_refused_at_its_field_and_stops_no_queue(
    office: Office, ann: Desk
) -> None:
    """PostgreSQL keeps none."""
    first, second = ann.push(ann.group(task(ann, title="a\x00b")), ann.group(task(ann)))
    assert (first["code"], first["params"]) == ("bad_value", {"field": "title"})
    assert second["st"] == "applied"
