"""`dataclass` as the standard library makes it, in a fraction of the time, for the classes that hold values.

Up to Python 3.12 each method of a data class is source that is compiled on its own when the class is made: six for a
frozen one, and a start makes more than a hundred. Here five are shared or closures, and `__init__` is compiled when the
first object is made. Type checkers see the one of the standard library. What it saves: docs/decisions/0024.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool = False) -> Callable[[type], type]:
        """Make a class of values; as `dataclasses.dataclass`, which makes what is not plain and frozen."""

        def make(cls: type) -> type:
            if not frozen or _is_special(cls):
                return dataclasses.dataclass(frozen=frozen, slots=slots)(cls)
            return _frozen(cls, slots=slots)

        return make


__all__ = ["dataclass"]

_ASKED = object()
"""Stands for a default that is made anew for each object."""


def _is_special(cls: type) -> bool:
    """Say whether a class has more to it than fields with defaults."""
    own = cls.__dict__
    fields = (own.get(name) for name in own.get("__annotations__", ()))
    return (
        any(dataclasses.is_dataclass(base) for base in cls.__mro__[1:])
        or hasattr(cls, "__post_init__")
        or any(isinstance(one, Field) and (not one.init or one.kw_only is True) for one in fields)
    )


def _frozen(cls: type, *, slots: bool) -> type:
    own = cls.__dict__
    if own.get("__doc__") is None:
        cls.__doc__ = cls.__name__  # or its signature is found out for it
    makes_equal = "__eq__" not in own
    makes_hash = makes_equal and "__hash__" not in own
    makes_words = "__repr__" not in own
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
    made.__dataclass_params__.frozen = True
    fields = dataclasses.fields(made)
    content = _getter([one.name for one in fields if one.compare])
    made.__setattr__, made.__delattr__ = _refuse_setting, _refuse_deleting
    made.__init__ = _init_at_first_use(made, fields)
    if makes_words:
        made.__repr__ = _repr
    if makes_equal:
        made.__eq__ = _equal(content)
    if makes_hash:
        hashed = [one.name for one in fields if (one.compare if one.hash is None else one.hash)]
        made.__hash__ = _hash(_getter(hashed))
    if slots:
        made.__getstate__, made.__setstate__ = _state, _take_state
    return made  # type: ignore[no-any-return]  # made of any class


def _getter(names: list[str]) -> Callable[[Any], Any]:
    if not names:
        return lambda _: ()
    return attrgetter(*names)


def _refuse_setting(self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r} of {type(self).__name__}")


def _refuse_deleting(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r} of {type(self).__name__}")


def _repr(self: Any) -> str:
    shown = (one.name for one in dataclasses.fields(self) if one.repr)
    parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({parts})"


def _equal(content: Callable[[Any], Any]) -> Callable[[Any, object], bool]:
    def __eq__(self: Any, other: object) -> bool:  # noqa: N807  # what it becomes
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(content(self) == content(other))

    return __eq__


def _hash(content: Callable[[Any], Any]) -> Callable[[Any], int]:
    return lambda self: hash(content(self))


def _state(self: Any) -> list[Any]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _take_state(self: Any, state: list[Any]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)


def _init_at_first_use(cls: Any, fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807  # what it becomes
        cls.__init__ = init = _init(cls, fields)
        init(self, *given, **named)

    return __init__


def _init(cls: type, fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Compile `__init__` of a frozen class: it puts each value past the refusal."""
    known: dict[str, Any] = {"_put": object.__setattr__, "_asked": _ASKED}
    taken, lines = ["self"], []
    for one in fields:
        name, value = one.name, one.name
        if one.default_factory is not MISSING:
            known[f"_make_{name}"] = one.default_factory
            taken.append(f"{name}=_asked")
            value = f"_make_{name}() if {name} is _asked else {name}"
        elif one.default is not MISSING:
            known[f"_default_{name}"] = one.default
            taken.append(f"{name}=_default_{name}")
        else:
            taken.append(name)
        lines.append(f" _put(self, {name!r}, {value})")
    source = f"def __init__({', '.join(taken)}):\n" + "\n".join(lines or [" pass"])
    exec(source, known)  # noqa: S102  # as the standard library does; the names are those of fields
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init
