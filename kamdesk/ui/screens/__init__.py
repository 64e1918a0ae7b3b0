"""Every screen, named one by one, in the groups and the order of the rail.

The rail is painted before any screen is imported: what it shows stands here, and `load` imports the screen when
it is first needed, or after the first page was painted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kamdesk.domain.contracts import READERS
from kamdesk.domain.roles import Role
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from kamdesk.ui.desk import Screen


@dataclass(frozen=True)
class Destination:
    """One entry of the rail.

    `primary`: what the one primary action of the window is there: visit, promotion or contract. `roles`: who works
    with it; for others it is not in the rail, though a link may lead there.
    """

    name: str
    label: str
    image: str
    load: Callable[[], type[Screen]]
    primary: str = "visit"
    roles: frozenset[Role] = frozenset(Role)


def _today() -> type[Screen]:
    from kamdesk.ui.screens.today_page import TodayPage

    return TodayPage


def _customers() -> type[Screen]:
    from kamdesk.ui.screens.customer_list import Customers

    return Customers


def _visits() -> type[Screen]:
    from kamdesk.ui.screens.visit_list import Visits

    return Visits


def _tasks() -> type[Screen]:
    from kamdesk.ui.screens.task_list import TaskList

    return TaskList


def _promotions() -> type[Screen]:
    from kamdesk.ui.screens.promotion_list import Promotions

    return Promotions


def _contracts() -> type[Screen]:
    from kamdesk.ui.screens.contract_list import Contracts

    return Contracts


def _team() -> type[Screen]:
    from kamdesk.ui.screens.team_page import TeamPage

    return TeamPage


def _imports() -> type[Screen]:
    from kamdesk.ui.screens.import_page import Imports

    return Imports


def _sync() -> type[Screen]:
    from kamdesk.ui.screens.sync_page import SyncPage

    return SyncPage


def _settings() -> type[Screen]:
    from kamdesk.ui.screens.settings_page import SettingsPage

    return SettingsPage


GROUPS: tuple[tuple[str, tuple[Destination, ...]], ...] = (
    (
        QT_TRANSLATE_NOOP("rail", "Field"),
        (
            Destination("today", QT_TRANSLATE_NOOP("rail", "Today"), "sun", _today),
            Destination("customers", QT_TRANSLATE_NOOP("rail", "Customers"), "building-2", _customers),
            Destination("visits", QT_TRANSLATE_NOOP("rail", "Visits"), "clipboard-list", _visits),
            Destination("tasks", QT_TRANSLATE_NOOP("rail", "Tasks"), "list-checks", _tasks),
        ),
    ),
    (
        QT_TRANSLATE_NOOP("rail", "Business"),
        (
            Destination(
                "promotions", QT_TRANSLATE_NOOP("rail", "Promotions"), "megaphone", _promotions,
                primary="promotion",
            ),
            Destination(
                "contracts", QT_TRANSLATE_NOOP("rail", "Contracts"), "file-text", _contracts,
                primary="contract", roles=READERS,
            ),
            Destination(
                "team", QT_TRANSLATE_NOOP("rail", "Team"), "users", _team,
                roles=frozenset({Role.KAM, Role.RM, Role.GM}),
            ),
        ),
    ),
    (
        QT_TRANSLATE_NOOP("rail", "This computer"),
        (
            Destination("imports", QT_TRANSLATE_NOOP("rail", "Imports"), "inbox", _imports),
            Destination("sync", QT_TRANSLATE_NOOP("rail", "Changes"), "refresh-cw", _sync),
            Destination("settings", QT_TRANSLATE_NOOP("rail", "Settings"), "settings", _settings),
        ),
    ),
)  # fmt: skip


DESTINATIONS = {one.name: one for _, group in GROUPS for one in group}


def load_all() -> None:
    """Import every screen and form; off the GUI thread, before the first one is asked for."""
    import kamdesk.ui.finder
    import kamdesk.ui.kit.exporting
    import kamdesk.ui.kit.unlock
    import kamdesk.ui.screens.draft_contract
    import kamdesk.ui.screens.record_visit
    import kamdesk.ui.screens.request_promotion
    import kamdesk.ui.speller  # noqa: F401  # imported so that nobody waits for it later

    for destination in DESTINATIONS.values():
        destination.load()
