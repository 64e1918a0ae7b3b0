"""Promotion requests: one's own from draft to answer, the team's to be answered, with their sums."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtWidgets import QWidget

from kamdesk.db.queries.promotions import (
    PromotionFilter,
    PromotionRow,
    PromotionSums,
    promotion,
    sum_promotions,
)
from kamdesk.db.queries.sealed_texts import told_text
from kamdesk.db.reader import Reader
from kamdesk.domain.price_access import PriceState
from kamdesk.domain.promotions import DECIDERS, EDITABLE, PromotionState, may_decide
from kamdesk.domain.sealed_texts import is_sealed
from kamdesk.services.promotions import (
    approve_request,
    cancel_request,
    return_request,
    withdraw_request,
)
from kamdesk.ui import speech, theme
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.attachment_page import PageAttachments
from kamdesk.ui.kit.bits import (
    button,
    clear,
    column,
    figure,
    nothing,
    pill,
    row,
    rule,
    scrolled,
    text,
)
from kamdesk.ui.kit.held import Held
from kamdesk.ui.kit.lists import Column
from kamdesk.ui.kit.period_filter import PeriodFilter
from kamdesk.ui.kit.questions import ask_reason
from kamdesk.ui.kit.standing import asking_image, standing_of
from kamdesk.ui.kit.team_list import TeamList, sheet, told
from kamdesk.ui.kit.unlock import show_prices

STATE_COLOURS = {
    "draft": "grey", "submitted": "amber", "returned": "red", "rejected": "red", "approved": "green",
}  # fmt: skip
DECIDE = "decide"


class Promotions(TeamList):
    """The list of requests and the chosen one in full."""

    name = "promotions"
    kinds = frozenset({"promotion_request", "customer", "product", "colleague", "sealed_text"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.follow_prices()
        self._attachments = PageAttachments(desk, self, "promotion_request")
        self.period = PeriodFilter(self.list_again)
        choices = [
            ("", self.tr("All")),
            ("draft", self.tr("Drafts")),
            ("submitted", self.tr("Submitted")),
            ("returned", self.tr("Returned")),
            ("approved", self.tr("Approved")),
        ]
        if self.actor.role in DECIDERS:
            choices.insert(1, (DECIDE, self.tr("To decide")))
        self.lay_out(
            [
                Column(
                    self.tr("Date"),
                    lambda one: speech.near_day(one.planned_on),
                    104,
                    sort="planned_on",
                ),
                Column(
                    self.tr("Customer"),
                    lambda one: one.customer,
                    sort="customer",
                    image=asking_image,
                ),
                Column(
                    self.tr("Estimate"),
                    lambda one: speech.money(one.estimate),
                    96,
                    right=True,
                    sort="estimate",
                ),
                Column(
                    self.tr("State"), lambda one: speech.word(one.state), 92, _colour, sort="state"
                ),
                Column(self.tr("By"), lambda one: one.owner, 64, lambda _: "muted", sort="owner"),
            ],
            choices,
            placeholder=self.tr("Customer, product or words of the request"),
            name=self.tr("Promotions"),
            empty=nothing(
                "megaphone",
                self.tr("No request here"),
                self.tr("Draft one with Ctrl+Shift+P; it is kept on this computer at once."),
            ),
            filters=(self.team, self.period),
        )
        self.paint(None)

    def export_columns(self) -> list[Column]:
        """Give the whole request."""
        return [
            Column(self.tr("Date"), str, raw=lambda one: one.planned_on),
            Column(self.tr("Customer"), lambda one: one.customer),
            Column(self.tr("City"), lambda one: one.city),
            Column(self.tr("Type"), lambda one: speech.word(one.type)),
            Column(self.tr("Product"), lambda one: one.product),
            Column(self.tr("Estimated amount"), str, raw=lambda one: one.estimate),
            Column(self.tr("Currency"), lambda one: one.estimate.currency if one.estimate else ""),
            Column(self.tr("State"), lambda one: speech.word(one.state)),
            Column(self.tr("By"), lambda one: one.owner),
            Column(self.tr("Audience"), lambda one: one.audience),
            Column(self.tr("Place"), lambda one: one.place),
            Column(self.tr("Registration of the visit"), lambda one: one.registration),
            Column(self.tr("Objective"), lambda one: one.objective),
            Column(self.tr("Reason"), lambda one: one.reason),
        ]

    def wanted(self) -> PromotionFilter:
        """Return what was typed and chosen."""
        user = self.desk.profile.user_id
        decide = self.chosen_value == DECIDE
        since, until = self.period.bounds
        return PromotionFilter(
            user_id=user,
            since=since,
            until=until,
            typed=self.typed.text().strip(),
            state="submitted" if decide else self.chosen_value,
            owner_id=self.team.owner_id,
            not_owner_id=user if decide else "",
            sort=self.table.sort,
            descending=self.table.descending,
        )

    def count(self, reader: Reader, wanted: PromotionFilter) -> PromotionSums:
        """Count and add up."""
        return sum_promotions(reader, wanted)

    def tell_count(self, found: PromotionSums) -> None:
        """Say how many there are, and what they come to."""
        sums = " + ".join(speech.money(one) for one in found.sums)
        count = speech.number(found.count)
        told = [self.tr("{n}, together {sum}").format(n=count, sum=sums) if sums else count]
        told += [
            f"{speech.word(state)} {speech.number(found.by_state[state])}"
            for state in ("submitted", "approved")
            if found.by_state.get(state, found.count) < found.count
        ]
        self.counted.emit(" · ".join(told))

    def on_opened(self, record_id: str) -> None:
        """Go on with a request of one's own that is not handed in."""
        one = self._shown
        if one is not None and one.id == record_id and self.is_mine(one) and one.state in EDITABLE:
            self.desk.request_promotion(request_id=record_id)

    def show_page(self, record_id: str) -> None:
        """Read and paint one request."""
        self.desk.tasks.read(
            self, lambda reader: promotion(reader, record_id), self.paint, key="page"
        )

    # ---- the page

    @property
    def _shown(self) -> PromotionRow | None:
        return cast("PromotionRow | None", self._painted)

    def paint_page(self) -> None:
        """Paint the page; its sealed text as long as prices are open."""
        one = self._shown
        clear(self.page)
        self.shows_sealed(one.id if one is not None and one.sealed else "")
        if one is None:
            self.page.addWidget(
                nothing(
                    "megaphone",
                    self.tr("Choose a request"),
                    self.tr("What is asked for, what it may cost and the answer are shown here."),
                    button(
                        self.tr("New request"), lambda: self.desk.request_promotion(), image="plus"
                    ),
                )
            )
            return
        self.page.addWidget(text(one.customer, "title", wrap=True, select=True))
        self.page.addLayout(
            row(
                pill(speech.word(one.state), STATE_COLOURS.get(one.state, "blue")),
                *standing_of(one.sending, one.receipt),
                None,
            )
        )
        about = (speech.word(one.type), one.product, one.owner, one.city)
        self.page.addWidget(text(" · ".join(filter(None, about)), "muted", wrap=True, select=True))
        self.page.addLayout(row(*self._buttons(one), None))
        self.page.addLayout(
            row(
                figure(self.tr("Estimated amount"), speech.money(one.estimate)),
                figure(
                    self.tr("Date"), speech.near_day(one.planned_on), speech.day(one.planned_on)
                ),
                None,
                gap=theme.GAP,
            )
        )
        self.page.addWidget(rule())
        self.page.addWidget(scrolled(self._inside(one)), 1)

    def _buttons(self, one: PromotionRow) -> list[Any]:
        made = []
        if may_decide(state=one.state, owner_id=one.owner_id, actor=self.actor):
            made += [
                button(self.tr("Approve"), lambda: self._approve(one), look="primary"),
                button(self.tr("Return"), lambda: self._return(one), image="undo-2"),
            ]
        if self.is_mine(one):
            if one.state in EDITABLE:
                made.append(
                    button(
                        self.tr("Go on"),
                        lambda: self.desk.request_promotion(request_id=one.id),
                        look="primary",
                    )
                )
            if one.state == PromotionState.SUBMITTED:
                made.append(
                    button(self.tr("Withdraw"), lambda: self._withdraw(one), image="undo-2")
                )
            if one.state in {*EDITABLE, PromotionState.SUBMITTED, PromotionState.APPROVED}:
                made.append(button(self.tr("Call off"), lambda: self._cancel(one), image="x"))
        if one.sealed and self.desk.prices.state is PriceState.LOCKED:
            made.append(
                button(
                    self.tr("Show prices"),
                    lambda: show_prices(self.desk, self),
                    image="eye",
                    look="quiet",
                )
            )
        made.append(
            button(
                self.tr("Customer"),
                lambda: self.desk.show("customers", one.customer_id),
                look="quiet",
            )
        )
        return made

    def _inside(self, one: PromotionRow) -> QWidget:
        answer = " · ".join(
            filter(None, (one.decided_by, speech.day(one.decided_on) if one.decided_on else ""))
        )
        parts = told((self.tr("Reason"), one.reason))
        if is_sealed(one.objective):
            lock, its = self.desk.prices, (one.id, "objective", one.objective, one.sealed)
            words = Held(lock, lambda: told_text(lock.prices, *its), one.id, wrap=True)
            parts.append(column(text(self.tr("Objective"), "section"), words, gap=2))
        else:
            parts += told((self.tr("Objective"), one.objective))
        parts += told(
            (self.tr("Product"), one.product),
            (self.tr("Audience"), one.audience),
            (self.tr("Place"), one.place),
            (self.tr("Registration of the visit"), one.registration),
            (self.tr("Answered by"), answer),
        )
        parts += self._attachments.list_of(one.id, owner_id=one.owner_id, state=one.state)
        return sheet(*parts, right=theme.SMALL)

    # ---- doing

    def _approve(self, one: PromotionRow) -> None:
        self.do(lambda work: approve_request(work, one.id, seen=one.estimate))

    def _withdraw(self, one: PromotionRow) -> None:
        self.do(lambda work: withdraw_request(work, one.id))

    def _return(self, one: PromotionRow) -> None:
        ask_reason(
            self.desk,
            self,
            self.tr("Return the request"),
            self.tr("What has to change?"),
            lambda work, reason: return_request(work, one.id, reason=reason),
        )

    def _cancel(self, one: PromotionRow) -> None:
        ask_reason(
            self.desk,
            self,
            self.tr("Call off"),
            self.tr("Why is it called off?"),
            lambda work, reason: cancel_request(work, one.id, reason=reason),
        )


def _colour(one: PromotionRow) -> str:
    return {"submitted": "amber", "returned": "red", "approved": "green"}.get(one.state, "muted")
