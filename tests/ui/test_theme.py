"""The theme is put into force once for each widget, whatever it stands in."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from kamdesk.ui import theme
from kamdesk.ui.kit.bits import card, column, text

DEPTH = 12
TWICE = 2


class Told(QWidget):
    """Counts how often its style was changed."""

    times = 0

    def changeEvent(self, event: QEvent) -> None:
        self.times += event.type() == QEvent.Type.StyleChange


@pytest.fixture
def deep(qtbot, spoken) -> list[QWidget]:
    chain = [QWidget()]
    for number in range(DEPTH):
        inside = Told() if number == DEPTH - 1 else QWidget()
        QVBoxLayout(chain[-1]).addWidget(inside)
        chain.append(inside)
    qtbot.addWidget(chain[0])
    chain[0].show()
    return chain


def test_a_widget_deep_in_others_is_not_styled_anew_for_each_of_them(deep, qapp):
    deep[-1].times = 0
    theme.apply(qapp, "dark")
    assert 1 <= deep[-1].times <= TWICE


def test_after_a_switch_all_looks_as_if_it_had_been_made_in_that_theme(qtbot, qapp, spoken):
    def made() -> QWidget:
        own = QLineEdit("own")
        own.setStyleSheet("border: 1px solid palette(mid);")
        shown = card(column(text("a", "title"), text("b", "pill-blue"), own, QLineEdit("c")))
        shown.resize(300, 200)
        qtbot.addWidget(shown)
        return shown

    switched = made()
    before = switched.grab().toImage()
    for mode in ("dark", "light", "dark"):
        theme.apply(qapp, mode)
    seen = switched.grab().toImage()
    assert seen != before
    assert seen == made().grab().toImage()


def test_what_a_button_is_at_a_moment_does_not_make_its_words_wider():
    """Qt reckons how wide a button is without its states: a bold default button of a question was cut off."""
    sheet = theme._sheet(theme.LIGHT)
    of_states = [
        body for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet)
        if "QPushButton:default" in selectors
    ]  # fmt: skip
    assert of_states
    assert not any("font" in body for body in of_states)
