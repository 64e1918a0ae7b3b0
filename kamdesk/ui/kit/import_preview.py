"""What a file holds, before anything is stored: how it was read, which column is what, what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QSpinBox,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QWidget,
)

from kamdesk.domain.values import dataclass
from kamdesk.importers.apart import Seen, Twice, Wanted, Wrong
from kamdesk.importers.fields import TARGETS, Target
from kamdesk.services.describe import spec_of
from kamdesk.ui import discreet, speech, theme
from kamdesk.ui.desk import Export
from kamdesk.ui.importing import CREATE, SKIP, UPDATE
from kamdesk.ui.kit.bits import button, card, column, fill, fixed, row, text
from kamdesk.ui.kit.duplicate_rows import DuplicateRows
from kamdesk.ui.kit.first_rows import FirstRows
from kamdesk.ui.kit.lists import Column

ENCODINGS = ("utf-8", "gb18030", "cp950", "cp932", "utf-16", "cp1252", "cp1251", "cp1250")
_AT_ONCE, _IN_A_TICK = 8, 4
"""Rows of columns that are made with the page, and at each turn of the loop after it: one takes a millisecond."""
_CALLED = {"cp950": "big5", "cp932": "shift_jis", "iso8859-15": "latin-9"}
DELIMITERS = (",", ";", "\t", "|", "~")


@dataclass(frozen=True, slots=True)
class Choices:
    """What is to become of records that are known already, of those that come twice, and of single rows."""

    known: str
    repeated: str
    single: Mapping[int, str]


class PreviewPage(QWidget):
    """One preview. `changed` asks for another reading, `accepted` for the import."""

    changed = Signal(object)
    accepted = Signal(object)
    closed = Signal()
    errors_wanted = Signal()
    """The rows with errors are to be saved as a file."""

    def __init__(self, wanted: Wanted, seen: Seen, parent: QWidget, *, may_import: bool) -> None:
        super().__init__(parent)
        self.wanted, self.seen = wanted, seen
        told = seen.told
        self.kind = self._choice(
            [(kind, speech.label(kind, spec_of(kind).plural)) for kind in TARGETS], told["kind"]
        )
        encodings = dict.fromkeys((told["encoding"], *ENCODINGS))
        self.encoding = self._choice(
            [(one, _CALLED.get(one, one)) for one in encodings], told["encoding"]
        )
        self.delimiter = self._choice(
            [(one, self.tr("Tab") if one == "\t" else one) for one in DELIMITERS], told["delimiter"]
        )
        sheets = told.get("sheets", ())
        self.sheet = QComboBox()
        self.sheet.addItems(sheets)
        self.sheet.setCurrentText(told.get("sheet", ""))
        self.sheet.activated.connect(lambda _: self._ask_for_sheet())
        self.header = QSpinBox()
        self.header.setRange(0, 100)
        self.header.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.header.setSpecialValueText(self.tr("none"))
        self.header.setValue(told["header_row"] or 0)
        self.header.setKeyboardTracking(False)  # noqa: FBT003
        self.header.valueChanged.connect(lambda _: self._ask())
        self.fields: dict[str, QComboBox] = {}
        self._filling = QTimer(self)
        self.known = self._duplicates(update=spec_of(told["kind"]).client_edits)
        self.repeated = self._duplicates(update=False)
        # From the outside in: whatever moves into another widget takes on its style anew with all it holds
        below = card()
        below.setParent(self)
        tabs = QTabWidget(below)
        tabs.setDocumentMode(True)
        mapping = self._mapping()
        tabs.addTab(mapping, self.tr("Columns"))
        tabs.addTab(self._rows(), self.tr("First rows"))
        self.duplicates = DuplicateRows(seen.twice, self._for_all)
        for for_all in (self.known, self.repeated):
            for_all.currentIndexChanged.connect(lambda _: self.duplicates.refresh())
        if seen.twice and may_import:
            words = self.tr("Duplicates {n}")
            tabs.addTab(self.duplicates, words.format(n=speech.number(seen.known + seen.repeated)))
        self.errors = self._errors()
        self.save_errors = button(
            self.tr("Save these rows as a file…"), self.errors_wanted.emit, image="file-text"
        )
        self.save_errors.setEnabled(bool(seen.wrong))
        mistakes = QWidget()
        mistakes.setLayout(column(self.errors, row(self.save_errors, None)))
        tabs.addTab(mistakes, self.tr("Errors {n}").format(n=speech.number(told["errors_total"])))
        self.tabs = tabs
        fill(below, column(tabs), margin=12)
        layout = column(
            card(column(self._understood(), self._found(may_import=may_import)), margin=12),
            below,
            gap=theme.GAP,
        )
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._filling.start()
        self._fill(mapping, _AT_ONCE)
        for name, box in (
            (self.tr("Kind"), self.kind), (self.tr("Encoding"), self.encoding),
            (self.tr("Delimiter"), self.delimiter), (self.tr("Sheet"), self.sheet),
            (self.tr("Header row"), self.header),
            (self.tr("Known already"), self.known), (self.tr("Twice in the file"), self.repeated),
        ):  # fmt: skip
            box.setAccessibleName(name)

    # ---- parts

    def _choice(self, choices: list[tuple[str, str]], at: str) -> QComboBox:
        box = QComboBox()
        for value, words in choices:
            box.addItem(words, value)
        box.setCurrentIndex(max(0, box.findData(at)))
        box.activated.connect(lambda _: self._ask())
        return box

    def _duplicates(self, *, update: bool) -> QComboBox:
        box = QComboBox()
        box.addItem(self.tr("leave out"), SKIP)
        if update:
            box.addItem(self.tr("update them"), UPDATE)
        box.addItem(self.tr("create anyway"), CREATE)
        return box

    def _understood(self) -> Any:
        how: list[Any] = []
        if self.seen.told["delimiter"]:
            how = [
                fixed(text(self.tr("Encoding"), "muted")), self.encoding,
                fixed(text(self.tr("Delimiter"), "muted")), self.delimiter,
            ]  # fmt: skip
        elif self.sheet.count():
            how = [fixed(text(self.tr("Sheet"), "muted")), self.sheet]
        return row(
            text(discreet.named(self.wanted.title), "heading"), None,
            fixed(text(self.tr("Kind"), "muted")), self.kind, *how,
            fixed(text(self.tr("Header row"), "muted")), self.header,
        )  # fmt: skip

    def _found(self, *, may_import: bool) -> Any:
        told, seen = self.seen.told, self.seen
        words = self.tr("{rows} rows give {records} records").format(
            rows=speech.number(told["rows"]), records=speech.number(told["records"])
        )
        self.go = button(
            self.tr("Import"), lambda: self.accepted.emit(self.choices()), look="primary"
        )
        self.go.setEnabled(may_import and told["records"] > 0)
        parts: list[Any] = [fixed(text(words, "strong"))]
        if seen.known and may_import:
            parts += [
                fixed(text(self.tr("{n} known already:").format(n=speech.number(seen.known)))),
                self.known,
            ]
        if seen.repeated and may_import:
            parts += [
                fixed(text(self.tr("{n} twice:").format(n=speech.number(seen.repeated)))),
                self.repeated,
            ]
        parts += [None, button(self.tr("Back"), self.closed.emit), self.go]
        line = row(*parts)
        if may_import:
            return line
        return column(text(self._reason(), "error", wrap=True), line)

    def _reason(self) -> str:
        return {
            "customer": self.tr("Your role has no territory, so it brings in no customers."),
            "person": self.tr("Your role does not work with people, so it brings in none."),
            "product": self.tr(
                "Your role brings in no products. Send this file to your manager or to head office."
            ),
        }[self.seen.told["kind"]]

    def _mapping(self) -> QTableWidget:
        columns: list[str] = self.seen.told["columns"]
        table = _table([self.tr("Column"), self.tr("First value"), self.tr("Becomes")])
        table.setRowCount(len(columns))
        self._filling.timeout.connect(lambda: self._fill(table, _IN_A_TICK))
        return table

    def _fill(self, table: QTableWidget, most: int) -> None:
        columns: list[str] = self.seen.told["columns"]
        start = len(self.fields)
        for at in range(start, min(start + most, len(columns))):
            self._fill_row(table, at, columns[at])
        if len(self.fields) == len(columns):
            self._filling.stop()

    def _fill_row(self, table: QTableWidget, at: int, heading: str) -> None:
        """Show one column of the file and what it becomes."""
        told = self.seen.told
        values = (cells[at] for _, cells in self.seen.samples if at < len(cells) and cells[at])
        box = QComboBox()
        box.setAccessibleName(heading)
        box.addItem(self.tr("left out"), "")
        for target in TARGETS[told["kind"]]:
            box.addItem(_label(told["kind"], target), target.field)
        box.setCurrentIndex(max(0, box.findData(told["mapping"].get(heading, ""))))
        box.activated.connect(lambda _: self._ask(mapped=True))
        self.fields[heading] = box
        table.setItem(at, 0, QTableWidgetItem(heading))
        table.setItem(at, 1, QTableWidgetItem(next(values, "")[:200]))
        table.setCellWidget(at, 2, box)

    def _rows(self) -> QTableView:
        table = QTableView()
        table.setModel(FirstRows(self.seen.told["columns"], self.seen.samples, table))
        _dress(table)
        table.verticalHeader().show()
        return table

    def _errors(self) -> QTableWidget:
        told = self.seen.told["errors"]
        table = _table([self.tr("Row"), self.tr("Column"), self.tr("What is wrong")])
        table.setRowCount(len(told))
        for at, one in enumerate(told):
            sentence = sentence_of(one["text"], one["params"])
            for place, words in enumerate((str(one["row"]), one["column"] or "", sentence)):
                table.setItem(at, place, QTableWidgetItem(words))
        return table

    # ---- asking

    def choices(self) -> Choices:
        """Return what is to become of duplicates."""
        return Choices(
            self.known.currentData(), self.repeated.currentData(), self.duplicates.chosen
        )

    def _for_all(self, one: Twice) -> str:
        box = self.known if one.is_known else self.repeated
        return str(box.currentData())

    def _ask_for_sheet(self) -> None:
        """Another sheet is another table: nothing that was chosen for this one holds for it."""
        self.changed.emit(Wanted(self.wanted.path, sheet=self.sheet.currentText()))

    def _ask(self, *, mapped: bool = False) -> None:
        told = self.seen.told
        is_text = bool(told["delimiter"])
        mapping = dict(told["mapping"])  # also of columns whose rows are still being made
        mapping |= {heading: box.currentData() for heading, box in self.fields.items()}
        self.changed.emit(
            replace(
                self.wanted,
                kind=self.kind.currentData(),
                encoding=self.encoding.currentData() if is_text else "",
                delimiter=self.delimiter.currentData() if is_text else "",
                header_row=self.header.value(),
                mapping={name: field for name, field in mapping.items() if field}
                if mapped
                else None,
            )
        )


def sentence_of(marked: str, params: Mapping[str, object]) -> str:
    """Say what is wrong in a row."""
    return speech.translate("importers", marked).format(**params)


def errors_table(wanted: Wanted, seen: Seen, words: Mapping[str, str]) -> Export:
    """Give the rows with errors as they came, what is wrong beside each, to be corrected and imported again.

    `words`: the headings "row" and "wrong", and the "title".
    """

    def cell(at: int) -> Callable[[Wrong], str]:
        return lambda one: one.cells[at] if at < len(one.cells) else ""

    def reasons(one: Wrong) -> str:
        told = ((place, sentence_of(marked, params)) for place, marked, params in one.problems)
        return " ".join(f"{place}: {words}" if place else words for place, words in told)

    columns = [
        Column(words["row"], lambda one: str(one.row), raw=lambda one: one.row),
        *(Column(heading, cell(at)) for at, heading in enumerate(seen.told["columns"])),
        Column(words["wrong"], reasons),
    ]
    title = words["title"].format(name=Path(wanted.title).stem)
    return Export(title, columns, lambda _reader, _offset, limit: seen.wrong_rows()[:limit])


def _label(kind: str, target: Target) -> str:
    if target.label:
        return speech.translate("importers", target.label)
    return speech.label(kind, spec_of(kind).field(target.field).label)


def _table(headings: list[str]) -> QTableWidget:
    table = QTableWidget(0, len(headings))
    table.setHorizontalHeaderLabels(headings)
    _dress(table)
    return table


def _dress(table: QTableView) -> None:
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.ROW)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setDefaultSectionSize(220)
    header.setStretchLastSection(True)  # noqa: FBT003
