"""`python -m kamdesk`: the desktop; with `preview FILE`: what an import would do, without a window.

`--self-check` says whether everything that the program needs is there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kamdesk.domain.errors import KamError


def main(arguments: Sequence[str]) -> int:
    """Run the desktop, or a command that needs no window."""
    if arguments[:1] == ["preview"]:
        return _preview(arguments[1:])
    if arguments[:1] == ["child"]:
        from kamdesk.importers import children  # noqa: PLC0415  # a part that runs by itself

        return children.run(arguments[1:])
    if arguments[:1] == ["--self-check"]:
        from kamdesk import selfcheck  # noqa: PLC0415  # needs nearly everything

        return selfcheck.main()
    from kamdesk import app  # noqa: PLC0415  # the window, which a command does without

    return app.main(arguments)


def _preview(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        "kamdesk preview", description="Say what importing a file would do; nothing is stored."
    )
    parser.add_argument("file", type=Path, help="csv, tsv, xls, xlsx, xlsb or ods")
    parser.add_argument("--kind", choices=("customer", "person", "product"))
    parser.add_argument(
        "--sheet", default="", help="the sheet of a workbook, the first filled one otherwise"
    )
    parser.add_argument("--json", action="store_true", help="print the whole preview as JSON")
    chosen = parser.parse_args(arguments)
    from kamdesk.importers.preview import preview  # noqa: PLC0415  # only where it is asked for

    try:
        seen = preview(chosen.file, kind=chosen.kind, sheet=chosen.sheet)
    except KamError as error:
        print(f"{chosen.file}: {error}", file=sys.stderr)
        return 1
    if chosen.json:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a pipe on Windows is cp1252
        print(seen.to_json())
        return 0
    print(
        f"{seen.rows} rows ({seen.encoding}): {len(seen.records)} of kind {seen.kind},"
        f" {seen.duplicates_total} duplicates, {seen.errors_total} errors"
    )
    for problem in seen.errors[:20]:
        print(f"line {problem.row}: {problem}")
    return 0


def desktop() -> int:
    """Run with the arguments of the command line: the entry point of the installed program."""
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(desktop())
