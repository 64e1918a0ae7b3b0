"""Spelling names in a process of its own: loading the library would hold up the window and cost 57 MB.

`python -m kamdesk.importers.spelling` reads {id: name} as JSON and writes {id: [pinyin, initials]}.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

from kamdesk.importers import children

PATIENCE = 60.0


def spell_apart(names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return pinyin by syllables and initials of people's names, computed in a child process. Waits.

    Raises OSError, subprocess.SubprocessError or ValueError where there is no answer.
    """
    ended = subprocess.run(  # noqa: S603  # this very program
        children.command("spelling"),
        input=json.dumps(dict(names)).encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return {key: (pinyin, initials) for key, (pinyin, initials) in json.loads(ended.stdout).items()}


def main() -> int:
    """Answer one question on standard output."""
    from kamdesk.importers.pinyin import spell_person  # noqa: PLC0415  # heavy, and for the child alone

    names = json.loads(sys.stdin.buffer.read())
    answer = json.dumps({key: spell_person(name) for key, name in names.items()})
    sys.stdout.buffer.write(answer.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
