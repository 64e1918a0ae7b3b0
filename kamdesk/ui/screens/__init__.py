"""Every screen, named one by one, in the groups and the order of the rail."""

from __future__ import annotations

from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui.desk import Screen
from kamdesk.ui.screens.contract_list import Contracts
from kamdesk.ui.screens.customer_list import Customers
from kamdesk.ui.screens.promotion_list import Promotions
from kamdesk.ui.screens.settings_page import SettingsPage
from kamdesk.ui.screens.sync_page import SyncPage
from kamdesk.ui.screens.task_list import TaskList
from kamdesk.ui.screens.today_page import TodayPage
from kamdesk.ui.screens.visit_list import Visits

GROUPS: tuple[tuple[str, tuple[type[Screen], ...]], ...] = (
    (QT_TRANSLATE_NOOP("rail", "Field"), (TodayPage, Customers, Visits, TaskList)),
    (QT_TRANSLATE_NOOP("rail", "Business"), (Promotions, Contracts)),
    (QT_TRANSLATE_NOOP("rail", "This computer"), (SyncPage, SettingsPage)),
)
