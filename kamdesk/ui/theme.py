"""One palette, one type scale, one grid of four pixels; light and dark, switched while running.

Widgets say what they are with the property `look` (see `dress`): card, primary, quiet, title, heading,
caption, muted, label, error, pill-blue|green|amber|red|grey, search, rail, strip, banner, key.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

MARGIN, GAP, SMALL = 20, 12, 8
ROW, COMPACT_ROW = 37, 28
STYLE = ("-style", "Fusion")
"""Arguments of QApplication. `setStyle` answers with the style before it, and making the class QStyle with all its
enumerations for that takes longer than painting the window does."""

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"

LIGHT = {
    "window": "#f5f7fa",
    "rail": "#eceff4",
    "card": "#ffffff",
    "line": "#dfe3ea",
    "grid": "#e6e9ef",
    "text": "#161b26",
    "muted": "#5b6478",
    "faint": "#9aa3b4",
    "accent": "#0b66bf",
    "on_accent": "#ffffff",
    "accent_hover": "#0a58a6",
    "hover": "#eef2f7",
    "selected": "#e3eefb",
    "field": "#ffffff",
    "red": "#b3261e",
    "red_soft": "#fbe4e2",
    "amber": "#8a5a00",
    "amber_soft": "#fdf0cf",
    "green": "#1a7431",
    "green_soft": "#def3e3",
    "blue_soft": "#e0ecfa",
    "grey": "#5b6478",
    "grey_soft": "#eef1f5",
    "check": "check-white",
    "down": "chevron-down-dark",
}
DARK = {
    "window": "#14171d",
    "rail": "#101318",
    "card": "#1b1f27",
    "line": "#303745",
    "grid": "#282e39",
    "text": "#e8ebf1",
    "muted": "#a3adbf",
    "faint": "#6b7587",
    "accent": "#5aa9f8",
    "on_accent": "#0b1420",
    "accent_hover": "#7dbcfa",
    "hover": "#232934",
    "selected": "#1e3450",
    "field": "#161a21",
    "red": "#ff8a80",
    "red_soft": "#45211f",
    "amber": "#f2c14e",
    "amber_soft": "#3d3013",
    "green": "#7fd493",
    "green_soft": "#1b3a24",
    "blue_soft": "#1b3350",
    "grey": "#a3adbf",
    "grey_soft": "#2a303b",
    "check": "check-black",
    "down": "chevron-down-light",
}


class _Theme(QObject):
    switched = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colours = LIGHT
        self.is_dark = False


_theme: _Theme | None = None


def theme() -> _Theme:
    """Return the theme in force; its signal `switched` tells painters to paint again."""
    global _theme  # noqa: PLW0603
    if _theme is None:
        _theme = _Theme()
    return _theme


def colour(name: str) -> QColor:
    """Return a colour of the theme in force by its name."""
    return QColor(theme().colours[name])


def dress(widget: QWidget, look: str) -> None:
    """Say what a widget is; the style sheet does the rest."""
    if widget.property("look") != look:
        widget.setProperty("look", look)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def apply(app: QApplication, mode: str) -> None:
    """Switch to `light`, `dark` or `system`."""
    hints = QGuiApplication.styleHints()
    is_dark = mode == "dark" or (mode == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
    one = theme()
    one.is_dark = is_dark
    one.colours = DARK if is_dark else LIGHT
    # A sheet in place of another is applied to each widget once for every widget around it: nine times in our window
    # (measured with Qt 6.11). Without one between it is twice.
    app.setStyleSheet("")
    app.setFont(_font())
    app.setPalette(_palette(one.colours))
    app.setStyleSheet(_sheet(one.colours))
    one.switched.emit()


def _font() -> QFont:
    families = set(QFontDatabase.families())
    latin = [
        name
        for name in ("Segoe UI", "SF Pro Text", "Inter", "Noto Sans", "DejaVu Sans")
        if name in families
    ]
    han = [
        name
        for name in ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC")
        if name in families
    ]
    font = QFont()
    if latin or han:
        font.setFamilies([*latin[:1], *han[:1]])
    font.setPixelSize(13)
    return font


def _palette(c: dict[str, str]) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, "window"), (role.Base, "field"), (role.AlternateBase, "card"),
        (role.Text, "text"), (role.WindowText, "text"), (role.ButtonText, "text"),
        (role.Button, "card"), (role.Highlight, "selected"), (role.HighlightedText, "text"),
        (role.PlaceholderText, "muted"), (role.ToolTipBase, "card"), (role.ToolTipText, "text"),
        (role.Link, "accent"), (role.Mid, "line"), (role.Light, "card"), (role.Dark, "line"),
    ):  # fmt: skip
        palette.setColor(which, QColor(c[name]))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(c["faint"]))
    return palette


def _sheet(c: dict[str, str]) -> str:
    pills = "".join(
        f'QLabel[look="pill-{name}"] {{ background: {c[soft]}; color: {c[ink]}; border-radius: 7px;'
        " padding: 1px 8px 2px 8px; font-size: 11px; font-weight: 600; }"
        for name, soft, ink in (
            ("blue", "blue_soft", "accent"), ("green", "green_soft", "green"),
            ("amber", "amber_soft", "amber"), ("red", "red_soft", "red"), ("grey", "grey_soft", "grey"),
        )
    )  # fmt: skip
    tiles = "".join(
        f'QLabel[look="tile-{name}"] {{ font-size: 11px; color: {c[ink]}; font-weight: {weight}; }}'
        for name, ink, weight in (
            ("blue", "accent", 500), ("green", "green", 500), ("amber", "amber", 500), ("red", "red", 500),
            ("grey", "muted", 400),
        )
    )  # fmt: skip
    return f"""
