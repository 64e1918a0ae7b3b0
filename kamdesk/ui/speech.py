"""Sentences: what the program says about errors, states, days and numbers, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime

from kamdesk.domain import clock
from kamdesk.domain.connection import CERTIFICATES
from kamdesk.domain.errors import KamError, Refused
from kamdesk.domain.money import Money, places_of
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.ui import discreet

translate = QCoreApplication.translate

_CODES: dict[str, str] = {
    # head office was not reached
    "connect": QT_TRANSLATE_NOOP("speech", "Head office cannot be reached. Your work is kept here."),
    "timeout": QT_TRANSLATE_NOOP("speech", "Head office did not answer in time. Your work is kept here."),
    "closed": QT_TRANSLATE_NOOP("speech", "The connection was closed."),
    "proxy": QT_TRANSLATE_NOOP("speech", "The proxy of this network refused the connection."),
    "captive_portal": QT_TRANSLATE_NOOP(
        "speech", "This network asks for a sign-in of its own. Open a browser and sign in there."
    ),
    "bad_answer": QT_TRANSLATE_NOOP(
        "speech", "The answer could not be read; it did not come from head office. Nothing was changed."
    ),
    "not_kamdesk": QT_TRANSLATE_NOOP("speech", "There is no KAMDesk head office at this address."),
    "server_error": QT_TRANSLATE_NOOP("speech", "Head office has a problem. KAMDesk tries again by itself."),
    "busy": QT_TRANSLATE_NOOP("speech", "Head office is busy. KAMDesk tries again by itself."),
    "device_busy": QT_TRANSLATE_NOOP("speech", "Head office is busy. KAMDesk tries again by itself."),
    "internal": QT_TRANSLATE_NOOP("speech", "Something unexpected happened. Nothing is lost; it is tried again."),
    # head office does not let this computer in
    "token_invalid": QT_TRANSLATE_NOOP("speech", "Sign in again to reconcile. Your work is kept here."),
    "token_expired": QT_TRANSLATE_NOOP("speech", "Sign in again to reconcile. Your work is kept here."),
    "token_reused": QT_TRANSLATE_NOOP("speech", "Sign in again to reconcile. Your work is kept here."),
    "device_revoked": QT_TRANSLATE_NOOP("speech", "Head office has shut this computer out. Ask your administrator."),
    "device_cloned": QT_TRANSLATE_NOOP(
        "speech", "Another computer uses the name of this one. Sign in again to give it a new one."
    ),
    "wiped": QT_TRANSLATE_NOOP("speech", "Head office had the data on this computer deleted."),
    "device_leaving": QT_TRANSLATE_NOOP("speech", "Head office has the data on this computer deleted."),
    "user_disabled": QT_TRANSLATE_NOOP("speech", "Your user is disabled at head office. Ask your administrator."),
    "wrong_server": QT_TRANSLATE_NOOP(
        "speech", "Another head office answers at this address. Nothing was changed."
    ),
    "bad_receipt": QT_TRANSLATE_NOOP(
        "speech", "The answer was not signed by your head office. Nothing of it was taken in."
    ),
    "server_older": QT_TRANSLATE_NOOP("speech", "Head office runs an older version and has to be updated first."),
    "upgrade_required": QT_TRANSLATE_NOOP("speech", "KAMDesk has to be updated. Your work is still handed in."),
    "too_old": QT_TRANSLATE_NOOP(
        "speech", "This KAMDesk is too old to hand in. Your work is kept here: update the program, then it is sent."
    ),
    "cursor_expired": QT_TRANSLATE_NOOP(
        "speech", "This computer was away for long. Everything is loaded anew; your work is kept here."
    ),
    "mass_delete": QT_TRANSLATE_NOOP(
        "speech", "Head office deletes unusually many records. Nothing was deleted here; decide in Changes."
    ),
    "diverged_again": QT_TRANSLATE_NOOP(
        "speech", "Head office was restored more than once within an hour. Ask your administrator."
    ),
    "clock_off": QT_TRANSLATE_NOOP("speech", "The clock of this computer is off by {minutes} minutes."),
    "bad_request": QT_TRANSLATE_NOOP(
        "speech", "Head office did not understand this computer. Nothing is lost; tell your administrator."
    ),
    # the machine
    "store_readonly": QT_TRANSLATE_NOOP("speech", "The disk or the folder of your data is read-only."),
    "store_unreadable": QT_TRANSLATE_NOOP("speech", "Your data cannot be read with its key. Nothing was changed."),
    "store_damaged": QT_TRANSLATE_NOOP("speech", "Your data on this computer is damaged. Nothing was changed."),
    "store_busy": QT_TRANSLATE_NOOP("speech", "Another program holds your data. It is tried again."),
    "store_io": QT_TRANSLATE_NOOP("speech", "The disk reported an error. It is tried again."),
    "disk_full": QT_TRANSLATE_NOOP("speech", "The disk is full. Free some space; nothing is lost."),
    # what head office refuses
    "illegal_transition": QT_TRANSLATE_NOOP("speech", "Somebody changed its state in the meantime."),
    "gone": QT_TRANSLATE_NOOP("speech", "The record was deleted at head office."),
    "not_found": QT_TRANSLATE_NOOP("speech", "Head office does not have this record."),
    "not_allowed": QT_TRANSLATE_NOOP("speech", "Your role may not do this."),
    "prices_withdrawn": QT_TRANSLATE_NOOP("speech", "Head office took the prices back from this computer."),
    "not_owner": QT_TRANSLATE_NOOP("speech", "Only the owner may do this."),
    "out_of_scope": QT_TRANSLATE_NOOP("speech", "The customer is no longer in your territory."),
    "readonly": QT_TRANSLATE_NOOP("speech", "Only head office changes this field."),
    "locked": QT_TRANSLATE_NOOP("speech", "The report is closed; amend it instead."),
    "in_review": QT_TRANSLATE_NOOP("speech", "The contract is in review; withdraw it to change it."),
    "handed_in": QT_TRANSLATE_NOOP("speech", "The request was handed in; withdraw it to change it."),
    "amount_changed": QT_TRANSLATE_NOOP("speech", "The amount was changed in the meantime; look at it again."),
    "prescriptions": QT_TRANSLATE_NOOP(
        "speech", "“{words}” counts what somebody prescribes; medical representatives may not note that."
    ),
    "no_filing": QT_TRANSLATE_NOOP("speech", "No filing as a medical representative is valid on that day."),
    "no_registration": QT_TRANSLATE_NOOP("speech", "The institution's registration of the visit is missing."),
    "duplicate": QT_TRANSLATE_NOOP("speech", "There is such a record already."),
    "required": QT_TRANSLATE_NOOP("speech", "A required value is missing."),
    "too_long": QT_TRANSLATE_NOOP("speech", "A value is too long."),
    "bad_value": QT_TRANSLATE_NOOP("speech", "A value is not of the expected form."),
    "unknown_kind": QT_TRANSLATE_NOOP("speech", "Head office is older and does not know this kind of record."),
    "unknown_field": QT_TRANSLATE_NOOP("speech", "Head office is older and does not know this field."),
    "unknown_command": QT_TRANSLATE_NOOP("speech", "Head office is older and does not know this action."),
    "schema_unsupported": QT_TRANSLATE_NOOP("speech", "This KAMDesk is too old for head office; update it first."),
    # files
    "bytes_missing": QT_TRANSLATE_NOOP(
        "speech", "Head office does not have this file yet: it waits on the computer of who attached it."
    ),
    "bad_content": QT_TRANSLATE_NOOP("speech", "What came was not this file. It can be fetched again."),
    "attachment_not_kept": QT_TRANSLATE_NOOP(
        "speech", "The file cannot be kept on this computer. Free some space and fetch it again."
    ),
    "attachment_damaged": QT_TRANSLATE_NOOP("speech", "The file on this computer is damaged."),
    "group": QT_TRANSLATE_NOOP("speech", "It belongs to a change that was refused."),
}  # fmt: skip
_OTHER = QT_TRANSLATE_NOOP("speech", "Head office answered: {code}. Your work is kept here.")

NO_FOLDER = QT_TRANSLATE_NOOP(
    "speech", "The folder for your data cannot be used ({reason}). Nothing was changed."
)

_WORDS: dict[str, str] = {
    "planned": QT_TRANSLATE_NOOP("words", "Planned"),
    "in_progress": QT_TRANSLATE_NOOP("words", "In progress"),
    "completed": QT_TRANSLATE_NOOP("words", "Completed"),
    "missed": QT_TRANSLATE_NOOP("words", "Missed"),
    "cancelled": QT_TRANSLATE_NOOP("words", "Cancelled"),
    "submitted": QT_TRANSLATE_NOOP("words", "Submitted"),
    "reviewed": QT_TRANSLATE_NOOP("words", "Reviewed"),
    "amended": QT_TRANSLATE_NOOP("words", "Amended"),
    "reported": QT_TRANSLATE_NOOP("words", "Reported"),
    "open": QT_TRANSLATE_NOOP("words", "Open"),
    "done": QT_TRANSLATE_NOOP("words", "Done"),
    "dropped": QT_TRANSLATE_NOOP("words", "Given up"),
    "low": QT_TRANSLATE_NOOP("words", "Low"),
    "normal": QT_TRANSLATE_NOOP("words", "Normal"),
    "high": QT_TRANSLATE_NOOP("words", "High"),
    "call": QT_TRANSLATE_NOOP("words", "Visit in person"),
    "remote": QT_TRANSLATE_NOOP("words", "Remote"),
    "joint": QT_TRANSLATE_NOOP("words", "Joint visit"),
    "market": QT_TRANSLATE_NOOP("words", "Market visit"),
    "saved": QT_TRANSLATE_NOOP("words", "Saved on this computer"),
    "sent": QT_TRANSLATE_NOOP("words", "Sent"),
    "asking": QT_TRANSLATE_NOOP("words", "Needs you"),
    "confirmed": QT_TRANSLATE_NOOP("words", "Confirmed by head office"),
    "create": QT_TRANSLATE_NOOP("words", "New"),
    "patch": QT_TRANSLATE_NOOP("words", "Changed"),
    "delete": QT_TRANSLATE_NOOP("words", "Deleted"),
    "start": QT_TRANSLATE_NOOP("words", "Start"),
    "complete": QT_TRANSLATE_NOOP("words", "Complete"),
    "miss": QT_TRANSLATE_NOOP("words", "Could not see them"),
    "cancel": QT_TRANSLATE_NOOP("words", "Cancel"),
    "submit": QT_TRANSLATE_NOOP("words", "Submit"),
    "review": QT_TRANSLATE_NOOP("words", "Review"),
    "amend": QT_TRANSLATE_NOOP("words", "Amend"),
    "approved": QT_TRANSLATE_NOOP("words", "Approved"),
    "returned": QT_TRANSLATE_NOOP("words", "Returned"),
    "rejected": QT_TRANSLATE_NOOP("words", "Rejected"),
    "approve": QT_TRANSLATE_NOOP("words", "Approve"),
    "return": QT_TRANSLATE_NOOP("words", "Return"),
    "withdraw": QT_TRANSLATE_NOOP("words", "Withdraw"),
    "department_meeting": QT_TRANSLATE_NOOP("words", "Department meeting"),
    "academic_conference": QT_TRANSLATE_NOOP("words", "Academic conference"),
    "patient_education": QT_TRANSLATE_NOOP("words", "Patient education"),
    "training": QT_TRANSLATE_NOOP("words", "Training"),
    "materials": QT_TRANSLATE_NOOP("words", "Materials"),
    "other_promotion": QT_TRANSLATE_NOOP("words", "Other promotion"),
    "hospital": QT_TRANSLATE_NOOP("words", "Hospital"),
    "distributor": QT_TRANSLATE_NOOP("words", "Distributor"),
    "agent": QT_TRANSLATE_NOOP("words", "Agent"),
    "bidding_office": QT_TRANSLATE_NOOP("words", "Bidding office"),
    "pharma_client": QT_TRANSLATE_NOOP("words", "Pharma client"),
    "sales": QT_TRANSLATE_NOOP("words", "Sales"),
    "agency": QT_TRANSLATE_NOOP("words", "Agency"),
    "distribution": QT_TRANSLATE_NOOP("words", "Distribution"),
    "deposit": QT_TRANSLATE_NOOP("words", "Deposit"),
    "quality": QT_TRANSLATE_NOOP("words", "Quality"),
    "draft": QT_TRANSLATE_NOOP("words", "Draft"),
    "in_review": QT_TRANSLATE_NOOP("words", "In review"),
    "negotiation": QT_TRANSLATE_NOOP("words", "Negotiation"),
    "signed": QT_TRANSLATE_NOOP("words", "Signed"),
    "active": QT_TRANSLATE_NOOP("words", "Active"),
    "renewal_window": QT_TRANSLATE_NOOP("words", "Up for renewal"),
    "renewed": QT_TRANSLATE_NOOP("words", "Renewed"),
    "expired": QT_TRANSLATE_NOOP("words", "Expired"),
    "suspended": QT_TRANSLATE_NOOP("words", "Suspended"),
    "terminated": QT_TRANSLATE_NOOP("words", "Terminated"),
    "price_approved": QT_TRANSLATE_NOOP("words", "Prices approved"),
    "legal_approved": QT_TRANSLATE_NOOP("words", "Approved by legal"),
    "REP": QT_TRANSLATE_NOOP("words", "Representative"),
    "KAM": QT_TRANSLATE_NOOP("words", "Key account manager"),
    "RM": QT_TRANSLATE_NOOP("words", "Regional manager"),
    "any": QT_TRANSLATE_NOOP("words", "Any time"),
    "this_month": QT_TRANSLATE_NOOP("words", "This month"),
    "last_month": QT_TRANSLATE_NOOP("words", "Last month"),
    "this_quarter": QT_TRANSLATE_NOOP("words", "This quarter"),
    "last_90_days": QT_TRANSLATE_NOOP("words", "Last 90 days"),
    "this_year": QT_TRANSLATE_NOOP("words", "This year"),
    "PRC": QT_TRANSLATE_NOOP("words", "Pricing office"),
    "LEG": QT_TRANSLATE_NOOP("words", "Legal"),
    "FIN": QT_TRANSLATE_NOOP("words", "Finance"),
    "QA": QT_TRANSLATE_NOOP("words", "Quality assurance"),
    "GM": QT_TRANSLATE_NOOP("words", "General manager"),
    "ADM": QT_TRANSLATE_NOOP("words", "Administrator"),
    "today": QT_TRANSLATE_NOOP("words", "Today"),
    "tomorrow": QT_TRANSLATE_NOOP("words", "Tomorrow"),
    "yesterday": QT_TRANSLATE_NOOP("words", "Yesterday"),
}  # fmt: skip
_NO_YEAR = 180  # days within which a day and a month say enough
_IN_DAYS = QT_TRANSLATE_NOOP("words", "in {n} days")
_DAYS_AGO = QT_TRANSLATE_NOOP("words", "{n} days ago")


def words(error: BaseException) -> str:
    """Return the sentence for an error; one that is not ours gets a calm general one."""
    if isinstance(error, Refused) and error.code in _CODES:
        return problem(error.code, error.params)
    if isinstance(error, KamError):
        return _fill(translate(error.context, error.text), error.params)
    return translate("speech", _CODES["internal"])


def problem(code: str, params: Mapping[str, object] | None = None) -> str:
    """Return the sentence for a code that reconciliation or head office gave."""
    if code in CERTIFICATES:
        return _fill(translate("connection", CERTIFICATES[code]), params or {})
    return _fill(translate("speech", _CODES.get(code, _OTHER)), {"code": code, **(params or {})})


def word(code: str) -> str:
    """Return the word for a state, a kind, a priority, a role; the code itself where there is none."""
    return translate("words", _WORDS[code]) if code in _WORDS else code


def label(context: str, text: str) -> str:
    """Return the translated label of a field or a kind of records."""
    return translate(context, text)


def _fill(text: str, params: Mapping[str, object]) -> str:
    values = {name: _value(name, one) for name, one in params.items()}
    try:
        return text.format(**values)
    except (KeyError, IndexError, ValueError):
        return text


def _value(name: str, value: object) -> object:
    """Write what a sentence names; a record's words, name or amount, are dots in train mode."""
    if isinstance(value, date):
        return day(value)
    return (
        discreet.masked(value)
        if isinstance(value, str) and name != "code" and discreet.is_on()
        else value
    )


