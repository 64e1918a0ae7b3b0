"""The small parts of every screen: labels, pills, cards, rows, what to say where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kamdesk.ui import theme
from kamdesk.ui.icons import icon
from kamdesk.ui.veils import FIXED

SENDING = {"saved": "grey", "sent": "blue", "asking": "amber", "confirmed": "green"}
"""The colour of a status word."""


def let_wrap(label: QLabel) -> None:
    """Let a label take the lines that its words need at its width."""
    label.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)  # noqa: FBT003
    label.setSizePolicy(policy)


def text(words: str = "", look: str = "", *, wrap: bool = False, select: bool = False) -> QLabel:
    """Make a label; plain text always, for it may be what somebody typed."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        label.setProperty("look", look)
    if wrap:
        let_wrap(label)
    if select:
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return label


def fixed(label: QLabel) -> QLabel:
    """Say that a label holds words of the program: it is read in train mode too."""
    label.setProperty(FIXED, True)  # noqa: FBT003
    return label


def pill(words: str, colour: str = "grey") -> QLabel:
    """Make a small coloured word: blue, green, amber, red or grey."""
    made = text(words, f"pill-{colour}")
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def button(
    words: str, pressed: Callable[[], object], *, look: str = "", keys: str = "", image: str = ""
) -> QPushButton:
    """Make a button; `keys` is its shortcut, shown behind the words and bound to it."""
    shown = keys.replace("Return", "Enter")
    made = QPushButton((" " if image else "") + (f"{words}   {shown}" if keys else words))
    made.setAccessibleName(words)
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if look:
        made.setProperty("look", look)
    if image:
        made.setIcon(icon(image, "on_accent" if look == "primary" else "muted"))
        made.setIconSize(QSize(16, 16))
    if keys:
        made.setShortcut(keys)
        made.setToolTip(f"{words} ({shown})")
    made.clicked.connect(lambda: pressed())
    return made


def waiting_bar(words: str) -> QProgressBar:
    """Make a bar for what takes nobody knows how long; `words`: what is waited for."""
    made = QProgressBar()
    made.setRange(0, 0)
    made.setTextVisible(False)
    made.setAccessibleName(words)
    return made


def row(*parts: QWidget | QLayout | int | None, gap: int = theme.SMALL) -> QHBoxLayout:
    """Lay parts side by side; None is a spring, a number is a fixed gap."""
    layout = QHBoxLayout()
    layout.setSpacing(gap)
    _fill(layout, parts)
    return layout


def column(*parts: QWidget | QLayout | int | None, gap: int = theme.SMALL) -> QVBoxLayout:
    """Lay parts one below the other; None is a spring, a number is a fixed gap."""
    layout = QVBoxLayout()
    layout.setSpacing(gap)
    _fill(layout, parts)
    return layout


def _fill(
    layout: QHBoxLayout | QVBoxLayout, parts: tuple[QWidget | QLayout | int | None, ...]
) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)


def put(layout: QBoxLayout, part: QWidget | QLayout, *, at: int = -1) -> None:
    """Put a part into a layout that is on the screen, in one piece.

    What stands in such a layout by itself is shown by an event of its own, styled then, and all around it laid out
    anew: for a line of six words that takes twice the time, and none of it where the line was made (measured).
    """
    if isinstance(part, QLayout):
        holder = QWidget()
        part.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(part)
        part = holder
    part.hide()
    layout.insertWidget(at, part)
    part.ensurePolished()  # and all that is in it
    part.show()


def card(content: QLayout | None = None, *, margin: int = 16, look: str = "card") -> QFrame:
    """Make a white surface with a fine line around it."""
    frame = QFrame()
    frame.setProperty("look", look)
    if content is not None:
        fill(frame, content, margin=margin)
    return frame


def fill(frame: QFrame, content: QLayout, *, margin: int) -> None:
    """Put what a card holds into it."""
    content.setContentsMargins(margin, margin, margin, margin)
    frame.setLayout(content)


def rule() -> QFrame:
    """Make a fine line."""
    frame = QFrame()
    frame.setProperty("look", "rule")
    return frame


def figure(caption: str, value: str, below: str = "") -> QFrame:
    """Make a small box with one number in it."""
    content = column(fixed(text(caption, "muted")), text(value, "figure"), gap=2)
    if below:
        content.addWidget(text(below, "caption"))
    return card(content, margin=10, look="box")


def nothing(image: str, heading: str, advice: str, *buttons: QPushButton) -> QWidget:
    """Say that there is nothing here, and what to do about it."""
    picture = QLabel()
    picture.setPixmap(icon(image, "faint").pixmap(32, 32))
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    title = text(heading, "heading")
    title.setAlignment(Qt.AlignmentFlag.AlignCenter)
    title.setWordWrap(True)
    told = fixed(text(advice, "muted", wrap=True))
    told.setAlignment(Qt.AlignmentFlag.AlignCenter)
    content = column(None, picture, title, told, gap=6)
    if buttons:
        content.addLayout(row(None, *buttons, None))
    content.addStretch(2)
    content.setContentsMargins(32, 24, 32, 24)
    holder = QWidget()
    holder.setLayout(content)
    return holder


def scrolled(inside: QWidget) -> QScrollArea:
    """Let a tall part scroll without a frame of its own."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside.setProperty("look", "inside")
    area.setWidget(inside)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def clear(layout: QLayout) -> None:
    """Take everything out of a layout, at once for the eye and later for the memory."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        inner = item.layout() if item is not None else None
        if widget is not None:
            widget.hide()  # and stays where it is: without its parent all that is in it would be styled anew
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
            inner.deleteLater()


class Segments(QWidget):
    """A row of buttons of which one is down; `choices` are (value, words)."""

    def __init__(
        self, choices: list[tuple[str, str]], chosen: Callable[[str], object], at: str
    ) -> None:
        super().__init__()
        self._chosen = chosen
        self._buttons: dict[str, QPushButton] = {}
        parts: list[QWidget | None] = []
        for value, words in choices:
            made = QPushButton(words)
            made.setAccessibleName(words)
            made.setProperty("look", "segment")
            made.setAutoDefault(False)
            made.setCheckable(True)
            made.clicked.connect(partial(self._choose, value))
            self._buttons[value] = made
            parts.append(made)
        self.setLayout(row(*parts, None, gap=4))
        self.show_value(at)

    def show_value(self, value: str) -> None:
        """Let the button of `value` be down, without choosing it anew."""
        for other, made in self._buttons.items():
            made.setChecked(other == value)

    def _choose(self, value: str, _checked: object = None) -> None:
        self.show_value(value)
        self._chosen(value)
