"""Taking a profile off this computer: never before it was said what is lost, and never by one press."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox

from kamdesk.domain.errors import MachineError
from kamdesk.domain.rescue import Findings
from kamdesk.domain.session import KnownProfile
from kamdesk.ui.first_start import FirstStart
from tests.ui.test_recovery import FOUND, Rescuer, buttons, press, texts

ANN = KnownProfile("p", "Ann · Hehe", by_passphrase=False)
SEALED = KnownProfile("q", "Bob · Hehe", by_passphrase=True, has_passphrase=True)
EMPTY = Findings("/data/profiles/p", is_opened=True)
UNSENT = Findings("/data/profiles/p", unsent=FOUND.unsent * 7, drafts=1, is_opened=True)


class Remover(Rescuer):
    """Removes, too."""

    def remove(self, profile_id):
        self.asked.append(("remove", profile_id))
        if self.answers:
            raise self.answers.pop(0)


@pytest.fixture
def first(qtbot, door, tasks, opened):
    def make(found, *known):
        rescuer = Remover(opened, found)
        door.known = list(known)
        window = FirstStart(door, tasks, None, rescuer, stays=True)
        qtbot.addWidget(window)
        window.show()
        press(qtbot, window, f"Remove {known[0].label} from this computer")
        qtbot.waitUntil(lambda: "Keep it" in buttons(window))
        return window, rescuer

    return make


def test_work_that_was_never_sent_is_listed_and_has_to_be_given_up_in_so_many_words(
    first, qtbot, door
):
    window, rescuer = first(UNSENT, ANN)
    told = texts(window)
    for words in (
        "7 changes were never sent",
        "1 half-typed form",
        "Formulary meeting",
        "and 2 more",
    ):
        assert words in told
    assert not buttons(window)["Remove"].isEnabled()
    qtbot.waitUntil(lambda: window.focusWidget() is buttons(window)["Open it and send first"])
    window.findChild(QCheckBox).click()
    door.known = []
    buttons(window)["Remove"].click()
    qtbot.waitUntil(lambda: "Set up KAMDesk on this computer" in texts(window))
    assert rescuer.asked[-1] == ("remove", "p")


def test_nothing_is_lost_where_everything_was_confirmed(first, qtbot):
    window, rescuer = first(EMPTY, ANN)
    assert "Head office has confirmed everything" in texts(window)
    assert "Open it and send first" not in buttons(window)
    assert window.findChild(QCheckBox) is None or not window.findChild(QCheckBox).isVisible()
    qtbot.waitUntil(lambda: window.focusWidget() is buttons(window)["Keep it"])
    buttons(window)["Keep it"].click()
    qtbot.waitUntil(lambda: "Ann · Hehe" in buttons(window))
    assert rescuer.asked == [("look", "")]


def test_it_can_be_opened_to_send_first(first, qtbot):
    window, rescuer = first(UNSENT, ANN)
    with qtbot.waitSignal(window.opened):
        buttons(window)["Open it and send first"].click()
    assert ("remove", "p") not in rescuer.asked


def test_without_the_passphrase_it_is_said_that_nobody_can_tell(first, qtbot):
    window, rescuer = first(Findings("/data/profiles/q"), SEALED)
    assert "can only be told with its key" in texts(window)
    assert not buttons(window)["Remove"].isEnabled()
    window.removal.passphrase.setText("not this one")
    buttons(window)["Look"].click()
    qtbot.waitUntil(lambda: "This is not the passphrase." in texts(window))
    rescuer.found = EMPTY
    window.removal.passphrase.setText("correct horse battery")
    buttons(window)["Look"].click()
    qtbot.waitUntil(lambda: "confirmed everything" in texts(window))
    assert rescuer.asked == [
        ("look", ""), ("look", "not this one"), ("look", "correct horse battery")
    ]  # fmt: skip
    assert buttons(window)["Remove"].isEnabled()


def test_a_profile_that_cannot_be_removed_now_says_why_and_stays(first, qtbot):
    window, rescuer = first(EMPTY, ANN)
    rescuer.answers = [MachineError("This profile is open in another window.", code="IN_USE")]
    buttons(window)["Remove"].click()
    qtbot.waitUntil(lambda: "open in another window" in texts(window))
    buttons(window)["Keep it"].click()
    qtbot.waitUntil(lambda: "Ann · Hehe" in buttons(window))
