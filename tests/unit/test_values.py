"""Classes of values behave as those that the standard library makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field, replace

import pytest

from kamdesk.domain import values


@values.dataclass(frozen=True, slots=True)
class Point:
    """A place."""

    x: int
    y: int = 2
    names: list[str] = field(default_factory=list)
    secret: str = field(default="", repr=False, compare=False)

    @property
    def total(self) -> int:
        return self.x + self.y


@values.dataclass(frozen=True)
class Named:
    name: str = "nobody"


@values.dataclass(frozen=True, slots=True)
class Nothing:
    """Holds nothing."""


@values.dataclass(frozen=True, slots=True)
class Careful:
    """Looks at what it is given."""

    x: int

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError(self.x)


def test_values_are_given_by_place_by_name_and_by_default():
    assert (Point(1).x, Point(1).y, Point(1, y=5).total) == (1, 2, 6)
    first, second = Point(1), Point(1)
    first.names.append("one")
    assert second.names == []
    assert Named().name == "nobody"
    for given in ((), (1, 2, [], "", 5)):
        with pytest.raises(TypeError):
            Point(*given)
    with pytest.raises(TypeError):
        Point(1, z=3)


def test_nothing_can_be_set_or_deleted_afterwards():
    for one, name in ((Point(1), "x"), (Named(), "name"), (Point(1), "other")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, name, 3)
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(one, name)
    assert not hasattr(Point(1), "__dict__")


def test_equality_and_hash_are_those_of_the_values_that_count():
    assert Point(1, 2, ["a"], "s") == Point(1, 2, ["a"], "t")
    assert Point(1) != Point(2)
    assert Named("1") != "1"
    assert Nothing() == Nothing()
    assert len({Named("a"), Named("a"), Named("b")}) == 2
    assert hash(Nothing()) == hash(Nothing())


def test_it_shows_what_may_be_shown():
    assert repr(Point(1, secret="key")) == "Point(x=1, y=2, names=[])"


def test_copies_are_equal():
    one = Point(1, 3, ["a"])
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert other == one
        assert other is not one
    assert replace(one, x=9) == Point(9, 3, ["a"])
    assert dataclasses.asdict(one) == {"x": 1, "y": 3, "names": ["a"], "secret": ""}
    assert [each.name for each in dataclasses.fields(one)] == ["x", "y", "names", "secret"]
    match one:
        case Point(x, y):
            assert (x, y) == (1, 3)
        case _:
            pytest.fail("not matched")


def test_a_class_that_looks_at_its_values_does_so():
    with pytest.raises(ValueError, match="-1"):
        Careful(-1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Careful(1).x = 2  # type: ignore[misc]
