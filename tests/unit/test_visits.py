"""Visits from the form to the outbox, and what the pages show of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamdesk.db import text_index
from kamdesk.db.queries import customers as customer_queries
from kamdesk.db.queries import today as today_queries
from kamdesk.db.queries import visits as visit_queries
from kamdesk.db.queries import waiting as waiting_queries
from kamdesk.db.queries.customers import CustomerFilter
from kamdesk.db.records import Customer
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import Refused, UserError
from kamdesk.domain.ids import new_id
from kamdesk.services import drafts, visits
from kamdesk.services.people import NewPerson
from kamdesk.services.visits import VisitEntry

HUASHAN = "0192f0c1-0000-7000-8000-00000000000a"
ME = "0192f0c1-0000-7000-8000-000000000001"


def entry(**values):
    whole = {
        "customer_id": HUASHAN,
        "held_on": clock.today(),
        "objective": "进院讨论",
        "outcome": "支持",
        "next_step": "周四前送摘要",
        "next_step_due": clock.today() + timedelta(days=2),
    }
    return VisitEntry(new_id(), **{**whole, **values})


def do(store, service, *arguments, **named):
    return store.transact(Origin.USER, lambda work: service(work, *arguments, **named)).value


def whole(store, visit_id):
    return store.read(lambda reader: visit_queries.visit_whole(reader, visit_id))


def test_a_reported_visit_makes_its_person_and_its_task(store):
    visit = do(store, visits.report_visit, entry(new_people=(NewPerson("陈昊", "心内科", "主任"),)))
    page = store.read(
        lambda reader: customer_queries.customer_page(reader, HUASHAN, today=clock.today())
    )
    assert [person.name for person in page.people] == ["陈昊"]
    assert page.last_visit == clock.today()
    assert [one.text for one in whole(store, visit).met] == ["陈昊"]
    agenda = store.read(
        lambda reader: today_queries.agenda(reader, user_id=ME, today=clock.today())
    )
    assert [task.title for task in agenda.tasks] == ["周四前送摘要"]
    assert {row.kind for row in store.read(lambda reader: waiting_queries.waiting_of(reader, HUASHAN))} == {
        "visit", "person", "task"
    }  # fmt: skip


@pytest.mark.parametrize("field", ["objective", "outcome", "next_step"])
def test_a_report_without_a_required_field_is_refused_at_that_field(store, field):
    with pytest.raises(UserError) as caught:
        do(store, visits.report_visit, entry(**{field: " "}))
    assert caught.value.field == field


def test_a_report_of_tomorrow_is_refused(store):
    with pytest.raises(UserError) as caught:
        do(store, visits.report_visit, entry(held_on=clock.today() + timedelta(days=2)))
    assert caught.value.field == "held_on"


def test_a_text_that_is_too_long_says_how_long_it_may_be(store):
    with pytest.raises(UserError, match="2000"):
        do(store, visits.report_visit, entry(objective="长" * 2001))


def test_the_same_save_twice_is_one_visit(store):
    same = entry()
    assert do(store, visits.report_visit, same) == do(store, visits.report_visit, same)
    assert store.read(lambda reader: reader.value("SELECT count(*) FROM task")) == 1


def test_a_planned_visit_is_completed_by_its_report(store):
    planned = entry(objective="", outcome="", next_step="")
    visit = do(store, visits.plan_visit, planned)
    assert whole(store, visit).row.state == "planned"
    report = VisitEntry(
        visit, HUASHAN, held_on=clock.today(), objective="a", outcome="b", next_step="c"
    )
    do(store, visits.report_visit, report)
    assert whole(store, visit).row.state == "completed"


def test_could_not_see_them_keeps_the_reason_and_plans_anew(store):
    visit = do(store, visits.plan_visit, entry())
    again = do(
        store,
        visits.miss_visit,
        visit,
        reason="门诊",
        again=entry(held_on=clock.today() + timedelta(days=3)),
    )
    assert whole(store, visit).row.state == "missed"
    assert whole(store, visit).reason == "门诊"
    assert whole(store, again).row.state == "planned"


def test_an_amended_report_keeps_its_old_version(store):
    visit = do(store, visits.report_visit, entry())
    amended = do(store, visits.amend_visit, visit, entry(outcome="不支持"), reason="听错了")
    assert whole(store, amended).row.version == 2
    assert [one.outcome for one in whole(store, amended).versions] == ["支持"]
    assert whole(store, visit).row.state == "amended"
    assert whole(store, visit).superseded_by == amended


def test_a_word_of_a_report_is_found_however_it_is_written(store):
    visit = do(store, visits.report_visit, entry(outcome="Listed at the Formulary meeting"))
    do(store, visits.report_visit, entry())
    wanted = visit_queries.VisitFilter(typed="formulary")
    rows = store.read(lambda reader: visit_queries.list_visits(reader, wanted, offset=0, limit=10))
    assert [row.id for row in rows] == [visit]
    assert store.read(lambda reader: visit_queries.count_visits(reader, wanted)) == {"completed": 1}


def test_a_submitted_report_cannot_be_submitted_again(store):
    visit = do(store, visits.report_visit, entry())
    do(store, visits.submit_visit, visit)
    with pytest.raises(Refused):
        do(store, visits.submit_visit, visit)


def test_a_draft_goes_in_the_transaction_that_saves_it(store):
    typed = entry()
    do(store, drafts.keep_draft, typed.id, form="visit", title="华山", values={"objective": "进"})
    assert [one.title for one in store.read(today_queries.drafts)] == ["华山"]
    with pytest.raises(UserError):
        do(store, visits.report_visit, VisitEntry(typed.id, HUASHAN))
    assert len(store.read(today_queries.drafts)) == 1
    do(store, visits.report_visit, typed)
    assert store.read(today_queries.drafts) == []


def found(store, typed):
    return store.read(
        lambda reader: customer_queries.list_customers(
            reader, CustomerFilter(typed), offset=0, limit=5
        )
    )


@pytest.mark.parametrize(
    "typed", ["华山", "山医", "huashan", "fudan", "hsyy", "fddx", "上海", "复旦 上海"]
)
def test_a_chinese_hospital_is_found_by(store, typed):
    rows = found(store, typed)
    assert [row.id for row in rows] == [HUASHAN]


@pytest.mark.parametrize("typed", ["mary", "St Mary", "Lond", "smh", "hosp"])
def test_an_english_hospital_is_found_by(store, typed):
    rows = found(store, typed)
    assert [row.name for row in rows] == ["St Mary's Hospital"]


@pytest.mark.parametrize("typed", ["", "  "])
def test_nothing_typed_shows_all_by_name(store, typed):
    rows = found(store, typed)
    assert len(rows) == 2


@pytest.mark.parametrize("typed", ['"', "*", "华山 OR", "a' OR 1=1 --", "zzqq", "(" * 50])
def test_any_typing_is_answered(store, typed):
    found(store, typed)


def test_what_an_older_program_indexed_as_it_was_typed_is_found_after_an_update(store):
    def older(work):
        work.driver.execute("UPDATE customer SET name = 'ＡＢＣ医院' WHERE id = ?", (HUASHAN,))
        work.driver.execute(
            "INSERT OR REPLACE INTO find_customer(rowid, text, pinyin, initials)"
            " SELECT _n, 'ＡＢＣ 医 院', '', '' FROM customer WHERE id = ?",
            (HUASHAN,),
        )

    store.transact(Origin.SYNC, older)
    assert found(store, "abc") == []
    store.transact(Origin.SYNC, lambda work: text_index.compose(work.driver, Customer.spec()))
    assert [row.id for row in found(store, "abc")] == [HUASHAN]


def test_while_the_index_is_built_the_table_is_read(store):
    store.transact(
        Origin.SYNC,
        lambda work: work.driver.execute("INSERT INTO meta VALUES('index:customer', 'building')"),
    )
    found = store.read(lambda reader: customer_queries.find_customers(reader, "huashan"))
    assert [one.id for one in found] == [HUASHAN]
