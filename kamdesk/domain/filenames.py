"""Names of files that came from others, made safe; and whether a content is what its name says it is."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_LONGEST_BYTES = 200
_LONGEST_ENDING = 12
_BAD = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_ZIP = (b"PK\x03\x04",)
_SIGNATURES: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".bmp": (b"BM",),
    ".webp": (b"RIFF",),
    ".docx": _ZIP,
    ".xlsx": _ZIP,
    ".pptx": _ZIP,
}
"""What a click opens, and how it must begin: pictures, papers, office files without macros."""
_MIMES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def safe_name(name: str) -> str:
    """Return a name that no system takes for a path, a device or another kind of file."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Cf: marks that turn the direction of writing, so that "fdp.exe" reads "exe.pdf"; Cs: half characters
    visible = "".join(
        one for one in last if unicodedata.category(one) not in {"Cf", "Cs", "Co", "Zl", "Zp"}
    )
    plain = " ".join(_BAD.sub(" ", visible).split()).strip(" .")
    if not plain:
        return "attachment"
    if _DEVICES.fullmatch(plain.split(".")[0].strip()):
        plain = f"_{plain}"
    return _shortened(plain)


def name_for(title: str, ending: str) -> str:
    """Return the name of a file that is about something that somebody called `title`."""
    return safe_name(re.sub(r"[/\\]", " ", title) + ending)


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    while stem and (
        len(stem) + len(dot + ending) > LONGEST
        or len((stem + dot + ending).encode()) > _LONGEST_BYTES
    ):
        stem = stem[:-1]
    return f"{stem.rstrip(' .')}{dot}{ending}"


def ending_of(name: str) -> str:
    """Return what a name ends with, as ".pdf"; "" for nothing."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def mime_of(name: str) -> str:
    """Return the type that a name stands for."""
    return _MIMES.get(ending_of(name), "application/octet-stream")


def is_picture(name: str) -> bool:
    """Say whether a name stands for a picture."""
    return mime_of(name).startswith("image/")


def may_open(name: str) -> bool:
    """Say whether files with such a name are opened by a click at all; all others are only saved."""
    return ending_of(name) in _SIGNATURES


def is_what_it_says(name: str, data: bytes) -> bool:
    """Say whether a content begins as its name promises; a name that promises nothing is always kept."""
    ending = ending_of(name)
    beginnings = _SIGNATURES.get(ending)
    if beginnings is None:
        return True
    if ending == ".webp" and data[8:12] != b"WEBP":
        return False
    return data.startswith(beginnings)
