"""Notices that the connection costs by volume: then attachments wait, and records go on.

Linux: NetworkManager says so on the system's message bus. It is asked on a work thread, for a bus may be slow to
answer; Qt's own plugin asks it in the GUI thread. Elsewhere Qt knows (`QNetworkInformation`; on macOS nobody tells).
A `Source` for another system is all that has to be added for it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import SLOT, QObject, Qt, Signal, Slot

_log = logging.getLogger(__name__)
MANAGER, PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
_COSTS = frozenset({1, 3})
"""NetworkManager's words for yes and for a good guess that it is so."""
_ANSWER_MS = 3000


class Metered(QObject):
    """Emits `told` when it is known whether the connection costs by volume, and when that changes."""

    told = Signal(bool)
    qt_wanted = Signal()
    """What Qt knows is to be followed, from the GUI thread."""
    _read = Signal(object)

    def __init__(self, parent: QObject | None = None, source: Source | None = None) -> None:
        super().__init__(parent)
        self._source = source or SOURCES.get(sys.platform)
        self._is_metered: bool | None = None
        self._read.connect(self.note, Qt.ConnectionType.QueuedConnection)
        self.qt_wanted.connect(self.follow_qt, Qt.ConnectionType.QueuedConnection)

    def listen(self) -> None:
        """Ask the system, and listen from then on. May wait: not on the GUI thread."""
        if self._source is not None:
            self._source(self)

    def tell(self, is_metered: bool) -> None:  # noqa: FBT001  # a signal calls it
        """Say what a system told, from any thread."""
        self._read.emit(is_metered)

    @Slot(object)
    def note(self, is_metered: bool) -> None:  # noqa: FBT001  # a signal calls it
        """Tell what is new."""
        if is_metered != self._is_metered:
            self._is_metered = is_metered
            _log.info("the connection %s by volume", "costs" if is_metered else "does not cost")
            self.told.emit(is_metered)

    @Slot()
    def follow_qt(self) -> None:
        """Hear what Qt knows, where it has a plugin that knows it."""
        from PySide6.QtNetwork import QNetworkInformation  # noqa: PLC0415  # not for the first window

        if QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Metered):
            network = QNetworkInformation.instance()
            network.isMeteredChanged.connect(self.note)
            self.note(network.isMetered())

    @Slot(str, "QVariantMap")
    def on_properties(self, interface: str, changed: dict[str, object]) -> None:
        """Hear what has changed about the network."""
        if interface == MANAGER and "Metered" in changed:
            self.note(changed["Metered"] in _COSTS)


Source = Callable[[Metered], None]
"""Tells a Metered what a system knows, now and whenever it changes. May wait."""


def hear_network_manager(metered: Metered) -> None:
    """Listen to NetworkManager, then ask it."""
    from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage  # noqa: PLC0415  # only there

    bus = QDBusConnection.systemBus()
    if not bus.isConnected():
        return
    # The types are said: a signal with others would end the program
    bus.connect(
        "", PATH, PROPERTIES, "PropertiesChanged", "sa{sv}as", metered,
        _slot("on_properties(QString,QVariantMap)"),
    )  # fmt: skip
    ask = QDBusMessage.createMethodCall(MANAGER, PATH, PROPERTIES, "Get")
    ask.setArguments([MANAGER, "Metered"])
    answer = bus.call(ask, QDBus.CallMode.Block, _ANSWER_MS)
    if answer.type() is QDBusMessage.MessageType.ReplyMessage and answer.arguments():
        found = answer.arguments()[0]
        metered.tell((found.variant() if hasattr(found, "variant") else found) in _COSTS)


def ask_qt(metered: Metered) -> None:
    """Follow what Qt knows of the network. It belongs to the GUI thread, where its answers are at hand."""
    metered.qt_wanted.emit()


SOURCES: dict[str, Source] = {"linux": hear_network_manager, "win32": ask_qt, "darwin": ask_qt}


def _slot(name: str) -> Any:
    # PySide takes the text that SLOT gives, and no bytes, whatever its declaration says
    return SLOT(name)


def follow(
    parent: QObject, run: Callable[[Callable[[], object]], object], told: Callable[[bool], object]
) -> Metered:
    """Call `told` with what is known, now and when it changes; `run` does what may wait."""
    metered = Metered(parent)
    metered.told.connect(told)
    run(metered.listen)
    return metered
