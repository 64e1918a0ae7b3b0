"""The language in force: English, or Simplified Chinese from resources/i18n."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "i18n"
_installed: list[QTranslator] = []


def chosen(setting: str) -> str:
    """Turn the setting (`system`, `en`, `zh_CN`) into a language that there is."""
    if setting in {"en", "zh_CN"}:
        return setting
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"


def use(setting: str) -> str:
    """Switch the language; windows that are open have to be built again. Return what was chosen."""
    app = QCoreApplication.instance()
    assert app is not None
    while _installed:
        app.removeTranslator(_installed.pop())
    language = chosen(setting)
    QLocale.setDefault(_locale(language))
    if language == "zh_CN":
        qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in (("qtbase_zh_CN", qt), ("kamdesk_zh_CN", str(FOLDER))):
            translator = QTranslator(app)
            if translator.load(name, folder):
                app.installTranslator(translator)
                _installed.append(translator)
    return language


def _locale(language: str) -> QLocale:
    """Return how days, numbers and money are written: as the system does where it speaks this language."""
    fallback = (
        QLocale(QLocale.Language.Chinese, QLocale.Country.China)
        if language == "zh_CN"
        else QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
    )
    system = QLocale.system()
    # The C locale calls itself English and writes like nobody
    is_spoken = system.language() == fallback.language() and system.name() != "C"
    return system if is_spoken else fallback
