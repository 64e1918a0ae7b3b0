"""How keys are made from keys, and kept under one another."""

from __future__ import annotations

import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kamdesk.domain.errors import UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

KEY_BYTES = 32
CHECK_BYTES = 16
SHORTEST_PASSPHRASE = 10
LONGEST_PASSPHRASE = 1024

_NONCE_BYTES = 12
_TAG_BYTES = 16
WRAPPED_BYTES = _NONCE_BYTES + KEY_BYTES + _TAG_BYTES

Key = bytes | bytearray


@dataclass(frozen=True)
class PassphraseWork:
    """The parameters of Argon2id that one passphrase was stretched with."""

    salt: bytes
    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def is_bearable(self) -> bool:
        """Say whether this is work that a damaged file may ask this computer to do."""
        return (
            16 <= len(self.salt) <= 64
            and 8 * self.lanes <= self.memory_kib <= 1024 * 1024
            and 1 <= self.passes <= 16
            and 1 <= self.lanes <= 16
        )


def new_key() -> bytearray:
    """Return a fresh random key that can be overwritten."""
    return bytearray(os.urandom(KEY_BYTES))


def derive(key: Key, info: bytes) -> bytearray:
    """Return the key for one purpose, by HKDF-SHA256."""
    derived = bytearray(KEY_BYTES)
    HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive_into(key, derived)
    return derived


def check_value(key: Key) -> bytes:
    """Return what tells a wrong key from a damaged file, and nothing about the key."""
    return bytes(derive(key, b"KAMDesk/kcv/v1")[:CHECK_BYTES])


def wrap(key: Key, secret: Key, *, bound_to: bytes) -> bytes:
    """Return `secret` sealed under `key`: nonce, ciphertext and tag, valid only for `bound_to`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound_to)


def unwrap(key: Key, wrapped: bytes, *, bound_to: bytes) -> bytearray | None:
    """Return the 32 bytes that `wrap` sealed, or None for another key, place or content."""
    if len(wrapped) != WRAPPED_BYTES:
        return None
    secret = bytearray(KEY_BYTES)
    try:
        AESGCM(key).decrypt_into(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], bound_to, secret)
    except InvalidTag:
        return None
    return secret


def place(label: bytes, *parts: str) -> bytes:
    """Return what a wrapped key is bound to; lengths keep ("ab", "c") apart from ("a", "bc")."""
    encoded = [part.encode("utf-8") for part in parts]
    return label + b"".join(len(part).to_bytes(2, "big") + part for part in encoded)


def place_of_key(profile: str, purpose: str, key_id: int) -> bytes:
    """Return what a wrapped data key is bound to."""
    return place(b"KAMDesk/dek/v1", profile, purpose, str(key_id))


def check_passphrase(text: str) -> None:
    """Raise UserError for a passphrase too short to protect a store."""
    if len(unicodedata.normalize("NFKC", text)) < SHORTEST_PASSPHRASE:
        raise UserError(
            QT_TRANSLATE_NOOP("security", "Use at least {shortest} characters for the passphrase."),
            field="passphrase",
            code="PASSPHRASE_TOO_SHORT",
            context="security",
            shortest=SHORTEST_PASSPHRASE,
        )
    if len(text) > LONGEST_PASSPHRASE:
        raise UserError(
            QT_TRANSLATE_NOOP("security", "Use at most {longest} characters for the passphrase."),
            field="passphrase",
            code="PASSPHRASE_TOO_LONG",
            context="security",
            longest=LONGEST_PASSPHRASE,
        )


def stretch(passphrase: str, work: PassphraseWork) -> bytearray:
    """Return the key of a passphrase. Takes about 0.3 s and 64 MiB, on purpose."""
    # NFKC: typed on another keyboard or in full width, it is the same passphrase
    typed = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    stretched = bytearray(KEY_BYTES)
    _argon(work, typed, stretched)
    # OpenSSL frees its copy of what was typed without writing over it; the same again with nothing to tell does
    least = PassphraseWork(work.salt, memory_kib=8, passes=1, lanes=1)
    _argon(least, bytes(len(typed)), bytearray(KEY_BYTES))
    try:
        return derive(stretched, b"KAMDesk/passphrase-slot/v1")
    finally:
        erase(stretched)


def _argon(work: PassphraseWork, typed: bytes, into: bytearray) -> None:
    Argon2id(
        salt=work.salt,
        length=KEY_BYTES,
        iterations=work.passes,
        lanes=work.lanes,
        memory_cost=work.memory_kib,
    ).derive_into(typed, into)


def erase(key: bytearray) -> None:
    """Overwrite a key in memory."""
    key[:] = bytes(len(key))
