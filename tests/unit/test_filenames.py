"""Names of files from others are safe on every system (H56), and a content is what its name says (H57)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamdesk.domain import filenames

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\evil.pdf", "evil.pdf"),
        ("CON", "_CON"),
        ("con.pdf", "_con.pdf"),
        ("Lpt1.txt", "_Lpt1.txt"),
        ("report.pdf. . .", "report.pdf"),
        ("  .hidden", "hidden"),
        ("annexe\u202efdp.exe", "annexefdp.exe"),
        ("a\x00b:c*.png", "a b c.png"),
        ("", "attachment"),
        ("..", "attachment"),
        ("/", "attachment"),
        ("华山医院 合同.pdf", "华山医院 合同.pdf"),
    ],
)
def test_names_are_made_safe(given: str, safe: str) -> None:
    assert filenames.safe_name(given) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert filenames.safe_name("x" * 300 + ".pdf").endswith("x.pdf")
    for name in ("x" * 300 + ".pdf", "合" * 300 + ".pdf", "合" * 300):
        safe = filenames.safe_name(name)
        assert len(safe) <= filenames.LONGEST
        assert len(safe.encode()) <= 200


@given(st.text(max_size=400))
def test_no_name_is_a_path_or_changes_when_it_is_made_safe_again(name: str) -> None:
    safe = filenames.safe_name(name)
    assert safe
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\u202a-\u202e\u2066-\u2069]', safe)
    assert safe not in {".", ".."}
    assert not safe.endswith((".", " "))
    assert filenames.safe_name(safe) == safe


@pytest.mark.parametrize(
    "name", ["run.exe", "page.html", "macro.docm", "link.lnk", "a.svg", "noending", "x.pdf.js"]
)
def test_what_can_do_harm_is_never_opened(name: str) -> None:
    assert not filenames.may_open(name)


def test_a_program_that_calls_itself_a_picture_is_seen() -> None:
    assert filenames.is_what_it_says("photo.png", PNG)
    assert not filenames.is_what_it_says("photo.png", b"MZ\x90\x00" + bytes(60))
    assert not filenames.is_what_it_says("photo.png", b"<html><script>alert(1)</script>")
    assert not filenames.is_what_it_says("paper.pdf", PNG)
    assert filenames.is_what_it_says("scan.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ")
    assert not filenames.is_what_it_says("scan.webp", b"RIFF\x10\x00\x00\x00WAVEfmt ")
    assert filenames.is_what_it_says("data.bin", b"anything")
