"""Old deletions are forgotten on both databases; a device that missed them is told to load anew."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from kamdesk.domain import clock
from kamdesk.headoffice import horizon, upkeep
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
