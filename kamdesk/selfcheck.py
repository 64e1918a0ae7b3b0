"""`kamdesk --self-check`: whether an installed program has all of its parts. Prints OK, or what is missing."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import (
    QCollator,
    QCoreApplication,
    QLocale,
    QStringDecoder,
    QTranslator,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from sqlcipher3 import dbapi2 as driver

from kamdesk import __version__
from kamdesk.db import open_store
from kamdesk.db.records import RECORDS
from kamdesk.domain.changes import Origin
from kamdesk.domain.errors import KamError
from kamdesk.domain.roles import Actor, Role
from kamdesk.importers import spelling
from kamdesk.security import keystore
from kamdesk.security.probe import probe_keyring
from kamdesk.services.tasks import add_task
from kamdesk.ui import icons, screens, theme, translation

_PASSPHRASE = "a store for a moment"  # noqa: S105  # of a store that is deleted at once


def main() -> int:
    """Try each part; return 0 when all of them are there."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication.instance() or QApplication([])
    failed = False
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("SQLCipher", _cipher),
        ("encrypted store", _store),
        ("record types", lambda: str(len(RECORDS))),
        ("languages", _languages),
        ("sorting and encodings", _letters),
        ("screens and icons", _screens),
        ("parts in processes of their own", _parts),
        ("key store", _key_store),
    )
    _say(f"KAMDesk {__version__}")
    for name, check in checks:
        try:
            told = check()
        except (OSError, ValueError, KamError, driver.Error, ImportError, RuntimeError) as error:
            told, failed = f"FAILED: {type(error).__name__}: {error}", True
        _say(f"{name}: {told}")
    _say("FAILED" if failed else "OK")
    app.quit()
    return int(failed)


def _cipher() -> str:
    connection = driver.connect(":memory:")
    try:
        connection.execute("PRAGMA key='x'")
        found = connection.execute("PRAGMA cipher_version").fetchone()
    finally:
        connection.close()
    if not found:
        raise RuntimeError("SQLite comes without SQLCipher")
    return f"{found[0]}, SQLite {driver.sqlite_version}"


def _store() -> str:
    """Make an encrypted store, write into it through the service, close it, open it again and read."""
    with tempfile.TemporaryDirectory(prefix="kamdesk-check-") as name:
        folder = Path(name)
        keys = keystore.create_with_passphrase(folder, "check", _PASSPHRASE)
        me = Actor("check", Role.REP)
        store = open_store.create(folder, keys, me)
        store.transact(Origin.USER, lambda work: add_task(work, title="Check", due_on=None))
        store.close()
        again = open_store.open_existing(folder, keys, me)
        count = again.read(lambda reader: reader.value("SELECT count(*) FROM task"))
        again.close()
        keys.forget()
    if count != 1:
        raise RuntimeError("what was written is not there")
    return "written, closed, read again"


def _languages() -> str:
    translator = QTranslator()
    if not translator.load("kamdesk_zh_CN", str(translation.FOLDER)):
        raise RuntimeError("the Chinese texts are missing")
    QCoreApplication.installTranslator(translator)
    shown = QCoreApplication.translate("words", "Tomorrow")
    QCoreApplication.removeTranslator(translator)
    if shown == "Tomorrow":
        raise RuntimeError("the Chinese texts are empty")
    return f"English, 简体中文 ({shown})"


def _letters() -> str:
    """Sort as only ICU can, whose data an installed program has but a part of."""
    sorter = QCollator(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    if not (sorter.compare("阿", "北") < 0 < sorter.compare("浙", "北")):
        raise RuntimeError("Chinese is not sorted by its sound")
    if not QStringDecoder("GB18030").isValid():
        raise RuntimeError("GB18030 is not known")
    return "Chinese by sound, GB18030"


def _screens() -> str:
    screens.load_all()
    if not list(theme.ICONS.glob("*.svg")) or icons.icon("sun").isNull():
        raise RuntimeError("the icons are missing")
    return "there"


def _parts() -> str:
    pinyin, _ = spelling.spell_apart({"one": "王敏"})["one"]
    if not pinyin:
        raise RuntimeError("pinyin is missing")
    return f"answer ({pinyin})"


def _key_store() -> str:
    """Ask for the key store; that a computer has none is no fault of the program."""
    state = probe_keyring(write=False)
    return state.backend_name if state.is_usable else f"none that can be trusted ({state.problem})"


def _say(words: str) -> None:
    with suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a pipe on Windows is cp1252
    print(words, flush=True)
