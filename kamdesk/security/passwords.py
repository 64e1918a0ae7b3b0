"""Passwords, tokens and codes of head office: never kept, only what checks them."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import threading
import unicodedata
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256

# OWASP's first choice for Argon2id; 63 ms each, so a login costs the server one core that long
_MEMORY_KIB = 46 * 1024
_PASSES = 1
_LANES = 1

_PARAMETERS = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$")

# Each hash takes 46 MiB: a flood of logins must queue for the cores, not for the memory
_cores = threading.BoundedSemaphore(os.cpu_count() or 1)

# Only what the rule of length lets through; compared without case, blanks and punctuation
_COMMON = frozenset(
    """
    1234567890 0123456789 9876543210 0987654321 12345678910 123456789a 1234567890a a1234567890
    123456789q a123456789 aa123456789 abc123456789 123456789abc 1q2w3e4r5t 1qaz2wsx3edc
    1qazxsw23edc q1w2e3r4t5 qwertyuiop qwertyuiop123 qwerty1234 qwerty12345 qwerty123456 asdfghjkl1
    asdfghjkl123 zxcvbnm123 abcdefghij abcdefghijk abcd123456 abc1234567 password12 password123
    password1234 passw0rd123 passwordpassword p4ssw0rd123 letmein123 letmein1234 welcome123
    welcome1234 administrator admin12345 admin123456 adminadmin changeme123 iloveyou12 iloveyou123
    iloveyou520 woaini1314 woaini520 woaini1314520 woaini5201314 5201314520 1314520520 1314521521
    computer123 internet123 superman123 football123 baseball123 sunshine123 princess123 kamdesk123
    kamdesk1234 kamdesk2026 headoffice1 headoffice123 pharmacy123 hospital123 summer2026 winter2026
    spring2026 autumn2026 motdepasse motdepasse1 azertyuiop azerty1234 azerty12345
    """.split()
)
_FEWEST_CHARACTERS = 4


def check_password(password: str, *, username: str = "") -> None:
    """Raise UserError for a password that head office does not take."""
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < SHORTEST_PASSWORD:
        raise UserError(
            QT_TRANSLATE_NOOP("security", "Use at least {shortest} characters for the password."),
            field="password",
            code="PASSWORD_TOO_SHORT",
            context="security",
            shortest=SHORTEST_PASSWORD,
        )
    if len(normal) > LONGEST_PASSWORD:
        raise UserError(
            QT_TRANSLATE_NOOP("security", "Use at most {longest} characters for the password."),
            field="password",
            code="PASSWORD_TOO_LONG",
            context="security",
            longest=LONGEST_PASSWORD,
        )
    bare = re.sub(r"[\W_]+", "", normal.casefold())
    name = re.sub(r"[\W_]+", "", username.casefold())
    if bare in _COMMON or len(set(normal)) < _FEWEST_CHARACTERS or (name and bare == name):
        raise UserError(
            QT_TRANSLATE_NOOP(
                "security", "This password is easy to guess. Use a few words that only you connect."
            ),
            field="password",
            code="PASSWORD_COMMON",
            context="security",
        )


def hash_password(password: str) -> str:
    """Return the Argon2id PHC string to keep. The rules are `check_password`'s."""
    with _cores:
        return Argon2id(
            salt=os.urandom(16),
            length=32,
            iterations=_PASSES,
            lanes=_LANES,
            memory_cost=_MEMORY_KIB,
        ).derive_phc_encoded(_bytes_of(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Say whether `password` made `stored`; None, for an unknown user, takes as long to refuse."""
    if len(password) > LONGEST_PASSWORD:
        password = ""
    known = stored is not None
    with _cores:
        nobody = (
            _nobody()
        )  # always: made on demand, the first unknown user would take twice as long
        try:
            Argon2id.verify_phc_encoded(_bytes_of(password), stored or nobody)
        except InvalidKey:
            return False
    return known


def needs_rehash(stored: str) -> bool:
    """Say whether `stored` was made with less work than new hashes are."""
    match = _PARAMETERS.match(stored)
    if match is None:
        return True
    memory, passes, lanes = (int(group) for group in match.groups())
    return memory < _MEMORY_KIB or passes < _PASSES or lanes < _LANES


def new_token() -> str:
    """Return a bearer token: 256 random bits in 43 characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the SHA-256, in hex, that head office keeps and finds a token by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_code() -> str:
    """Return an enrolment code: 80 random bits as XXXX-XXXX-XXXX-XXXX."""
    return _grouped(base64.b32encode(os.urandom(10)).decode("ascii"))


def normal_code(typed: str) -> str | None:
    """Return a code as `new_code` wrote it from what a person typed, or None for anything else."""
    bare = re.sub(r"[\s\-_.]+", "", unicodedata.normalize("NFKC", typed)).upper()
    # Base32 has no 0, 1 and 8: who reads them off a sheet means the letters
    bare = bare.translate(str.maketrans("018", "OIB"))
    return _grouped(bare) if re.fullmatch(r"[A-Z2-7]{16}", bare) else None


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))


@cache
def _nobody() -> str:
    # Hashed here, without the semaphore that the caller already holds
    return Argon2id(
        salt=os.urandom(16), length=32, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB
    ).derive_phc_encoded(os.urandom(16))


def _bytes_of(password: str) -> bytes:
    # NFKC: the same word typed on a Mac, or in full width by an input method, is the same password
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
