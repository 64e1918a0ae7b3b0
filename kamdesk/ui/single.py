"""One window per data folder: a second start brings the first window to the front and ends.

The window does not wait for QtNetwork, which is imported when it is painted, or where another program may be running.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCryptographicHash, QDir, QObject

_PATIENCE_MS = 500


def _name(data_dir: Path) -> str:
    # Qt's own, for the window does not wait for OpenSSL either
    whole = QCryptographicHash.hash(
        str(data_dir.resolve()).encode(), QCryptographicHash.Algorithm.Sha256
    )
    return "kamdesk-" + whole.toHex().toStdString()[:16]


def raise_other(data_dir: Path) -> bool:
    """Ask a running program to come to the front; False when there is none."""
    name = _name(data_dir)
    # Where local servers are files, as Qt places them, none runs without its file
    if os.name == "posix" and not Path(QDir.tempPath(), name).exists():
        return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(b"raise\n")
    socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    return True


class Doorbell(QObject):
    """Listens for second starts and calls `rung` in the GUI thread."""

    def __init__(self, data_dir: Path, rung: Callable[[], None]) -> None:
        from PySide6.QtNetwork import QLocalServer

        super().__init__()
        self._rung = rung
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if not self._server.listen(_name(data_dir)):
            # Left over from a program that was killed: nobody answered, see `raise_other`
            QLocalServer.removeServer(_name(data_dir))
            self._server.listen(_name(data_dir))

    def _answer(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self._rung()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
