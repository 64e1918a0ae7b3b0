"""Entries in the key store of the operating system, asked with distrust and never for long."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from contextlib import suppress
from enum import StrEnum
from typing import TypeVar

from kamdesk.domain.errors import MachineError
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.put_off import put_off

# What keyring imports for looking around; the key of a profile is in a store whose name is known
with put_off("urllib.request", "importlib_metadata", "more_itertools"):
    import keyring
    import keyring.core
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

SERVICE = "KAMDesk"
PATIENCE = 20.0

# Each one keeps secrets encrypted under the account's own sign-in. What is not named here is not
# used, however well it recommends itself: `keyrings.alt` writes plain text with a good priority.
TRUSTED_BACKENDS = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
_FAIL = "keyring.backends.fail.Keyring"

Answer = TypeVar("Answer")


class KeyringProblem(StrEnum):
    """Why the key store of this computer cannot be used; the values are error codes."""

    NO_KEYRING = "NO_KEYRING"
    UNTRUSTED_BACKEND = "UNTRUSTED_BACKEND"
    KEYRING_LOCKED = "KEYRING_LOCKED"
    KEYRING_SILENT = "KEYRING_SILENT"
    KEYRING_LIES = "KEYRING_LIES"
    KEYRING_FULL = "KEYRING_FULL"
    KEYRING_FAILED = "KEYRING_FAILED"


_TEXTS = {
    KeyringProblem.NO_KEYRING: QT_TRANSLATE_NOOP(
        "security", "This computer has no key store. Protect your data with a passphrase instead."
    ),
    KeyringProblem.UNTRUSTED_BACKEND: QT_TRANSLATE_NOOP(
        "security",
        "The key store set up on this computer ({backend}) does not protect what it keeps. "
        "Protect your data with a passphrase instead.",
    ),
    KeyringProblem.KEYRING_LOCKED: QT_TRANSLATE_NOOP(
        "security", "The key store of this computer stayed locked. Unlock it and try again."
    ),
    KeyringProblem.KEYRING_SILENT: QT_TRANSLATE_NOOP(
        "security",
        "The key store of this computer did not answer. It may be waiting for its password in "
        "another window. Answer there and try again.",
    ),
    KeyringProblem.KEYRING_LIES: QT_TRANSLATE_NOOP(
        "security",
        "The key store of this computer ({backend}) does not return what it was given. "
        "Protect your data with a passphrase instead.",
    ),
    KeyringProblem.KEYRING_FULL: QT_TRANSLATE_NOOP(
        "security",
        "The key store of this computer took no new entry ({reason}). It may be full. "
        "Remove old entries and try again, or use a passphrase.",
    ),
    KeyringProblem.KEYRING_FAILED: QT_TRANSLATE_NOOP(
        "security", "The key store of this computer reported an error ({reason}). Try again."
    ),
}


def keyring_error(
    problem: KeyringProblem, *, backend_name: str = "", reason: str = ""
) -> MachineError:
    """Return the error that says what is wrong with the key store; its code is the problem."""
    return MachineError(
        _TEXTS[problem],
        code=problem.value,
        context="security",
        backend=backend_name,
        reason=reason,
    )


def name_of(backend: KeyringBackend) -> str:
    """Return the full class name that the key store's file records."""
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def find_backend(given: KeyringBackend | None, *, preferred: str = "") -> KeyringBackend:
    """Return the key store to use, `preferred` first where several are there.

    `given` is a backend that the caller vouches for; one that cannot keep anything is refused all
    the same. Looking for one asks the desktop's bus: call it under `watched`.
    """
    if given is not None:
        _refuse_known_bad(given)
        return given
    if preferred in TRUSTED_BACKENDS and (known := _by_name(preferred)) is not None:
        return known
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415  # imports every back end

    found = keyring.get_keyring()
    # The chain would write to whichever member takes it; one known member is used instead
    members: Iterable[KeyringBackend] = (
        found.backends if isinstance(found, ChainerBackend) else (found,)
    )
    trusted = {name_of(member): member for member in members if name_of(member) in TRUSTED_BACKENDS}
    if preferred in trusted:
        return trusted[preferred]
    for member in trusted.values():
        return member
    _refuse_known_bad(found)
    raise keyring_error(KeyringProblem.UNTRUSTED_BACKEND, backend_name=name_of(found))


