"""H1, H2: a day with prices in the real window and head office leaves no price in any byte that was ever written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kamdesk.security import leaks
from tests.faults import tap
from tests.leaks import checks, planted, with_files

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="not run: the write tap is of Linux"
)


@pytest.fixture
def library(tmp_path):
    made = tap.compiled(tmp_path)
    if made is None:
        pytest.skip("not run: there is no gcc for the write tap")
    return made


def test_h1_no_byte_of_a_whole_session_holds_a_price(tmp_path, library):
    played = checks.session(library, tmp_path / "session")
    assert played.code == 0, played.said
    assert "closed for good" in played.said
    assert "RuntimeError: ••• •••" in played.said  # H2: the exceptions did carry prices
    assert played.files > 9
    assert played.written > 5_000_000
    assert played.hits == []
    assert played.mapped == []
    # What was asked for is the only place with prices, and there the same search finds them
    taken_out = with_files.outside_of(tmp_path / "session")
    found = leaks.search([taken_out], planted.needles()).hits
    names = {"sheet.csv", "book.xlsx", "paper.pdf", "printed.pdf", "errors.csv"}
    assert {Path(hit.place).name for hit in found} == names


def test_h1_a_program_that_leaks_into_files_it_deletes_is_caught_by_the_tap(tmp_path, library):
    played, is_still_there = checks.control(library, tmp_path / "control")
    assert played.code == 0, played.said
    assert any(hit.startswith("written to") and "text" in hit for hit in played.hits)
    assert not is_still_there
