"""A dialog of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPushButton, QWidget

from kamdesk.domain.errors import UserError
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, column, fixed, row, text
from kamdesk.ui.kit.forgetting import forget
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.kit.price_question import FieldText, PriceQuestion


class SmallForm(QDialog):
    """A few lines of text, handed to `save(work, typed)`, or without a transaction to `save(typed)`.

    Errors stand beside their line; nothing that fails closes it. `hidden`: the lines whose letters are
    not shown; `choices`: what a line is chosen from, nothing among it, in place of being typed; `verb`: what
    the button says, when it does not save; `advice`: what there is to know first;
    `disputed`: the lines that two people changed; `instead`: the words of another way and what it does, which closes
    the form.
    """

    def __init__(
        self,
        desk: Desk,
        parent: QWidget,
        title: str,
        labels: dict[str, str],
        values: dict[str, str],
        save: Callable[..., object],
        *,
        is_write: bool = True,
        hidden: tuple[str, ...] = (),
        choices: Mapping[str, Sequence[str]] | None = None,
        verb: str = "",
        advice: str = "",
        disputed: frozenset[str] = frozenset(),
        instead: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._run, self._is_write = desk, save, is_write
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self.finished.connect(self._go)
        self._hidden = hidden
        self.question = PriceQuestion(self, is_narrow=True)
        self._fields: dict[str, Field] = {}
        self._edits: dict[str, QLineEdit | QComboBox] = {}
        content: list[Any] = [text(title, "heading")]
        if advice:
            content.append(fixed(text(advice, "muted", wrap=True)))
        for name, label in labels.items():
            value = values.get(name, "")
            offered = (choices or {}).get(name)
            edit = QLineEdit(value) if offered is None else _chooser(offered, value)
            self._edits[name] = edit
            if name in hidden and isinstance(edit, QLineEdit):
                edit.setEchoMode(QLineEdit.EchoMode.Password)
            self._fields[name] = Field(label, edit)
            if name in disputed:
                self._fields[name].set_disputed()
            content.append(self._fields[name])
        self._error = text("", "error", wrap=True)
        self._error.hide()
        content += [self._error, self.question.choice]
        cancel = button(self.tr("Cancel"), self.reject)
        self._save = button(verb or self.tr("Save"), self._on_save, look="primary")
        self._save.setDefault(True)
        beside = None if instead is None else self._way(*instead)
        content.append(row(beside, None, cancel, self._save))
        layout = column(*content, gap=theme.GAP)
        layout.setContentsMargins(theme.MARGIN, 16, theme.MARGIN, 16)
        self.setLayout(layout)

    def _way(self, words: str, go: Callable[[], object]) -> QPushButton:
        def leave() -> None:
            self.reject()
            go()

        return button(words, leave, look="quiet")

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the advice needs at this width: Qt reckons with one that is wider."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.activate()
        wide = max(self.width(), layout.totalMinimumSize().width())
        self.resize(wide, max(self.height(), layout.totalHeightForWidth(wide)))

    def _on_save(self) -> None:
        texts = [FieldText(field) for field in self._fields.values()]
        if self._is_write and not self.question.may_save(texts, self._on_save):
            self._fit()  # for what can become of it
            return
        typed = {
            name: edit.text() if isinstance(edit, QLineEdit) else edit.currentText()
            for name, edit in self._edits.items()
        }
        self._save.setEnabled(False)
        if self._is_write:
            save = self.question.noted(texts, lambda work: self._run(work, typed))
            self._desk.tasks.write(self, save, self._saved, failed=self._refused)
        else:
            self._desk.tasks.run(
                self, lambda: self._run(typed), lambda _: self.accept(), failed=self._refused
            )

    def _go(self, _: int) -> None:
        """End with its answer: what was typed into hidden lines is not left in memory."""
        for name in self._hidden:
            edit = self._edits[name]
            if isinstance(edit, QLineEdit):
                forget(edit)
        self.deleteLater()

    def _saved(self, _: object) -> None:
        self._desk.say(self.tr("Saved on this computer"))
        self.accept()

    def _refused(self, error: Exception) -> None:
        self._save.setEnabled(True)
        name = error.field if isinstance(error, UserError) else ""
        for field in self._fields.values():
            field.set_error("")
        if name in self._fields:
            self._fields[name].set_error(speech.words(error))
            self._edits[name].setFocus()
        else:
            self._error.setText(speech.words(error))
            self._error.show()


def _chooser(offered: Sequence[str], value: str) -> QComboBox:
    made = QComboBox()
    # What was there before stays a choice, also where nobody would offer it any more
    made.addItems(list(dict.fromkeys(["", *offered, value])))
    made.setCurrentText(value)
    return made
