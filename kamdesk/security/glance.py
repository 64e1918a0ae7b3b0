"""A glance at the profiles, quick enough for the GUI thread: can the first window be the main one?"""

from __future__ import annotations

import json
from pathlib import Path

ENDED = "ended"
"""The mark on a profile whose keys were deleted, or were about to be: what is left of it is to be removed."""
_FILE, _LARGEST = "keystore.json", 64 * 1024


def only_profile(profiles: Path) -> Path | None:
    """Return the only profile, if the computer's key store opens it; None where somebody has to be asked.

    Whether its keys are what they say is found out when they are opened.
    """
    try:
        folders = [folder for folder in profiles.iterdir() if folder.is_dir()]
        if len(folders) != 1 or (folders[0] / ENDED).exists():
            return None
        file = folders[0] / _FILE
        if file.stat().st_size > _LARGEST:
            return None
        slots = json.loads(file.read_bytes())["slots"]
        is_kept = any(slot["kind"] == "keyring" for slot in slots)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folders[0] if is_kept else None
