"""The screen for a profile that cannot be opened as it is: what happened, what is safe, what can be done.

Nothing here deletes anything: what is replaced is kept aside, and an empty store never takes the place of work.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from kamdesk import __version__
from kamdesk.domain.connection import SignIn
from kamdesk.domain.errors import KamError, UserError
from kamdesk.domain.rescue import ASKED, KEY_CODES, Findings, Rescuer, StoreCopy, Unsent
from kamdesk.domain.session import KnownProfile
from kamdesk.logs import describe
from kamdesk.services.describe import spec_of
from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, clear, column, row, text, waiting_bar
from kamdesk.ui.kit.file_dialog import FileDialog
from kamdesk.ui.kit.forgetting import forget_all
from kamdesk.ui.kit.forms import Field
from kamdesk.ui.tasks import Tasks

SHOWN = 3
"""Backups and unsent changes that are listed; the other changes are counted, the other backups are one press away."""


class RecoveryPage(QWidget):
    """Emits `opened` with a `session.Opened`, `left` to go back, `set_up_anew` after the profile was put aside."""

    opened = Signal(object)
    left = Signal()
    set_up_anew = Signal()

    def __init__(
        self,
        rescuer: Rescuer,
        tasks: Tasks,
        profile: KnownProfile,
        passphrase: str,
        error: KamError | None,
    ) -> None:
        super().__init__()
        self._rescuer, self._tasks, self._profile = rescuer, tasks, profile
        self._passphrase, self._error = passphrase, error
        self._found = Findings("")
        self._is_long = False
        self.edits: dict[str, QLineEdit] = {}
        self.fields: dict[str, Field] = {}
        self.content = QVBoxLayout(self)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(theme.GAP)
        self.trouble = text("", "error", wrap=True)
        self._look()

    def forget(self) -> None:
        """Keep nothing of what was typed in secret."""
        self._passphrase = ""
        forget_all(self.edits.values())

    @property
    def code(self) -> str:
        """What is wrong; ASKED where nothing is."""
        return self._error.code if self._error is not None else ASKED

    # ---- what is there

    def _look(self) -> None:
        self._wait(self.tr("Looking for what is safe…"))
        self._tasks.run(
            self,
            lambda: self._rescuer.look(self._profile.id, self._passphrase),
            self._on_found,
            failed=self._on_failed,
        )

    def _on_found(self, found: Findings) -> None:
        self._found = found
        if self.code == ASKED and self._profile.by_passphrase and not self._passphrase:
            self.paint_passphrase()
        elif self.code in KEY_CODES:
            self.paint_keys()
        else:
            self.paint()

    def _begin(self, heading: str) -> None:
        forget_all(self.edits.values())
        clear(self.content)
        self.edits, self.fields = {}, {}
        self.content.addWidget(text(self._profile.label, "section"))
        self.content.addWidget(text(heading, "title", wrap=True))
        self.trouble = text("", "error", wrap=True)
        self.trouble.hide()

    def _wait(self, words: str) -> None:
        self._begin(words)
        self.content.addWidget(waiting_bar(words))

    def _line(self, name: str, label: str, value: str = "", *, secret: bool = False) -> None:
        edit = QLineEdit(value)
        if secret:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edits[name] = edit
        self.fields[name] = Field(label, edit)
        self.content.addWidget(self.fields[name])

    # ---- the store is not what it was

    def paint(self) -> None:
        """Say what happened and what is safe, and offer what can be done, the best first."""
        asked = self.code == ASKED
        self._begin(
            self.tr("Go back to a backup") if asked else self.tr("Your data needs your decision")
        )
        if self._error is not None:
            self.content.addWidget(text(speech.words(self._error), wrap=True))
        self.content.addWidget(text(self._safe(), "muted", wrap=True))
        self._list_unsent()
        copies = self._found.copies
        if copies:
            self.content.addWidget(text(self.tr("Backups on this computer"), "heading"))
            shown = copies if self._is_long else copies[:SHOWN]
            for at, copy in enumerate(shown):
                self.content.addLayout(self._line_of(copy, is_first=not at))
            if len(shown) < len(copies):
                older = button(self.tr("Older backups"), self._show_older, look="quiet")
                self.content.addLayout(row(older, None))
        self.content.addWidget(self.trouble)
        self.content.addLayout(
            row(
                button(
                    self.tr("Fetch everything from head office again…"), self.paint_begin_again,
                    image="refresh-cw", look="" if copies else "primary",
                ),
                None,
            )
        )  # fmt: skip
        self._add_ways_out(choose=True)

    def _show_older(self) -> None:
        self._is_long = True
        self.paint()

    def _safe(self) -> str:
        told = [
            self.tr(
                "Nothing is deleted: whatever you choose, the present files are kept in the folder “quarantine”."
            )
        ]
        if self._found.unsent:
            told.append(
                speech.counted(
                    len(self._found.unsent),
                    self.tr("1 change that was not sent yet is safe and comes back with it."),
                    self.tr("{n} changes that were not sent yet are safe and come back with it."),
                )
            )
        if self._found.drafts:
            told.append(
                speech.counted(
                    self._found.drafts,
                    self.tr("1 half-typed form is safe too."),
                    self.tr("{n} half-typed forms are safe too."),
                )
            )
        return " ".join(told)

    def _list_unsent(self) -> None:
        for part in unsent_parts(self._found.unsent, SHOWN):
            self.content.addWidget(part)

    def _line_of(self, copy: StoreCopy, *, is_first: bool) -> QVBoxLayout:
        told = self.tr("{when} · {size} MB").format(
            when=speech.instant(copy.made_at), size=speech.number(max(1, copy.size >> 20))
        )
        restore = button(
            self.tr("Restore"), partial(self._restore, copy.id), look="primary" if is_first else ""
        )
        restore.setAccessibleName(self.tr("Restore the backup of {when}").format(when=told))
        return column(row(text(told), None, restore))

    def _add_ways_out(self, *, choose: bool) -> None:
        ways = [button(self.tr("Show the folder"), self._show_folder, look="quiet")]
        if choose:
            ways.append(button(self.tr("Choose a file…"), self._choose, look="quiet"))
        ways.append(button(self.tr("Copy details"), self._copy_details, look="quiet"))
        back = button(self.tr("Back"), self.left.emit)
        self.content.addLayout(row(*ways, None, back))

    def _restore(self, copy_id: str) -> None:
        self._wait(self.tr("Restoring, with what was not sent yet…"))
        self._tasks.run(
            self,
            lambda: self._rescuer.restore(self._profile.id, self._passphrase, copy_id),
            self.opened.emit,
            failed=self._refused,
        )

    def _choose(self) -> None:
        dialog = FileDialog(
            self,
            self.tr("Choose a copy of your data"),
            [self.tr("Stores of KAMDesk (*.kdb *.kdq)"), self.tr("All files (*)")],
            folder=self._found.folder,
        )
        dialog.fileSelected.connect(self._restore)
        dialog.open()

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._found.folder))

    def _copy_details(self) -> None:
        lines = [
            f"KAMDesk {__version__}",
            self.code,
            self._found.folder,
            f"backups {len(self._found.copies)}, unsent {len(self._found.unsent)}",
        ]
        if self._error is not None:
            lines.append(describe(self._error))
        QGuiApplication.clipboard().setText("\n".join(lines))

    # ---- head office again

    def paint_begin_again(self) -> None:
        """Ask for the sign-in that lets head office send everything again."""
        self._begin(self.tr("Fetch everything from head office again"))
        told = self.tr(
            "Head office sends your customers, visits and tasks again. What was not sent yet is laid on top and sent."
        )
        self.content.addWidget(text(told, "muted", wrap=True))
        self._list_unsent()
        self._line("server", self.tr("Address of head office"), self._found.server)
        self._line("user", self.tr("User name"))
        self._line("password", self.tr("Password"), secret=True)
        self._line("code", self.tr("or enrolment code"))
        self.content.addWidget(self.trouble)
        go = button(self.tr("Fetch everything"), self._begin_again, look="primary")
        go.setDefault(True)
        self.content.addLayout(row(None, button(self.tr("Back"), self.paint), go))
        for edit in self.edits.values():
            edit.returnPressed.connect(self._begin_again)
        self.edits["user" if self._found.server else "server"].setFocus()

    def _begin_again(self) -> None:
        typed = {name: edit.text() for name, edit in self.edits.items()}
        for edit in self.edits.values():
            edit.setEnabled(False)
        self._tasks.run(
            self,
            lambda: self._rescuer.begin_again(self._profile.id, self._passphrase, SignIn(**typed)),
            self.opened.emit,
            failed=self._refused_sign_in,
        )

    def _refused_sign_in(self, error: Exception) -> None:
        for edit in self.edits.values():
            edit.setEnabled(True)
        name = error.field if isinstance(error, UserError) else ""
        for field in self.fields.values():
            field.set_error("")
        if name in self.fields:
            self.fields[name].set_error(speech.words(error))
            self.edits[name].setFocus()
        else:
            self._tell(error)

    # ---- the keys are not here

    def paint_keys(self) -> None:
        """Offer what can be done where the key is not here: wait for it, a passphrase, setting up anew."""
        self._begin(self.tr("The key of your data is not available"))
        assert self._error is not None
        self.content.addWidget(text(speech.words(self._error), wrap=True))
        told = self.tr(
            "Your data is here and stays encrypted. It opens again as soon as its key is back, for example after "
            "you unlock or restore the key store of this computer."
        )
        self.content.addWidget(text(told, "muted", wrap=True))
        if self._profile.has_passphrase:
            self._ask_passphrase()
        self.content.addWidget(self.trouble)
        again = button(
            self.tr("Try again"), self.left.emit,
            look="" if self._profile.has_passphrase else "primary",
        )  # fmt: skip
        anew = button(self.tr("Set up this computer anew…"), self.paint_set_aside)
        self.content.addLayout(row(again, anew, None))
        self._add_ways_out(choose=False)

    def paint_passphrase(self) -> None:
        """Ask for the passphrase, without which nothing can be read."""
        self._begin(self.tr("Go back to a backup"))
        self._ask_passphrase()
        self.content.addWidget(self.trouble)
        self._add_ways_out(choose=False)
        self.edits["passphrase"].setFocus()

    def _ask_passphrase(self) -> None:
        self._line("passphrase", self.tr("Passphrase"), secret=True)
        use = button(self.tr("Use the passphrase"), self._use_passphrase, look="primary")
        self.edits["passphrase"].returnPressed.connect(self._use_passphrase)
        self.content.addLayout(row(None, use))

    def _use_passphrase(self) -> None:
        self._passphrase = self.edits["passphrase"].text()
        if self.code == ASKED:
            self._look()
            return
        self._wait(self.tr("Opening your data…"))
        self._tasks.run(
            self,
            lambda: self._rescuer.open(self._profile.id, self._passphrase),
            self.opened.emit,
            failed=self._refused_passphrase,
        )

    def _refused_passphrase(self, error: Exception) -> None:
        if isinstance(error, KamError) and not isinstance(error, UserError):
            # The keys are open, and what they open is not what it was
            self._error = error
            self._look()
            return
        self._on_found(self._found)
        self._tell(error)

    def paint_set_aside(self) -> None:
        """Ask once more before a profile is put aside: its unsent work stays shut in with it."""
        self._begin(self.tr("Set up this computer anew?"))
        told = self.tr(
            "Head office sends everything that it has. What was not sent from this computer stays encrypted in the "
            "folder “set-aside”, and can be read again only when its key is back."
        )
        self.content.addWidget(text(told, wrap=True))
        self.content.addWidget(self.trouble)
        self.content.addLayout(
            row(
                None,
                button(self.tr("Back"), self.paint_keys),
                button(self.tr("Set aside and set up anew"), self._set_aside, look="primary"),
            )
        )

    def _set_aside(self) -> None:
        self._wait(self.tr("Putting the files aside…"))
        self._tasks.run(
            self,
            lambda: self._rescuer.set_aside(self._profile.id),
            lambda _: self.set_up_anew.emit(),
            failed=self._refused,
        )

    # ---- what did not work

    def _refused(self, error: Exception) -> None:
        self._on_found(self._found)
        self._tell(error)

    def _on_failed(self, error: Exception) -> None:
        self.paint()
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        self.trouble.setText(speech.words(error))
        self.trouble.show()


def unsent_parts(unsent: Sequence[Unsent], shown: int) -> list[QLabel]:
    """List the newest `shown` of the changes that were not sent, and count the others; nothing where all were."""
    if not unsent:
        return []
    translate = QCoreApplication.translate
    lines = [_line_of_unsent(one) for one in unsent[-shown:]]
    if len(unsent) > shown:
        more = translate("RecoveryPage", "and {n} more")
        lines.append(more.format(n=speech.number(len(unsent) - shown)))
    return [
        text(translate("RecoveryPage", "Not sent yet"), "heading"),
        text("\n".join(lines), select=True, wrap=True),
    ]


def _line_of_unsent(one: Unsent) -> str:
    kind = speech.label(one.kind, spec_of(one.kind).label)
    return " · ".join(
        filter(None, (kind, speech.word(one.what), one.title, speech.instant(one.at)))
    )
