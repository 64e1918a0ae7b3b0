"""Sealing for head office alone: HPKE to its X25519 key. Whoever seals cannot read it again."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LABEL = b"KAMDesk/rescue/v1\0"


def public_key(private: bytes) -> bytes:
    """Return the 32 raw bytes that others seal to."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(public: bytes, device: str, data: bytes) -> bytes:
    """Seal what a device leaves. Raises ValueError for what is no key."""
    return _SUITE.encrypt(
        data, X25519PublicKey.from_public_bytes(public), info=_LABEL + device.encode()
    )


def opened(private: bytes, device: str, sealed: bytes) -> bytes | None:
    """Return what this device sealed to the owner of `private`; None for anything else."""
    try:
        return _SUITE.decrypt(
            sealed, X25519PrivateKey.from_private_bytes(private), info=_LABEL + device.encode()
        )
    except (InvalidTag, ValueError):
        return None
