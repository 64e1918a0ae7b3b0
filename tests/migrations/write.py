"""Writes a profile with the program of a version: `python .../write.py FOLDER`, started in a checkout of it.

Everything goes through that program's own services; what it could not do yet is left out. The folders beside
this file, one for each version of the store, were made so, and stay as they are.
"""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from kamdesk.db import open_store, text_index
from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.domain.roles import Actor, Role
from kamdesk.security import keystore
from kamdesk.services.drafts import keep_draft
from kamdesk.services.people import NewPerson
from kamdesk.services.tasks import add_task, finish_task
from kamdesk.services.visits import VisitEntry, plan_visit, report_visit

PASSPHRASE = "correct horse battery"
PRICES = "prices are shut behind this"
KIM = Actor("0192f0c1-0000-7000-8000-000000000001", Role.KAM, "金敏")
HUASHAN = "0192f0c1-0000-7000-8000-00000000000a"
MARY = "0192f0c1-0000-7000-8000-00000000000b"
CHEN = "0192f0c1-0000-7000-8000-00000000000c"
ENTRESTO = "0192f0c1-0000-7000-8000-00000000000d"
VISIT = "0192f0c1-0000-7000-8000-000000000010"
PLANNED = "0192f0c1-0000-7000-8000-000000000011"
DRAFT = "0192f0c1-0000-7000-8000-000000000012"
REQUEST = "0192f0c1-0000-7000-8000-000000000013"
CONTRACT = "0192f0c1-0000-7000-8000-000000000014"
LINE = "0192f0c1-0000-7000-8000-000000000015"
NEWCOMER = "0192f0c1-0000-7000-8000-000000000016"
NET = Decimal("23.5")
HELD = {
    "customer": [
        {"id": HUASHAN, "kind": "hospital", "name": "复旦大学附属华山医院", "initials": "fddxfshsyy",
         "pinyin": "fu dan da xue fu shu hua shan yi yuan", "city": "上海", "phone": "021-52889999",
         "segment": "A", "status": "active"},
        {"id": MARY, "kind": "hospital", "name": "St Mary's Hospital", "initials": "smh", "city": "London",
         "status": "active"},
    ],
    "person": [{"id": CHEN, "customer_id": HUASHAN, "name": "陈静", "title": "主任医师", "status": "active"}],
    "product": [{"id": ENTRESTO, "name": "ENTRESTO", "form": "tablet", "status": "active"}],
    "colleague": [{"id": KIM.user_id, "name": KIM.name, "role": "KAM", "status": "active"}],
}  # fmt: skip


def _held(work):
    """What head office had sent."""
    for kind, records in HELD.items():
        for record in records:
            bucket = (
                "ref"
                if kind in {"product", "colleague"}
                else f"acct:{record.get('customer_id', record['id'])}"
            )
            values = {**record, "_rev": 1, "_b": bucket}
            work.driver.execute(
                f"INSERT INTO {kind}({', '.join(values)}) VALUES({', '.join('?' * len(values))})",
                tuple(values.values()),
            )
        if work.driver.execute(
            "SELECT 1 FROM sqlite_master WHERE name = ?", (f"find_{kind}",)
        ).fetchone():
            text_index.index_ids(work.driver, SPECS[kind], [record["id"] for record in records])
    for bucket in ("ref", f"user:{KIM.user_id}", f"acct:{HUASHAN}", f"acct:{MARY}"):
        work.driver.execute("INSERT INTO sync_bucket(b, state) VALUES(?, 'live')", (bucket,))
    for key, value in (
        ("server", "http://127.0.0.1:1"), ("server_id", "the-office"), ("device_id", "the-laptop"),
        ("user_id", KIM.user_id), ("login", "kim"), ("name", KIM.name), ("role", "KAM"),
        ("company", "Hehe Pharma"), ("cursor", "7"), ("next_mid", "1"),
    ):  # fmt: skip
        work.driver.execute("INSERT INTO sync_state(k, v) VALUES(?, ?)", (key, value))


def _visits(work):
    entry = VisitEntry(
        VISIT, HUASHAN, held_on=date(2026, 11, 23), held_at="10:00", zone="Asia/Shanghai",
        objective="Formulary listing", outcome="他们下周开会", next_step="Send the dossier",
        next_step_due=date(2026, 11, 30), met=(CHEN,), products=(ENTRESTO,),
        new_people=(NewPerson(NEWCOMER, "王芳", "护士长"),),
    )  # fmt: skip
    report_visit(work, entry)
    plan_visit(work, VisitEntry(PLANNED, MARY, held_on=date(2026, 12, 1), objective="First talk"))


def _tasks(work):
    done = add_task(work, title="Book a room", due_on=None)
    finish_task(work, done)
    add_task(work, title="订会议室", due_on=date(2026, 12, 2), customer_id=HUASHAN)


def _request(work):
    from kamdesk.services.promotions import PromotionEntry, draft_request

    draft_request(
        work,
        PromotionEntry(
            REQUEST, HUASHAN, product_id=ENTRESTO, planned_on=date(2027, 1, 15), place="Ward 3",
            audience="20", objective="Cardiology update",
        ),
    )  # fmt: skip


def _contract(work):
    from kamdesk.services.contracts import ContractEntry, LineEntry, draft_contract

    lines = (LineEntry(LINE, ENTRESTO, "28 tabs", 12_000, "box"),)
    entry = ContractEntry(
        CONTRACT, HUASHAN, title="Supply 2027", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31),
        lines=lines,
    )  # fmt: skip
    draft_contract(work, entry)
    if "contract_line_price" in SPECS:
        from kamdesk.domain.prices import LinePrices, Price
        from kamdesk.services.prices import set_prices

        prices = LinePrices(net=Price(NET, "CNY"))
        set_prices(work, line_id=LINE, customer_id=HUASHAN, prices=prices)


def write(folder: Path) -> None:
    """Make a profile and work in it."""
    folder.mkdir(parents=True)
    keys = keystore.create_with_passphrase(folder, "profile", PASSPHRASE)
    store = open_store.create(folder, keys, KIM)
    store.transact(Origin.SYNC, _held)
    if "contract_line_price" in SPECS:
        from kamdesk.security.pricelock import PriceLock

        store.prices = store.cells = PriceLock(keys)  # its name until 0006, and since
        store.prices.open(PRICES)
    done = [_visits, _tasks]
    done += [_request] if "promotion_request" in SPECS else []
    done += [_contract] if "contract_line" in SPECS else []
    for one in done:
        store.transact(Origin.USER, one)
    values = {"customer_id": MARY, "objective": "half-typed"}
    store.transact(
        Origin.USER,
        lambda work: keep_draft(work, DRAFT, form="visit", title="St Mary's", values=values),
    )
    open_store.mark_clean(store)
    store.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
