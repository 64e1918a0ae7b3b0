"""What changed reaches the screens: a person's saves at once, a stream of reconciliation less and less often."""

from __future__ import annotations

from typing import Any

from kamdesk.domain.changes import Changes, Origin
from kamdesk.ui.changes import ChangeBus


class Told:
    """A store that only tells of commits."""

    def on_commit(self, listener: Any) -> Any:
        self.tell = listener
        return lambda: None


def test_stream_is_told_seldom_and_a_save_at_once(qtbot):
    store, bus, seen = Told(), ChangeBus(), []
    bus.watch(store)  # type: ignore[arg-type]
    bus.changed.connect(seen.append)
    for number in range(60):
        store.tell(Changes(Origin.SYNC, {"visit": frozenset({str(number)})}))
        if number == 30:
            store.tell(Changes(Origin.USER, {"task": frozenset({"mine"})}))
            with qtbot.waitSignal(bus.changed, check_params_cb=lambda one: "task" in one.touched):
                pass
        qtbot.wait(10)
    streamed = [one for one in seen if "visit" in one.touched]
    assert len(streamed) <= 6
    qtbot.waitUntil(
        lambda: (
            {str(n) for n in range(60)}
            == {one for told in seen for one in told.touched.get("visit", ())}
        )
    )
