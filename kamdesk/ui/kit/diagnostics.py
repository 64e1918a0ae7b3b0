"""The diagnostic bundle: every text that goes in is shown first, and it goes where the user puts it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QWidget,
)

from kamdesk import crashes
from kamdesk.domain import clock
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, column, fixed, row, text
from kamdesk.ui.kit.file_dialog import FileDialog


class DiagnosticsDialog(QDialog):
    """Shows the texts beside their names; saves them as one zip file."""

    def __init__(self, desk: Desk, parent: QWidget, data_dir: Path) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Diagnostic bundle"))
        self.resize(900, 600)
        self.texts: dict[str, str] = {}
        self.shown = QPlainTextEdit()
        self.shown.setReadOnly(True)
        self.shown.setAccessibleName(self.tr("What the text says"))
        self.names = QListWidget()
        self.names.setAccessibleName(self.tr("Texts in the bundle"))
        self.names.currentTextChanged.connect(
            lambda name: self.shown.setPlainText(self.texts.get(name, ""))
        )
        both = QSplitter()
        both.addWidget(self.names)
        both.addWidget(self.shown)
        both.setStretchFactor(1, 1)
        both.setSizes([220, 640])
        told = self.tr(
            "These texts help to find a fault. They hold no customers, visits or prices. Nothing is sent: you choose "
            "where the file goes and who gets it."
        )
        self.error = text("", "error", wrap=True)
        self.error.hide()
        self.save = button(self.tr("Save as…"), self._ask, look="primary")
        self.save.setEnabled(False)
        layout = column(
            text(self.tr("Diagnostic bundle"), "title"),
            fixed(text(told, "muted", wrap=True)),
            both,
            self.error,
            row(None, button(self.tr("Close"), self.reject), self.save),
            gap=theme.GAP,
        )
        layout.setStretch(2, 1)
        layout.setContentsMargins(theme.MARGIN, 16, theme.MARGIN, 16)
        self.setLayout(layout)
        facts = self._facts()
        desk.tasks.run(self, lambda: crashes.bundle(data_dir, facts), self._paint)

    def _facts(self) -> str:
        status = self._desk.connection.status()
        return "\n".join(
            (
                f"role {self._desk.profile.role}",
                f"link {status.link} {status.problem}",
                f"waiting {status.waiting}, issues {status.issues}",
                f"last reconciled {status.last_reconciled or '-'}",
            )
        )

    def _paint(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.names.addItems(list(texts))
        self.names.setCurrentRow(0)
        self.save.setEnabled(True)

    def _ask(self) -> None:
        filters = [self.tr("Archive (*.zip)")]
        dialog = FileDialog(self, self.tr("Save the bundle"), filters, suffix="zip")
        dialog.selectFile(f"kamdesk-{clock.now():%Y%m%d-%H%M}.zip")
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.open()

    def write(self, path: Path) -> None:
        """Write the bundle, off the GUI thread."""
        texts = dict(self.texts)
        told = self.tr("The bundle is in {name}").format(name=path.name)

        def saved(_: object) -> None:
            self._desk.say(told)
            self.accept()

        self._desk.tasks.run(
            self, lambda: crashes.write_bundle(texts, path), saved, failed=self._failed
        )

    def _failed(self, error: Exception) -> None:
        self.error.setText(speech.words(error))
        self.error.show()
