"""The real desktop as a witness of head office's audit: it keeps the newest head and brings it back."""

from __future__ import annotations

from sqlalchemy import text

from kamdesk.headoffice import audit


def test_a_laptop_keeps_the_head_and_finds_an_end_that_was_replaced(world):
    laptop = world.laptop("ann").sync()
    audit.note_in(world.store, "test", "what nobody may know")
    laptop.sync()
    n, digest = (
        laptop.value("SELECT v FROM sync_state WHERE k = ?", name)
        for name in ("audit_n", "audit_hash")
    )
    with world.store.read() as connection:
        assert audit.head(connection) == (int(n), digest)
    laptop.sync()
    assert audit.verify(world.store) is None
    with world.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_event_delete"))
        connection.execute(text("DELETE FROM audit_event WHERE n = :n"), {"n": int(n)})
    audit.note_in(world.store, "test", "harmless")
    laptop.sync()
    found = audit.verify(world.store)
    assert found is not None
    assert found.n == int(n)
