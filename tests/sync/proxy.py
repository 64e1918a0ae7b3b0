"""A TCP proxy on loopback that does to a connection what trains, tunnels and cheap routers do."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

_STEP = 512


class Where(StrEnum):
    """The place in a message at which the line is cut."""

    FIRST = "first byte"
    HEADERS = "headers"
    BODY = "body"
    LAST = "last byte"
    AFTER = "after the last byte"


@dataclass
class Proxy:
    """Carries connections to `port`. Faults hold for what begins after they were set."""

    port: int
    cut: tuple[str, Where] | None = None
    """Cut the next message in a direction, "up" or "down", that belongs to a request of `path`; once."""
    seconds: float = 0.0  # of latency, each way
    bytes_per_second: float = 0.0
    loss: float = 0.0  # the chance that a step of the stream resets the connection
    path: bytes = b"/v1/sync"  # of the requests that are cut
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self.cuts = 0
        self.carried = 0  # bytes, both ways
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.port))
                except OSError:
                    _reset(client)
                    continue
                is_sync = threading.Event()
                for source, target, way in ((client, server, "up"), (server, client, "down")):
                    threading.Thread(
                        target=self._carry, args=(source, target, way, is_sync), daemon=True
                    ).start()

    def _carry(
        self, source: socket.socket, target: socket.socket, way: str, is_sync: threading.Event
    ) -> None:
        message = _Message()
        try:
            while data := source.recv(_STEP):
                if way == "up" and message.is_new:
                    (is_sync.set if self.path in data[:40] else is_sync.clear)()
                keep = message.take(data)
                self._wait(len(data))
                at = self._cut_at(way, message, keep, len(data)) if is_sync.is_set() else None
                if at is not None:
                    self.cuts += 1  # first: a message that comes whole is answered at once
                    target.sendall(data[:at])
                    time.sleep(0.05)
                    break
                if self.loss and self.rng.random() < self.loss:
                    break
                target.sendall(data)
                self.carried += len(data)
        except OSError:
            pass
        _reset(source)
        _reset(target)

    def _wait(self, size: int) -> None:
        if self.seconds:
            time.sleep(self.seconds)
        if self.bytes_per_second:
            time.sleep(size / self.bytes_per_second)

    def _cut_at(self, way: str, message: _Message, before: int, size: int) -> int | None:
        """Say after how many bytes of this piece the line is cut; None: not in this piece."""
        with self._lock:
            if self.cut is None or self.cut[0] != way:
                return None
            place = message.place(self.cut[1])
            if place is None or not before <= place <= before + size:
                return None
            self.cut = None
            return place - before


class _Message:
    """How far one HTTP message has come; the next begins where its length says."""

    def __init__(self) -> None:
        self.head = b""
        self.seen = 0
        self.whole: int | None = None
        self.body_at = 0

    @property
    def is_new(self) -> bool:
        return self.seen == 0 or (self.whole is not None and self.seen >= self.whole)

    def take(self, data: bytes) -> int:
        """Count a piece; return where in the message it begins."""
        if self.is_new:
            self.__init__()  # type: ignore[misc]
        before = self.seen
        self.seen += len(data)
        if self.whole is None:
            self.head += data
            if (end := self.head.find(b"\r\n\r\n")) >= 0:
                self.body_at = end + 4
                lines = self.head[:end].lower().split(b"\r\n")
                length = next(
                    (one.split(b":")[1] for one in lines if one.startswith(b"content-length")), b"0"
                )
                self.whole = self.body_at + int(length)
        return before

    def place(self, where: Where) -> int | None:
        if where is Where.FIRST:
            return 0
        if where is Where.HEADERS:
            return 30
        if self.whole is None:
            return None
        middle = (self.body_at + self.whole) // 2
        return {Where.BODY: middle, Where.LAST: self.whole - 1}.get(where, self.whole)


def _reset(one: socket.socket) -> None:
    """Close at once, with a reset."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