QWidget {{ color: {c["text"]}; }}
QMainWindow, QDialog, QWidget[look="page"] {{ background: {c["window"]}; }}
QToolTip {{ background: {c["card"]}; color: {c["text"]}; border: 1px solid {c["line"]}; padding: 4px; }}
QFrame[look="card"] {{ background: {c["card"]}; border: 1px solid {c["line"]}; border-radius: 8px; }}
QFrame[look="box"] {{ background: transparent; border: 1px solid {c["line"]}; border-radius: 8px; }}
QFrame[look="banner"] {{ background: {c["amber_soft"]}; border: 1px solid {c["amber"]}; border-radius: 6px; }}
QFrame[look="banner-red"] {{ background: {c["red_soft"]}; border: 1px solid {c["red"]}; border-radius: 6px; }}
QFrame[drop="true"] {{ border: 2px dashed {c["accent"]}; background: {c["selected"]}; }}
QFrame[look="tile"] {{ background: {c["field"]}; border: 1px solid {c["line"]}; border-radius: 6px; }}
QFrame[look="tile"]:hover {{ background: {c["hover"]}; }}
QFrame[look="tile"]:focus {{ border: 1px solid {c["accent"]}; }}
QFrame[look="rule"] {{ background: {c["grid"]}; border: none; max-height: 1px; min-height: 1px; }}
QLabel[look="title"] {{ font-size: 20px; font-weight: 600; }}
QLabel[look="heading"] {{ font-size: 15px; font-weight: 600; }}
QLabel[look="figure"] {{ font-size: 18px; font-weight: 600; }}
QLabel[look="strong"] {{ font-weight: 600; }}
QLabel[look="label"] {{ font-size: 12px; font-weight: 600; }}
QLabel[look="caption"] {{ font-size: 11px; color: {c["muted"]}; }}
QLabel[look="section"] {{ font-size: 11px; font-weight: 600; color: {c["muted"]}; }}
QLabel[look="muted"] {{ color: {c["muted"]}; }}
QLabel[look="error"] {{ color: {c["red"]}; font-size: 12px; }}
QLabel[look="key"] {{ color: {c["muted"]}; border: 1px solid {c["line"]}; border-radius: 4px; padding: 0 5px;
  font-size: 11px; }}
{pills}{tiles}
QPushButton {{ background: {c["card"]}; border: 1px solid {c["line"]}; border-radius: 6px; padding: 5px 12px;
  min-height: 20px; font-weight: 500; }}
QPushButton:hover {{ background: {c["hover"]}; }}
QPushButton:focus {{ border: 1px solid {c["accent"]}; }}
QPushButton:disabled {{ color: {c["faint"]}; background: {c["window"]}; }}
QPushButton:default, QPushButton[look="primary"] {{ background: {c["accent"]}; color: {c["on_accent"]};
  border: 1px solid {c["accent"]}; }}
QPushButton[look="primary"] {{ font-weight: 600; }}
QPushButton[look="primary"]:hover {{ background: {c["accent_hover"]}; }}
QPushButton[look="primary"]:focus {{ border: 1px solid {c["text"]}; }}
QPushButton[look="primary"]:disabled {{ background: {c["grey_soft"]}; color: {c["muted"]};
  border-color: {c["line"]}; }}
QPushButton[look="quiet"] {{ background: transparent; border: 1px solid transparent; color: {c["accent"]};
  padding: 3px 6px; }}
