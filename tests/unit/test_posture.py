"""Whether the system encrypts the disk: asked of what it tells, and unknown where it does not."""

from __future__ import annotations

import subprocess
from pathlib import Path, PureWindowsPath

import pytest

from kamdesk.security import posture
from kamdesk.security.posture import Disk

MOUNT = "30 1 {numbers} / {point} rw,relatime shared:1 - {kind} {source} rw\n"


class System:
    """The files of Linux that tell it, in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("proc/self", "dev", "sys/class/block"):
            (root / folder).mkdir(parents=True)
        self.swap()
        self.mounts = ""

    def mount(self, point: str, source: str, kind: str = "ext4") -> None:
        self.mounts += MOUNT.format(numbers="8:1", point=point, kind=kind, source=source)
        (self.root / "proc/self/mountinfo").write_text(self.mounts)

    def swap(self, *lines: str) -> None:
        head = "Filename Type Size Used Priority\n"
        (self.root / "proc/swaps").write_text(head + "".join(one + "\n" for one in lines))

    def device(self, name: str, *below: str, uuid: str = "") -> None:
        (self.root / "dev" / name).touch()
        block = self.root / "sys/class/block" / name
        (block / "slaves").mkdir(parents=True)
        for one in below:
            (block / "slaves" / one).mkdir()
        if uuid:
            (block / "dm").mkdir()
            (block / "dm/uuid").write_text(uuid + "\n")

    def told(self, folder: str = "/home/kim/.local/share/kamdesk") -> Disk:
        return posture._on_linux(Path(folder), self.root)


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def test_a_partition_is_plain_and_one_behind_luks_is_not(system):
    system.device("sda1")
    system.mount("/", "/dev/sda1")
    assert system.told() is Disk.PLAIN
    system.device("dm-0", "sda1", uuid="CRYPT-LUKS2-0011-home")
    system.mount("/home", "/dev/dm-0")
    assert system.told() is Disk.ENCRYPTED
    assert system.told("/var/lib") is Disk.PLAIN
    assert system.told("/homely") is Disk.PLAIN


def test_volumes_on_encrypted_ones_are_encrypted_when_all_below_are(system):
    system.device("sda2")
    system.device("sdb2")
    system.device("dm-0", "sda2", uuid="CRYPT-LUKS2-0011-one")
    system.device("dm-1", "dm-0", uuid="LVM-abc")
    system.mount("/", "/dev/dm-1")
    assert system.told() is Disk.ENCRYPTED
    system.device("dm-2", "dm-0", "sdb2", uuid="LVM-def")
    system.mount("/home", "/dev/dm-2")
    assert system.told() is Disk.PLAIN


def test_what_is_swapped_out_counts_too_but_not_to_memory(system):
    system.device("sda1")
    system.device("dm-0", "sda1", uuid="CRYPT-LUKS2-0011-root")
    system.mount("/", "/dev/dm-0")
    system.swap("/dev/zram0 partition 100 0 100", "/swap.img file 100 0 -2")
    assert system.told() is Disk.ENCRYPTED
    system.swap("/dev/sda1 partition 100 0 -2")
    assert system.told() is Disk.PLAIN


def test_what_nobody_tells_is_unknown(system, tmp_path, monkeypatch):
    system.mount("/", "rpool/root", "zfs")
    assert system.told() is Disk.UNKNOWN
    system.mount("/", "/dev/nowhere")
    assert system.told() is Disk.UNKNOWN
    system.mount("/home", "/home/.ecryptfs", "ecryptfs")
    assert system.told() is Disk.ENCRYPTED
    (system.root / "proc/swaps").unlink()
    posture.disk_of.cache_clear()

    def broken(_folder):
        raise OSError

    monkeypatch.setattr(posture, "_on_linux", broken)
    monkeypatch.setattr(posture.sys, "platform", "linux")
    assert posture.disk_of(tmp_path) is Disk.UNKNOWN
    posture.disk_of.cache_clear()


@pytest.mark.parametrize(
    ("said", "disk"),
    [("1\r\n", Disk.ENCRYPTED), ("6", Disk.ENCRYPTED), ("2", Disk.PLAIN), ("5", Disk.PLAIN),
     ("", Disk.UNKNOWN), ("0", Disk.UNKNOWN)],
)  # fmt: skip
def test_windows_is_asked_for_the_drive_of_the_data(said, disk, monkeypatch):
    asked = []
    monkeypatch.setattr(posture, "_ask", lambda command: (asked.append(command), said)[1])
    monkeypatch.setattr(posture, "PurePath", lambda _path: PureWindowsPath("C:/Users/kim"))
    assert posture._on_windows(Path("C:/Users/kim")) is disk
    assert "NameSpace('C:')" in asked[0][-1]


@pytest.mark.parametrize(
    ("said", "disk"),
    [("FileVault is On.\n", Disk.ENCRYPTED), ("FileVault is Off.\n", Disk.PLAIN), ("?", Disk.UNKNOWN)],
)  # fmt: skip
def test_macos_is_asked_for_filevault(said, disk, monkeypatch):
    monkeypatch.setattr(posture, "_ask", lambda _command: said)
    assert posture._on_macos() is disk


def test_a_program_that_fails_or_hangs_tells_nothing(monkeypatch, tmp_path):
    posture.disk_of.cache_clear()
    monkeypatch.setattr(posture.sys, "platform", "darwin")

    def run(*_args, **_kwargs):
        raise subprocess.TimeoutExpired("fdesetup", 20)

    monkeypatch.setattr(posture.subprocess, "run", run)
    assert posture.disk_of(tmp_path) is Disk.UNKNOWN
    posture.disk_of.cache_clear()
