"""Imports that wait until they are used."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from kamdesk.security.put_off import put_off

with put_off("colorsys"):
    import colorsys as waiting
assert "colorsys" not in sys.modules
assert waiting.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)  # it is loaded when it is used
import colorsys
assert colorsys is not waiting
assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
with put_off("colorsys", "there_is_none"):
    import colorsys as there
assert there is colorsys  # what somebody has imported stays
with put_off("stringprep", called={"in_table_a1"}):
    from stringprep import in_table_a1
assert "stringprep" not in sys.modules
assert in_table_a1("\u0221")  # and a function when it is called
assert "stringprep" in sys.modules
"""


def test_a_module_is_loaded_when_it_is_used_and_is_itself_everywhere_else():
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
