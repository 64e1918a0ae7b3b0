"""The form of a promotion request: drafted, then handed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from kamdesk.db.queries.colleagues import Filing, filing_of
from kamdesk.db.queries.customers import Found, find_customers, find_products
from kamdesk.db.queries.promotions import PromotionRow, promotion
from kamdesk.db.queries.today import Draft
from kamdesk.domain import clock
from kamdesk.domain.errors import UserError
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import CURRENCIES, read_amount
from kamdesk.domain.promotions import PromotionType
from kamdesk.domain.values import dataclass
from kamdesk.services.promotions import PromotionEntry, draft_request, submit_request
from kamdesk.ui import speech
from kamdesk.ui.desk import Desk
from kamdesk.ui.kit.bits import button, card, text
from kamdesk.ui.kit.draft_form import DraftForm, kept_day, kept_record
from kamdesk.ui.kit.forms import DayEdit, Field, Paragraph, RecordPicker

CURRENCY = "currency"
"""The preference that remembers the currency."""


@dataclass(frozen=True)
class KnownPromotion:
    """What the form begins with: a customer, a request to go on with, or a draft of the form."""

    customer_id: str = ""
    request_id: str = ""
    draft: Draft | None = None


class PromotionForm(DraftForm):
    """Drafts one request and hands it in."""

    form = "promotion_request"

    def __init__(self, desk: Desk, parent: QWidget, known: KnownPromotion) -> None:
        super().__init__(desk, parent, "", entry_id=known.request_id)
        self.setWindowTitle(self.tr("Promotion request"))
        self.heading.setText(self.windowTitle())
        self._is_known = bool(known.request_id)
        self._spare_id = new_id()
        self.resize(900, 560)
        self._build()
        self._begin(known)

    def _build(self) -> None:
        tasks = self.desk.tasks
        self.customer = RecordPicker(
            tasks, find_customers, placeholder=self.tr("Name, pinyin, initials or city")
        )
        self.product = RecordPicker(
            tasks, find_products, placeholder=self.tr("Name, code or ATC code")
        )
        self.type = QComboBox()
        for one in PromotionType:
            self.type.addItem(speech.word(one.value), one.value)
        self.planned_on = DayEdit(clock.today() + timedelta(days=21))
        self.place = QLineEdit()
        self.place.setPlaceholderText(self.tr("e.g. lecture hall of the hospital"))
        self.audience = QLineEdit()
        self.audience.setPlaceholderText(self.tr("e.g. 25 cardiologists"))
        self.objective = Paragraph(4, self.tr("What it is to achieve, and how one will know"))
        self.registration = QLineEdit()
        self.registration.setPlaceholderText(self.tr("as the institution numbered it"))
        self.estimate = QLineEdit()
        self.estimate.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.estimate.setPlaceholderText("12,000")
        self.currency = QComboBox()
        for code in CURRENCIES:
            self.currency.addItem(code, code)
        self._choose_currency(self.desk.preference(CURRENCY))
        self.fields = {
            "customer": Field(self.tr("Customer"), self.customer, required=True),
            "type": Field(self.tr("Type"), self.type, required=True),
            "product": Field(self.tr("Product"), self.product, required=True),
            "planned_on": Field(self.tr("Date"), self.planned_on, required=True),
            "estimate": Field(self.tr("Estimated amount"), self.estimate, required=True),
            "currency": Field(self.tr("Currency"), self.currency),
            "place": Field(self.tr("Place"), self.place),
            "audience": Field(self.tr("Audience"), self.audience),
            "objective": Field(self.tr("Objective"), self.objective, required=True),
            "registration": Field(
                self.tr("Registration of the visit"), self.registration, required=True
            ),
        }
        self.fields["registration"].hide()
        self.returned = text("", "warning", wrap=True)
        self.returned.hide()
        self.guard.offer_sealing({"objective": self.fields["objective"]}, self.entry_id)
        grid = self.grid(
            (
                ("customer", 0, 0, 4),
                ("type", 0, 4, 2),
                ("product", 1, 0, 4),
                ("planned_on", 1, 4, 2),
                ("audience", 2, 0, 2),
                ("place", 2, 2, 2),
                ("estimate", 2, 4, 1),
                ("currency", 2, 5, 1),
                ("registration", 3, 0, 6),
                ("objective", 4, 0, 6),
            )
        )
        self.keep = button(self.tr("Keep as draft"), self._keep)
        self.discard = button(self.tr("Discard"), self.throw_away)
        self.save = button(self.tr("Submit"), self._submit, look="primary", keys="Ctrl+Return")
        cards = (self.returned, card(grid), *self.attachments_card("promotion_request"))
        self.lay_out(cards, (), (self.discard, self.keep, self.save), self._submit)

    def _begin(self, known: KnownPromotion) -> None:
        self._follow_attachments()
        me = self.desk.profile
        self.desk.tasks.read(
            self, lambda reader: filing_of(reader, me.user_id, me.role), self._ask_registration
        )
        request = known.request_id
        self.begin(
            known.draft,
            (lambda reader: promotion(reader, request)) if request else None,
            self._fill,
            known.customer_id,
            self.product,
        )

    def _ask_registration(self, filing: Filing | None) -> None:
        """Ask for the registration of who promotes with a filing only."""
        self.fields["registration"].setVisible(filing is not None)

    def _follow_attachments(self) -> None:
        if self.attachments is not None and self._is_known:
            self.attachments.follow(own=self.entry_id)

    def _fill(self, one: PromotionRow) -> None:
        self.customer.set_record(Found(one.customer_id, one.customer, one.city))
        self.customer.setEnabled(False)
        if one.product_id:
            self.product.set_record(Found(one.product_id, one.product, ""))
        self.type.setCurrentIndex(max(0, self.type.findData(one.type)))
        if one.planned_on is not None:
            self.planned_on.set_day(one.planned_on)
        self.place.setText(one.place)
        self.audience.setText(one.audience)
        self.objective.setPlainText(one.objective)
        self.registration.setText(one.registration)
        if one.estimate is not None:
            self.estimate.setText(f"{one.estimate.amount:,}")
            self._choose_currency(one.estimate.currency)
        if one.reason:
            told = self.tr("Returned by {name}: {reason}")
            self.returned.setText(told.format(name=one.decided_by, reason=one.reason))
            self.returned.show()
        if self.guard.sealed is not None:
            self.guard.sealed.fill(one.id, one.sealed)
        self.settled()
        self.objective.setFocus()

    def _choose_currency(self, code: str) -> None:
        self.currency.setCurrentIndex(max(0, self.currency.findData(code)))

    # ---- DraftForm

    def values(self) -> dict[str, Any]:
        """Return everything that stands in the form, as JSON values."""
        return {
            "customer": [self.customer.record_id, self.customer.text()],
            "product": [self.product.record_id, self.product.text()],
            "type": self.type.currentData(),
            "planned_on": self.planned_on.day().isoformat(),
            "place": self.place.text(),
            "audience": self.audience.text(),
            "objective": self.objective.toPlainText(),
            "estimate": self.estimate.text(),
            "currency": self.currency.currentData(),
            "registration": self.registration.text(),
            "known": self._is_known,
        }

    def title_of_draft(self) -> str:
        """Name the draft by its customer."""
        return self.customer.text()

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Show what a draft kept."""
        kept_record(self.customer, kept.get("customer"))
        kept_record(self.product, kept.get("product"))
        self._is_known = bool(kept.get("known"))
        self._follow_attachments()
        self.customer.setEnabled(not self._is_known)
        self.type.setCurrentIndex(max(0, self.type.findData(kept.get("type"))))
        self.planned_on.set_day(kept_day(kept.get("planned_on")) or clock.today())
        self.place.setText(str(kept.get("place") or ""))
        self.audience.setText(str(kept.get("audience") or ""))
        self.objective.setPlainText(str(kept.get("objective") or ""))
        self.estimate.setText(str(kept.get("estimate") or ""))
        self._choose_currency(str(kept.get("currency") or ""))
        self.registration.setText(str(kept.get("registration") or ""))
        self.objective.setFocus()

    # ---- saving

    def _entry(self) -> PromotionEntry | None:
        currency = str(self.currency.currentData())
        try:
            estimate = read_amount(self.estimate.text(), currency, field="estimate")
        except UserError as error:
            self.refused(error)
            return None
        self.desk.prefer(CURRENCY, currency)
        return PromotionEntry(
            id=self.entry_id,
            customer_id=self.customer.record_id,
            type=str(self.type.currentData()),
            product_id=self.product.record_id,
            planned_on=self.planned_on.day(),
            place=self.place.text(),
            audience=self.audience.text(),
            objective=self.objective.toPlainText(),
            estimate=estimate,
            registration=self.registration.text(),
            sealed=self.guard.names,
        )

    def _keep(self) -> None:
        entry = None if self.is_saving else self._entry()
        if entry is not None:
            spare_id = self._spare_id if self._is_known else ""
            self.write(
                lambda work: draft_request(work, entry, spare_id=spare_id), again=self._keep
            )

    def _submit(self) -> None:
        entry = None if self.is_saving else self._entry()
        if entry is not None:
            spare_id = self._spare_id if self._is_known else ""
            self.write(lambda work: submit_request(work, entry, spare_id=spare_id))
