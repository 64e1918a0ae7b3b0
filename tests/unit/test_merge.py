"""Field-level merging."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamdesk.db.records import SPECS
from kamdesk.domain.errors import Refused
from kamdesk.domain.merge import combine, difference, merge_patch, overlay, same

CUSTOMER = SPECS["customer"]
VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))
DOCUMENTS = st.fixed_dictionaries(
    {
        "phone": VALUES,
        "email": VALUES,
        "city": VALUES,
        "address": VALUES,
        "tags": st.lists(st.sampled_from("xyz"), unique=True),
    }
)


def test_fields_that_others_did_not_touch_merge():
    merged = merge_patch(
        CUSTOMER, {"phone": "1", "website": "w"}, {"phone": ["1", "2"]}, old_edit=False
    )
    assert merged.document == {"phone": "2", "website": "w"}
    assert not merged.clashes


def test_the_same_field_twice_is_a_clash_and_head_office_keeps_its_own():
    merged = merge_patch(CUSTOMER, {"phone": "3"}, {"phone": ["1", "2"]}, old_edit=False)
    assert merged.document == {"phone": "3"}
    assert merged.clashes["phone"].theirs == "3"


def test_half_an_address_is_never_written():
    merged = merge_patch(
        CUSTOMER,
        {"city": "x", "address": "q"},
        {"city": ["y", "z"], "address": ["q", "w"]},
        old_edit=False,
    )
    assert merged.document == {"city": "x", "address": "q"}
    assert set(merged.clashes) == {"city", "address"}


def test_last_writer_wins_keeps_what_was_overwritten_but_an_old_edit_does_not_win():
    merged = merge_patch(CUSTOMER, {"email": "c"}, {"email": ["a", "b"]}, old_edit=False)
    assert merged.document["email"] == "b"
    assert merged.overwritten == {"email": "c"}
    old = merge_patch(CUSTOMER, {"email": "c"}, {"email": ["a", "b"]}, old_edit=True)
    assert old.document["email"] == "c"
    assert "email" in old.clashes


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"status": [None, "archived"]}, "readonly"),
        ({"nonsense": [None, 1]}, "unknown_field"),
        ({"phone": [None]}, "bad_value"),
        ({"phone": [None, 5]}, "bad_value"),
        ({"name": ["a", ""]}, "required"),
        ({"name": ["a", "n" * 201]}, "too_long"),
        ({"segment": [None, "Z"]}, "bad_value"),
    ],
)
def test_a_patch_that_is_not_allowed_says_why(patch, code):
    with pytest.raises(Refused) as caught:
        merge_patch(CUSTOMER, {"name": "a"}, patch, old_edit=False)
    assert caught.value.code == code


def alike(left, right):
    return all(
        sorted(left.get(name) or []) == sorted(right.get(name) or [])
        if name == "tags"
        else same(left.get(name), right.get(name))
        for name in {*left, *right}
    )


@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_leads_from_one_to_the_other(before, after):
    assert alike(overlay(CUSTOMER, before, difference(CUSTOMER, before, after)), after)


@given(DOCUMENTS, DOCUMENTS)
def test_merging_twice_is_merging_once(before, after):
    patch = difference(CUSTOMER, before, after)
    once = merge_patch(CUSTOMER, before, patch, old_edit=False).document
    assert merge_patch(CUSTOMER, once, patch, old_edit=False).document == once


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_two_patches_folded_are_one_patch(first, second, third):
    folded = combine(
        CUSTOMER, difference(CUSTOMER, first, second), difference(CUSTOMER, second, third)
    )
    assert alike(overlay(CUSTOMER, first, folded), third)


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_a_field_somebody_else_changed_is_never_overwritten_unseen(before, mine, theirs):
    merged = merge_patch(CUSTOMER, theirs, difference(CUSTOMER, before, mine), old_edit=False)
    for name in ("phone", "city", "address"):
        if not same(before[name], theirs[name]) and not same(mine[name], theirs[name]):
            assert same(merged.document.get(name), theirs[name])
