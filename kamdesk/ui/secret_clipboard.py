"""A copy of prices: in forms that histories of the clipboard skip, and gone after ten seconds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

from kamdesk.domain.price_access import PriceState
from kamdesk.ui.price_lock import PriceLock

KEPT_MS = 10_000
OURS = "application/x-kamdesk-copy"
# KDE and what follows it: https://bugs.kde.org/show_bug.cgi?id=393708; macOS: http://nspasteboard.org;
# Windows: https://learn.microsoft.com/windows/win32/dataxchg/clipboard-formats#cloud-clipboard-and-clipboard-history-formats
SKIPPED_BY_HISTORIES = {
    "x-kde-passwordManagerHint": b"secret",
    "org.nspasteboard.ConcealedType": b"1",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\0\0\0\0",
}


class SecretClipboard(QObject):
    """Empties the clipboard after ten seconds, when prices lock and at the end, unless somebody copied since."""

    def __init__(self, lock: PriceLock, parent: QObject) -> None:
        super().__init__(parent)
        self._mark = b""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        lock.changed.connect(self._on_lock)

    def copy(self, words: str) -> None:
        """Copy a text with prices in it."""
        import secrets

        self._mark = secrets.token_hex(8).encode()
        data = QMimeData()
        data.setText(words)
        data.setData(OURS, self._mark)
        for form, value in SKIPPED_BY_HISTORIES.items():
            data.setData(form, value)
        QGuiApplication.clipboard().setMimeData(data)
        self._timer.start(KEPT_MS)

    def clear(self) -> None:
        """Empty the clipboard, if what is in it is ours."""
        self._timer.stop()
        if not self._mark:
            return
        data = QGuiApplication.clipboard().mimeData()
        if data is not None and data.data(OURS).data() == self._mark:
            QGuiApplication.clipboard().clear()
        self._mark = b""

    def _on_lock(self, state: PriceState) -> None:
        if state is not PriceState.OPEN:
            self.clear()


def takes_out(event: QKeyEvent) -> bool:
    """Say whether a key would copy: past this clipboard it is neither on record nor gone by itself."""
    keys = QKeySequence.StandardKey
    return event.type() == QEvent.Type.KeyPress and (
        event.matches(keys.Copy) or event.matches(keys.Cut)
    )
