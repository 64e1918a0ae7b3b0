"""Settings: another password for head office, typed twice, with words beside the line that is wrong."""

from __future__ import annotations

import pytest

from kamdesk.domain.errors import UserError
from kamdesk.ui.kit.small_form import SmallForm


@pytest.fixture
def form(window, qtbot, tasks):
    window.show_screen("settings", "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    window.screens["settings"]._change_password()
    [form] = window.screens["settings"].findChildren(SmallForm)
    return form


def typed(form, *words: str) -> None:
    for name, word in zip(("current", "new", "again"), words, strict=True):
        form._edits[name].setText(word)
    form._save.click()


def said(form, name: str) -> str:
    return form._fields[name]._below.text()


def test_it_is_asked_of_head_office_and_said(form, window, qtbot, line, monkeypatch):
    asked = []
    monkeypatch.setattr(line, "change_password", lambda *a: asked.append(a), raising=False)
    typed(form, "the old one", "a new one of some length", "a new one of some length")
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == [("the old one", "a new one of some length")]
    qtbot.waitUntil(lambda: "changed at head office" in window.strip.said.text())


def test_what_is_wrong_stands_beside_its_line_and_what_was_typed_stays(
    form, qtbot, line, monkeypatch
):
    typed(form, "old", "a new one", "another one")
    qtbot.waitUntil(lambda: "not the same" in said(form, "again"))

    def refuse(*_typed):
        raise UserError("The password that holds now is another one.", field="current")

    monkeypatch.setattr(line, "change_password", refuse, raising=False)
    typed(form, "old", "a new one", "a new one")
    qtbot.waitUntil(lambda: "another one" in said(form, "current"))
    assert form.isVisible()
    assert form._edits["new"].text() == "a new one"
    form.reject()
    qtbot.wait(10)