def _by_name(name: str) -> KeyringBackend | None:
    """Return the key store of that name; None where it cannot be used, or the user has configured another.

    Looking for all there are takes much longer: on Linux, the one for macOS alone runs two other programs.
    """
    if "PYTHON_KEYRING_BACKEND" in os.environ:
        return None
    with suppress(Exception):
        if keyring.core.load_config() is None:
            return keyring.core.load_keyring(name)
    return None


def _refuse_known_bad(backend: KeyringBackend) -> None:
    name = name_of(backend)
    if name == _FAIL:
        raise keyring_error(KeyringProblem.NO_KEYRING, backend_name=name)
    if name.startswith("keyring.") and name not in TRUSTED_BACKENDS:  # null, an empty chain
        raise keyring_error(KeyringProblem.UNTRUSTED_BACKEND, backend_name=name)
    if name.startswith("keyrings."):
        raise keyring_error(KeyringProblem.UNTRUSTED_BACKEND, backend_name=name)


def read_entry(backend: KeyringBackend, service: str, user: str) -> str | None:
    """Return what is kept for `user`, or None. Call it under `watched`."""
    return backend.get_password(service, user)


def write_entry(backend: KeyringBackend, service: str, user: str, value: str) -> None:
    """Keep `value` and make sure of it by reading it back. Call it under `watched`."""
    try:
        backend.set_password(service, user, value)
    except (NoKeyringError, KeyringLocked):
        raise
    except Exception as error:
        # A full Windows vault and a value too long come as pywintypes.error, D-Bus faults as
        # jeepney's: classes that only the machine at fault has
        if _was_dismissed(error):
            raise
        raise keyring_error(
            KeyringProblem.KEYRING_FULL,
            backend_name=name_of(backend),
            reason=type(error).__name__,
        ) from error
    if backend.get_password(service, user) != value:
        raise keyring_error(KeyringProblem.KEYRING_LIES, backend_name=name_of(backend))


def delete_entry(backend: KeyringBackend, service: str, user: str) -> None:
    """Remove what is kept for `user`; nothing kept is fine. Call it under `watched`."""
    if backend.get_password(service, user) is not None:
        backend.delete_password(service, user)


def watched(work: Callable[[], Answer], *, timeout: float) -> Answer:
    """Return what `work` returns. Raises a MachineError with a KeyringProblem for its code.

    When the time is up, `work` goes on in its thread and its answer is dropped: it must write
    only to names that no later attempt uses.
    """
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # noqa: BLE001  # handed to the thread that waits
            answer.set_exception(error)

    # A thread made here and not by the runners, which are joined at exit: a prompt that nobody
    # answers blocks inside D-Bus for ever, and only a daemon thread may then be left behind.
    threading.Thread(target=run, name="keyring", daemon=True).start()
    if not wait([answer], timeout=timeout).done:
        raise keyring_error(KeyringProblem.KEYRING_SILENT)
    error = answer.exception()
    if error is None:
        return answer.result()
    if isinstance(error, MachineError):
        raise error
    raise keyring_error(_problem_of(error), reason=type(error).__name__) from error


def _problem_of(error: BaseException) -> KeyringProblem:
    if isinstance(error, NoKeyringError):
        return KeyringProblem.NO_KEYRING
    if isinstance(error, KeyringLocked) or _was_dismissed(error):
        return KeyringProblem.KEYRING_LOCKED
    return KeyringProblem.KEYRING_FAILED


def _was_dismissed(error: BaseException) -> bool:
    # keyring reports a prompt closed while a first collection is made as an InitError; only the
    # cause tells, and secretstorage, where its class lives, is not installed on every system
    return (
        isinstance(error, KeyringError)
        and type(error.__cause__).__name__ == "PromptDismissedException"
    )
