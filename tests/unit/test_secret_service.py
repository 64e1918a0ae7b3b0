"""The real key store of a Linux desktop: gnome-keyring behind a session bus of its own."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.keyring

SCRIPT = """
import sys
from pathlib import Path
from kamdesk.security import keystore, oskeys

known = oskeys.find_backend(None, preferred="keyring.backends.SecretService.Keyring")
assert oskeys.name_of(known) == "keyring.backends.SecretService.Keyring"
# Looking for all there are runs other programs, and takes longer than everything else before the first page
assert "keyring.backends.macOS.api" not in sys.modules
assert "urllib.request" not in sys.modules

from kamdesk.security.probe import probe_keyring

state = probe_keyring(write=True)
assert state.is_usable, (state.backend_name, state.problem, state.reason)
folder = Path(sys.argv[1])
made = keystore.create_with_keyring(folder, "profile")
key = made.store_key
made.forget()
sealed = keystore.read_keystore(folder)
assert sealed.unlock_kind == "keyring"
assert sealed.open_with_keyring().store_key == key
assert key.hex().encode() not in b"".join(one.read_bytes() for one in folder.iterdir())
# Another key of the store, under another entry; the one before it is deleted
opened = keystore.read_keystore(folder).open_with_keyring()
entry = opened._file.keyring.entry
opened.prepare_new(2).set_generation(2)
assert opened.remove_leftovers()
again = keystore.read_keystore(folder).open_with_keyring()
assert again.generation == 2
assert again.store_key == opened.store_key != key
assert oskeys.read_entry(known, oskeys.SERVICE, f"profile/kek/{entry}") is None
keystore.erase_keystore(folder)
print("opened by", state.backend_name)
"""


FAULTS = """
import signal, subprocess, sys, time
from pathlib import Path
import os
import secretstorage
from jeepney import DBusAddress, new_method_call
from kamdesk.domain.errors import MachineError
from kamdesk.security import keystore

folder, flags = Path(sys.argv[1]), Path(sys.argv[2])
bus = secretstorage.dbus_init()
daemon = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


def owner():
    asked = new_method_call(daemon, "GetConnectionUnixProcessID", "s", ("org.freedesktop.secrets",))
    body = bus.send_and_get_reply(asked).body
    return body[0] if isinstance(body[0], int) else 0


def end():
    if number := owner():
        os.kill(number, signal.SIGKILL)
    while owner():
        time.sleep(0.02)


def begin():
    command = ["gnome-keyring-daemon", "--unlock", "--components=secrets"]
    subprocess.run(command, input=b"pass", stdout=subprocess.DEVNULL, check=True)
    while not owner():
        time.sleep(0.02)


def said():
    try:
        opened = keystore.read_keystore(folder).open_with_keyring(timeout=4)
    except MachineError as error:
        return error.code
    same = opened.store_key == key
    opened.forget()
    return same


def files():
    return {one.name: one.read_bytes() for one in folder.iterdir()}


begin()
made = keystore.create_with_keyring(folder, "profile")
made.add_passphrase_slot("correct horse battery")
key = made.store_key
before = files()
told = {"at first": said()}
ring = secretstorage.get_default_collection(bus)
ring.lock()
told["locked, and the question was refused"] = said()
(flags / "silent").touch()
told["locked, and the question was not answered"] = said()
(flags / "silent").unlink()
end()
told["gone"] = said()
begin()
told["back"] = said()
ring = secretstorage.get_default_collection(bus)
[entry] = [one for one in ring.get_all_items() if one.get_secret().startswith(b"kd1:")]
kept = entry.get_secret()
entry.set_secret(b"kd1:" + b"A" * 43 + b":00000000")
told["changed"] = said()
entry.set_secret(kept)
told["as it was"] = said()
entry.delete()
told["deleted"] = said()
again = keystore.read_keystore(folder).open_with_passphrase("correct horse battery")
told["by the passphrase"] = again.store_key == key
assert files() == before
print(told)
end()
"""


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., str]:
    """Run a script beside a message bus of its own, with a key store that only the script starts; what it says."""
    if sys.platform != "linux":
        pytest.skip("not run: the Secret Service is Linux's")
    if any(shutil.which(name) is None for name in ("dbus-run-session", "gnome-keyring-daemon")):
        pytest.skip("not run: gnome-keyring is not installed")
    services = tmp_path / "share" / "dbus-1" / "services"
    services.mkdir(parents=True)
    asks = tmp_path / "asks"
    asks.write_text(f"#!/bin/sh\n[ -e {tmp_path}/silent ] && exec sleep 8\nexit 1\n")
    asks.chmod(0o755)
    for name, runs in (
        ("freedesktop.secrets", "/bin/false"),
        ("gnome.keyring.SystemPrompter", asks),
    ):
        text = f"[D-BUS Service]\nName=org.{name}\nExec={runs}\n"
        (services / f"org.{name}.service").write_text(text)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}},
        "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip
    environment.pop("PYTHON_KEYRING_BACKEND", None)

    def run(script: str, *arguments: object) -> str:
        (tmp_path / "keys.py").write_text(script)
        ended = subprocess.run(
            ["dbus-run-session", "--", sys.executable, str(tmp_path / "keys.py"), *map(str, arguments)],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr[-2000:]
        return ended.stdout

    return run


def test_h41_every_fault_of_a_real_key_store_is_told_and_leaves_the_keys_as_they_are(
    session: Callable[..., str], tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    assert ast.literal_eval(session(FAULTS, profile, tmp_path)) == {
        "at first": True,
        "locked, and the question was refused": "KEYRING_LOCKED",
        "locked, and the question was not answered": "KEYRING_SILENT",
        "gone": "KEYRING_FAILED",
        "back": True,
        "changed": "KEY_WRONG",
        "as it was": True,
        "deleted": "KEY_MISSING",
        "by the passphrase": True,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")
def test_key_is_kept_by_a_real_secret_service(tmp_path: Path) -> None:
    needed = ("dbus-run-session", "gnome-keyring-daemon")
    if any(shutil.which(name) is None for name in needed):
        pytest.skip("gnome-keyring is not installed")
    profile = tmp_path / "profile"
    profile.mkdir()
    (tmp_path / "keys.py").write_text(SCRIPT)
    shell = (
        'printf "pass\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && '
        f'exec "{sys.executable}" "{tmp_path / "keys.py"}" "{profile}"'
    )
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    environment.pop("PYTHON_KEYRING_BACKEND", None)
    ended = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", shell],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "opened by" in ended.stdout
