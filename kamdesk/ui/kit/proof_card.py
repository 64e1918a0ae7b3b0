"""What is proven to be at head office, in words: today's records, all that are kept, the last check of everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QFrame, QLabel

from kamdesk.db.queries.proof import Check, Difference, Proof, Standing
from kamdesk.domain import clock
from kamdesk.domain.connection import Status
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.services.describe import spec_of
from kamdesk.ui import speech, theme
from kamdesk.ui.kit.bits import button, card, column, fixed, pill, row, rule, text

_HOW = {
    "missing_here": QT_TRANSLATE_NOOP("proof", "it was missing on this computer"),
    "missing_there": QT_TRANSLATE_NOOP("proof", "head office no longer had it"),
    "revision": QT_TRANSLATE_NOOP("proof", "this computer had an older version"),
}


def _tr(words: str) -> str:
    return QCoreApplication.translate("proof", words)


def start_of_today() -> datetime:
    """Return the midnight at which today began on this computer."""
    return datetime.combine(clock.today(), time()).astimezone()


def proof_card(standing: Standing, status: Status, check_now: Callable[[], object]) -> QFrame:
    """Say what head office has signed for, what was compared, and how much travelled."""
    today = standing.today
    lines: list[Any] = [
        row(
            text(_tr(QT_TRANSLATE_NOOP("proof", "Proof")), "heading"),
            None,
            *([_pill(today)] if today.total else []),
        ),
        fixed(text(in_words(today), "strong", wrap=True)),
    ]
    receipt = standing.kept.receipt
    if receipt is not None:
        lines.append(
            fixed(
                text(
                    _tr(
                        QT_TRANSLATE_NOOP(
                            "proof",
                            "{n} of {count} of the last 35 days are. Signed by head office {time}, receipt {name}.",
                        )
                    ).format(
                        n=speech.number(standing.kept.proven),
                        count=speech.number(standing.kept.total),
                        time=speech.instant(receipt.at),
                        name=receipt.name,
                    ),
                    "muted",
                    wrap=True,
                )
            )
        )
    check = button(_tr(QT_TRANSLATE_NOOP("proof", "Compare now")), check_now, image="list-checks")
    check.setEnabled(not status.checking)
    compared = row(fixed(text(_compared(standing.check, status), "muted", wrap=True)), check)
    compared.setStretch(0, 1)
    lines += [rule(), compared]
    if standing.difference is not None:
        lines.append(fixed(text(_difference(standing.difference), "muted", wrap=True)))
    trouble = _trouble(status)
    if trouble:
        lines.append(fixed(text(trouble, "muted", wrap=True)))
    if status.received_bytes:
        lines.append(fixed(text(_travelled(status), "muted", wrap=True)))
    return card(column(*lines, gap=theme.SMALL))


def in_words(today: Proof) -> str:
    """Say how many of today's records are at head office; never more than is signed for."""
    if not today.total:
        return _tr(QT_TRANSLATE_NOOP("proof", "Nothing was changed on this computer today."))
    told = _tr(QT_TRANSLATE_NOOP("proof", "{n} of {count} of today's records are at head office"))
    parts = [told.format(n=speech.number(today.proven), count=speech.number(today.total))]
    if today.waiting:
        waiting = _tr(QT_TRANSLATE_NOOP("proof", "{n} on the way"))
        parts.append(waiting.format(n=speech.number(today.waiting)))
    if today.needing:
        one = _tr(QT_TRANSLATE_NOOP("proof", "1 needs you"))
        many = _tr(QT_TRANSLATE_NOOP("proof", "{n} need you"))
        parts.append(speech.counted(today.needing, one, many))
    if today.proven == today.total and today.receipt is not None:
        parts.append(speech.instant(today.receipt.at))
    return " · ".join(parts)


def _pill(today: Proof) -> QLabel:
    if today.proven == today.total:
        return pill(_tr(QT_TRANSLATE_NOOP("proof", "All proven")), "green")
    if today.needing:
        return pill(_tr(QT_TRANSLATE_NOOP("proof", "Needs you")), "amber")
    return pill(_tr(QT_TRANSLATE_NOOP("proof", "On the way")), "grey")


def _compared(check: Check | None, status: Status) -> str:
    if status.checking:
        return _tr(QT_TRANSLATE_NOOP("proof", "Comparing everything with head office…"))
    if check is None:
        return _tr(
            QT_TRANSLATE_NOOP("proof", "Everything is compared with head office once a day.")
        )
    if check.differences:
        told = QT_TRANSLATE_NOOP(
            "proof",
            "Compared {time}: {n} records; {differences} groups differed and were loaded anew.",
        )
    else:
        told = QT_TRANSLATE_NOOP("proof", "Compared {time}: {n} records, equal on both sides.")
    return _tr(told).format(
        time=speech.instant(check.at),
        n=speech.number(check.records),
        differences=speech.number(check.differences),
    )


def _difference(found: Difference) -> str:
    told = _tr(
        QT_TRANSLATE_NOOP("proof", "Last difference {time}: {kind} {id}, {how}. It was mended.")
    )
    try:
        kind = speech.label(found.kind, spec_of(found.kind).label)
    except KeyError:
        kind = found.kind
    return told.format(
        time=speech.instant(clock.parse_stamp(found.at)), kind=kind, id=found.id[-8:],
        how=_tr(_HOW.get(found.how, found.how)),
    )  # fmt: skip


def _trouble(status: Status) -> str:
    """Say what is in the way now, and what was last; the strip has no room for reasons."""
    now = speech.problem(status.problem, status.problem_params) if status.problem else ""
    if status.last_problem_at is None or status.last_problem in {"", status.problem}:
        return now
    last = _tr(QT_TRANSLATE_NOOP("proof", "Last problem {time}: {what}")).format(
        time=speech.instant(status.last_problem_at),
        what=speech.problem(status.last_problem, status.last_problem_params),
    )
    return "\n".join(filter(None, (now, last)))


def _travelled(status: Status) -> str:
    told = _tr(
        QT_TRANSLATE_NOOP("proof", "Since KAMDesk was started: {sent} sent, {received} received.")
    )
    size = QLocale().formattedDataSize
    return told.format(sent=size(status.sent_bytes), received=size(status.received_bytes))
