"""The cards of the visit form that come when they are wanted: a person who is not known yet, and nobody seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from kamdesk.domain import clock
from kamdesk.domain.ids import new_id
from kamdesk.services.people import NewPerson
from kamdesk.ui import theme
from kamdesk.ui.kit.bits import button, fill, row, text
from kamdesk.ui.kit.forms import DayEdit, Field


class PersonCard(QFrame):
    """Asks who somebody is. `wanted` gives the `NewPerson`; `closed` tells that it has gone, either way."""

    wanted = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.name, self.department, self.title = QLineEdit(), QLineEdit(), QLineEdit()
        self.department.setPlaceholderText(self.tr("e.g. Cardiology"))
        self.title.setPlaceholderText(self.tr("e.g. Chief physician"))
        self.title.returnPressed.connect(self._add)
        self._name_field = Field(self.tr("Name"), self.name, required=True)
        content = QVBoxLayout()
        content.setSpacing(theme.SMALL)
        content.addWidget(text(self.tr("A person who is not known yet"), "heading"))
        content.addLayout(
            row(
                self._name_field,
                Field(self.tr("Department"), self.department),
                Field(self.tr("Title"), self.title),
                gap=16,
            )
        )
        add = button(self.tr("Add person"), self._add, look="primary")
        content.addLayout(row(None, button(self.tr("Not now"), self.close_card), add))
        fill(self, content, margin=16)
        self.hide()

    def ask_about(self, name: str) -> None:
        """Ask about somebody of this name."""
        self.name.setText(name)
        self.show()
        self.department.setFocus()

    def close_card(self) -> None:
        """Forget what was typed."""
        for edit in (self.name, self.department, self.title):
            edit.clear()
        self.hide()
        self.closed.emit()

    def _add(self) -> None:
        name = self.name.text().strip()
        self._name_field.set_error("" if name else self.tr("Enter the name."))
        if not name:
            return
        person = NewPerson(
            id=new_id(), name=name, department=self.department.text().strip(),
            title=self.title.text().strip(),
        )  # fmt: skip
        self.close_card()
        self.wanted.emit(person)


class MissedCard(QFrame):
    """Asks why they could not be seen, and when it is tried again; `run` notes it."""

    def __init__(self, run: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(self.tr("e.g. in surgery all morning"))
        # Later: the dialog has this key next, and would press the button of a question that `run` asks
        self.reason.returnPressed.connect(run, Qt.ConnectionType.QueuedConnection)
        self.again_on = DayEdit(clock.today() + timedelta(days=7))
        self.field = Field(self.tr("Why you could not see them"), self.reason, required=True)
        content = QVBoxLayout()
        content.setSpacing(theme.SMALL)
        content.addWidget(text(self.tr("Could not see them"), "heading"))
        self.again = Field(self.tr("Try again on"), self.again_on)
        self.again_on.dateChanged.connect(lambda _: self.again.forget_error())
        pair = row(self.field, self.again, gap=16)
        pair.setStretch(0, 3)
        pair.setStretch(1, 1)
        content.addLayout(pair)
        content.addLayout(
            row(
                None,
                button(self.tr("Not now"), self.hide),
                button(self.tr("Note it and plan anew"), run, look="primary"),
            )
        )
        fill(self, content, margin=16)
        self.hide()

    def ask(self) -> None:
        """Show itself."""
        self.show()
        self.reason.setFocus()
