"""What head office knows of who wrote a field, and tells him whose value another replaced, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from kamdesk.domain.ids import new_id
from kamdesk.headoffice import notices
from kamdesk.headoffice.sql import text
from tests.headoffice.conftest import Office
from tests.headoffice.desk import Desk


def two(office: Office) -> tuple[Desk, Desk, str]:
    """Give devices of Ann and Kim, who both work on a customer."""
    customer = office.customer("H", email="0", phone="0", grade="0")
    return office.desk().reconcile(), office.desk("kim").reconcile(), customer


def told(desk: Desk, after: int = 0, **asked: Any) -> dict[str, Any]:
    """Ask for notices past a commit."""
    answer = desk.post(desk.request(noticed=after, **asked))
    assert answer.status_code == 200, answer.text
    return answer.json()


def overwrite(ann: Desk, kim: Desk, customer: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Let Kim overwrite an address of Ann's unseen."""
    ann.push(ann.group(ann.patch("customer", customer, email=["0", "a"])))
    return kim.push(kim.group(kim.patch("customer", customer, email=["0", "k"]), *more))


def test_the_author_of_what_is_overwritten_is_told_once_and_it_is_settled_for_all(
    office: Office,
) -> None:
    ann, kim, customer = two(office)
    (verdict,) = overwrite(ann, kim, customer)
    assert verdict["overwritten"] == {"email": "a"}
    assert verdict["by"]["email"][0] == "Ann"
    answer = told(ann)
    (notice,) = answer["notices"]
    assert (notice["k"], notice["row"], notice["by"]) == ("customer", customer, "Kim")
    values = notice["fields"]["email"]
    assert (values["old"], values["mine"], values["theirs"]) == ("0", "a", "k")
    assert answer["noticed"] == answer["head"][0]
    assert "notices" not in told(ann, answer["noticed"])
    assert "notices" not in told(kim)
    # Only whose it is settles it
    told(kim, settled=[notice["id"]])
    assert "settled" not in told(ann)["notices"][0]
    answer = told(ann, answer["noticed"], settled=[notice["id"]])
    assert [(one["id"], one["settled"]) for one in answer["notices"]] == [(notice["id"], True)]
    head = office.store.head()
    told(ann, head, settled=[notice["id"]])
    assert office.store.head() == head


def test_a_notice_of_what_is_refused_is_not_kept(office: Office) -> None:
    ann, kim, customer = two(office)
    verdicts = overwrite(ann, kim, customer, kim.patch("customer", new_id(), phone=["0", "1"]))
    assert {one["st"] for one in verdicts} == {"rejected"}
    assert "notices" not in told(ann)


@pytest.mark.parametrize("named", [["phone"], ["grade"], "phone", [7], {}])
def test_who_keeps_his_own_says_so_and_the_other_is_told(office: Office, named: object) -> None:
    ann, kim, customer = two(office)
    ann.push(ann.group(ann.patch("customer", customer, phone=["0", "a"])))
    op = {**kim.patch("customer", customer, phone=["a", "k"]), "args": {"settles": named}}
    kim.push(kim.group(op))
    assert ("notices" in told(ann)) is (named == ["phone"])


def test_whose_fields_are_is_kept_through_other_changes(office: Office) -> None:
    ann, kim, customer = two(office)
    ann.push(ann.group(ann.patch("customer", customer, phone=["0", "a"])))
    before = office.store.head()
    office.edit("customer", customer, grade="9")
    for n in range(3):
        kim.reconcile()
        kim.push(
            kim.group(kim.patch("customer", customer, website=[str(n - 1) if n else None, str(n)]))
        )
    fields = ["phone", "grade", "website", "email"]
    answer = told(kim, disputed=[["customer", customer, fields]])
    (written,) = answer["written"]
    who = {name: (one[1], bool(one[2])) for name, one in written["fields"].items()}
    assert who == {
        "phone": ("Ann", True), "grade": ("", True), "website": ("Kim", True), "email": ("", True),
    }  # fmt: skip
    (since,) = told(kim, before, disputed=[["customer", customer, fields]])["written"]
    assert set(since["fields"]) == {"grade", "website"}
    # Of what he does not work on, nobody is told
    sam = office.desk("sam").reconcile()
    assert "written" not in told(sam, disputed=[["customer", customer, fields]])


def test_a_record_that_head_office_alone_writes_keeps_no_authors(office: Office) -> None:
    customer = office.customer("H")
    office.edit("customer", customer, grade="1")
    with office.store.read() as connection:
        kept = connection.execute(
            text("SELECT written FROM sync_row WHERE id = :id"), {"id": customer}
        )
        assert kept.scalar() is None


@pytest.mark.parametrize(
    "asked",
    [
        {"noticed": -2}, {"noticed": 1 << 60}, {"settled": ["x'"]}, {"settled": ["1"] * 201},
        {"disputed": [["customer", "nobody", []]]},
        {"disputed": [["customer", new_id(), ["a"] * 101]]},
    ],
)  # fmt: skip
def test_what_no_device_can_have_said_is_refused(office: Office, asked: dict[str, Any]) -> None:
    ann = office.desk().reconcile()
    assert ann.post(ann.request(**asked)).status_code == 400


def test_many_are_told_in_parts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "MOST", 2)
    customers = [office.customer(f"H{n}", email="0") for n in range(5)]
    ann, kim = office.desk().reconcile(), office.desk("kim").reconcile()
    for desk, value in ((ann, "a"), (kim, "k")):
        for one in customers[:2]:
            desk.push(desk.group(desk.patch("customer", one, email=["0", value])))
        desk.push(
            *(desk.group(desk.patch("customer", one, email=["0", value])) for one in customers[2:])
        )
    found, after = [], 0
    while (answer := told(ann, after))["noticed"] > after:
        found += [one["row"] for one in answer.get("notices", [])]
        after = answer["noticed"]
    assert sorted(found) == sorted(customers)
