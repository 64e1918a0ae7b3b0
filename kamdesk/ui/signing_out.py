"""The question before somebody signs out: what happens to the work that was not sent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from kamdesk.ui import speech


def ask(parent: QWidget, waiting: int, then: Callable[[], object]) -> QMessageBox:
    """Ask, and call `then` for yes; `waiting`: how many changes were not sent."""
    translate = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(translate("signing_out", "Sign out"))
    box.setText(translate("signing_out", "Sign out of this profile?"))
    told = [
        translate(
            "signing_out",
            "Your data stays on this computer, sealed, and opens when you sign in again.",
        )
    ]
    if waiting:
        told.append(
            speech.counted(
                waiting,
                translate(
                    "signing_out",
                    "1 change was not sent yet: it stays with it, and is sent when you are back.",
                ),
                translate(
                    "signing_out",
                    "{n} changes were not sent yet: they stay with it, and are sent when you are back.",
                ),
            )
        )
    box.setInformativeText(" ".join(told))
    leave = box.addButton(translate("signing_out", "Sign out"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(translate("signing_out", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(leave)
    leave.clicked.connect(lambda: then())
    box.open()
    return box
