"""Medical representatives as Chinese rules see them: they promote with a filing, and do not count prescriptions.

`mr_mode` of a colleague, kept by head office: None, nobody said anything, which for a representative means that
texts are watched; True, a filing is kept too and is asked for; False, off. Other roles are never in it. What a
representative may not read at all (prices, receivables) is a matter of roles.
Source: the job's description 3.4; the rules for medical representatives' filing of 2020 (NMPA).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from kamdesk.domain.errors import Refused
from kamdesk.domain.roles import Role
from kamdesk.domain.spec import FieldType, RecordSpec

Colleague = Mapping[str, object]
_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT})

_NUMBER = r"(?:\d[\d,.]*|[一二两三四五六七八九十百千几]+)"
_UNIT = r"(?:盒|支|瓶|张|片|粒|板|针|例|单)"
_NEAR = r"[^\d\n。；;，,]{0,8}?"
# Compiled when the first text is looked at: no start waits for it
_HINT = r"[方开用写]|prescri|script|rx|wrote|writes"
"""One of these is in whatever `_COUNTS` finds: of most texts, nothing more has to be asked."""
_COUNTS = (
    r"统方|(?:处方|开方|开药)(?:量|数|数量|统计)",
    rf"{_NUMBER}\s*(?:张|个|份|条|单)?\s*(?:处方|方子)",
    rf"(?:处方|方子){_NEAR}{_NUMBER}\s*{_UNIT}",
    rf"(?:开了|开出|开具|只开|共开|能开|多开){_NEAR}{_NUMBER}\s*{_UNIT}",
    rf"(?:主任|医生|医师|大夫|教授){_NEAR}(?:用|开|写){_NEAR}{_NUMBER}\s*{_UNIT}",
    rf"\b{_NUMBER}\s+(?:new\s+|total\s+|monthly\s+)?(?:prescriptions?|scripts?|[tn]?rx)\b",
    rf"\b(?:prescriptions?|scripts?|[tn]rx)\b(?:\s+(?:count|volume|number)s?)?\W{{1,3}}(?:of\s+|about\s+)?{_NUMBER}",
    r"\bprescri(?:ption|bing)\s+(?:count|volume|number)s?\b",
    rf"\b(?:prescribed|prescribes|wrote|writes)\s+(?:about\s+|some\s+)?{_NUMBER}\b",
)


def prescriptions_in(text: str) -> str:
    """Return the part of a text that counts what somebody prescribes; "" where none does."""
    plain = unicodedata.normalize("NFKC", text)
    if not re.search(_HINT, plain, re.IGNORECASE):
        return ""
    found = [match[0] for pattern in _COUNTS if (match := re.search(pattern, plain, re.IGNORECASE))]
    return max(found, key=len, default="").strip()


def is_watched(role: str, colleague: Colleague | None) -> bool:
    """Say whether the texts of a user are watched: of every representative, unless it was switched off."""
    return role == Role.REP and (colleague is None or colleague.get("mr_mode") is not False)


def needs_filing(role: str, colleague: Colleague | None) -> bool:
    """Say whether a user promotes with a filing only."""
    return role == Role.REP and colleague is not None and colleague.get("mr_mode") is True


def has_filing(colleague: Colleague, on: date) -> bool:
    """Say whether a colleague's filing is valid on a day."""
    until = colleague.get("mr_filing_until")
    ends = date.fromisoformat(until) if isinstance(until, str) else until
    return bool(colleague.get("mr_filing_no")) and (not isinstance(ends, date) or on <= ends)


def texts_of(spec: RecordSpec, values: Mapping[str, object]) -> dict[str, object]:
    """Return what among the values of a record somebody wrote in his own words."""
    return {
        name: value
        for name, value in values.items()
        if name in spec.names and spec.field(name).type in _TEXTS
    }


def check_texts(
    values: Mapping[str, object], role: str, me: Callable[[], Colleague | None]
) -> None:
    """Raise Refused, naming the field, where one of these texts counts prescriptions and must not.

    `me`: looks the author up, which is asked for only where a text counts some.
    """
    if role != Role.REP:
        return
    for name, value in values.items():
        told = prescriptions_in(value) if isinstance(value, str) else ""
        if told and is_watched(role, me()):
            raise Refused(
                "Nobody's prescriptions are counted here.",
                code="prescriptions",
                field=name,
                words=told,
            )


def check_filing(role: str, colleague: Colleague | None, on: object) -> None:
    """Raise Refused("no_filing") where a user promotes with a filing only and has none that is valid on a day."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    if not isinstance(day, date) or not needs_filing(role, colleague):
        return
    assert colleague is not None
    if not has_filing(colleague, day):
        raise Refused("There is no valid filing on that day.", code="no_filing")


def check_promotion(request: Mapping[str, object], role: str, colleague: Colleague | None) -> None:
    """Raise Refused unless a request can be handed in: with a filing, and a registration of the visit."""
    check_filing(role, colleague, request.get("planned_on"))
    if needs_filing(role, colleague) and not str(request.get("registration_no") or "").strip():
        raise Refused("A value is required.", code="no_registration", field="registration_no")
