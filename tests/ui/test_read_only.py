"""H28 in the window: a banner says what to do, everything is read, a save is refused and what was typed stays."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from kamdesk.db.database import Database
from kamdesk.domain.session import Opened
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.tasks import Tasks
from kamdesk.ui.window import MainWindow
from tests.readonly import read_only
from tests.ui.conftest import PROFILE
from tests.ui.hands import settled, until
from tests.unit.conftest import HUASHAN, ME


def said(widget, words):
    return any(words in one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def record(window, tasks):
    """Type a visit and save it."""
    window.record_visit(customer_id=HUASHAN)
    settled(tasks)
    form = window.form
    until(lambda: form.customer.record_id == HUASHAN)
    form.objective.setPlainText("Formulary")
    form.next_step.setPlainText("Send the dossier")
    form.outcome.setPlainText("They will list it in January")
    form.save.click()
    settled(tasks)
    return form


def test_h28_a_disk_that_becomes_read_only_while_one_works(window, tasks, store):
    writer = store._engine.raw_connection().dbapi_connection
    writer.execute("PRAGMA query_only=ON")
    form = record(window, tasks)
    until(lambda: said(window, "make it writable and save again"))
    assert window.form is form
    assert form.outcome.toPlainText() == "They will list it in January"
    writer.execute("PRAGMA query_only=OFF")
    form.save.click()
    settled(tasks)
    [(outcome,)] = store.read(lambda one: one.rows("SELECT outcome FROM visit"))
    assert outcome == "They will list it in January"


@pytest.fixture
def frozen(store, tmp_path, line, qtbot, spoken):
    """The window on a store in a folder that cannot be written."""
    key = store._key
    store.close()
    with read_only(tmp_path):
        database = Database(store.path, key, ME)
        tasks = Tasks(database)
        window = MainWindow(
            Opened(database, line, PROFILE, database.close), tasks, Preferences("", lambda _: None)
        )
        window.show()
        settled(tasks)
        yield window, tasks
        settled(tasks)
        window.close()
        tasks.close()
        database.close()


def test_h28_opened_read_only_everything_is_read_and_a_save_keeps_what_was_typed(frozen):
    window, tasks = frozen
    window.show_screen("customers", "")
    settled(tasks)
    assert len(window.screens["customers"].table.records.rows) == 2
    form = record(window, tasks)
    until(lambda: said(window, "Your data can be read but not changed"))
    assert window.form is form
    assert form.outcome.toPlainText() == "They will list it in January"
