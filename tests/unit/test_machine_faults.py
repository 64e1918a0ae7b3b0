"""The key store of the system, the folder and the files of a machine at fault: each its own sentence, nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailingKeyring
from keyring.backends.null import Keyring as ForgetfulKeyring
from keyring.errors import KeyringLocked

from kamdesk.domain.errors import KamError, MachineError, UserError
from kamdesk.security import files, folders, keystore, oskeys
from kamdesk.security.oskeys import KeyringProblem
from kamdesk.security.probe import probe_keyring

PASSPHRASE = "correct horse battery"


class Ring(KeyringBackend):
    """A key store that works, until a test says how it fails."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.on_get = self.on_set = lambda *_: None

    def get_password(self, service, username):
        return self.on_get(username) or self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.on_set(username)
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


def raising(error):
    def fail(*_):
        raise error

    return fail


def never(*_):
    threading.Event().wait()


FAULTS = {
    KeyringProblem.KEYRING_LOCKED: {"on_get": raising(KeyringLocked())},
    KeyringProblem.KEYRING_SILENT: {"on_get": never},
    KeyringProblem.KEYRING_LIES: {"on_get": lambda _: "another value"},
    KeyringProblem.KEYRING_FULL: {"on_set": raising(RuntimeError("stub received bad data"))},
    KeyringProblem.KEYRING_FAILED: {"on_get": raising(OSError("bus"))},
}


@pytest.mark.parametrize("problem", FAULTS)
def test_h41_every_fault_of_the_key_store_has_its_own_sentence_and_makes_no_keys(problem, tmp_path):
    ring = Ring()
    for name, how in FAULTS[problem].items():
        setattr(ring, name, how)
    state = probe_keyring(write=True, backend=ring, timeout=0.3)
    assert state.problem is problem
    with pytest.raises(MachineError) as caught:
        keystore.create_with_keyring(tmp_path, "profile", ring, timeout=0.3)
    assert caught.value.code == problem
    assert list(tmp_path.glob("keystore*")) == []
    sentences = {str(oskeys.keyring_error(one)) for one in KeyringProblem}
    assert len(sentences) == len(KeyringProblem)


@pytest.mark.parametrize("problem", [KeyringProblem.KEYRING_LOCKED, KeyringProblem.KEYRING_SILENT])
def test_h41_a_key_store_that_fails_at_a_later_start_leaves_the_keys_as_they_are(problem, tmp_path):
    ring = Ring()
    key = keystore.create_with_keyring(tmp_path, "profile", ring).store_key
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name, how in FAULTS[problem].items():
        setattr(ring, name, how)
    with pytest.raises(MachineError) as caught:
        keystore.read_keystore(tmp_path).open_with_keyring(ring, timeout=0.3)
    assert caught.value.code == problem
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    ring.on_get = lambda *_: None
    assert keystore.read_keystore(tmp_path).open_with_keyring(ring).store_key == key


def test_h42_a_deleted_entry_is_said_and_the_passphrase_still_opens(tmp_path):
    ring = Ring()
    keys = keystore.create_with_keyring(tmp_path, "profile", ring)
    keys.add_passphrase_slot(PASSPHRASE)
    ring.kept.clear()
    sealed = keystore.read_keystore(tmp_path)
    with pytest.raises(MachineError) as caught:
        sealed.open_with_keyring(ring)
    assert caught.value.code == "KEY_MISSING"
    assert sealed.has_passphrase
    assert sealed.open_with_passphrase(PASSPHRASE).store_key == keys.store_key


def test_h41_another_key_store_in_its_place_is_said(tmp_path):
    class Other(Ring):
        """Another program's."""

    keystore.create_with_keyring(tmp_path, "profile", Ring())
    with pytest.raises(MachineError) as caught:
        keystore.read_keystore(tmp_path).open_with_keyring(Other())
    assert caught.value.code == "KEYRING_CHANGED"


PLAINTEXT = """
from pathlib import Path
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 99

    def get_password(self, service, username):
        return Path("kept").read_text() if Path("kept").exists() else None

    def set_password(self, service, username, password):
        Path("kept").write_text(password)

    def delete_password(self, service, username):
        Path("kept").unlink()
"""


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("keyring.backends.null.Keyring", "UNTRUSTED_BACKEND"),
        ("keyring.backends.fail.Keyring", "NO_KEYRING"),
        ("keyrings.alt.file.PlaintextKeyring", "UNTRUSTED_BACKEND"),
    ],
)
def test_h41_a_key_store_that_somebody_set_is_not_believed_and_is_given_nothing(
    name, problem, tmp_path
):
    place = tmp_path / "keyrings" / "alt"
    place.mkdir(parents=True)
    (place / "file.py").write_text(PLAINTEXT)
    script = (
        "from kamdesk.security.probe import probe_keyring; print(probe_keyring(write=True).problem)"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": name, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
    )  # fmt: skip
    assert done.stdout.strip() == problem
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("ring", [FailingKeyring(), ForgetfulKeyring()])
def test_h40_a_computer_without_a_key_store_is_known(ring):
    assert not probe_keyring(write=True, backend=ring).is_usable


