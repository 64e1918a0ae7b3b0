"""Where a store may live: not where another program copies files, not across a network."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path, PurePath

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP

# A synchroniser copies the store and its write-ahead log at different moments, and the copies
# outlive the keys. Names as their programs make them; "(", " -" begin the name of an account.
_SYNCED = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "com~apple~clouddocs": "iCloud",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "cloudstorage": "macOS CloudStorage",
    "box sync": "Box",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "nutstore": "Nutstore",
    "nutstore files": "Nutstore",
    "我的坚果云": "Nutstore",
    "坚果云": "Nutstore",
    "baidusyncdisk": "BaiduSyncdisk",
    "wpsdrive": "WPS",
    "wps云盘": "WPS",
}
_ACCOUNT_FOLLOWS = (" -", " (")
_SYNCED_ROOTS = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")

_NETWORK_TYPES = frozenset(
    "nfs nfs4 cifs smb3 smbfs smb2 ncpfs afs ceph glusterfs davfs davfs2 lustre "
    "fuse.sshfs fuse.rclone fuse.davfs2 fuse.gvfsd-fuse fuse.glusterfs fuse.cephfs fuse.s3fs".split()
)
_DRIVE_REMOTE = 4


class _Accepted:
    """Whether whoever starts the program takes any folder."""

    any_folder = False


def accept_any() -> None:
    """Take any folder from now on; stores in an unsafe one do without a write-ahead log, see `is_unsafe`."""
    _Accepted.any_folder = True


def check_folder(path: Path) -> Path:
    """Return the resolved folder. Raises UserError CLOUD_FOLDER where a new store is not safe."""
    refusal = _refusal(path)
    if refusal is not None and not _Accepted.any_folder:
        raise refusal
    return path.expanduser().resolve()


def demand_safe(path: Path) -> None:
    """Look at the folder of a store that is there. Raises MachineError FOLDER_UNSAFE."""
    if is_unsafe(path) and not _Accepted.any_folder:
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "security",
                "Your data is in {folder}, which is synchronised or on a network drive: a copy made in the middle of "
                "a save damages it. Move it to a folder that stays on this computer, or start KAMDesk with "
                "--accept-folder, which saves more slowly.",
            ),
            code="FOLDER_UNSAFE",
            context="security",
            folder=str(path),
        )


@cache
def is_unsafe(path: Path) -> bool:
    """Say whether files there may be copied or lost in the middle of a save."""
    return _refusal(path) is not None


def _refusal(path: Path) -> UserError | None:
    if _is_unc(path):
        return _refusal_of_network(path)
    resolved = path.expanduser().resolve()
    service = _service_of(resolved)
    if service is not None:
        return UserError(
            QT_TRANSLATE_NOOP(
                "security",
                "The folder {folder} is synchronised by {service}. A copy made in the middle of "
                "a save damages the data. Choose a folder that stays on this computer.",
            ),
            field="folder",
            code="CLOUD_FOLDER",
            context="security",
            folder=str(resolved),
            service=service,
        )
    if _is_unc(resolved) or _is_on_network(resolved):
        return _refusal_of_network(resolved)
    return None


def _refusal_of_network(path: Path) -> UserError:
    return UserError(
        QT_TRANSLATE_NOOP(
            "security",
            "The folder {folder} is on a network drive, where a save can be lost. "
            "Choose a folder on this computer.",
        ),
        field="folder",
        code="CLOUD_FOLDER",
        context="security",
        folder=str(path),
    )


def _is_unc(path: PurePath) -> bool:
    return str(path).startswith((r"\\", "//"))


def _service_of(path: Path) -> str | None:
    for variable in _SYNCED_ROOTS:
        root = os.environ.get(variable)
        if root and path.is_relative_to(Path(root).resolve()):
            return "OneDrive"
    for part in path.parts:
        name = part.casefold()
        for synced, service in _SYNCED.items():
            if name == synced or name.startswith(tuple(synced + end for end in _ACCOUNT_FOLLOWS)):
                return service
    return None


def _is_on_network(path: Path) -> bool:
    # macOS tells only through statfs(2), which Python does not offer; /Volumes is not judged
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  # windll exists there only

        return bool(ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == _DRIVE_REMOTE)
    return _mount_type(path) in _NETWORK_TYPES


def _mount_type(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """Return the type of the file system that holds `path`, or "" where it cannot be told."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        fields, _, rest = line.partition(" - ")
        mounted = Path(_unescaped(fields.split(" ")[4]))
        # ">=": of two file systems on one point the later hides the earlier
        if path.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, kind = len(mounted.parts), rest.split(" ", 1)[0]
    return kind


def _unescaped(field: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, character)
    return field
