"""Prices at head office: for whom they are, and how they lie in its database."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.headoffice import accounts, letters, sealkey, upkeep, verdicts
from kamdesk.headoffice.store import Store
from tests.headoffice.conftest import PASSWORD, Office
from tests.headoffice.desk import Desk, enrol

NET, LIST, FLOOR = "739148357.2613", "918273645.5467", "281474976.7106"
PRICE, FLOOR_KIND = "contract_line_price", "contract_line_floor"


def _contract(office: Office, desk: Desk, customer: str, **prices: Any) -> str:
    """Draft a contract with one priced line on a device, and return the id of the line."""
    desk.reconcile()
    contract, line = new_id(), new_id()
    head = {
        "customer_id": customer, "owner_id": desk.user_id, "title": "Insulin 2027", "type": "sales",
        "state": "draft", "starts_on": "2027-01-01", "ends_on": "2027-12-31",
    }  # fmt: skip
    results = desk.push(
        desk.group(
            desk.create("contract", head, contract),
            desk.create(
                "contract_line",
                {
                    "contract_id": contract,
                    "customer_id": customer,
                    "product_id": new_id(),
                    "volume": 10,
                },
                line,
            ),
            *([_priced(desk, line, customer, **prices)] if prices else []),
        )
    )
    assert {one["st"] for one in results} == {"applied"}, results
    return line


def _priced(desk: Desk, line: str, customer: str, **prices: Any) -> dict[str, Any]:
    return desk.create(PRICE, {"line_id": line, "customer_id": customer, **prices}, line)


def _user(office: Office, login: str, role: str, *places: str) -> Desk:
    accounts.add_user(
        office.store, login=login, name=login, role=role, password=PASSWORD, territories=places
    )
    desk = office.desk(login)
    desk.has_prices = True
    return desk


@pytest.fixture
def kim(office: Office) -> Desk:
    desk = office.desk("kim")
    desk.has_prices = True
    return desk


def test_a_price_reaches_another_device_of_a_role_that_may_have_it(
    office: Office, kim: Desk
) -> None:
    line = _contract(
        office, kim, office.customer("Huashan"), net_price=f"{NET} CNY", rebate="12.5 PCT"
    )
    other = office.desk("kim")
    other.has_prices = True
    document = other.reconcile().document(PRICE, line)
    assert (document["net_price"], document["rebate"]) == (f"{NET} CNY", "12.5 PCT")
    assert document["list_price"] is None


@pytest.mark.parametrize(
    ("role", "sees_price", "sees_floor"),
    [("REP", 0, 0), ("KAM", 1, 0), ("RM", 1, 1), ("PRC", 1, 1), ("LEG", 1, 0), ("FIN", 1, 0), ("QA", 0, 0),
     ("GM", 1, 1), ("ADM", 0, 0)],
)  # fmt: skip
def test_h51_who_has_no_right_to_prices_is_told_of_none(
    office: Office, kim: Desk, role: str, sees_price: int, sees_floor: int
) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price=f"{NET} CNY")
    office.edit(FLOOR_KIND, line, line_id=line, customer_id=customer, floor_price=f"{FLOOR} CNY")
    desk = _user(
        office, "max", role, *([office.north] if role in {"REP", "KAM", "RM", "QA"} else [])
    )
    body = desk.post(desk.request()).text
    desk.reconcile()
    assert len(desk.of_kind(PRICE)) == sees_price
    assert len(desk.of_kind(FLOOR_KIND)) == sees_floor
    # Absence, not masking: neither the record nor the name of its bucket
    assert (f"price:{customer}" in desk.scope) == bool(sees_price)
    assert ("price:" in body) == bool(sees_price)


@pytest.mark.parametrize("role", ["KAM", "RM"])
def test_prices_end_at_the_territory(office: Office, kim: Desk, role: str) -> None:
    customer = office.customer("Huashan", office.south)
    line = _contract(office, kim, customer, net_price=f"{NET} CNY")
    desk = _user(office, "max", role, office.north).reconcile()
    assert desk.of_kind(PRICE) == {}
    [result] = desk.push(desk.group(desk.patch(PRICE, line, net_price=[f"{NET} CNY", "1 CNY"])))
    assert (result["st"], result["code"]) == ("rejected", "out_of_scope")
    assert "row" not in result


def test_a_device_with_locked_prices_is_sent_none_and_catches_up(office: Office, kim: Desk) -> None:
    customer = office.customer("Huashan")
    other = office.desk("kim").reconcile()
    line = _contract(office, kim, customer, net_price=f"{NET} CNY")
    assert NET not in other.post(other.request()).text
    other.reconcile()
    assert other.of_kind(PRICE) == {}
    assert "contract_line" in {kind for kind, _ in other.rows}
    kim.reconcile()
    kim.push(kim.group(kim.patch(PRICE, line, net_price=[f"{NET} CNY", "7 CNY"])))
    office.customer("Mary")
    other.reconcile()
    other.has_prices = True
    assert other.reconcile().document(PRICE, line)["net_price"] == "7 CNY"
    other.has_prices = False
    other.reconcile()
    kim.reconcile()
    kim.push(kim.group(kim.patch(PRICE, line, net_price=["7 CNY", "8 CNY"])))
    other.reconcile()
    assert other.document(PRICE, line)["net_price"] == "7 CNY"
    other.has_prices = True
    assert other.reconcile().document(PRICE, line)["net_price"] == "8 CNY"


def test_a_bug_that_quotes_a_price_leaves_none_in_the_database(
    office: Office, kim: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price="5 CNY")

    def bug(_session: Any, _spec: Any, op: Any) -> None:
        raise ValueError(op.f["net_price"][-1])

    with monkeypatch.context() as patched:
        patched.setitem(verdicts._DECIDERS, "patch", bug)
        [told] = kim.push(kim.group(kim.patch(PRICE, line, net_price=["5 CNY", f"{NET} CNY"])))
    with office.store.read() as connection:
        body, error = connection.execute(text("SELECT body, error FROM sync_deadletter")).one()
    assert NET not in body + error
    assert letters.redo(office.store, told["params"]["incident"]) == "applied"
    assert kim.reconcile().document(PRICE, line)["net_price"] == f"{NET} CNY"


@pytest.mark.parametrize("damaged", ["\u4e2d", "AAAA", ""])
def test_a_damaged_price_is_left_out_and_the_others_arrive(
    office: Office, kim: Desk, damaged: str
) -> None:
    if office.store.path is None:
        pytest.skip("the gate of PostgreSQL is another one")
    customer = office.customer("Huashan")
    lines = [_contract(office, kim, customer, net_price=f"{n} CNY") for n in (5, 6)]
    with office.store.engine.begin() as connection:
        data = connection.execute(
            text("SELECT data FROM sync_row WHERE id = :id AND data LIKE :sealed"),
            {"id": lines[0], "sealed": "%S0QB%"},
        ).scalar_one()
        values = [damaged if str(one).startswith("S0QB") else one for one in json.loads(data)]
        connection.execute(text("UPDATE commit_gate SET is_open = 1"))
        connection.execute(
            text("UPDATE sync_row SET data = :data WHERE id = :id AND data = :before"),
            {"data": json.dumps(values, ensure_ascii=False), "id": lines[0], "before": data},
        )
        connection.execute(text("UPDATE commit_gate SET is_open = 0"))
    other = office.desk("kim")
    other.has_prices = True
    answer = other.post(other.request())
    other._follow(answer.json()["scope"]["buckets"], 0)
    answer = other.post(other.request())
    assert answer.status_code == 200, answer.text
    assert "6 CNY" in answer.text
    assert any(one.startswith("price:") for one in upkeep.findings(office.store))


def test_h51_a_price_pushed_by_a_role_without_the_right_is_refused_without_a_word(
    office: Office, kim: Desk
) -> None:
    """H51: the same answer whether there is such a record or not."""
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price=f"{NET} CNY")
    ann = office.desk("ann").reconcile()
    answers = []
    for target in (line, new_id()):
        for op in (
            _priced(ann, target, customer, net_price=f"{NET} CNY"),
            ann.patch(PRICE, target, net_price=[None, f"{NET} CNY"]),
            {"k": PRICE, "id": target, "op": "delete"},
        ):
            # Also where another op of the group is refused first, and this one for its sake
            for ops in ([op], [ann.create("task", {}), op]):
                results = ann.push(ann.group(*ops))
                answers.append([{**one, "mid": 0, "params": {}} for one in results])
    assert answers[:6] == answers[6:]
    assert all(one["st"] == "rejected" for results in answers for one in results)
    assert "price" not in json.dumps(answers).replace("not_allowed", "")
    assert NET not in json.dumps(answers)


def test_a_kam_does_not_set_the_floor(office: Office, kim: Desk) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer)
    op = kim.create(
        FLOOR_KIND, {"line_id": line, "customer_id": customer, "floor_price": "1 CNY"}, line
    )
    [result] = kim.push(kim.group(op))
    assert (result["st"], result["code"]) == ("rejected", "not_allowed")


@pytest.mark.parametrize(
    "value",
    ["NaN CNY", "Infinity CNY", "1e5 CNY", "-1 CNY", "1.50 CNY", "1", 1, 1.5, "1 cny", "1 PCT", True,
     "1." + "1" * 13 + " CNY", "1" * 25 + " CNY", ["1 CNY"], {"a": 1}],
)  # fmt: skip
def test_anything_but_an_exact_decimal_is_refused(office: Office, kim: Desk, value: Any) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer)
    [result] = kim.push(kim.group(_priced(kim, line, customer, net_price=value)))
    assert (result["st"], result["code"]) == ("rejected", "bad_value")


def test_prices_are_as_open_as_their_contract(office: Office, kim: Desk) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price="5 CNY")
    kim.reconcile()
    contract = kim.document("contract_line", line)["contract_id"]
    kim.push(kim.group(kim.command("contract", contract, "submit")))
    [result] = kim.push(kim.group(kim.patch(PRICE, line, net_price=["5 CNY", "6 CNY"])))
    assert (result["st"], result["code"]) == ("rejected", "in_review")
    [result] = kim.push(kim.group(_priced(kim, new_id(), customer, net_price="6 CNY")))
    assert result["code"] == "not_found"


def test_money_merges_whole_and_never_silently(office: Office, kim: Desk) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price="5 CNY", list_price="9 CNY")
    other = office.desk("kim")
    other.has_prices = True
    other.reconcile()
    kim.reconcile()
    kim.push(kim.group(kim.patch(PRICE, line, net_price=["5 CNY", "6 CNY"])))
    [result] = other.push(
        other.group(
            other.patch(PRICE, line, net_price=["5 CNY", "7 CNY"], list_price=["9 CNY", "8 CNY"])
        )
    )
    assert result["st"] == "conflict"
    assert set(result["fields"]) == {"net_price", "list_price"}
    assert (result["fields"]["net_price"]["theirs"], result["fields"]["net_price"]["by"]) == (
        "6 CNY",
        "Kim",
    )
    assert other.reconcile().document(PRICE, line)["list_price"] == "9 CNY"


def test_a_held_group_has_no_effect_and_keeps_the_numbers_dense(office: Office, kim: Desk) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price="5 CNY")
    kim.reconcile()
    group = kim.group({"k": PRICE, "id": line, "op": "patch"})
    [result] = kim.push({**group, "held": True})
    assert result["st"] == "held"
    again = kim.group(kim.patch(PRICE, line, net_price=["5 CNY", "6 CNY"]))
    [result] = kim.push({**again, "g": group["g"]})
    assert result["st"] == "applied"


def test_a_held_group_that_had_arrived_gets_its_verdict(office: Office, kim: Desk) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price="5 CNY")
    kim.reconcile()
    group = kim.group(kim.patch(PRICE, line, net_price=["5 CNY", "6 CNY"]))
    before = kim.ack
    assert kim.post(kim.request(group)).status_code == 200
    kim.ack = before
    bare = [{"mid": op["mid"], "k": PRICE, "id": line, "op": "patch"} for op in group["ops"]]
    [result] = kim.push({"g": group["g"], "ops": bare, "held": True})
    assert result["st"] == "applied"


def test_a_changed_role_takes_prices_away_and_brings_them(office: Office, kim: Desk) -> None:
    """H20."""
    line = _contract(office, kim, office.customer("Huashan"), net_price=f"{NET} CNY")
    kim.reconcile()
    assert kim.of_kind(PRICE)
    accounts.set_role(office.store, "kim", "REP")
    accounts.assign(office.store, "kim", [office.north])
    assert kim.reconcile().of_kind(PRICE) == {}
    accounts.set_role(office.store, "kim", "KAM")
    assert line in kim.reconcile().of_kind(PRICE)


# ---- at rest


def _everything(store: Store) -> str:
    """Read every cell of every table."""
    with store.read() as connection:
        schema = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if store.path
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        tables = connection.execute(text(schema)).scalars().all()
        return "".join(
            str(list(connection.execute(text(f"SELECT * FROM {table}")))) for table in tables
        )


def test_no_price_is_in_the_database(
    office: Office, kim: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    customer = office.customer("Huashan")
    line = _contract(office, kim, customer, net_price=f"{NET} CNY", list_price=f"{LIST} CNY")
    office.edit(FLOOR_KIND, line, line_id=line, customer_id=customer, floor_price=f"{FLOOR} CNY")
    kim.reconcile()
    # A conflict and a refusal quote prices in verdicts, and verdicts are kept
    kim.push(kim.group(kim.patch(PRICE, line, net_price=["1 CNY", "2 CNY"])))
    kim.push(kim.group(kim.patch(PRICE, line, rebate=["2 PCT", f"{NET} CNY"])))
    content = _everything(office.store)
    assert "S0QBAQ" in content  # how every envelope begins, in base64
    for price in (NET, LIST, FLOOR):
        for form in (price, price.replace(".", ""), price.split(".")[0]):
            assert form not in content
            assert form not in caplog.text


def test_no_price_is_in_the_files_or_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAMDESK_SEAL_KEY_FILE", raising=False)
    store = Store.open(tmp_path / "office.db", company="Hehe")
    with store.write("office") as writer:
        line = new_id()
        writer.put(
            PRICE, line, {"line_id": line, "customer_id": new_id(), "net_price": f"{NET} CNY"}
        )
    upkeep.back_up(store, tmp_path / "copy.db")
    assert list(upkeep.findings(store)) == []
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert {one.name for one in files} >= {"office.db", "office.db-wal", "copy.db", "office.db.key"}
    for one in files:
        content = one.read_bytes()
        assert NET.encode() not in content
        assert NET.split(".")[0].encode() not in content
    key = tmp_path / "office.db.key"
    assert key.stat().st_mode & 0o077 == 0
    assert key.read_bytes().strip() not in (tmp_path / "copy.db").read_bytes()
    store.close()


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that was made, and closed again."""
    monkeypatch.delenv("KAMDESK_SEAL_KEY_FILE", raising=False)
    Store.open(tmp_path / "office.db", company="Hehe").close()
    return tmp_path / "office.db"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "SEAL_KEY_MISSING"),
        (b"rubbish", "SEAL_KEY_DAMAGED"),
        (base64.b64encode(bytes(31)), "SEAL_KEY_DAMAGED"),
        (base64.b64encode(bytes(32)), "SEAL_KEY_WRONG"),
        ("\xff".encode("latin-1"), "SEAL_KEY_DAMAGED"),
    ],
)
def test_another_key_never_takes_the_place_of_the_right_one(
    sealed: Path, content: bytes | None, code: str
) -> None:
    key = sealed.with_name("office.db.key")
    right = key.read_bytes()
    key.unlink()
    if content is not None:
        key.write_bytes(content)
    with pytest.raises(MachineError) as caught:
        Store.open(sealed)
    assert caught.value.code == code
    assert (key.read_bytes() if content is not None else None) == content
    key.write_bytes(right)
    Store.open(sealed).close()


