"""A form whose half-typed content is kept in the store while one types, and that nothing which fails closes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kamdesk.db.queries.customers import Found, found_customer
from kamdesk.db.queries.issues import disputed_fields
from kamdesk.db.queries.today import Draft, drafts
from kamdesk.db.reader import Reader
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.services.drafts import discard_draft, keep_draft
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_form import FormAttachments
from kamdesk.ui.kit.bits import fixed, row, scrolled, text
from kamdesk.ui.kit.forms import Chips, DayEdit, Field, Paragraph, RecordPicker
from kamdesk.ui.kit.price_question import Asked, FieldText
from kamdesk.ui.kit.text_guard import TextGuard

T = TypeVar("T")
DRAFT_MS, LONGEST_MS = 400, 800
"""A draft is kept in the first pause of so long, and while somebody types on and on after so long at the latest."""


class DraftForm(QDialog):
    """Subclasses set `form`, fill `fields`, write `values`, `title_of_draft` and `restore`, and call `lay_out`.

    `save`: the primary button; disabled while a save is under way.
    """

    form = ""
    """The name under which drafts of this form are kept."""
    save: QPushButton
    customer: RecordPicker

    def __init__(self, desk: Desk, parent: QWidget, title: str, *, entry_id: str = "") -> None:
        super().__init__(parent)
        self.desk = desk
        self.entry_id = entry_id or new_id()
        self.fields: dict[str, Field] = {}
        self._is_dirty = False
        self._is_saving = False
        self._waits_for_files = False
        self._run: Callable[[], object] = bool
        self.guard = TextGuard(desk, self)
        self.setWindowTitle(title)
        self.attachments: FormAttachments | None = None
        self.heading = text(title, "title")
        self.kept = text("", "caption")
        self.banner = text("", "error", wrap=True)
        self.banner.hide()
        self._typed_since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._keep_draft)

    # ---- for subclasses

    def values(self) -> dict[str, Any]:
        """Return everything that stands in the form, as JSON values."""
        raise NotImplementedError

    def title_of_draft(self) -> str:
        """Return what the draft is called where it is offered again."""
        raise NotImplementedError

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Show what a draft kept."""
        raise NotImplementedError

    def texts(self) -> list[Asked]:
        """Return the texts in which others could read a price."""
        return [FieldText(field) for field in self.fields.values()]

    def field_of(self, error: UserError) -> Field | None:
        """Return the field that an error belongs to."""
        return self.fields.get(error.field)

    def lay_out(
        self,
        cards: Iterable[QWidget],
        beside_title: Iterable[QWidget],
        buttons: Iterable[QWidget],
        run: Callable[[], object],
    ) -> None:
        """Put title, cards and buttons in their places; Ctrl+Enter does `run`."""
        inside = QWidget()
        body = QVBoxLayout(inside)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.GAP)
        for one in cards:
            body.addWidget(one, 1 if one.findChild(Paragraph) else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.MARGIN, 16, theme.MARGIN, 16)
        layout.setSpacing(theme.GAP)
        layout.addLayout(
            row(self.heading, self.kept, None, self.guard.show_prices, *beside_title, gap=theme.GAP)
        )
        layout.addWidget(scrolled(inside), 1)
        layout.addWidget(self.guard.choice)
        layout.addWidget(self.banner)
        hint = fixed(text(self.tr("• required · Esc keeps the draft"), "muted"))
        layout.addLayout(row(hint, None, *buttons))
        self._run = run
        if self.attachments is not None:
            self.attachments.taker.watch()
        QShortcut(QKeySequence("Ctrl+Enter"), self, run)  # the one of the number block

    def attachments_card(self, kind: str) -> tuple[QWidget, ...]:
        """Return the card with the attachments of the record that the form makes, where they can be kept."""
        cabinet = self.desk.attachments
        if cabinet is None:
            return ()
        self.attachments = FormAttachments(self.desk, cabinet, self, kind)
        self.attachments.changed.connect(self.on_typed)
        return (self.attachments,)

    def grid(self, places: Iterable[tuple[str, int, int, int]]) -> QGridLayout:
        """Lay fields out in six columns: (name, line, first column, how many)."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(14)
        for at in range(6):
            grid.setColumnStretch(at, 1)
        for name, line, first, wide in places:
            field = self.fields[name]
            if isinstance(field.editor, Paragraph):
                grid.addWidget(field, line, first, 1, wide)
                grid.setRowStretch(line, 1)
            else:
                grid.addWidget(field, line, first, 1, wide, Qt.AlignmentFlag.AlignTop)
            self._watch(field)
        return grid

    def _watch(self, field: Field) -> None:
        editor = field.editor
        if isinstance(editor, Paragraph):
            editor.textChanged.connect(self.on_typed)
            editor.textChanged.connect(field.forget_error)
        elif isinstance(editor, DayEdit):
            editor.dateChanged.connect(lambda _: self.on_typed())
            editor.dateChanged.connect(lambda _: field.forget_error())
        elif isinstance(editor, QComboBox):
            editor.currentIndexChanged.connect(lambda _: self.on_typed())
        elif isinstance(editor, RecordPicker | Chips):
            editor.changed.connect(self.on_typed)
            editor.changed.connect(field.forget_error)
        elif isinstance(editor, QLineEdit):
            editor.textEdited.connect(lambda _: self.on_typed())
            editor.textChanged.connect(lambda _: field.forget_error())

    # ---- beginning

    def begin(
        self,
        draft: Draft | None,
        read: Callable[[Reader], T | None] | None,
        fill: Callable[[T], object],
        customer_id: str,
        then: QWidget,
    ) -> None:
        """Begin with a draft, a record and what was typed about it since, a customer, or nothing: what there is.

        `then`: where one types once the customer is known.
        """
        tasks = self.desk.tasks
        if draft is not None:
            self.take_up(draft)
        elif read is not None:
            tasks.read(
                self,
                lambda reader: (
                    read(reader),
                    drafts(reader),
                    disputed_fields(reader, self.entry_id),
                ),
                lambda found: self._go_on(fill, *found),
            )
        elif customer_id:
            tasks.read(
                self,
                lambda reader: found_customer(reader, customer_id),
                lambda found: self._choose(found, then),
            )
        else:
            self.customer.setFocus()

    def _go_on(
        self,
        fill: Callable[[T], object],
        record: T | None,
        kept: list[Draft],
        disputed: frozenset[str],
    ) -> None:
        if record is not None:
            fill(record)
        for name in disputed & self.fields.keys():
            self.fields[name].set_disputed()
        draft = next((one for one in kept if one.id == self.entry_id), None)
        if draft is not None:
            self.take_up(draft)

    def _choose(self, found: Found | None, then: QWidget) -> None:
        self.customer.set_record(found)
        self.settled()
        then.setFocus()

    # ---- draft

    def on_typed(self) -> None:
        """Note that something was typed; it is kept in a moment."""
        if not self._timer.isActive():
            self._typed_since.start()
        self._is_dirty = True
        left = LONGEST_MS - int(self._typed_since.elapsed())
        self._timer.start(max(0, min(DRAFT_MS, left)))

    @property
    def is_dirty(self) -> bool:
        """Say whether something was typed that is not kept yet."""
        return self._is_dirty

    def settled(self) -> None:
        """Note that what stands here is what is stored."""
        self._is_dirty = False

    def take_up(self, draft: Draft) -> None:
        """Go on with a draft."""
        self.entry_id = draft.id
        self.restore(draft.values)
        if self.guard.sealed is not None:
            self.guard.sealed.restore(draft.values, draft.id)
        if self.attachments is not None:
            kept = draft.values.get("attachments")
            self.attachments.restore(kept if isinstance(kept, dict) else {})
        self.settled()
        told = self.tr("Draft kept on this computer, {time}")
        self.kept.setText(told.format(time=speech.instant(draft.saved_at)))

    def _keep_draft(self) -> None:
        if not self._is_dirty or (self._is_saving and not self._waits_for_files):
            return
        self._is_dirty = False
        title, values, draft_id, form = (
            self.title_of_draft(), self.values(), self.entry_id, self.form,
        )  # fmt: skip
        if self.guard.sealed is not None:
            values = self.guard.sealed.hidden(values)
        if self.attachments is not None:
            values["attachments"] = self.attachments.values()
        self.desk.tasks.write(
            self,
            lambda work: keep_draft(work, draft_id, form=form, title=title, values=values),
            lambda _: self.kept.setText(
                self.tr("Draft kept on this computer, {time}").format(
                    time=speech.instant(clock.now())
                )
            ),
            failed=lambda error: self.tell(speech.words(error)),
        )

    def throw_away(self) -> None:
        """Close and forget what was typed."""
        self._timer.stop()
        if self.attachments is not None:
            self.attachments.keeping.stop()
        self._is_dirty = False
        draft_id = self.entry_id
        self.desk.tasks.write(self.desk.bus, lambda work: discard_draft(work, draft_id))
        self.reject()

    def reject(self) -> None:
        """Close and keep the draft."""
        self._timer.stop()
        self._keep_draft()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._keep_draft()
        super().closeEvent(event)

    # ---- saving

    @property
    def is_saving(self) -> bool:
        """Say whether a save is under way."""
        return self._is_saving

    def write(
        self, fn: Callable[[Any], object], *, again: Callable[[], object] | None = None
    ) -> None:
        """Save with `fn(work)`; what is refused is said beside its field, and the form stays.

        A price in a text that others read is asked about first; then `again` is called, or what Ctrl+Enter does.
        """
        if self._is_saving:
            return
        for field in self.fields.values():
            field.set_error("")
        texts = self.texts()
        if not self.guard.has_key_for(self.entry_id):
            return
        if not self.guard.may_save(texts, again or self._run):
            return
        fn = self.guard.noted(texts, fn, self.entry_id)
        self._is_saving = True
        self.save.setEnabled(False)
        self.banner.hide()
        if self.attachments is not None and self.attachments.keeping.is_busy:
            self.tell(self.tr("Saved as soon as the files are."))
            self._wait_for_files(waits=True)
            self.attachments.when_kept(lambda: self._write_now(fn), self._not_now)
        else:
            self._write_now(fn)

    def _wait_for_files(self, *, waits: bool) -> None:
        """Keep what was typed from being changed: it is saved as it stood, and may wait for long."""
        self._waits_for_files = waits
        for field in self.fields.values():
            field.setEnabled(not waits)

    def _write_now(self, fn: Callable[[Any], object]) -> None:
        self._timer.stop()
        self._waits_for_files = False
        if self.attachments is not None:
            fn = self.attachments.saving(self.entry_id, fn)
        self.desk.tasks.write(self, fn, self._saved, failed=self.refused)

    def _not_now(self) -> None:
        """Let the user decide about a file that could not be kept."""
        self._wait_for_files(waits=False)
        self._is_saving = False
        self.save.setEnabled(True)
        self.banner.hide()

    def _saved(self, _: object) -> None:
        self._is_dirty = False
        self.desk.say(self.tr("Saved on this computer"))
        self.accept()

    def refused(self, error: Exception) -> None:
        """Say what is wrong, beside its field where it has one; what was typed is kept."""
        self._wait_for_files(waits=False)
        self._is_saving = False
        self.save.setEnabled(True)
        self.on_typed()
        field = self.field_of(error) if isinstance(error, UserError) else None
        if field is None or not field.isVisible():
            self.tell(speech.words(error))
            return
        field.set_error(speech.words(error))
        field.editor.setFocus()

    def tell(self, words: str) -> None:
        """Say something above the buttons; "" takes it away."""
        self.banner.setText(words)
        self.banner.setVisible(bool(words))


def kept_day(written: object) -> date | None:
    """Read a day that a draft kept."""
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def kept_record(picker: RecordPicker, kept: object) -> None:
    """Show the record that a draft kept, or what was typed in its place."""
    record_id, words = kept if isinstance(kept, list) else ("", "")
    if record_id:
        picker.set_record(Found(record_id, words, ""))
    else:
        picker.setText(words)