def day(value: date | None) -> str:
    """Write a day as the user's language does; a dash for none."""
    if value is None:
        return "—"
    return QLocale().toString(QDate(value.year, value.month, value.day), _form_of_day()[0])


def _form_of_day() -> tuple[str, str]:
    """Return how a day is written, with its year and without: the month in words, in the locale's order."""
    if QLocale().language() == QLocale.Language.Chinese:
        return "yyyy年M月d日", "M月d日"
    if QLocale().dateFormat(QLocale.FormatType.ShortFormat).casefold().startswith("m"):
        return "MMM d, yyyy", "MMM d"
    return "d MMM yyyy", "d MMM"


def typed_day() -> str:
    """Return the form in which days are typed: the locale's short one, with all four digits of the year."""
    form = QLocale().dateFormat(QLocale.FormatType.ShortFormat)
    return form if "yyyy" in form else form.replace("yy", "yyyy")


def near_day(value: date | None) -> str:
    """Write a day near today as people say it: today, tomorrow, 3 days ago."""
    if value is None:
        return "—"
    off = (value - clock.today()).days
    if off in {-1, 0, 1}:
        return word({-1: "yesterday", 0: "today", 1: "tomorrow"}[off])
    if 1 < off < 15:
        return translate("words", _IN_DAYS).format(n=off)
    if -100 < off < -1:
        return translate("words", _DAYS_AGO).format(n=-off)
    if abs(off) < _NO_YEAR:
        return QLocale().toString(QDate(value.year, value.month, value.day), _form_of_day()[1])
    return day(value)


