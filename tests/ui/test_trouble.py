"""What is in the way of reconciling, and what was last, in words: a tooltip is no place for it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from kamdesk.domain import clock
from kamdesk.domain.connection import Link
from tests.ui.hands import settled, until


def told(window) -> str:
    return " ".join(one.text() for one in window.screens["sync"].findChildren(QLabel))


def test_the_reason_stands_in_changes_and_stays_with_its_time_when_it_is_over(window, line, tasks):
    window.show_screen("sync", "")
    settled(tasks)
    problem = {"problem": "captive_portal", "problem_params": {}}
    line.tell(link=Link.OFFLINE, **problem)
    until(lambda: "asks for a sign-in of its own" in told(window))
    settled(tasks)
    line.tell(
        link=Link.ONLINE, problem="", last_problem="captive_portal", last_problem_params={},
        last_problem_at=clock.now(),
    )  # fmt: skip
    until(lambda: "Last problem" in told(window))
    line.tell(problem="clock_off", problem_params={"minutes": 9})
    until(lambda: "off by 9 minutes" in told(window))
    assert "Last problem" in told(window)
