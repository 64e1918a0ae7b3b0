"""docs/hostile-cases.md names tests that exist, each under the number that it carries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = re.findall(
    r"^- \*\*H(\d+)\*\* (.*)$",
    (ROOT / "docs" / "hostile-cases.md").read_text("utf-8"),
    re.MULTILINE,
)


def named(line: str) -> list[list[str]]:
    return [one.split("::") for one in re.findall(r"`([^`]+::[^`]+)`", line)]


@pytest.mark.parametrize(("number", "line"), LINES, ids=[f"H{number}" for number, _ in LINES])
def test_every_case_names_tests_that_exist_and_carry_its_number(number: str, line: str) -> None:
    assert named(line) or line.startswith("Does not concern this program: ")
    for file, name in named(line):
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{file} has no {name}"
        assert name.startswith(f"test_h{number}_")


def test_every_case_has_one_line() -> None:
    numbers = [int(number) for number, _ in LINES]
    assert numbers == list(range(1, 65))


def test_every_test_that_carries_a_number_is_on_the_page() -> None:
    listed = {tuple(one) for _, line in LINES for one in named(line)}
    carrying = {
        (path.relative_to(ROOT / "tests").as_posix(), name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_h\d+_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
    }
    assert carrying == listed
