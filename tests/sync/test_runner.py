"""Reconciliation by itself: it notices, tells the truth, pauses, and ends at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from urllib3.connection import HTTPConnection

from kamdesk.domain.connection import Link, SignIn, Status
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.headoffice import devices
from kamdesk.services.tasks import add_task
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import Problem
from kamdesk.sync.runner import Reconciler
from kamdesk.sync.transport import Transport
from tests.headoffice.conftest import PASSWORD
from tests.sync.world import until


@pytest.fixture
def running() -> Iterator[Callable[[object], Reconciler]]:
    started: list[Reconciler] = []

    def start(laptop):
        one = Reconciler(laptop.database, laptop.transport)
        started.append(one)
        one.start()
        return one

    yield start
    for one in started:
        assert one.stop(), "a thread is still running"


def test_change_travels_by_itself_to_the_other_laptop(world, running):
    ann, other = world.laptop("ann"), world.laptop("ann")
    first, second = running(ann), running(other)
    until(lambda: first.status().link is Link.ONLINE and second.status().link is Link.ONLINE)
    ann.do(lambda work: add_task(work, title="Call", due_on=None))
    until(lambda: other.value("SELECT count(*) FROM task") == 1)
    # Online is told while the first load still comes; that it was reconciled, at its end
    until(lambda: first.status().waiting == 0 and first.status().last_reconciled is not None)


def test_a_page_that_is_closed_meanwhile_does_not_end_reconciliation(world, running):
    laptop = world.laptop("ann")
    one = running(laptop)
    until(lambda: one.status().link is Link.ONLINE and not one.status().working)

    def gone(_status: Status) -> None:
        raise RuntimeError("Signal source has been deleted")

    one.watch(gone)
    for title in ("Call", "Call again", "Write"):
        laptop.do(lambda work, title=title: add_task(work, title=title, due_on=None))
        until(lambda: laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0)
        until(lambda: not one.status().working)


def test_cut_line_is_noticed_and_its_return_too(world, running):
    laptop = world.laptop("ann")
    seen: list[Status] = []
    one = running(laptop)
    one.watch(seen.append)
    until(lambda: one.status().link is Link.ONLINE)
    world.cut()
    until(lambda: one.status().link is Link.OFFLINE)
    laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    assert one.status().waiting == 1
    world.connect()
    until(lambda: one.status().link is Link.ONLINE and one.status().waiting == 0)
    assert any(status.link is Link.OFFLINE and status.waiting == 1 for status in seen)


@pytest.mark.parametrize("revoked", [False, True])
def test_signed_out_laptop_signs_in_again_and_hands_in_its_work(world, running, revoked):
    laptop = world.laptop("ann").sync()
    one = running(laptop)
    until(lambda: one.status().link is Link.ONLINE)
    if revoked:
        devices.revoke(world.store, laptop.value("SELECT v FROM sync_state WHERE k = 'device_id'"))
    with world.store.write("test") as writer:
        writer.connection.exec_driver_sql("DELETE FROM access_token")
        writer.connection.exec_driver_sql("UPDATE refresh_token SET spent = 1")
    laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    until(lambda: one.status().link is Link.SIGNED_OUT)
    assert one.status().waiting == 1
    with pytest.raises(UserError) as other:
        one.sign_in(SignIn("", "kim", PASSWORD))
    assert other.value.code == "another_user"
    one.sign_in(SignIn("", "ann", PASSWORD))
    until(lambda: one.status().link is Link.ONLINE and not one.status().waiting)


def test_disk_that_fails_for_a_while_does_not_end_reconciliation(world, running, monkeypatch):
    laptop = world.laptop("ann").sync()
    real = laptop.database.read
    broken = threading.Event()

    def read(fn):
        if broken.is_set() and threading.current_thread().name == "sync":
            raise MachineError("The disk is full.", code="DISK_FULL", context="store")
        return real(fn)

    monkeypatch.setattr(laptop.database, "read", read)
    one = running(laptop)
    until(lambda: one.status().link is Link.ONLINE)
    broken.set()
    one.reconcile_now()
    until(lambda: one.status().problem == "disk_full")
    broken.clear()
    one.reconcile_now()
    until(lambda: not one.status().problem)


def test_pause_holds_and_resume_goes_on(world, running):
    laptop = world.laptop("ann")
    one = running(laptop)
    until(lambda: one.status().link is Link.ONLINE)
    one.set_paused(paused=True)
    assert one.status().link is Link.PAUSED
    laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    time.sleep(0.6)
    assert one.status().waiting == 1
    one.set_paused(paused=False)
    until(lambda: one.status().waiting == 0)


def test_connection_that_comes_about_while_the_line_is_cut_is_cut_too(monkeypatch):
    """It used to wait at the long poll for a minute, and the end of the program with it."""
    silent = socket.create_server(("127.0.0.1", 0))
    line = Transport(f"http://127.0.0.1:{silent.getsockname()[1]}")
    real = HTTPConnection.connect

    def connect(self):
        line.close()
        real(self)

    monkeypatch.setattr(HTTPConnection, "connect", connect)
    ended: list[str] = []

    def ask() -> None:
        try:
            line.wait_for_news("token", after=0, seconds=30)
        except Unreachable as problem:
            ended.append(problem.code)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(5)
    assert ended == ["connect"]
    silent.close()


def test_end_does_not_wait_for_a_server_that_never_answers(world):
    laptop = world.laptop("ann").sync()
    silent = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                taken.append(silent.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    one = Reconciler(laptop.database, Transport(f"http://127.0.0.1:{silent.getsockname()[1]}"))
    one.start()
    until(lambda: bool(taken))
    began = time.monotonic()
    assert one.stop()
    assert time.monotonic() - began < 3
    silent.close()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\nContent-Length: 0\r\n\r\n", "captive_portal"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello", "captive_portal"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{hell", "bad_answer"),
        (b"HTTP/1.1 502 Bad\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "server_error"),
        (b"nonsense\r\n\r\n", "connect"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{}", "connect"),
    ],
)  # fmt: skip
def test_h45_rubbish_is_offline_and_loses_nothing(world, answer, code):
    laptop = world.laptop("ann").sync()
    laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    rubbish = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = rubbish.accept()
                connection.recv(65536)
                connection.sendall(answer)
                connection.close()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    one = Reconciler(laptop.database, Transport(f"http://127.0.0.1:{rubbish.getsockname()[1]}"))
    one.start()
    until(lambda: bool(one.status().problem))
    assert (one.status().link, one.status().problem) == (Link.OFFLINE, code)
    assert one.status().waiting == 1
    assert one.stop()
    rubbish.close()
    laptop.sync()
    assert laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0


class Forgetful:
    """A line on which connections that were open before the computer slept are silent, and new ones work."""

    def __init__(self, port: int) -> None:
        self._port, self._slept = port, 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def sleep(self) -> None:
        self._slept += 1

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._door.accept()
                there = socket.create_connection(("127.0.0.1", self._port))
                for one, other in ((here, there), (there, here)):
                    carry = (one, other, self._slept)
                    threading.Thread(target=self._carry, args=carry, daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, when: int) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if when == self._slept:
                    other.sendall(data)


def test_after_sleep_a_save_does_not_wait_for_a_connection_that_is_dead(world, running):
    laptop = world.laptop("ann").sync()
    line = Forgetful(world._port)
    laptop.transport.close()
    laptop.transport = Transport(line.url)
    one = running(laptop)
    until(lambda: one.status().link is Link.ONLINE and not one.status().working)

    def save(title: str) -> None:
        laptop.do(lambda work: add_task(work, title=title, due_on=None))

    def is_sent() -> bool:
        return laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0

    save("before")  # there is a connection that waits for news, and one besides
    until(lambda: is_sent() and not one.status().working)
    line.sleep()
    save("after")
    time.sleep(0.5)
    assert not is_sent()  # it asks on a connection that nobody hears
    one.woke()
    until(is_sent)
    until(lambda: not one.status().working)
    assert (one.status().problem, one.status().last_problem) == ("", "")
    line.close()


def test_head_office_that_asks_for_patience_is_left_alone_by_saves_but_not_by_the_user(world):
    laptop = world.laptop("ann").sync()
    body = b'{"code": "busy", "retry_after": 120}'
    answer = b"HTTP/1.1 503 Busy\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n%b"
    busy, asked = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = busy.accept()
                asked.append(connection.recv(65536))
                connection.sendall(answer % (len(body), body))
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    one = Reconciler(laptop.database, Transport(f"http://127.0.0.1:{busy.getsockname()[1]}"))
    one.start()
    until(lambda: one.status().problem == "busy" and not one.status().working)
    told = len(asked)
    for title in ("Call", "Write", "Drive"):
        laptop.do(lambda work, title=title: add_task(work, title=title, due_on=None))
        time.sleep(0.3)  # longer than a save is gathered for
    assert (len(asked), one.status().waiting) == (told, 3)
    one.reconcile_now()
    until(lambda: len(asked) > told)
    assert (one.status().last_problem, one.status().last_problem_at is None) == ("busy", False)
    assert one.stop()
    busy.close()


def test_after_a_success_nobody_waits_for_the_patience_that_was_asked_for_before(world, monkeypatch):
    laptop = world.laptop("ann").sync()
    one = Reconciler(laptop.database, laptop.engine.transport)
    patience = [3600]
    reconcile = one._engine.reconcile

    def busy_once() -> None:
        if patience:
            raise Answered(503, Problem(code="busy", retry_after=patience.pop()))
        reconcile()

    monkeypatch.setattr(one._engine, "reconcile", busy_once)
    monkeypatch.setattr(one, "_check_when_due", lambda: None)  # it would hand in what is saved meanwhile
    one.start()
    until(lambda: one.status().problem == "busy" and not one.status().working)
    one.reconcile_now()
    until(lambda: not one.status().problem and not one.status().working)
    laptop.do(lambda work: add_task(work, title="Call", due_on=None))
    until(lambda: laptop.value("SELECT count(*) FROM sync_op WHERE st = 'queued'") == 0)
    assert one.stop()
