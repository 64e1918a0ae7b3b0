"""The real key store of a Linux desktop: gnome-keyring behind a session bus of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
keystore.erase_keystore(folder)
print("opened by", state.backend_name)
"""


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