def test_h40_what_a_passphrase_opens_holds_no_key_in_the_clear(tmp_path):
    keys = keystore.create_with_passphrase(tmp_path, "profile", PASSPHRASE)
    secrets = (keys.store_key, bytes(keys._master), PASSPHRASE.encode())
    for path in tmp_path.rglob("*"):
        written = path.read_bytes()
        for one in secrets:
            forms = (one, one.hex().encode(), b64encode(one), urlsafe_b64encode(one).rstrip(b"="))
            assert not any(form in written for form in forms)
    with pytest.raises(UserError) as caught:
        keystore.read_keystore(tmp_path).open_with_passphrase(PASSPHRASE.swapcase())
    assert caught.value.code == "WRONG_PASSPHRASE"


@pytest.mark.parametrize("number", [5, 32, 33])
def test_h62_a_file_that_another_program_holds_is_tried_again(number, tmp_path, monkeypatch):
    target = tmp_path / "keystore.json"
    target.write_bytes(b"old")
    real, refused = os.replace, []

    def held(source, goal):
        if len(refused) < 4:
            refused.append(goal)
            error = PermissionError(13, "held")
            error.winerror = number
            raise error
        real(source, goal)

    monkeypatch.setattr(files.os, "replace", held)
    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    files.write_atomically(target, b"new")
    assert target.read_bytes() == b"new"


def test_h62_a_file_that_stays_held_is_said_and_the_old_one_is_valid(tmp_path, monkeypatch):
    target = tmp_path / "keystore.json"
    target.write_bytes(b"old")

    def held(*_):
        error = PermissionError(13, "held")
        error.winerror = 32
        raise error

    monkeypatch.setattr(files.os, "replace", held)
    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    with pytest.raises(MachineError) as caught:
        files.write_atomically(target, b"new")
    assert caught.value.code == "FILE_NOT_WRITTEN"
    assert [one.name for one in tmp_path.iterdir()] == ["keystore.json"]
    assert target.read_bytes() == b"old"


def test_a_disk_that_fills_while_a_copy_is_saved_leaves_nothing_of_it(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(MachineError):
        files.write_copy(tmp_path / "prices.pdf", b"12.34")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_copy_that_is_saved_touches_no_other_file_of_the_folder(fails, tmp_path, monkeypatch):
    (tmp_path / "prices.pdf.tmp").write_bytes(b"the user's own")
    if fails:

        def refused(*_):
            raise OSError(13, "Permission denied")

        monkeypatch.setattr(files.os, "replace", refused)
        with pytest.raises(MachineError):
            files.write_copy(tmp_path / "prices.pdf", b"12.34")
    else:
        files.write_copy(tmp_path / "prices.pdf", b"12.34")
    assert (tmp_path / "prices.pdf.tmp").read_bytes() == b"the user's own"
    left = {"prices.pdf.tmp"} if fails else {"prices.pdf.tmp", "prices.pdf"}
    assert {one.name for one in tmp_path.iterdir()} == left


def test_what_a_crash_left_of_a_file_of_the_profile_goes_with_the_next_write(tmp_path):
    (tmp_path / "keystore.json.tmp").write_bytes(b"half")
    files.write_atomically(tmp_path / "keystore.json", b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["keystore.json"]


@pytest.mark.parametrize(
    "name", ["OneDrive - Hehe", "Dropbox", "坚果云", "iCloud Drive", "WPS云盘", "Nextcloud"]
)
def test_h33_a_folder_that_is_synchronised_is_refused_with_the_reason(name, tmp_path):
    with pytest.raises(UserError) as caught:
        folders.check_folder(tmp_path / name / "KAMDesk")
    assert caught.value.code == "CLOUD_FOLDER"
    assert name.split(" ")[0][:3] in str(caught.value)


@pytest.mark.parametrize("name", [r"\\server\share\data", "//server/share"])
def test_h33_a_folder_on_the_network_is_refused(name):
    with pytest.raises(KamError) as caught:
        folders.check_folder(folders.Path(name))
    assert caught.value.code == "CLOUD_FOLDER"


def test_h31_a_key_file_that_was_changed_by_hand_is_not_believed(tmp_path):
    keys = keystore.create_with_passphrase(tmp_path, "profile", PASSPHRASE)
    keys.set_high_water(7)
    path = tmp_path / keystore.FILE_NAME
    path.write_text(path.read_text().replace('"high_water": 7', '"high_water": 9'))
    again = keystore.read_keystore(tmp_path).open_with_passphrase(PASSPHRASE)
    assert again.high_water < 9
    assert again.was_restored
    (tmp_path / keystore.PREVIOUS_NAME).write_bytes(b"rubbish")
    with pytest.raises(MachineError) as caught:
        keystore.read_keystore(tmp_path).open_with_passphrase(PASSPHRASE)
    assert caught.value.code == "KEYSTORE_DAMAGED"
