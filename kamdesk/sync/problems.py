"""Why a round trip did not work out, as codes that `ui.messages` has words for."""

from __future__ import annotations

from collections.abc import Mapping

from kamdesk.sync.protocol import Diverged, Problem


class Unreachable(Exception):  # noqa: N818  # what it is, not an error of the program
    """Head office was not reached: no network, no name, no answer in time, or somebody else answered."""

    def __init__(self, code: str, *, never_left: bool = False, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.never_left = never_left
        """No connection came about, so that nothing of the request can have arrived."""
        self.params: Mapping[str, object] = params


class Answered(Exception):  # noqa: N818
    """Head office answered with a problem."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status} {problem.code}")
        self.status = status
        self.code = problem.code
        self.params = problem.params
        self.retry_after = problem.retry_after


class HistoryChanged(Exception):  # noqa: N818
    """Head office was restored from a backup and does not know what this device has seen."""

    def __init__(self, body: Diverged) -> None:
        super().__init__(body.code)
        self.body = body
