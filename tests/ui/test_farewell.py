"""After head office had everything deleted: the window closes, and the first one says what became of the work."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QLabel, QPushButton

from kamdesk.domain.connection import Farewell, Link
from kamdesk.ui.first_start import FirstStart

LOST = ("contract_line_price", "Insulin 2027", datetime(2026, 11, 25, 3, 0, tzinfo=UTC))


def words_of(widget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel))


def first(qtbot, door, tasks, farewell: Farewell) -> FirstStart:
    one = FirstStart(door, tasks, None, None, "", farewell)
    qtbot.addWidget(one)
    one.show()
    return one


def test_what_was_sealed_and_what_is_lost_is_listed(qtbot, door, tasks):
    shown = first(qtbot, door, tasks, Farewell(50, 2, (LOST,), "/data/rescue/rescue-1.kdr"))
    words = words_of(shown)
    assert "50 changes and 2 half-typed forms" in words
    assert "/data/rescue/rescue-1.kdr" in words
    assert "Insulin 2027" in words
    assert door.threads == set()  # nothing is looked for before it was read
    [go_on] = [one for one in shown.findChildren(QPushButton) if "again" in one.text()]
    go_on.click()
    qtbot.waitUntil(lambda: bool(door.threads))


def test_where_all_was_handed_in_that_is_said(qtbot, door, tasks):
    assert "Everything had been handed in" in words_of(first(qtbot, door, tasks, Farewell()))


def test_the_window_says_when_it_is_over(qtbot, window, line):
    line.parted = Farewell(3)
    with qtbot.waitSignal(window.ended) as said:
        line.tell(link=Link.REFUSED, problem="wiped")
    assert said.args == [Farewell(3)]