def test_the_key_may_come_from_the_environment(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sealed.with_name("office.db.key")
    monkeypatch.setenv(sealkey.IN_ENVIRONMENT, key.read_text())
    key.unlink()
    Store.open(sealed).close()
    assert not key.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_doctor_minds_the_key_and_every_price(sealed: Path) -> None:
    store = Store.open(sealed)
    sealed.with_name("office.db.key").chmod(0o644)
    first, second = new_id(), new_id()
    with store.write("office") as writer:
        for line in (first, second):
            writer.put(PRICE, line, {"line_id": line, "customer_id": first, "net_price": "1 CNY"})
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE commit_gate SET is_open = 1"))
        connection.execute(
            text(
                "UPDATE sync_row SET data = (SELECT data FROM sync_row WHERE id = :first) WHERE id = :second"
            ),
            {"first": first, "second": second},
        )
    found = list(upkeep.findings(store))
    assert any("can be read by others" in line for line in found)
    assert [line for line in found if line.startswith("price:")] == [
        f"price: {PRICE} {second} cannot be opened (tampered)"
    ]
    store.close()


def test_postgresql_keeps_its_key_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAMDESK_SEAL_KEY_FILE", raising=False)
    monkeypatch.setattr(sealkey.platformdirs, "user_data_dir", lambda _: str(tmp_path / "data"))
    assert sealkey.place(None, "server") == tmp_path / "data" / "server.key"


def test_head_office_says_how_prices_are_opened(office: Office) -> None:
    def told() -> str:
        answer = enrol(office.url, user="kim", password=PASSWORD).json()
        return str(answer.get("price_unlock", "passphrase"))

    assert told() == "passphrase"
    accounts.set_price_unlock(office.store, "keyring")
    assert told() == "keyring"
