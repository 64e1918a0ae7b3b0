"""What proves that head office holds something: its signature under an answer, by the key pinned at enrolment."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from kamdesk.db import receipts
from kamdesk.db.work import Work
from kamdesk.security.signing import verify
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.protocol import SyncResponse, receipt_message


def check(state: Mapping[str, str], answer: SyncResponse) -> None:
    """Raise Unreachable("bad_receipt") unless the head office of the enrolment signed this answer."""
    try:
        key = base64.b64decode(state["server_key"])
        signature = base64.b64decode(answer.receipt, validate=True)
    except (KeyError, ValueError) as error:
        raise Unreachable("bad_receipt") from error
    if not verify(key, signature, receipt_message(state["device_id"], answer)):
        raise Unreachable("bad_receipt")


def keep(work: Work, answer: SyncResponse, device: str) -> None:
    """Keep the receipt of an answer that brought verdicts; part of the transaction that takes them in."""
    if answer.results:
        receipts.keep(
            work.driver,
            last=answer.last,
            head=answer.head[0],
            at=answer.now,
            message=receipt_message(device, answer),
            signature=answer.receipt,
        )
