"""Old deletions are forgotten on both databases; a device that missed them is told to load anew."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from kamdesk.domain import clock
from kamdesk.headoffice import blobs, horizon, upkeep
from kamdesk.headoffice.store import Store
from tests.headoffice.conftest import Office


def test_forgotten_deletions_are_gone_and_older_positions_are_refused(office: Office) -> None:
    gone, moved = office.customer("Huashan"), office.customer("Renji")
    ann = office.desk().reconcile()
    with office.store.write("office") as writer:
        writer.delete("customer", gone)
    office.edit("customer", moved, territory_id=office.south)
    with office.store.write("test") as writer:
        writer.connection.execute(
            text("UPDATE sync_commit SET at = :at"),
            {"at": clock.stamp(clock.now() - horizon.KEPT - timedelta(minutes=1))},
        )
    assert horizon.forget(office.store) > 0
    assert horizon.forget(office.store) == 0
    assert list(upkeep.findings(office.store)) == []
    scope = ann.post(ann.request()).json()["scope"]
    ann._follow(scope["buckets"], 0)
    answer = ann.post(ann.request())
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
    assert answer.json()["params"] == {"head": office.store.head()}
    ann.cursor = ann.price_cursor = office.store.head()
    ann.loading.clear()
    assert ann.post(ann.request()).status_code == 200


def test_one_record_that_cannot_be_read_does_not_end_forgetting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def broken(_store: Store) -> int:
        done.append("deletions")
        raise ValueError("a damaged record")

    monkeypatch.setattr(horizon, "forget", broken)
    monkeypatch.setattr(blobs, "forget", lambda _: done.append("contents") or 0)
    monkeypatch.setattr(horizon, "_EVERY", 0.01)

    async def run() -> None:
        task = asyncio.create_task(horizon.keep_forgetting(office.store))
        while min(done.count("deletions"), done.count("contents")) < 3:
            assert not task.done()
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(run(), 10))
