"""The part of the settings about keys: what opens the data on this computer, and replacing either key."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from kamdesk.domain.errors import UserError
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.rescue import KeyFacts, Upkeep
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, column, fixed, row, text
from kamdesk.ui.kit.small_form import SmallForm
from kamdesk.ui.kit.unlock import different

_AGAIN_MS = 2000
"""How often it looks while backups are put under the new key."""


class KeysCard(QWidget):
    """Says what opens the open profile, and lets the user change that."""

    _told = Signal(int, int)

    def __init__(self, desk: Desk, upkeep: Upkeep) -> None:
        super().__init__()
        self._desk, self._upkeep = desk, upkeep
        self._facts: KeyFacts | None = None
        self.passphrase = button("", self._ask_passphrase)
        self.keyring = button("", self._use_keyring)
        self.alone = button(self.tr("Ask at every start…"), self._ask_alone)
        self.renew = button(self.tr("Replace the price key…"), self._ask_renewal)
        self.replace = button(self.tr("Replace the key of the data…"), self._ask_replacing)
        self.progress = fixed(text("", "muted"))
        self.ways, self.data, self.prices, self.disk = (
            fixed(text("", "muted", wrap=True)) for _ in range(4)
        )
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.refresh)
        self.setLayout(
            column(
                text(self.tr("Keys"), "heading"),
                self.ways,
                row(self.passphrase, self.keyring, self.alone, None),
                self.data,
                row(self.replace, None),
                self.prices,
                row(self.renew, self.progress, None),
                self.disk,
            )
        )
        self._told.connect(self._show_progress)
        desk.prices.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, _state: object = None) -> None:
        """Read what opens the profile again."""
        self._desk.tasks.run(self, self._upkeep.keys, self._paint, key="keys")

    def _paint(self, facts: KeyFacts) -> None:
        self._facts = facts
        self.ways.setText(self._way_in(facts))
        self.passphrase.setText(
            self.tr("Change the passphrase…")
            if facts.has_passphrase
            else self.tr("Set an emergency passphrase…")
        )
        self.keyring.setVisible(facts.keyring_failed or not facts.by_keyring)
        again = self.tr("Use the key store again")
        words = again if facts.by_keyring else self.tr("Let the key store open it")
        self.keyring.setText(words)
        self.keyring.setAccessibleName(words)
        self.alone.setVisible(
            facts.by_keyring and facts.has_passphrase and not facts.keyring_failed
        )
        self.data.setText(self._of_data(facts))
        self.disk.setText(self._of_disk(facts))
        if facts.old_copies and self.isVisible():
            self._again.start(_AGAIN_MS)
        is_open, made_at = self._desk.prices.is_open, facts.price_key_made_at
        for one in (self.prices, self.renew, self.progress):
            one.setVisible(
                is_open or (made_at is not None and self._desk.prices.state is PriceState.LOCKED)
            )
        self.renew.setEnabled(is_open)
        told = self.tr("The price key is replaced once a year by itself.")
        if made_at is not None:
            told = self.tr(
                "The price key is of {day}; it is replaced once a year by itself."
            ).format(day=speech.day(made_at.date()))
        self.prices.setText(
            told if is_open else told + " " + self.tr("Show prices to replace it now.")
        )

    def _way_in(self, facts: KeyFacts) -> str:
        if facts.keyring_failed:
            return self.tr(
                "The key store of this computer did not open your data; the emergency passphrase did. "
                "Without a key store it is asked for at every start."
            )
        if not facts.by_keyring:
            return self.tr(
                "Your data is opened with a passphrase, which KAMDesk asks for at every start. The key store of this "
                "computer can open it instead; the passphrase stays for an emergency."
            )
        if facts.has_passphrase:
            return self.tr(
                "The key store of this computer opens your data. Should it fail, the emergency passphrase does."
            )
        return self.tr(
            "Only the key store of this computer opens your data. Set a passphrase for the day when it "
            "fails: work that was not sent would be lost with it."
        )

    def _of_disk(self, facts: KeyFacts) -> str:
        if facts.disk == "encrypted":
            return self.tr(
                "The disk of this computer is encrypted by its system. Head office is told so."
            )
        if facts.disk == "plain":
            return self.tr(
                "The disk of this computer is not encrypted by its system. Your data is, but what the system swaps out "
                "to the disk, or keeps there while the computer sleeps, may hold prices. Ask for BitLocker, FileVault "
                "or LUKS. Head office is told so."
            )
        return self.tr("The system does not tell whether the disk of this computer is encrypted.")

    def _of_data(self, facts: KeyFacts) -> str:
        told = []
        if facts.store_key_made_at is not None:
            told.append(
                self.tr("The key of your data is of {day}.").format(
                    day=speech.day(facts.store_key_made_at.date())
                )
            )
        if facts.old_copies:
            told.append(
                speech.counted(
                    facts.old_copies,
                    self.tr(
                        "1 backup is not under it yet; the key until then is deleted when it is."
                    ),
                    self.tr(
                        "{n} backups are not under it yet; the key until then is deleted when they are."
                    ),
                )
            )
        elif facts.replaces_at_close:
            told.append(self.tr("It is replaced when you close KAMDesk."))
        return " ".join(told)

    # ---- the key of the data

    def _ask_replacing(self) -> None:
        facts = self._facts
        if facts is None:
            return
        labels = {"passphrase": self._name_of_passphrase(facts)} if facts.has_passphrase else {}

        def check(typed: dict[str, str]) -> None:
            if labels:
                self._upkeep.check_passphrase(typed["passphrase"])
            passphrases.append(typed.get("passphrase", ""))

        passphrases: list[str] = []
        form = SmallForm(
            self._desk, self, self.tr("Replace the key of the data"), labels, {}, check,
            is_write=False, hidden=tuple(labels), verb=self.tr("Replace the key"),
            advice=self.tr(
                "For when somebody may have had this computer, its files or your passphrase. KAMDesk closes your data, "
                "copies it under a new key and opens it again. The old key is deleted as soon as the backups here are "
                "under the new one; copies of them that you keep elsewhere cannot be opened any more. The passphrase "
                "stays the same."
            ),
        )  # fmt: skip
        form.accepted.connect(lambda: self._desk.replace_key(passphrases[-1]))
        form.open()

    def _name_of_passphrase(self, facts: KeyFacts) -> str:
        return self.tr("Emergency passphrase") if facts.by_keyring else self.tr("Passphrase")

    def _offer_replacing(self, passphrase: str) -> None:
        """Say what a changed passphrase leaves open, and offer to close it."""
        form = SmallForm(
            self._desk, self, self.tr("Replace the key of the data too?"), {}, {}, lambda _: None,
            is_write=False, verb=self.tr("Replace the key"),
            advice=self.tr(
                "The passphrase was changed. Whoever knows the old one and has a copy of your files from before could "
                "still open your data with it. A new key ends that: KAMDesk closes your data, copies it under the new "
                "key and opens it again."
            ),
        )  # fmt: skip
        form.accepted.connect(lambda: self._desk.replace_key(passphrase))
        form.open()

    # ---- the passphrase

    def _ask_passphrase(self) -> None:
        facts = self._facts
        if facts is None:
            return
        chosen: list[str] = []
        labels = {"new": self.tr("New passphrase"), "again": self.tr("The same again")}
        if not facts.by_keyring:
            labels = {"current": self.tr("Passphrase until now"), **labels}

        def save(typed: dict[str, str]) -> None:
            if typed["new"] != typed["again"]:
                raise different()
            try:
                self._upkeep.set_passphrase(typed.get("current", ""), typed["new"])
                chosen.append(typed["new"])
            except UserError as error:
                if error.field == "passphrase":
                    error.field = "new"
                raise

        form = SmallForm(
            self._desk, self, self.passphrase.text().rstrip("…"), labels, {}, save,
            is_write=False, hidden=tuple(labels), verb=self.tr("Set the passphrase"),
            advice=self.tr("It opens your data on this computer and is kept nowhere; head office cannot tell it."),
        )  # fmt: skip
        form.accepted.connect(lambda: self._desk.say(self.tr("The passphrase was set")))
        form.accepted.connect(self.refresh)
        if facts.has_passphrase:
            form.accepted.connect(lambda: self._offer_replacing(chosen[-1]))
        form.open()

    def _ask_alone(self) -> None:
        form = SmallForm(
            self._desk, self, self.tr("Ask for the passphrase at every start"),
            {"passphrase": self.tr("Emergency passphrase")}, {},
            lambda typed: self._upkeep.use_passphrase_alone(typed["passphrase"]),
            is_write=False, hidden=("passphrase",), verb=self.tr("Ask at every start"),
            advice=self.tr(
                "Only the passphrase opens your data from now on: whoever signs in to this computer as you does not. "
                "Without it, work that was not sent is lost."
            ),
        )  # fmt: skip
        form.accepted.connect(
            lambda: self._desk.say(self.tr("The passphrase is asked for from now on"))
        )
        form.accepted.connect(self.refresh)
        form.open()

    def _use_keyring(self) -> None:
        self.keyring.setEnabled(False)

        def done(_: object) -> None:
            self.keyring.setEnabled(True)
            self._desk.say(self.tr("The key store opens your data now"))
            self.refresh()

        def failed(error: Exception) -> None:
            self.keyring.setEnabled(True)
            self._desk.fail(error)

        self._desk.tasks.run(self, self._upkeep.use_keyring, done, failed=failed)

    # ---- the price key

    def _ask_renewal(self) -> None:
        if not self._desk.prices.prices.needs_passphrase:
            self._desk.tasks.run(
                self,
                lambda: self._upkeep.renew_price_key(""),
                self._seal_anew,
                failed=self._desk.fail,
            )
            return
        form = SmallForm(
            self._desk, self, self.tr("Replace the price key"),
            {"passphrase": self.tr("Price passphrase")}, {},
            lambda typed: self._upkeep.renew_price_key(typed["passphrase"]),
            is_write=False, hidden=("passphrase",), verb=self.tr("Replace the key"),
            advice=self.tr(
                "All prices on this computer are sealed anew; you can go on working. The old key is deleted "
                "when the last backup that needs it is gone. The passphrase stays the same."
            ),
        )  # fmt: skip
        form.accepted.connect(self._seal_anew)
        form.open()

    def _seal_anew(self, _: object = None) -> None:
        self.renew.setEnabled(False)

        def failed(error: Exception) -> None:
            self.progress.setText(self.tr("It goes on the next time that prices are shown."))
            self.refresh()
            self._desk.fail(error)

        self._desk.tasks.run(
            self, lambda: self._upkeep.seal_prices_anew(self._told.emit),
            lambda _: self._renewed(), failed=failed,
        )  # fmt: skip

    def _show_progress(self, done: int, total: int) -> None:
        self.progress.setText(
            self.tr("{done} of {total} sealed anew").format(
                done=speech.number(done), total=speech.number(total)
            )
        )

    def _renewed(self) -> None:
        self.progress.setText("")
        self._desk.say(self.tr("The price key was replaced"))
        self.refresh()
