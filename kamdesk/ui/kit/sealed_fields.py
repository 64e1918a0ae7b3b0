"""The texts of a form that are kept with the prices: which they are, and what stands for them while prices are locked.

While they are locked such a field shows the mark and cannot be typed in; what was typed in it is sealed at the last
moment before, for the form and its draft alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.sealed_texts import (
    NONE,
    Envelopes,
    gone_records,
    opened_text,
    sealed_texts,
)
from kamdesk.domain.price_access import Look, PricesLocked, PriceState
from kamdesk.domain.price_guard import price_in
from kamdesk.domain.sealed_texts import MARK, is_sealed
from kamdesk.domain.values import dataclass
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.kit.price_question import FieldText
from kamdesk.ui.secret_clipboard import takes_out


@dataclass(frozen=True, slots=True)
class _Shut:
    """Where the text of a field is while it is not in its editor: sealed as typed, or in the record `record_id`."""

    typed: str = ""
    record_id: str = ""
    envelope: bytes | None = None


class SealedFields(QObject):
    """Belongs to one form. `names`: the fields whose texts are kept with the prices; `place`: its draft."""

    shown = Signal(bool)
    """Whether all of the texts can be read."""

    def __init__(self, desk: Desk, form: QWidget, fields: Mapping[str, Field], place: str) -> None:
        super().__init__(form)
        self._desk, self._form, self._fields = desk, form, fields
        self.place = place
        self.names: set[str] = set()
        self._shut: dict[str, _Shut] = {}
        desk.prices.locking.connect(self._seal_all)
        desk.prices.changed.connect(self._on_prices)
        for field in fields.values():
            field.editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have nothing copied out of a text that is sealed: that would be on no record and stay in the clipboard."""
        if isinstance(event, QKeyEvent) and takes_out(event):
            return any(self._fields[name].editor is watched for name in self.names)
        return super().eventFilter(watched, event)

    @Slot(object)
    def _on_prices(self, _state: PriceState) -> None:
        self._open_all()

    @property
    def offered(self) -> Collection[Field]:
        """The fields that can be sealed by this user and are not."""
        if self._desk.prices.state is PriceState.ABSENT:
            return ()
        return [field for name, field in self._fields.items() if name not in self.names]

    def name_of(self, field: Field) -> str:
        """Name a field."""
        return next(name for name, one in self._fields.items() if one is field)

    def field(self, name: str) -> Field:
        """Return the field of a name."""
        return self._fields[name]

    def seal(self, name: str) -> None:
        """Keep a text with the prices from now on."""
        self.names.add(name)
        self._say(name)

    def unread(self, record_id: str) -> Field | None:
        """Return a field that cannot be saved to this record without the key, for its text is not there already."""
        for name, shut in self._shut.items():
            if shut.typed or shut.record_id != record_id:
                return self._fields[name]
        return None

    # ---- what a record holds

    def fill(self, record_id: str, sealed: Envelopes, *, is_copy: bool = False) -> None:
        """Take up the texts of a record, whose marks stand in the fields already; a copy has none while locked."""
        lock = self._desk.prices
        for name, field in self._fields.items():
            if not is_sealed(_text(field)) or lock.state is PriceState.ABSENT:
                continue
            if is_copy and not (lock.is_open and name in sealed):
                _put(field, "")
                continue
            self._hide(name, _Shut(record_id=record_id, envelope=sealed.get(name)))
        self._open_all()

    # ---- drafts

    def hidden(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a draft keeps: a text that is sealed, or tells a price, only as an envelope."""
        kept: dict[str, Any] = {}
        for name, field in self._fields.items():
            shut, text = self._shut.get(name), _text(field)
            if shut is not None:
                kept[name] = shut.typed or {"of": shut.record_id}
            elif self._desk.prices.is_open and (name in self.names or price_in(text)):
                kept[name] = self._sealed(text)
        marks = dict.fromkeys(kept, MARK)
        return {**values, **marks, "sealed": kept, "is_sealed": sorted(self.names)}

    def restore(self, values: Mapping[str, Any], place: str) -> None:
        """Take up what the draft of this name kept."""
        self.place = place
        self.names = {name for name in values.get("is_sealed") or () if name in self._fields}
        elsewhere = {}
        for name, kept in (values.get("sealed") or {}).items():
            if name in self._fields:
                is_typed = isinstance(kept, str)
                shut = _Shut(typed=kept) if is_typed else _Shut(record_id=str(kept.get("of")))
                self._hide(name, shut, is_chosen=name in self.names)
                if not is_typed:
                    elsewhere[name] = shut.record_id
        if elsewhere:
            ids = elsewhere.values()
            self._desk.tasks.read(
                self._form,
                lambda reader: (sealed_texts(reader, ids), gone_records(reader, ids)),
                lambda found: self._found(elsewhere, *found),
            )
        self._open_all()

    def _found(
        self, elsewhere: Mapping[str, str], found: Mapping[str, Envelopes], gone: Collection[str]
    ) -> None:
        for name, record_id in elsewhere.items():
            if name not in self._shut:
                continue
            envelope = found.get(record_id, NONE).get(name)
            if envelope is None and record_id in gone:
                self._give_up(name)
            else:
                self._shut[name] = _Shut(record_id=record_id, envelope=envelope)
        self._open_all()

    def _give_up(self, name: str) -> None:
        """Let a text be typed anew that went with its record: no key would open it any more."""
        self.names.discard(name)
        self._let_type(name, "")
        self._fields[name].set_hint(
            QCoreApplication.translate(
                "sealed_fields", "The sealed text went with the deleted record. Type it again."
            )
        )

    def _let_type(self, name: str, text: str) -> None:
        del self._shut[name]
        _put(self._fields[name], text)
        self._fields[name].editor.setEnabled(True)
        self._say(name)

    # ---- the lock

    def _seal_all(self) -> None:
        for name, field in self._fields.items():
            text = _text(field)
            if name not in self._shut and text and (name in self.names or price_in(text)):
                self._hide(name, _Shut(typed=self._sealed(text)), is_chosen=name in self.names)

    def _open_all(self) -> None:
        if not self._desk.prices.is_open:
            return
        for name, shut in tuple(self._shut.items()):
            text = self._opened(name, shut)
            if text is not None:
                self._let_type(name, text)
                if shut.envelope is not None:
                    self._desk.prices.looked.emit(Look.SHOWN, shut.record_id)

    def _opened(self, name: str, shut: _Shut) -> str | None:
        prices = self._desk.prices.prices
        try:
            if shut.typed:
                return prices.unseal_text(self.place, shut.typed)
            if shut.envelope is not None:
                return opened_text(prices, shut.record_id, name, shut.envelope)
        except PricesLocked:  # meanwhile, by another thread
            pass
        return None

    def _sealed(self, text: str) -> str:
        return self._desk.prices.prices.seal_text(self.place, text)

    def _hide(self, name: str, shut: _Shut, *, is_chosen: bool = True) -> None:
        self._shut[name] = shut
        if is_chosen:
            self.names.add(name)
        _put(self._fields[name], MARK)
        self._fields[name].editor.setEnabled(False)
        self._say(name)

    def _say(self, name: str) -> None:
        translate = QCoreApplication.translate
        words = ""
        if name in self._shut:
            words = translate("sealed_fields", "Sealed with the prices. Show prices to read it.")
        elif name in self.names:
            words = translate("sealed_fields", "Sealed with the prices")
        self._fields[name].set_hint(words)
        menu = Qt.ContextMenuPolicy
        self._fields[name].editor.setContextMenuPolicy(
            menu.NoContextMenu if name in self.names else menu.DefaultContextMenu
        )
        self.shown.emit(not self._shut)


def _text(field: Field) -> str:
    return FieldText(field).text()


def _put(field: Field, text: str) -> None:
    """Show a text that nobody typed."""
    with QSignalBlocker(field.editor):
        FieldText(field).put(text)
