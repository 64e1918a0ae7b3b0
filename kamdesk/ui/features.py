"""What makes the imports of a start cheaper; imported before them.

The collector rests until the program is ready: nearly all that is made before stays. PySide is not compiled anew.

Nothing here uses PySide's `__feature__`: imported modules are not read to find out.
Once PySide is imported, each `import` of a module not seen before has its source read, split into lines and kept
(`inspect.getsource`), to see whether it names PySide6: hundreds of files at a start, and their text stays in memory.
"""

from __future__ import annotations

import gc
import sys

from kamdesk.ui import compiled

gc.disable()
with compiled.kept(compiled.kept_file()):
    import PySide6.QtCore  # noqa: F401  # puts the reading into force


def never_read_sources() -> None:
    """End the reading; where PySide does it no more or otherwise, nothing happens."""
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _uses_none  # type: ignore[union-attr]  # noqa: SLF001


def _uses_none(_module: object) -> bool:
    return False


never_read_sources()
