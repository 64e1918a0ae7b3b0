"""Frames of an append-only sealed file: each tied to the one before, so that a torn or changed tail shows.

`"KDJ1" | u32 length | u64 number | nonce 12 | ciphertext and tag`, big-endian; bound to its header and to the tag
of the frame before it.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kamdesk.security import wrapping

MAGIC = b"KDJ1"
LONGEST = 64 * 1024 * 1024
_HEADER = struct.Struct(">4sIQ")
_NONCE, _TAG = 12, 16


class Chain:
    """Seals and opens the frames of one file in their order. `place` is what the file belongs to."""

    def __init__(self, key: bytes, place: str) -> None:
        derived = wrapping.derive(key, b"KAMDesk/journal/v1")
        self._cipher = AESGCM(bytes(derived))
        wrapping.erase(derived)
        self._last = hashlib.sha256(place.encode()).digest()[:_TAG]
        self._number = 0

    def seal(self, content: bytes) -> bytes:
        """Return the next frame."""
        header = _HEADER.pack(MAGIC, _NONCE + len(content) + _TAG, self._number + 1)
        nonce = os.urandom(_NONCE)
        sealed = self._cipher.encrypt(nonce, content, header + self._last)
        self._number, self._last = self._number + 1, sealed[-_TAG:]
        return header + nonce + sealed

    def open(self, data: bytes) -> Iterator[bytes]:
        """Return the contents up to the last good frame; `position` tells where the good part ends."""
        self.position = 0
        while len(data) - self.position >= _HEADER.size:
            header = data[self.position : self.position + _HEADER.size]
            magic, length, number = _HEADER.unpack(header)
            body = data[self.position + _HEADER.size : self.position + _HEADER.size + length]
            if magic != MAGIC or number != self._number + 1 or len(body) != length:
                return
            if not _NONCE + _TAG <= length <= LONGEST:
                return
            try:
                content = self._cipher.decrypt(body[:_NONCE], body[_NONCE:], header + self._last)
            except InvalidTag:
                return
            self._number, self._last = number, body[-_TAG:]
            self.position += _HEADER.size + length
            yield content
