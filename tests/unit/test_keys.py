"""The keys of a profile: what opens them, and every way in which that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as FailingKeyring
from keyring.backends.null import Keyring as ForgetfulKeyring

from kamdesk.domain.errors import KamError, MachineError, UserError
from kamdesk.security import instance, keystore
from kamdesk.security.probe import probe_keyring

PASSPHRASE = "correct horse battery"


@pytest.fixture
def made(tmp_path):
    return keystore.create_with_passphrase(tmp_path, "profile", PASSPHRASE)


def test_the_passphrase_opens_the_same_keys_again(made, tmp_path):
    again = keystore.read_keystore(tmp_path).open_with_passphrase(PASSPHRASE)
    assert (again.store_key, again.store_id) == (made.store_key, made.store_id)


def test_another_passphrase_does_not(made, tmp_path):
    with pytest.raises(UserError) as caught:
        keystore.read_keystore(tmp_path).open_with_passphrase("wrong horse battery")
    assert caught.value.code == "WRONG_PASSPHRASE"


def test_the_key_is_nowhere_in_the_files(made, tmp_path):
    key = made.store_key
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert key not in path.read_bytes()
            assert key.hex().encode() not in path.read_bytes()


def test_repr_shows_nothing(made):
    assert made.store_key.hex() not in repr(made)


def test_keys_are_never_made_over_existing_ones(made, tmp_path):
    with pytest.raises(MachineError) as caught:
        keystore.create_with_passphrase(tmp_path, "profile", PASSPHRASE)
    assert caught.value.code == "KEYSTORE_EXISTS"


@pytest.mark.parametrize("damage", [b"", b"rubbish", None])
def test_h31_a_damaged_key_file_is_opened_from_its_copy(made, tmp_path, damage):
    made.set_high_water(7)
    path = tmp_path / keystore.FILE_NAME
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    again = keystore.read_keystore(tmp_path).open_with_passphrase(PASSPHRASE)
    assert again.store_key == made.store_key


def test_a_missing_key_file_is_said(tmp_path):
    with pytest.raises(MachineError) as caught:
        keystore.read_keystore(tmp_path)
    assert caught.value.code == "KEYSTORE_MISSING"


@pytest.mark.parametrize("backend", [ForgetfulKeyring(), FailingKeyring()])
def test_a_key_store_that_lies_or_fails_is_not_trusted(backend, tmp_path):
    assert not probe_keyring(write=True, backend=backend).is_usable
    with pytest.raises(KamError):
        keystore.create_with_keyring(tmp_path, "profile", backend)


HOLDER = """
import sys
from pathlib import Path
from kamdesk.security import instance
lock = instance.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_h61_a_second_copy_is_refused_until_the_first_is_gone_even_by_kill_9(tmp_path):
    (tmp_path / "LOCK").write_bytes(b"garbage")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(MachineError) as caught:
        instance.acquire(tmp_path)
    assert caught.value.code == "IN_USE"
    holder.kill()
    holder.communicate()
    instance.acquire(tmp_path).release()
