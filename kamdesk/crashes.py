"""What is known about crashes: a trace for those of the interpreter, and how often the program just went down.

Nothing here holds what a user typed: a trace names places in the program.
"""

from __future__ import annotations

import faulthandler
import re
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from kamdesk import __version__
from kamdesk.domain import clock
from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP

WITHIN = timedelta(minutes=10)
MOST = 3
"""So many starts without an orderly end within that time, and the next start is careful."""
_KEPT = 5
_LARGEST = 2_000_000
_TRACE = "trace.txt"
_AMOUNT = re.compile(r"\d[\d ,.'’]*[.,]\d{2,}")
_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})?(.*)$", re.MULTILINE)


class Watch:
    """One run of the program, from `begin` to `end`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "crash"
        self._starts = self._folder / "starts.txt"
        self._trace: TextIO | None = None
        self.is_careful = False
        """The program went down again and again: what is not needed stays off."""

    def begin(self) -> None:
        """Note the start. A disk that cannot be written costs the note, not the program."""
        now = clock.now()
        recent = []
        with suppress(OSError, ValueError):
            stamps = self._starts.read_text(encoding="ascii").split()
            recent = [one for one in stamps if now - clock.parse_stamp(one) < WITHIN]
        self.is_careful = len(recent) >= MOST
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._starts.write_text("\n".join([*recent, clock.stamp(now)]), encoding="ascii")
            self._keep_trace()
            self._trace = (self._folder / _TRACE).open("w", encoding="utf-8")
            faulthandler.enable(self._trace)

    def end(self) -> None:
        """Note an orderly end."""
        if self._trace is not None:
            faulthandler.disable()
            self._trace.close()
            self._trace = None
        with suppress(OSError):
            self._starts.unlink(missing_ok=True)

    def _keep_trace(self) -> None:
        trace = self._folder / _TRACE
        if trace.exists() and trace.stat().st_size:
            trace.replace(self._folder / f"trace-{clock.now():%Y%m%dT%H%M%SZ}.txt")
        for old in sorted(self._folder.glob("trace-*.txt"))[:-_KEPT]:
            old.unlink()


def bundle(data_dir: Path, facts: str) -> dict[str, str]:
    """Return the texts that help to find a fault, by name: exactly what would leave this computer."""
    # What the system says of itself is no amount, though its versions look like some
    texts = {"facts.txt": f"{_machine()}\n{redacted(facts)}\n"}
    for path in (
        *sorted((data_dir / "log").glob("*.log*")),
        *sorted((data_dir / "crash").glob("*.txt")),
    ):
        with suppress(OSError):
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _LARGEST))
                content = file.read().decode("utf-8", "replace")
            texts[f"{path.parent.name}/{path.name}"] = redacted(content)
    return texts


def redacted(text: str) -> str:
    """Take out what could be an amount, and who the account of this computer belongs to."""
    home = str(Path.home())
    if len(home) > 1:
        text = text.replace(home, "~")
    return _LINE.sub(lambda line: (line[1] or "") + _AMOUNT.sub("#", line[2]), text)


def write_bundle(texts: dict[str, str], path: Path) -> None:
    """Write the texts as a zip file. Raises MachineError."""
    import zipfile  # noqa: PLC0415  # not at every start

    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in texts.items():
                file.writestr(name, content)
    except OSError as error:
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "crashes", "The file could not be written ({reason}). Choose another place."
            ),
            code="FILE_NOT_WRITTEN",
            context="crashes",
            reason=error.strerror or type(error).__name__,
        ) from error


def _machine() -> str:
    import platform  # noqa: PLC0415  # not at every start

    return (
        f"KAMDesk {__version__}\nPython {sys.version.split()[0]}\n"
        f"{platform.system()} {platform.release()} {platform.machine()}"
    )
