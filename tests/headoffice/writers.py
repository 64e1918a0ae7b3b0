"""Processes that write to one head office at once, by the commit rule or by the mistake it is there against."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable

from sqlalchemy import text

from kamdesk.domain.ids import new_id
from kamdesk.headoffice import commit
from kamdesk.headoffice.schema import OPEN_GATE
from kamdesk.headoffice.store import Store

WRITERS = 3


def write(url: str, customers: list[str], seconds: float, *, naive: bool, made: object) -> None:
    """Write people from three threads, each of a customer of its own so that nothing else puts them in a row."""
    if naive:
        commit._NUMBERED = text(
            "WITH head AS (SELECT nextval('naive') AS seq), kept AS (INSERT INTO sync_commit "
            "(seq, nonce, at, origin) SELECT seq, :nonce, :at, :origin FROM head) "
            f"SELECT seq, {OPEN_GATE} FROM head"
        )
    store = Store.open(url)
    end = time.monotonic() + seconds

    def work(customer: str) -> None:
        while time.monotonic() < end:
            person = new_id()
            with store.write("writers") as writer:
                writer.put("person", person, {"name": "P", "customer_id": customer})
                if naive:
                    # A transaction that is still at work after it took its number
                    writer.then(
                        lambda connection, _: connection.execute(
                            text("SELECT pg_sleep(random() * 0.02)")
                        )
                    )
            made.put(person)  # type: ignore[attr-defined]

    threads = [threading.Thread(target=work, args=(one,)) for one in customers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    store.close()


def two_processes(
    url: str, customers: list[str], seconds: float, *, naive: bool, meanwhile: Callable[[], None]
) -> set[str]:
    """Let two processes write, call `meanwhile` again and again, and return what was committed."""
    context = multiprocessing.get_context("spawn")
    made = context.Queue()
    options = {"naive": naive, "made": made}
    processes = [
        context.Process(target=write, args=(url, part, seconds), kwargs=options)
        for part in (customers[:WRITERS], customers[WRITERS:])
    ]
    for one in processes:
        one.start()
    written: set[str] = set()
    while any(one.is_alive() for one in processes) or not made.empty():
        while not made.empty():
            written.add(made.get())
        meanwhile()
    return written
