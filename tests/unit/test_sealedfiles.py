"""The contents of attachments are sealed, durable before they are spoken of, and never of another content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kamdesk.domain.attachments import LARGEST, PIECE, Content, pieces
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.ids import new_id
from kamdesk.security import files as private
from kamdesk.security.sealedfiles import SealedFiles

KEY = bytes(range(32))
STORE = new_id()
SIZES = (1, 15, 4091, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17)


@pytest.fixture
def files(tmp_path: Path) -> SealedFiles:
    return SealedFiles(tmp_path / "attachments", KEY, STORE)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("size", SIZES)
def test_what_was_kept_is_read_again(files: SealedFiles, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    content = files.keep(data)
    again = SealedFiles(tmp_path / "attachments", KEY, STORE)
    assert content == Content(hashlib.sha256(data).hexdigest(), size)
    assert again.holds(content)
    assert again.read(content) == data


def test_neither_content_nor_hash_nor_exact_size_is_seen_on_the_disk(
    files: SealedFiles, tmp_path: Path
) -> None:
    content = files.keep(b"net price 23.50 CNY " * 1000)
    [path] = (tmp_path / "attachments").iterdir()
    assert b"23.50" not in path.read_bytes()
    assert content.sha256[:12] not in path.name
    assert (path.stat().st_size - 38) % 4096 == 0
    assert path.stat().st_mode & 0o077 == 0
    other = SealedFiles(tmp_path / "other", bytes(32), STORE)
    other.keep(b"net price 23.50 CNY " * 1000)
    assert next((tmp_path / "other").iterdir()).name != path.name


def test_sizes_are_limited(files: SealedFiles) -> None:
    for data in (b"", bytes(LARGEST + 1)):
        with pytest.raises(UserError):
            files.keep(data)


def test_a_changed_byte_and_a_swapped_file_are_noticed(files: SealedFiles, tmp_path: Path) -> None:
    content, other = files.keep(os.urandom(PIECE * 2)), files.keep(os.urandom(PIECE * 2))
    first, second = files._path(content, ".kda"), files._path(other, ".kda")
    sealed = bytearray(first.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    first.write_bytes(sealed)
    with pytest.raises(MachineError) as caught:
        files.read(content)
    assert caught.value.code == "ATTACHMENT_DAMAGED"
    first.write_bytes(second.read_bytes())
    with pytest.raises(MachineError):
        files.read(content)
    assert files.read(other)


def test_pieces_of_one_content_cannot_change_places(files: SealedFiles) -> None:
    content = files.keep(os.urandom(PIECE * 2))
    path = files._path(content, ".kda")
    sealed = path.read_bytes()
    half = len(sealed) // 2
    path.write_bytes(sealed[half:] + sealed[:half])
    with pytest.raises(MachineError):
        files.piece(content, 0)


def test_a_save_that_fails_leaves_nothing_that_counts(
    files: SealedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(private.os, "replace", full)
        with pytest.raises(MachineError):
            files.keep(b"x" * 5000)
    data = b"x" * 5000
    assert not files.holds(Content(hashlib.sha256(data).hexdigest(), 5000))
    assert files.holds(files.keep(data))


def test_pieces_arrive_in_order_also_after_a_torn_write(files: SealedFiles, tmp_path: Path) -> None:
    data = os.urandom(PIECE * 2 + 100)
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    assert files.arrived(content) == 0
    assert not files.take(content, 0, data[:PIECE])
    assert not files.take(content, 1, data[PIECE : 2 * PIECE])
    part = files._path(content, ".part")
    with part.open("r+b") as torn:
        torn.truncate(part.stat().st_size - 7)
    assert files.arrived(content) == 1
    assert not files.holds(content)
    assert not files.take(content, 1, data[PIECE : 2 * PIECE])
    assert files.take(content, 2, data[2 * PIECE :])
    assert files.read(content) == data
    assert not part.exists()


def test_another_content_than_was_named_is_thrown_away(files: SealedFiles) -> None:
    content = Content(hashlib.sha256(b"right").hexdigest(), 5)
    with pytest.raises(ValueError, match="not the content"):
        files.take(content, 0, b"wrong")
    assert not files.holds(content)
    assert files.arrived(content) == 0


def test_only_what_no_record_names_is_swept_and_only_after_a_while(files: SealedFiles) -> None:
    named, orphan, fresh = (files.keep(os.urandom(100)) for _ in range(3))
    for one in (named, orphan):
        os.utime(files._path(one, ".kda"), (1, 1))
    assert files.sweep([named]) == 1
    assert [files.holds(one) for one in (named, orphan, fresh)] == [True, False, True]


def test_those_not_used_for_longest_give_way(files: SealedFiles) -> None:
    contents = [files.keep(os.urandom(10_000)) for _ in range(4)]
    for age, one in enumerate(contents):
        os.utime(files._path(one, ".kda"), (1000 + age, 1000 + age))
    assert pieces(10_000) == 1
    most = 2 * files._path(contents[0], ".kda").stat().st_size
    assert files.evict(contents[:3], most) == 2
    assert [files.holds(one) for one in contents] == [False, False, True, True]
    assert files.evict([], 0) == 0


def test_what_is_damaged_gives_way_to_the_same_content_attached_or_fetched_again(
    files: SealedFiles, tmp_path: Path
) -> None:
    data = os.urandom(PIECE + 100)
    content = files.keep(data)
    path = files._path(content, ".kda")

    def damage() -> None:
        sealed = bytearray(path.read_bytes())
        sealed[100] ^= 1
        path.write_bytes(sealed)

    damage()
    assert files.read(files.keep(data)) == data
    damage()
    with pytest.raises(MachineError):
        files.read(content)
    assert not files.holds(content)
    assert not files.take(content, 0, data[:PIECE])
    assert files.take(content, 1, data[PIECE:])
    assert files.read(content) == data
    files.discard(content)
    assert not list((tmp_path / "attachments").iterdir())


def test_a_disk_that_cannot_be_read_for_a_moment_puts_nothing_aside(
    files: SealedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = files.keep(b"x" * 5000)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", _full)
        with pytest.raises(MachineError):
            files.read(content)
    assert files.read(content) == b"x" * 5000


def test_a_full_disk_is_a_fault_of_this_computer_and_one_file_that_is_held_keeps_no_other(
    files: SealedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.urandom(1000)
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _full)
        with pytest.raises(MachineError) as caught:
            files.take(content, 0, data)
    assert caught.value.code == "ATTACHMENT_NOT_KEPT"
    assert files.take(content, 0, data)
    other = files.keep(os.urandom(1000))
    os.utime(files._path(content, ".kda"), (1, 1))
    unlink = Path.unlink

    def held(path: Path, **how: bool) -> None:
        if path == files._path(content, ".kda"):
            raise PermissionError(13, "held")
        unlink(path, **how)

    monkeypatch.setattr(Path, "unlink", held)
    assert files.evict([content, other], 0) == 1
    assert (files.holds(content), files.holds(other)) == (True, False)


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