QPushButton[look="quiet"]:hover {{ background: {c["hover"]}; }}
QPushButton[look="quiet"]:focus {{ border: 1px solid {c["accent"]}; }}
QPushButton[look="icon"] {{ background: transparent; border: 1px solid transparent; padding: 2px; min-height: 18px; }}
QPushButton[look="icon"]:hover {{ background: {c["selected"]}; }}
QPushButton[look="search"] {{ color: {c["muted"]}; text-align: left; font-weight: 400; background: {c["field"]}; }}
QPushButton[look="value"] {{ text-align: left; font-weight: 400; padding: 4px 10px; }}
QPushButton[look="segment"]:checked, QPushButton[look="value"]:checked {{ background: {c["selected"]};
  color: {c["accent"]}; border-color: {c["accent"]}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QDateEdit, QTimeEdit, QComboBox, QSpinBox {{ background: {c["field"]};
  border: 1px solid {c["line"]}; border-radius: 6px; padding: 4px 8px; min-height: 20px;
  selection-background-color: {c["accent"]}; selection-color: {c["on_accent"]}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QDateEdit:focus, QTimeEdit:focus, QComboBox:focus,
QSpinBox:focus {{ border: 1px solid {c["accent"]}; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; width: 0; }}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QDateEdit[wrong="true"], QFrame[wrong="true"]
  {{ border: 1px solid {c["red"]}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QDateEdit:disabled, QComboBox:disabled {{ color: {c["muted"]};
  background: {c["window"]}; }}
QComboBox::drop-down, QDateEdit::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ width: 14px; height: 14px;
  image: url("{ICONS.as_posix()}/{c["down"]}.svg"); }}
QComboBox QAbstractItemView {{ background: {c["card"]}; border: 1px solid {c["line"]}; outline: none;
  selection-background-color: {c["selected"]}; selection-color: {c["text"]}; }}
QPushButton[look="chip"] {{ background: {c["blue_soft"]}; border: 1px solid transparent; border-radius: 10px;
  padding: 1px 8px; min-height: 16px; font-weight: 500; }}
QPushButton[look="chip"]:focus {{ border: 1px solid {c["accent"]}; }}
QFrame[look="chips"] {{ background: transparent; border: none; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {c["faint"]}; border-radius: 3px;
  background: {c["field"]}; }}
QCheckBox::indicator:focus {{ border-color: {c["accent"]}; }}
QCheckBox::indicator:checked {{ background: {c["accent"]}; border-color: {c["accent"]};
  image: url("{ICONS.as_posix()}/{c["check"]}.svg"); }}
QListView::item {{ padding: 3px 4px; }}
QWidget[look="rail"] {{ background: {c["rail"]}; border-right: 1px solid {c["line"]}; }}
QPushButton[look="destination"] {{ background: transparent; border: 1px solid transparent; text-align: left;
  padding: 5px 10px; font-weight: 500; border-radius: 6px; }}
QPushButton[look="destination"]:hover {{ background: {c["hover"]}; }}
QPushButton[look="destination"]:checked {{ background: {c["selected"]}; color: {c["accent"]}; font-weight: 600; }}
QPushButton[look="destination"]:focus {{ border: 1px solid {c["accent"]}; }}
QFrame[look="strip"] {{ background: {c["rail"]}; border-top: 1px solid {c["line"]}; }}
QTableView, QListView, QTreeView {{ background: {c["card"]}; border: none; outline: none;
  selection-background-color: {c["selected"]}; selection-color: {c["text"]}; gridline-color: {c["grid"]}; }}
QTableView::item {{ border-bottom: 1px solid {c["grid"]}; padding: 0 8px; }}
QTableView::item:hover, QListView::item:hover {{ background: {c["hover"]}; }}
QTableView::item:selected, QListView::item:selected {{ background: {c["selected"]}; color: {c["text"]}; }}
QHeaderView {{ background: {c["card"]}; border: none; }}
QHeaderView::section {{ background: {c["card"]}; color: {c["muted"]}; border: none;
  border-bottom: 1px solid {c["grid"]}; padding: 7px 8px; font-size: 11px; font-weight: 600; }}
QHeaderView::section:vertical {{ padding: 0; border-right: 1px solid {c["grid"]}; }}
QTableCornerButton::section {{ background: {c["card"]}; border: none; border-bottom: 1px solid {c["grid"]};
  border-right: 1px solid {c["grid"]}; }}
QLineEdit[look="cell"] {{ border: 1px solid {c["accent"]}; border-radius: 0; padding: 0 6px; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {c["grid"]}; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; border: none; border-bottom: 2px solid transparent; padding: 7px 7px;
  color: {c["muted"]}; font-weight: 500; }}
QTabBar::tab:selected {{ color: {c["text"]}; border-bottom: 2px solid {c["accent"]}; }}
QTabBar::tab:focus {{ color: {c["accent"]}; }}
QSplitter::handle {{ background: transparent; width: 12px; height: 12px; }}
QScrollArea, QScrollArea > QWidget > QWidget[look="inside"] {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {c["line"]}; border-radius: 3px; min-height: 30px; }}
QScrollBar::handle:vertical:hover {{ background: {c["faint"]}; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle:horizontal {{ background: {c["line"]}; border-radius: 3px; min-width: 30px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent;
  border: none; width: 0; height: 0; }}
QProgressBar {{ background: {c["grey_soft"]}; border: none; border-radius: 3px; max-height: 6px; text-align: center; }}
QProgressBar::chunk {{ background: {c["accent"]}; border-radius: 3px; }}
QMenu {{ background: {c["card"]}; border: 1px solid {c["line"]}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c["selected"]}; }}
QMenu::item:disabled {{ color: {c["faint"]}; }}
QMenu::separator {{ height: 1px; background: {c["grid"]}; margin: 4px 8px; }}
QMenuBar {{ background: {c["rail"]}; }}
QMenuBar::item {{ padding: 4px 10px; background: transparent; }}
QMenuBar::item:selected {{ background: {c["hover"]}; }}
QCalendarWidget QWidget {{ background: {c["card"]}; }}
"""
