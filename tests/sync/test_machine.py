"""Any number of laptops and a head office in any order: everybody ends equal, and nothing saved is lost."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.sync.sim.storing import InMemory
from tests.sync.sim.world import Step, playing

_numbers = st.integers(0, 999)
_crews = st.permutations(("ann", "ann", "kim", "kim", "sam", "sam"))


class Company(RuleBasedStateMachine):
    """The world of the simulation, whose steps hypothesis chooses, and shortens where one fails."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    @initialize(crew=_crews, count=st.integers(1, 6))
    def there_are_laptops(self, crew: list[str], count: int) -> None:
        self.sim = self._stack.enter_context(playing(3, InMemory(), crew[:count]))

    @rule(laptop=_numbers, a=_numbers, b=_numbers, which=_numbers)
    def somebody_works(self, laptop: int, a: int, b: int, which: int) -> None:
        self.sim.step(Step("act", laptop, a, b, which))

    @rule(laptop=_numbers, fault=_numbers, seed=_numbers, meanwhile=_numbers)
    def somebody_reconciles(self, laptop: int, fault: int, seed: int, meanwhile: int) -> None:
        self.sim.step(Step("sync", laptop, fault, seed, meanwhile))

    @rule(a=_numbers, b=_numbers, which=_numbers)
    def head_office_works(self, a: int, b: int, which: int) -> None:
        self.sim.step(Step("office", 0, a, b, which))

    @rule(laptop=_numbers, back=_numbers)
    def something_arrives_late(self, laptop: int, back: int) -> None:
        self.sim.step(Step("late", laptop, back))

    @rule(how_long=_numbers)
    def time_passes(self, how_long: int) -> None:
        self.sim.step(Step("time", 0, how_long))

    @rule(laptop=_numbers, how=_numbers)
    def a_clock_is_wrong_or_set_right(self, laptop: int, how: int) -> None:
        self.sim.step(Step("clock", laptop, how))

    @rule(laptop=_numbers)
    def prices_are_locked_or_unlocked(self, laptop: int) -> None:
        self.sim.step(Step("prices", laptop))

    @rule()
    def head_office_is_backed_up(self) -> None:
        self.sim.back_up()

    @rule(which=_numbers)
    def head_office_is_restored(self, which: int) -> None:
        self.sim.step(Step("restore", 0, which))

    def teardown(self) -> None:
        """Let it get quiet, and check every invariant."""
        with self._stack:
            if hasattr(self, "sim"):
                self.sim.settle()


TestCompany = Company.TestCase
TestCompany.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, derandomize=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
