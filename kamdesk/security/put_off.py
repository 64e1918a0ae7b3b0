"""Modules that others import at their head and hardly ever use are read when they are used.

`importlib.util.LazyLoader` does not do: an `import` of what it put off looks at `__spec__`, which loads it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@contextmanager
def put_off(*names: str, called: Collection[str] = ()) -> Iterator[None]:
    """Let `names`, as far as nobody imported them, be loaded by whoever uses what he imports in here.

    Functions that are `called` may be taken out of them before. Outside, each `import` of them gives the module
    itself. One thread at a time.
    """
    waiting = {
        name: _Waiting(name, called)
        for name in names
        if name not in sys.modules and find_spec(name)
    }
    sys.modules.update(waiting)
    for name, module in waiting.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    try:
        yield
    finally:
        for module in waiting.values():
            module.make_way()


class _Waiting(ModuleType):
    """Stands for a module until something of it is asked for, or one of the functions `called` is called."""

    def __init__(self, name: str, called: Collection[str]) -> None:
        super().__init__(name)
        self._called = frozenset(called)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._called:
            return lambda *given, **named: self._of_module(name)(*given, **named)
        return self._of_module(name)

    def _of_module(self, name: str) -> Any:
        self.make_way()
        return getattr(import_module(self.__name__), name)

    def make_way(self) -> None:
        """Let the next import find the module itself."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
