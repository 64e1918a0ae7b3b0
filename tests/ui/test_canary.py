"""PySide6 6.12 on Python 3.11 loses references to `None` at every repaint until the process aborts."""

from __future__ import annotations

import sys

from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import QTableView


class Model(QAbstractTableModel):
    def rowCount(self, parent=None):
        return 30

    def columnCount(self, parent=None):
        return 6

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        return f"{index.row()}" if role == Qt.ItemDataRole.DisplayRole else None


def test_repaints_resets_and_setters_keep_the_references_to_none(qtbot):
    view = QTableView()
    qtbot.addWidget(view)
    model = Model()
    view.setModel(model)
    view.resize(800, 600)
    view.show()
    qtbot.waitExposed(view)

    def rounds(count):
        for _ in range(count):
            view.viewport().repaint()
            model.beginResetModel()
            model.endResetModel()
            view.setWindowTitle("x")

    rounds(5)
    before = sys.getrefcount(None)
    rounds(100)
    lost = before - sys.getrefcount(None)
    assert lost < 500, f"{lost} references to None were lost in 100 rounds"
