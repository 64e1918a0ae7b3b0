"""Asking for a file, by the system's own dialog where there is one."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget


class FileDialog(QFileDialog):
    """A file to open, or one to save where a `suffix` is given, "" for any; it starts among the user's documents."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        filters: Sequence[str] = (),
        *,
        folder: str = "",
        suffix: str | None = None,
    ) -> None:
        super().__init__(parent, title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if sys.platform == "linux":
            # The portal answers no process that it cannot look into, see security.process
            self.setOption(QFileDialog.Option.DontUseNativeDialog)
        if suffix is not None:
            self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            self.setDefaultSuffix(suffix)
        else:
            self.setFileMode(QFileDialog.FileMode.ExistingFile)
        if filters:
            self.setNameFilters(filters)
        self.setDirectory(
            folder
            or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
            or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        )