def instant(value: datetime | None) -> str:
    """Write an instant in the zone of this computer: the time alone when it was today."""
    if value is None:
        return "—"
    local = value.astimezone()
    time = QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    return time if local.date() == clock.today() else f"{day(local.date())} {time}"


def number(value: int) -> str:
    """Write a whole number with the separators of the user's language."""
    return QLocale().toString(value)


def counted(count: int, one: str, many: str) -> str:
    """Say how many there are: `one` of exactly one, else `many`, in which "{n}" stands for the number."""
    return one if count == 1 else many.replace("{n}", number(count))


def size(count: int) -> str:
    """Write how long a file is."""
    locale = QLocale()
    if count < 1_048_576:
        return f"{locale.toString(max(1, -(-count // 1024)))} KB"
    return f"{locale.toString(count / 1_048_576, 'f', 1)} MB"


def digits(plain: str) -> str:
    """Write exact digits, "1234567.50", with the separators of the user's language."""
    whole, _, rest = plain.partition(".")
    locale = QLocale()
    groups: list[str] = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    written = locale.groupSeparator().join(groups)
    return f"{written}{locale.decimalPoint()}{rest}" if rest else written


_SYMBOLS = {
    "CNY": "¥", "EUR": "€", "GBP": "£", "USD": "US$", "HKD": "HK$", "INR": "₹", "JPY": "JP¥", "ZAR": "R",
    "AUD": "A$", "CHF": "CHF",
}  # fmt: skip


def money(value: Money | None) -> str:
    """Write an amount as the user's locale does; a dash for none, dots in train mode. Cents where there are any."""
    if value is None:
        return "—"
    if discreet.is_on():
        return discreet.DOTS
    places = places_of(value.currency) if value.minor % 100 else 0
    symbol = _SYMBOLS.get(value.currency, value.currency)
    # A double holds every amount up to money.LARGEST to the last place
    return QLocale().toCurrencyString(float(value.amount), symbol, places)
