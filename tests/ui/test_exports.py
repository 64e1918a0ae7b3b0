"""Lists as files: told how far they are, cancelled, read back by the import as they were."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QProgressDialog

from kamdesk.db.records import SPECS
from kamdesk.domain.changes import Origin
from kamdesk.importers.files import open_table
from kamdesk.importers.preview import preview
from kamdesk.reports import tables
from kamdesk.services import imports
from kamdesk.services.imports import Item
from kamdesk.ui import translation
from kamdesk.ui.desk import Export
from kamdesk.ui.kit.exporting import ExportDialog
from kamdesk.ui.kit.lists import Column

BROUGHT = (
    {"name": '=HYPERLINK("x")', "city": "Lyon", "segment": "A"},
    {"name": '-Charité, "Mitte"', "city": "Berlin"},
    {"name": "Hôpital\tSaint-Louis".replace("\t", " "), "city": "Paris", "segment": "C"},
    {"name": "中山大学附属第一医院", "city": "广州", "segment": "B"},
    {"name": "007", "city": "00123"},
)


@dataclass(frozen=True)
class Line:
    """A row of a long list."""

    number: int


class Gate:
    """Where a thread waits until it is `opened`."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def wait(self):
        """Be there, and wait."""
        self.reached.set()
        assert self.opened.wait(30)


@pytest.fixture
def halfway():
    """A gate at the 1,500th of 3,000 rows; open unless a test closes it."""
    gate = Gate()
    gate.opened.set()
    return gate


@pytest.fixture
def long_list(window, halfway):
    """A dialog for 3,000 rows."""

    def twice(one):
        if one.number == 1500:
            halfway.wait()
        return str(one.number * 2)

    columns = [
        Column("Number", lambda one: str(one.number)),
        Column("Twice", twice),
    ]
    export = Export(
        "Long", columns, lambda _reader, _offset, _limit: [Line(n) for n in range(3000)]
    )
    return ExportDialog(window.desk, window, export)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_long_list_tells_how_far_it_is(qtbot, window, tasks, tmp_path, long_list, ending):
    told = []
    path = tmp_path / f"long.{ending}"
    job = long_list.save(path)
    job.progressed.connect(lambda done, total: told.append((done, total)))
    qtbot.waitUntil(lambda: job.is_over, timeout=30_000)
    assert told == sorted(told)
    assert len(told) == 12
    assert {total for _, total in told} == {6000}
    assert "3000 rows" in window.strip.said.text().replace(",", "")
    assert len(list(open_table(path).rows())) == 3001
    long_list.close()
    qtbot.waitUntil(lambda: tasks.is_idle)


@pytest.mark.parametrize("when", ["reading", "writing"])
def test_a_cancelled_export_writes_nothing_and_the_old_file_stays(
    qtbot, window, tasks, tmp_path, long_list, halfway, when
):
    path = tmp_path / "long.xlsx"
    path.write_bytes(b"old")
    halfway.opened.clear()
    job = long_list.save(path)
    bar = window.findChild(QProgressDialog)
    if when == "writing":
        qtbot.waitUntil(halfway.reached.is_set)
    bar.canceled.emit()
    halfway.opened.set()
    qtbot.waitUntil(lambda: job.is_over and tasks.is_idle, timeout=30_000)
    assert "cancelled" in window.strip.said.text()
    assert (job.count, job.error) == (None, None)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("long")] == ["long.xlsx"]
    assert path.read_bytes() == b"old"
    long_list.close()


def test_an_export_that_is_cancelled_too_late_is_not_told_as_cancelled(
    qtbot, window, tasks, tmp_path, long_list, monkeypatch
):
    last = Gate()
    put = tables.write_copy

    def late(*what):
        last.wait()
        put(*what)

    monkeypatch.setattr(tables, "write_copy", late)
    job = long_list.save(tmp_path / "long.csv")
    qtbot.waitUntil(last.reached.is_set)
    window.findChild(QProgressDialog).canceled.emit()
    last.opened.set()
    qtbot.waitUntil(lambda: job.is_over and tasks.is_idle, timeout=30_000)
    assert job.count == 3000
    assert "3000 rows" in window.strip.said.text().replace(",", "")
    assert (tmp_path / "long.csv").exists()
    long_list.close()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_exported_customers_read_back_are_the_same_records(
    qtbot, window, store, tasks, tmp_path, ending, language
):
    def bring(items):
        begin = store.transact(
            Origin.IMPORT, lambda w: imports.begin_import(w, kind="customer", title="x", total=9)
        )
        return store.transact(
            Origin.IMPORT, lambda w: imports.import_some(w, begin.value, items)
        ).value

    bring([Item(at, one) for at, one in enumerate(BROUGHT)])
    translation.use(language)
    window.show_screen("customers", "")
    qtbot.waitUntil(lambda: tasks.is_idle)
    path = tmp_path / f"list.{ending}"
    dialog = ExportDialog(window.desk, window, window.screens["customers"].export())
    job = dialog.save(path)
    qtbot.waitUntil(lambda: job.is_over, timeout=30_000)
    dialog.close()
    translation.use("en")
    assert job.count == len(BROUGHT) + 2
    names = ", ".join(("id", *SPECS["customer"].names))
    known = [
        dict(zip(("id", *SPECS["customer"].names), row, strict=True))
        for row in store.read(lambda r: r.rows(f"SELECT {names} FROM customer"))
    ]
    seen = preview(path, known=known)
    assert not seen.errors
    read = {tuple(one.get(name) for name in ("name", "city", "segment")) for one in seen.records}
    assert read == {tuple(one[name] for name in ("name", "city", "segment")) for one in known}
    of = {one.row: one.of for one in seen.duplicates}
    again = bring(
        [
            Item(row, document, of[row])
            for row, document in zip(seen.record_rows, seen.records, strict=True)
        ]
    )
    assert (again.created, again.updated, again.unchanged) == (0, 0, len(known))
    qtbot.waitUntil(lambda: tasks.is_idle)


@pytest.mark.parametrize("title", ["../../Supply", "a/b\\c", "底价\n2027", "x" * 300])
def test_h59_a_file_is_offered_under_a_name_that_leads_nowhere(window, title):
    dialog = ExportDialog(window.desk, window, Export(title, (), lambda *_: []))
    [offered] = dialog.selectedFiles()
    folder, name = offered.rsplit("/", 1)
    assert folder == dialog.directory().absolutePath()
    assert name.isprintable()
    assert len(name) < 140
    dialog.close()
