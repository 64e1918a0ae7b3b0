"""Prices that leave the program because the user wants it: noted for the audit first, watermarked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.contracts import ContractWhole
from kamdesk.domain import clock
from kamdesk.domain.price_access import PricesLocked
from kamdesk.reports.tables import Table, Value, write
from kamdesk.services import disclosures
from kamdesk.ui.desk import Desk, Export
from kamdesk.ui.kit.exporting import ExportDialog
from kamdesk.ui.kit.line_model import LinesModel


def watermark(desk: Desk) -> str:
    """Say who took prices out, when and on which computer."""
    one = desk.profile
    return QCoreApplication.translate(
        "price_export", "Confidential · {name} ({login}) · {time} · computer {device}"
    ).format(
        name=one.name, login=one.login, device=one.device_id,
        time=f"{clock.now().astimezone():%Y-%m-%d %H:%M}",
    )  # fmt: skip


def copy_line(desk: Desk, owner: QWidget, model: LinesModel, contract_id: str, row: int) -> None:
    """Copy a line with its prices, when that is noted; it is gone from the clipboard after ten seconds."""

    def copy(_: object) -> None:
        if row >= len(model.lines):
            return
        try:
            cells = model.values(model.lines[row])
        except PricesLocked as error:
            desk.fail(error)
            return
        desk.copy_secret("\t".join("" if one is None else str(one) for one in cells))
        desk.say(
            QCoreApplication.translate(
                "price_export", "Copied with its prices; the clipboard is emptied in 10 seconds"
            )
        )

    desk.tasks.write(
        owner, lambda work: disclosures.note(work, "copied", contract_id), copy, failed=desk.fail
    )


class PriceExportDialog(ExportDialog):
    """Writes the lines of one contract with their prices, where the user says."""

    def __init__(
        self, desk: Desk, parent: QWidget, whole: ContractWhole, model: LinesModel
    ) -> None:
        super().__init__(desk, parent, Export(whole.row.title or whole.row.no, (), lambda *_: []))
        self._whole, self._model = whole, model

    def on_chosen(self, path: Path) -> None:
        """Note it for the audit, then write the file; whole or not at all."""
        desk, model, owner = self._desk, self._model, self._parent
        told = self.tr("The contract with its prices is in {name}").format(name=path.name)
        told_locked = self.tr("Prices were locked: nothing was exported")
        contract = self._whole.row.id

        def put(_: object) -> None:
            try:
                rows: list[list[Value]] = [model.values(line) for line in model.lines]
            except PricesLocked:
                desk.say(told_locked)
                return
            table = Table(self._export.title, model.headings(), rows, watermark(desk))
            desk.tasks.run(
                owner, lambda: write(table, path), lambda _: desk.say(told), failed=desk.fail
            )

        desk.tasks.write(
            owner, lambda work: disclosures.note(work, "exported", contract), put, failed=desk.fail
        )
