"""Editing a customer: what is wrong stands beside its field, and what can only be chosen is chosen."""

from __future__ import annotations

import shiboken6
from PySide6.QtWidgets import QComboBox

from kamdesk.ui.kit.small_form import SmallForm
from tests.ui.hands import press, settled
from tests.unit.conftest import HUASHAN


def form_of(window, tasks) -> SmallForm:
    window.show_screen("customers", HUASHAN)
    settled(tasks)
    press(window.screens["customers"], "Edit")
    (form,) = window.screens["customers"].findChildren(SmallForm)
    return form


def test_a_text_that_is_too_long_stays_typed_and_is_told_beside_its_field(window, tasks, store):
    form = form_of(window, tasks)
    form._edits["phone"].setText("0" * 500)
    form._save.click()
    settled(tasks)
    assert form.isVisible()
    assert "too long" in form._fields["phone"]._below.text()
    assert form._edits["phone"].text() == "0" * 500
    form._edits["phone"].setText("021-7")
    form._save.click()
    settled(tasks)
    assert not shiboken6.isValid(form)
    kept = store.read(
        lambda reader: reader.value("SELECT phone FROM customer WHERE id = ?", HUASHAN)
    )
    assert kept == "021-7"


def test_a_segment_is_chosen(window, tasks, store):
    form = form_of(window, tasks)
    segment = form._edits["segment"]
    assert isinstance(segment, QComboBox)
    offered = [segment.itemText(at) for at in range(segment.count())]
    assert offered == ["", "A", "B", "C"]
    segment.setCurrentText("B")
    form._save.click()
    settled(tasks)
    assert not shiboken6.isValid(form)
    kept = store.read(
        lambda reader: reader.value("SELECT segment FROM customer WHERE id = ?", HUASHAN)
    )
    assert kept == "B"
