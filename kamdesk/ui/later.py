"""Reconciliation as the window sees it before the store is open: nothing known yet, what is asked is kept."""

from __future__ import annotations

from collections.abc import Callable

from kamdesk.domain.connection import Connection, Farewell, SignIn, Status


class LaterConnection:
    """Stands for a `Connection` that `arrive` brings; then it is that one. Lives in the GUI thread."""

    def __init__(self) -> None:
        self._real: Connection | None = None
        self._listeners: list[Callable[[Status], None]] = []
        self._ends: dict[Callable[[Status], None], Callable[[], None]] = {}
        self._asked = False

    def arrive(self, real: Connection) -> None:
        """Hand over what was asked, and tell everybody how things are."""
        self._real = real
        for listener in self._listeners:
            self._ends[listener] = real.watch(listener)
            listener(real.status())
        if self._asked:
            real.reconcile_now()

    def status(self) -> Status:
        """Return the latest status from memory."""
        return self._real.status() if self._real is not None else Status()

    def watch(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Call `listener` at every change, now or once there is one; returns what ends it."""
        self._listeners.append(listener)
        if self._real is not None:
            self._ends[listener] = self._real.watch(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)
            self._ends.pop(listener, lambda: None)()

        return end

    def reconcile_now(self) -> None:
        """Try at once, or as soon as there is a store to reconcile."""
        if self._real is not None:
            self._real.reconcile_now()
        self._asked = True

    def woke(self) -> None:
        """Begin again after sleep; what has not begun yet need not."""
        if self._real is not None:
            self._real.woke()

    def check_now(self) -> None:
        """Compare everything with head office, once there is a store to compare."""
        if self._real is not None:
            self._real.check_now()

    def sign_in(self, sign_in: SignIn) -> None:
        """Introduce this computer again; asked only by a screen that needs an open store."""
        assert self._real is not None, "no store is open"
        self._real.sign_in(sign_in)

    def change_password(self, current: str, new: str) -> None:
        """Choose another password; asked only by a screen that needs an open store."""
        assert self._real is not None, "no store is open"
        self._real.change_password(current, new)

    def replace_price_passphrase(self, sign_in: SignIn, new: str) -> None:
        """Choose another price passphrase; asked only where prices are locked, in an open store."""
        assert self._real is not None, "no store is open"
        self._real.replace_price_passphrase(sign_in, new)

    def set_paused(self, *, paused: bool) -> None:
        """Pause or resume; before the store is open there is nothing to pause."""
        if self._real is not None:
            self._real.set_paused(paused=paused)

    def farewell(self) -> Farewell | None:
        """Return what became of the work here, once head office had the keys deleted."""
        return self._real.farewell() if self._real is not None else None
