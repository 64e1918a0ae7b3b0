"""A load of everything: how far it is, and the indexes that it leaves until it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kamdesk.db import buckets
from kamdesk.db.database import Database, GaveWay
from kamdesk.db.reader import Reader
from kamdesk.db.records import SPECS
from kamdesk.db.work import Work
from kamdesk.domain.changes import Origin
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.values import dataclass
from kamdesk.sync import intake, planner
from kamdesk.sync.intake import Intake, Step
from kamdesk.sync.planner import Position
from kamdesk.sync.protocol import SyncResponse

_MOST_WAYS = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load of everything is: records that head office told, records that it will bring."""

    loaded: int = 0
    expected: int = 0


class FirstLoad:
    """What is particular while buckets are loaded."""

    def __init__(
        self, database: Database, into: Intake, progress: Callable[[Progress], None]
    ) -> None:
        self._database = database
        self._intake = into
        self._progress = progress
        self._loaded = -1
        self._gave_way = 0

    def begin(self) -> None:
        """Count anew: everything is loaded again."""
        self._loaded = -1

    def tell(self, answer: SyncResponse, position: Position) -> None:
        """Tell how far it is, after an answer was stored."""
        has_prices = answer.price_delta is not None
        is_loading = answer.scope is not None or any(planner.due(position, has_prices))
        if not is_loading:
            self._loaded = -1
            return
        if self._loaded < 0:
            self._loaded = self._database.read(_count_records)
        else:
            self._loaded += sum(page.n for page in answer.load_pages)
        self._progress(Progress(min(self._loaded, answer.records), answer.records))

    def is_under_way(self) -> bool:
        """Say whether there are buckets that are not loaded yet."""
        has_prices = self._database.prices.state is PriceState.OPEN
        return self._database.read(lambda reader: buckets.is_loading(reader, has_prices=has_prices))

    def build_indexes(self) -> bool:
        """Build what the first load left out, once it is over; False when a save went before it."""
        if not self._database.read(buckets.has_index_left) or self.is_under_way():
            return True
        self._intake.store(self._index_steps())
        # One long statement each: a save goes before it, as long as there is hope that saving ends some time
        is_patient = self._gave_way < _MOST_WAYS
        self._gave_way += 1
        try:
            while self._database.transact(
                Origin.SYNC, buckets.order_next, gives_way=is_patient
            ).value:
                pass
        except GaveWay:
            return False
        self._gave_way = 0
        return True

    def order_early(self) -> None:
        """Build the ordered indexes while they are small where somebody works here: later he would wait for it."""
        if self._intake.is_beside_somebody() and self._database.read(buckets.is_ordered_soon):
            while self._database.transact(Origin.SYNC, buckets.order_next).value:
                pass

    def _index_steps(self) -> Iterator[Step]:
        """Divide the indexing of text; each step is made when the one before is done."""
        has_more = True

        def build(work: Work) -> None:
            nonlocal has_more
            has_more = buckets.index_next(work, intake.STEP_ROWS)

        while has_more:
            yield intake.STEP_ROWS, build


def _count_records(reader: Reader) -> int:
    # What is marked for being loaded anew is here, but not confirmed
    counts = (reader.value(f"SELECT count(*) FROM {kind} WHERE _rev > 0") for kind in SPECS)
    return sum(int(count or 0) for count in counts)
