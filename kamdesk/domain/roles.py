"""Roles and confidentiality classes: who may hold what. Absence, not masking, is the rule."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from kamdesk.domain.values import dataclass


class Role(StrEnum):
    """What a user is at the company."""

    REP = "REP"  # medical representative
    KAM = "KAM"  # key account manager
    RM = "RM"  # regional manager
    PRC = "PRC"  # pricing and bidding office
    LEG = "LEG"  # legal, compliance, MLR
    FIN = "FIN"  # finance
    QA = "QA"  # quality assurance (GSP)
    GM = "GM"  # general manager
    ADM = "ADM"  # administrator: reads no business data


class Level(IntEnum):
    """Confidentiality class of a field or a kind."""

    L0 = 0  # public
    L1 = 1  # internal
    L2 = 2  # personal
    L3 = 3  # commercial secret: prices, receivables
    L4 = 4  # sealed: floor, bids before opening, cost


_READERS: dict[Level, frozenset[Role]] = {
    Level.L0: frozenset(Role),
    Level.L1: frozenset(Role) - {Role.ADM},
    Level.L2: frozenset({Role.REP, Role.KAM, Role.RM, Role.QA}),
    Level.L3: frozenset({Role.KAM, Role.RM, Role.PRC, Role.LEG, Role.FIN, Role.GM}),
    Level.L4: frozenset({Role.RM, Role.PRC, Role.GM}),
}


def may_read(role: Role, level: Level) -> bool:
    """Say whether `role` may hold values of this class at all."""
    return role in _READERS[level]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the user on whose behalf a rule is asked. `user_id` is the account's id."""

    user_id: str
    role: Role
    name: str = ""
