"""Anki's synchronisation on this machine, for `bench.peers`: run by an interpreter that has the package `anki`.

Usage: python anki_peer.py FOLDER NOTES CHANGES. Prints the seconds of each step as JSON. Anki (AGPL) is only measured
here, in an environment of its own; nothing of it is part of the program.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from anki.collection import AddNoteRequest, Collection

_NOTE = 525
"""Bytes of a note, as of the records of `bench sync`."""


def main(folder: Path, notes: int, changes: int) -> None:
    """Send notes from one collection, load them into a second one, and change some both ways."""
    port = _free_port()
    server = _serve(folder, port)
    try:
        print(json.dumps(_measure(folder, f"http://127.0.0.1:{port}/", notes, changes)))
    finally:
        server.kill()
        server.wait()


def _serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "SYNC_USER1": "u:p",
        "SYNC_BASE": str(folder / "server"),
        "SYNC_HOST": "127.0.0.1",
        "SYNC_PORT": str(port),
        "MAX_SYNC_PAYLOAD_MEGS": "1000",
        "RUST_LOG": "error",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "anki.syncserver"], env=environment, stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return server
    server.kill()
    sys.exit("the server of the peer does not start")


def _measure(folder: Path, url: str, notes: int, changes: int) -> dict[str, float]:
    first, second = (Collection(str(folder / f"{name}.anki2")) for name in ("first", "second"))
    auth = first.sync_login("u", "p", url)
    first.sync_collection(auth, sync_media=False)
    _whole(first, auth, upload=True)  # the first sync of a collection always moves the file
    second.sync_collection(auth, sync_media=False)
    _whole(second, auth, upload=False)
    _fill(first, notes)
    first.sync_collection(auth, sync_media=False)
    found = {"first load": _seconds(lambda: second.sync_collection(auth, sync_media=False))}
    assert second.note_count() == notes
    found["idle"] = _seconds(lambda: second.sync_collection(auth, sync_media=False))
    time.sleep(1.1)  # what changed is told by seconds
    for note_id in first.find_notes("")[:changes]:
        note = first.get_note(note_id)
        note.fields[1] = "changed " + note.fields[1][8:]
        first.update_note(note)
    found["delta push"] = _seconds(lambda: first.sync_collection(auth, sync_media=False))
    found["delta pull"] = _seconds(lambda: second.sync_collection(auth, sync_media=False))
    first.close()
    second.close()
    return found


def _whole(collection: Collection, auth: object, *, upload: bool) -> None:
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=auth, server_usn=None, upload=upload)
    collection.reopen(after_full_sync=True)


def _fill(collection: Collection, count: int) -> None:
    rng = random.Random(7)
    kind, deck = collection.models.by_name("Basic"), collection.decks.id("Default")
    for start in range(0, count, 5000):
        asked = []
        for number in range(start, min(start + 5000, count)):
            note = collection.new_note(kind)
            front = f"customer {number}"
            note.fields = [front, "".join(rng.choices("abcdefghij klmnop", k=_NOTE - len(front)))]
            asked.append(AddNoteRequest(note, deck))
        collection.add_notes(asked)


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
