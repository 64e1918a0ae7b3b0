"""What head office answers when it does not answer: a status and a code that both sides know."""

from __future__ import annotations

from kamdesk.sync.protocol import Diverged


class Rejected(Exception):  # noqa: N818  # an answer, not an error of ours
    """End the request with a problem of this status and code."""

    def __init__(self, status: int, code: str, *, retry_after: int = 0, **params: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.params = params


class HistoryDiverged(Exception):  # noqa: N818  # an answer, not an error of ours
    """The device has seen commits that this database does not have: head office was restored."""

    def __init__(self, body: Diverged) -> None:
        super().__init__("history_diverged")
        self.body = body
