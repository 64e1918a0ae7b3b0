"""What a person sees of the frame: window, rail, strip, finder, first start, changes, settings."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QWidget

from kamdesk.db import apply, holds, lost, notices
from kamdesk.db.issues import open_issue
from kamdesk.db.outbox import QueuedOp, write_state
from kamdesk.db.queries.issues import count_open
from kamdesk.domain import clock
from kamdesk.domain.changes import Origin
from kamdesk.domain.connection import Link, SignIn
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.session import KeyCheck, KnownProfile
from kamdesk.services.describe import spec_of
from kamdesk.services.tasks import add_task
from kamdesk.ui import speech, theme, translation
from kamdesk.ui.first_start import FirstStart
from kamdesk.ui.kit.conflict_card import ConflictCard
from kamdesk.ui.placing import open_at
from kamdesk.ui.preferences import Preferences
from kamdesk.ui.screens import DESTINATIONS
from kamdesk.ui.window import MainWindow
from tests.ui.hands import press, says, settled, texts
from tests.unit.conftest import HUASHAN

SYNC_CODES = [
    "connect", "timeout", "closed", "proxy", "tls", "tls_ended", "tls_early", "tls_host", "tls_issuer", "tls_version",
    "captive_portal", "bad_answer",
    "server_error", "not_kamdesk", "wrong_server", "diverged_again", "bad_receipt", "device_revoked",
    "device_cloned", "user_disabled", "token_expired", "token_invalid", "token_reused",
    "upgrade_required", "server_older", "bad_request", "device_busy", "internal", "clock_off",
    "disk_full", "store_readonly", "store_unreadable", "store_damaged", "store_busy", "store_io",
    "illegal_transition", "gone", "not_found", "not_allowed", "out_of_scope", "readonly",
    "too_long", "bad_value", "required", "duplicate", "group", "unknown_kind", "unknown_field",
    "not_owner", "locked", "unknown_command", "schema_unsupported", "mass_delete",
    "too_old", "cursor_expired",
]  # fmt: skip


# ---- window and rail


def test_window_opens_on_today_and_names_who_works(window):
    assert window.stack.currentWidget().name == "today"
    assert says(window, "East China · 李伟")


def test_every_destination_opens_with_its_title(window, qtbot, tasks):
    for name, made in window.rail._buttons.items():
        made.click()
        settled(tasks)
        assert window.stack.currentWidget().name == name
        assert made.isChecked()
        assert window.header.title.text() == made.text().strip()


def test_alt_and_a_number_open_a_destination(window, qtbot, tasks):
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    settled(tasks)
    assert window.stack.currentWidget().name == "customers"


def test_no_two_actions_share_a_shortcut(window):
    keys = [
        one.shortcut().toString() for one in window.menus.actions if not one.shortcut().isEmpty()
    ]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+N", "Ctrl+K", "Ctrl+F", "F5", "Ctrl+Q", "Alt+1"} <= set(keys)


def test_the_smallest_screen_holds_the_window(window):
    window.resize(1280, 720)
    assert (window.width(), window.height()) == (1280, 720)
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 720


def test_a_window_opens_no_larger_than_its_screen(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableGeometry()
    open_at(window, QSize(room.width() + 400, room.height() + 100))
    assert room.width() - 100 < window.width() < room.width()
    assert room.height() - 100 < window.height() < room.height()
    open_at(window, QSize(300, 200))
    assert (window.width(), window.height()) == (300, 200)


def test_every_button_and_line_has_a_name_for_screen_readers(window, qtbot, tasks):
    for name in DESTINATIONS:
        window.show_screen(name, "")
        settled(tasks)
        shown = [*window.findChildren(QPushButton), *window.findChildren(QLineEdit)]
        nameless = [
            one
            for one in shown
            if one.isVisible() and not (one.accessibleName() or getattr(one, "text", str)())
        ]
        assert not nameless, f"{name}: {nameless}"


def test_closing_tells_the_program_once_and_keeps_the_size(window, qtbot):
    with qtbot.waitSignal(window.closed):
        window.close()
    assert window._preferences.text("window")


# ---- the strip


def test_offline_is_calm_and_grey(window, line):
    assert says(window.strip, "Offline: working from this computer")
    grey = theme.colour("grey").name()
    assert grey in window.strip._dot.styleSheet()
    assert theme.colour("red").name() not in window.strip._dot.styleSheet()


def test_status_told_from_another_thread_is_shown(window, line, qtbot):
    line.tell(link=Link.ONLINE, waiting=3, last_reconciled=clock.now())
    qtbot.waitUntil(lambda: says(window.strip, "Online"))
    assert says(window.strip, "3 changes waiting to be sent")
    assert says(window.strip, "Last reconciled")


@pytest.mark.parametrize(
    ("link", "problem", "words"),
    [
        (Link.PAUSED, "", "Paused"),
        (Link.SIGNED_OUT, "token_expired", "Sign in again"),
        (Link.REFUSED, "device_revoked", "shut this computer out"),
    ],
)
def test_strip_says_what_head_office_thinks_of_us(window, line, qtbot, link, problem, words):
    line.tell(link=link, problem=problem)
    qtbot.waitUntil(lambda: says(window.strip, words))


def test_first_load_shows_how_far_it_is_and_can_be_paused(window, line, qtbot):
    line.tell(link=Link.ONLINE, working=True, loaded=1200, expected=6700)
    qtbot.waitUntil(lambda: says(window.strip, "Loading your territory: 1,200 of 6,700"))
    press(window.strip, "Pause")
    qtbot.waitUntil(lambda: says(window.strip, "Resume"))
    press(window.strip, "Resume")
    qtbot.waitUntil(lambda: line.asked == ["pause", "resume"])
    line.tell(loaded=0, expected=0)
    qtbot.waitUntil(lambda: not window.strip.progress.isVisible())


def test_what_needs_the_user_leads_to_the_changes(window, line, qtbot, tasks):
    line.tell(issues=1)
    qtbot.waitUntil(lambda: says(window.strip, "1 need"))
    press(window.strip, "1 need")
    settled(tasks)
    assert window.stack.currentWidget().name == "sync"


def test_undo_is_offered_and_takes_back_once(window, qtbot, tasks):
    window.desk.offer_undo(
        "Task added", lambda work: add_task(work, title="back again", due_on=None)
    )
    press(window.strip, "Undo")
    settled(tasks)
    count = "SELECT count(*) FROM task WHERE title = 'back again'"
    assert tasks.store.read(lambda reader: reader.value(count)) == 1
    assert not window.strip.undo.isVisible()


# ---- trouble


def test_machine_error_is_a_banner_shown_once_and_closed(window, tasks, qtbot):
    error = MachineError("The disk is full.", code="DISK_FULL")
    tasks.trouble.emit(error)
    tasks.trouble.emit(error)
    qtbot.waitUntil(lambda: texts(window).count("The disk is full.") == 1)
    press(window, "Close")
    qtbot.waitUntil(lambda: not says(window, "The disk is full."))


# ---- finder


def test_finder_finds_a_customer_and_enter_opens_it(window, qtbot, tasks):
    window.open_finder()
    finder = window.finder
    qtbot.keyClicks(finder.typed, "fddx")
    qtbot.waitUntil(lambda: finder.found.count() and "华山" in finder.found.item(0).text())
    qtbot.keyClick(finder.typed, Qt.Key.Key_Return)
    settled(tasks)
    assert window.stack.currentWidget().name == "customers"


def test_finder_runs_actions_by_name(window, qtbot, line):
    window.open_finder()
    qtbot.keyClicks(window.finder.typed, "reconcile")
    found = window.finder.found
    qtbot.waitUntil(lambda: found.count() == 1 and found.item(0).text() == "Reconcile now")
    qtbot.keyClick(window.finder.typed, Qt.Key.Key_Return)
    assert line.asked == ["now"]


def test_enter_before_the_answer_is_here_opens_what_was_typed(window, qtbot, tasks, line):
    window.open_finder()
    settled(tasks)
    window.finder.typed.setText("reconcile")
    qtbot.keyClick(window.finder.typed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: line.asked == ["now"])


# ---- theme and language


def test_theme_is_switched_while_running(window, qapp, qtbot, tasks):
    window.show_screen("settings", "")
    window.prefer("theme", "dark")
    settled(tasks)
    assert theme.colour("window") == QColor(theme.DARK["window"])
    assert window.stack.currentWidget().name == "settings"
    window.prefer("theme", "light")
    settled(tasks)


def test_language_is_switched_while_running(window, qtbot, tasks, line):
    for language in ("zh_CN", "en", "zh_CN", "en"):
        window.prefer("language", language)
        settled(tasks)
    line.tell(link=Link.ONLINE)
    qtbot.waitUntil(lambda: says(window.strip, "Online"))


def test_count_of_a_screen_that_a_switch_replaced_is_not_shown(window, qtbot, tasks):
    """Its answer came after the switch: a KeyError, seen in a tour."""
    window.show_screen("customers", "")
    old = window.screens["customers"]
    window.prefer("language", "zh_CN")
    assert window.screens.get("customers") is not old
    old.counted.emit("of before the switch")
    assert window.header.counted.text() != "of before the switch"
    window.screens.pop("customers", None)
    old.counted.emit("of before the switch")
    assert window.header.counted.text() != "of before the switch"


def test_strips_of_before_a_switch_stop_listening(window, qtbot, tasks, line):
    before = len(line.listeners)
    for mode in ("dark", "light"):
        window.prefer("theme", mode)
    settled(tasks)
    qtbot.waitUntil(lambda: len(line.listeners) == before)


@pytest.mark.parametrize("label", ["Name", "Department", "Title"])
def test_a_new_person_is_asked_for_in_the_words_of_a_person(spoken, label):
    translation.use("zh_CN")
    translate = QCoreApplication.translate
    assert translate("PersonCard", label) == translate("person", label)


def test_days_follow_the_language(spoken):
    day = clock.today().replace(month=11, day=5)
    assert speech.day(day) == f"5 Nov {day.year}"
    translation.use("zh_CN")
    assert speech.day(day) == f"{day.year}年11月5日"


@pytest.mark.parametrize("written", ["", "{", "[1]", '{"theme": 7}', "\x00"])
def test_damaged_preferences_are_the_defaults(written):
    preferences = Preferences(written, lambda _: None)
    assert preferences.text("language") == "system"
    assert preferences.text("theme") in {"system", ""}


def test_system_is_a_choice_of_theme_and_language_in_the_menu(window):
    names = [name.casefold() for name, _, _ in window.menus.named]
    assert sum("system" in name for name in names) == 2


def test_problem_shown_while_online_is_readable_without_a_mouse(window, line, qtbot):
    line.tell(link=Link.ONLINE, problem="clock_off", problem_params={"minutes": 12})
    qtbot.waitUntil(lambda: says(window.strip, "12 minutes"))


@pytest.mark.parametrize("code", SYNC_CODES)
def test_every_code_of_reconciliation_has_words(qapp, code):
    unknown = speech.problem("brand_new").replace("brand_new", code)
    assert speech.problem(code, {"minutes": 5}) != unknown


def test_unknown_code_is_still_a_sentence(qapp):
    assert "brand_new" in speech.problem("brand_new")
    assert speech.problem("clock_off", {"minutes": 12}).endswith("12 minutes.")


# ---- first start


@pytest.fixture
def first(qtbot, door, tasks):
    def start(known=None):
        first = FirstStart(door, tasks, known)
        first.show()
        qtbot.waitUntil(lambda: tasks.is_idle)
        qtbot.waitUntil(lambda: bool(first.edits) or first._is_open)
        return first

    return start


def test_signing_in_hands_over_the_open_profile(first, door, qtbot):
    shown = first()
    qtbot.keyClicks(shown.edits["server"], "kamdesk.example.com")
    qtbot.keyClicks(shown.edits["user"], "li.wei")
    qtbot.keyClicks(shown.edits["password"], "correct horse")
    with qtbot.waitSignal(shown.opened) as told:
        qtbot.keyClick(shown.edits["password"], Qt.Key.Key_Return)
    assert told.args == [door.opened]
    ((sign_in, passphrase),) = door.tried
    assert (sign_in.server, sign_in.user, sign_in.password) == (
        "kamdesk.example.com", "li.wei", "correct horse",
    )  # fmt: skip
    assert sign_in.device_name
    assert not passphrase
    assert threading.get_ident() not in door.threads


def test_form_rests_while_signing_in_and_the_window_lives(first, door, qtbot):
    shown = first(SignIn("kamdesk.example.com", "li.wei", "secret"))
    door.gate.clear()
    press(shown, "Set up")
    assert not shown.edits["server"].isEnabled()
    assert says(shown, "Signing in…")
    ticks = []
    QTimer.singleShot(20, shown, lambda: ticks.append(1))
    qtbot.waitUntil(lambda: bool(ticks))
    with qtbot.waitSignal(shown.opened):
        door.gate.set()


def test_who_signs_in_cannot_walk_away_from_the_answer(first, door, qtbot, tasks):
    door.known = [KnownProfile("p1", "Li Wei at Hehe", by_passphrase=True)]
    door.answers = [MachineError("Head office cannot be reached.")]
    shown = first(SignIn("kamdesk.example.com", "kim", "secret"))
    press(shown, "Set up another user or head office")
    qtbot.waitUntil(lambda: "server" in shown.edits)
    door.gate.clear()
    press(shown, "Set up")
    assert not shown.back.isEnabled()
    door.gate.set()
    settled(tasks)
    assert says(shown, "Head office cannot be reached.")
    press(shown, "Back")
    qtbot.waitUntil(lambda: says(shown, "Li Wei at Hehe"))


@pytest.mark.parametrize("field", ["server", "user", "password", "code"])
def test_error_stands_beside_its_field_and_what_was_typed_stays(first, door, qtbot, tasks, field):
    door.answers = [UserError("Look at this again.", field=field)]
    shown = first(SignIn("kamdesk.example.com", "li.wei", "secret"))
    press(shown, "Set up")
    settled(tasks)
    assert says(shown.fields[field], "Look at this again.")
    assert not shown.error.isVisible()
    assert shown.edits["user"].text() == "li.wei"
    assert shown.edits["server"].isEnabled()


def test_machine_error_of_signing_in_is_shown_and_can_be_tried_again(first, door, qtbot, tasks):
    door.answers = [MachineError("Head office cannot be reached.")]
    shown = first(SignIn("kamdesk.example.com", "li.wei", "secret"))
    press(shown, "Set up")
    settled(tasks)
    assert says(shown, "Head office cannot be reached.")
    with qtbot.waitSignal(shown.opened):
        press(shown, "Set up")


def test_h40_without_a_key_store_a_passphrase_is_chosen_twice(first, door, qtbot, tasks):
    door.keys = KeyCheck(trusted=False, reason="no_backend")
    door.answers = [UserError("The passphrase is too short.", field="passphrase")]
    shown = first(SignIn("kamdesk.example.com", "li.wei", "secret"))
    assert shown.edits["passphrase"].echoMode() == QLineEdit.EchoMode.Password
    shown.edits["passphrase"].setText("short")
    shown.edits["again"].setText("other")
    press(shown, "Set up")
    assert says(shown.fields["again"], "not the same")
    assert not door.tried
    shown.edits["again"].setText("short")
    press(shown, "Set up")
    settled(tasks)
    assert says(shown.fields["passphrase"], "too short")
    shown.edits["passphrase"].setText("twelve or more letters")
    shown.edits["again"].setText("twelve or more letters")
    with qtbot.waitSignal(shown.opened):
        press(shown, "Set up")
    assert door.tried[-1][1] == "twelve or more letters"
    assert {shown.edits[name].text() for name in ("password", "passphrase", "again")} == {""}


def test_only_profile_without_passphrase_opens_by_itself(door, tasks, qtbot):
    door.known = [KnownProfile("p1", "Li Wei at Hehe", by_passphrase=False)]
    shown = FirstStart(door, tasks)
    with qtbot.waitSignal(shown.opened):
        shown.show()
    assert door.tried == [("p1", "")]


def test_profile_with_passphrase_asks_and_says_when_it_is_wrong(first, door, qtbot, tasks):
    door.known = [KnownProfile("p1", "Li Wei at Hehe", by_passphrase=True)]
    door.answers = [UserError("The passphrase is not right.", field="passphrase")]
    shown = first()
    assert says(shown, "Li Wei at Hehe")
    qtbot.keyClicks(shown.edits["passphrase"], "wrong")
    qtbot.keyClick(shown.edits["passphrase"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: says(shown, "The passphrase is not right."))
    qtbot.keyClicks(shown.edits["passphrase"], "right one at last")
    with qtbot.waitSignal(shown.opened):
        qtbot.keyClick(shown.edits["passphrase"], Qt.Key.Key_Return)
    assert door.tried[-1] == ("p1", "right one at last")


def test_wrong_passphrase_stands_beside_the_profile_it_belongs_to(first, door, qtbot):
    door.known = [
        KnownProfile("p1", "Li", by_passphrase=True),
        KnownProfile("p2", "Kim", by_passphrase=True),
    ]
    door.answers = [UserError("The passphrase is not right.", field="passphrase")]
    shown = first()
    qtbot.keyClicks(shown.edits["passphrase1"], "wrong")
    qtbot.keyClick(shown.edits["passphrase1"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "passphrase1" in shown.fields and says(shown, "not right"))
    assert says(shown.fields["passphrase1"], "The passphrase is not right.")


def test_from_setting_up_one_can_go_back_to_the_profiles(first, door, qtbot, tasks):
    door.known = [KnownProfile("p1", "Li Wei at Hehe", by_passphrase=True)]
    shown = first()
    press(shown, "Set up another")
    settled(tasks)
    press(shown, "Back")
    qtbot.waitUntil(lambda: says(shown, "Li Wei at Hehe"))


def test_closing_the_first_window_before_a_profile_is_open_ends_the_program(first, qtbot):
    shown = first()
    with qtbot.waitSignal(shown.closed):
        shown.close()


def test_hints_and_errors_of_the_first_window_do_not_lie_on_the_fields(first, door, qtbot, tasks):
    door.keys = KeyCheck(trusted=False, reason="no_backend")
    shown = first(SignIn("kamdesk.example.com", "li.wei", "secret"))
    shown.edits["again"].setText("other")
    press(shown, "Set up")
    qtbot.waitUntil(lambda: says(shown.fields["again"], "not the same"))

    def overlaps():
        below = {name: field.findChildren(QLabel)[-1] for name, field in shown.fields.items()}
        return [
            name
            for name, label in below.items()
            if label.isVisible() and label.y() < shown.edits[name].geometry().bottom()
        ]

    qtbot.waitUntil(lambda: not overlaps())


# ---- changes


def sent_phone(mine):
    """Return the change of a phone number, as it was handed in."""
    return QueuedOp(
        lid=1, mid=7, gid="g", kind="customer", id=HUASHAN, op="patch",
        f={"phone": ["021-1", mine]}, cmd="", args={}, sv=1, at=clock.stamp(),
    )  # fmt: skip


def a_conflict(work):
    """Keep a conflict about the phone, as reconciliation does."""
    sides = {"old": "021-1", "mine": "021-2", "theirs": "021-9", "by": "Zhao Lin"}
    fields = {"phone": {**sides, "at": clock.stamp()}}
    open_issue(work, sent_phone("021-2"), "conflict", fields=fields)
    stand(work, phone="021-9")


def stand(work, **values):
    """Let the customer be as head office has it."""
    rev, bucket = work.reader.row("SELECT _rev, _b FROM customer WHERE id = ?", HUASHAN)
    apply.put_rows(work, "customer", list(values), [(HUASHAN, rev, bucket, *values.values())])


@pytest.fixture
def changes(window, qtbot, tasks, store):
    def show():
        window.show_screen("sync", "")
        settled(tasks)
        return window.screens["sync"]

    return show


def phone(store):
    return store.read(
        lambda reader: reader.value("SELECT phone FROM customer WHERE id = ?", HUASHAN)
    )


def test_empty_changes_say_that_nothing_needs_the_user(changes):
    shown = changes()
    assert says(shown, "Nothing needs you")
    assert says(shown, "Nothing waits to be sent")


def test_queued_change_is_listed_as_saved_on_this_computer(changes, store):
    store.transact(Origin.USER, lambda work: add_task(work, title="Send summary", due_on=None))
    shown = changes()
    assert says(shown, "Send summary")
    assert says(shown, "Saved on this computer")


def test_conflict_shows_both_sides_and_1_keeps_mine(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, a_conflict)
    shown = changes()
    for words in ("021-1", "021-2", "021-9", "Zhao Lin", "Nothing is thrown away"):
        assert says(shown, words), words
    qtbot.keyClick(shown, Qt.Key.Key_1)
    settled(tasks)
    assert phone(store) == "021-2"
    qtbot.waitUntil(lambda: says(shown, "kept mine"))


def test_2_keeps_head_offices_and_it_can_be_taken_up_again(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, a_conflict)
    shown = changes()
    qtbot.keyClick(shown, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: says(shown, "kept head office's"))
    assert phone(store) == "021-9"
    press(shown, "Take up again")
    qtbot.waitUntil(lambda: says(shown, "Keep mine"))


def test_what_was_settled_as_mine_is_settled_as_head_offices_later(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, a_conflict)
    shown = changes()
    for key, words, value in (
        (Qt.Key.Key_1, "kept mine", "021-2"),
        (Qt.Key.Key_2, "kept head office's", "021-9"),
    ):
        qtbot.keyClick(shown, key)
        qtbot.waitUntil(lambda words=words: says(shown, words))
        assert phone(store) == value
        press(shown, "Take up again")
        qtbot.waitUntil(lambda: says(shown, "Keep mine"))


@pytest.mark.parametrize(("key", "value"), [(Qt.Key.Key_Return, "021-2"), (Qt.Key.Key_2, "021-9")])
def test_what_was_overwritten_stays_so_unless_it_is_taken(changes, store, qtbot, tasks, key, value):
    def notice(work):
        sides = {"old": "021-1", "mine": "021-2", "theirs": "021-9"}
        open_issue(work, sent_phone("021-2"), "overwritten", fields={"phone": sides})
        stand(work, phone="021-2")

    store.transact(Origin.SYNC, notice)
    shown = changes()
    assert says(shown, "Take the overwritten value")
    qtbot.keyClick(shown, key)
    qtbot.waitUntil(lambda: says(shown, "Settled"))
    assert phone(store) == value


@pytest.mark.parametrize(("key", "value"), [(Qt.Key.Key_Return, "021-9"), (Qt.Key.Key_1, "021-2")])
def test_whose_value_was_replaced_is_told_by_whom_and_has_it_back_with_one_key(
    changes, store, qtbot, tasks, key, value
):
    def notice(work):
        at = clock.stamp(clock.now() - timedelta(hours=1))
        sides = {"old": "021-1", "mine": "021-2", "theirs": "021-9", "by": "Zhao Lin", "at": at}
        mine_at = clock.stamp(clock.now() - timedelta(hours=2))
        notices.take(
            work, "f" * 32, "customer", HUASHAN, at=at, mine_at=mine_at, fields={"phone": sides}
        )
        stand(work, phone="021-9")

    store.transact(Origin.SYNC, notice)
    shown = changes()
    assert says(shown, "Yours was replaced · ")
    assert says(shown, "Zhao Lin · ")
    assert shown.findChild(ConflictCard).mine == set()
    qtbot.keyClick(shown, key)
    qtbot.waitUntil(lambda: says(shown, "Settled"))
    assert phone(store) == value
    press(shown, "Take up again")
    qtbot.waitUntil(lambda: says(shown, "Yours was replaced · "))


def test_a_price_that_is_not_known_here_cannot_be_chosen(changes, store, qtbot):
    def notice(work):
        sides = {"by": "Zhao Lin", "at": clock.stamp()}
        notices.take(
            work, "e" * 32, "contract_line_price", "l" * 36, at="1", mine_at="1",
            fields={"net_price": sides},
        )  # fmt: skip

    store.transact(Origin.SYNC, notice)
    shown = changes()
    assert says(shown, "On the computer where it was typed")
    qtbot.keyClick(shown, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: says(shown, "Settled"))


def test_what_the_card_did_not_show_is_not_overwritten(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, a_conflict)
    shown = changes()
    store.transact(Origin.SYNC, lambda work: stand(work, phone="021-11"))
    qtbot.keyClick(shown, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: says(shown, "021-11"))
    assert phone(store) == "021-11"
    qtbot.keyClick(shown, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: says(shown, "kept mine"))
    assert phone(store) == "021-2"


def two_conflicts(work):
    """Keep a conflict about phone and level: the phone was changed there later, the grade here."""
    now = clock.now()
    at = {
        name: clock.stamp(now + timedelta(hours=hours))
        for name, hours in (("phone", 2), ("grade", -2))
    }
    fields = {
        name: {
            "old": "a",
            "mine": f"my {name}",
            "theirs": f"their {name}",
            "by": "Zhao Lin",
            "at": at[name],
        }
        for name in at
    }
    open_issue(work, sent_phone("my phone"), "conflict", fields=fields)
    stand(work, phone="their phone", grade="their grade")


def test_the_later_value_of_each_field_is_chosen_and_enter_settles_so(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, two_conflicts)
    shown = changes()
    card = shown.findChild(ConflictCard)
    assert card.mine == {"grade"}
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    settled(tasks)
    question = "SELECT phone, grade FROM customer WHERE id = ?"
    assert store.read(lambda reader: reader.row(question, HUASHAN)) == ("their phone", "my grade")
    qtbot.waitUntil(lambda: says(shown, "kept some of both"))


def test_each_field_is_chosen_by_itself(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, two_conflicts)
    shown = changes()
    press(shown, "my phone")
    press(shown, "their grade")
    assert shown.findChild(ConflictCard).mine == {"phone"}
    press(shown, "their grade")
    press(shown, "As chosen")
    settled(tasks)
    assert phone(store) == "my phone"


def test_fields_that_merge_together_are_chosen_together(changes, store, tasks):
    def conflict(work):
        sides = {"old": None, "by": "Zhao Lin", "at": clock.stamp(clock.now() + timedelta(days=1))}
        pair = {
            name: {**sides, "mine": f"my {name}", "theirs": f"their {name}"}
            for name in ("address", "postcode")
        }
        open_issue(work, sent_phone("x"), "conflict", fields=pair)

    assert spec_of("customer").field("address").group == spec_of("customer").field("postcode").group
    store.transact(Origin.SYNC, conflict)
    shown = changes()
    card = shown.findChild(ConflictCard)
    assert card.mine == set()
    press(shown, "my address")
    assert card.mine == {"address", "postcode"}


def test_3_takes_a_value_of_ones_own(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, a_conflict)
    shown = changes()
    qtbot.keyClick(shown, Qt.Key.Key_3)
    edit = next(one for one in shown.findChildren(QLineEdit) if one.isVisible())
    edit.setText("021-5")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    settled(tasks)
    assert phone(store) == "021-5"


def test_refusal_keeps_what_was_typed_and_copies_it(changes, store, qtbot, tasks):
    store.transact(
        Origin.SYNC,
        lambda work: open_issue(work, sent_phone("021-7"), "rejected", code="out_of_scope"),
    )
    shown = changes()
    assert says(shown, "no longer in your territory")
    press(shown, "Copy")
    assert "021-7" in QGuiApplication.clipboard().text()
    press(shown, "Put aside")
    qtbot.waitUntil(lambda: says(shown, "put aside"))


def test_h15_what_was_refused_and_tells_a_price_is_copied_past_histories(
    changes, store, qtbot, tasks, window
):
    store.transact(
        Origin.SYNC,
        lambda work: open_issue(work, sent_phone("net 23.50 CNY"), "rejected", code="out_of_scope"),
    )
    shown = changes()
    press(shown, "Copy")
    data = QGuiApplication.clipboard().mimeData()
    assert "23.50" in data.text()
    assert data.hasFormat("x-kde-passwordManagerHint")
    assert says(window, "the clipboard is emptied in 10 seconds")
    window._clipboard.clear()
    assert "23.50" not in QGuiApplication.clipboard().text()


@pytest.mark.parametrize(
    ("pressed", "said", "state"),
    [("Keep them", "kept here", "mine"), ("Take the deletions", "taken over", "theirs")],
)
def test_many_deletions_are_asked_about_in_words(
    changes, store, qtbot, tasks, pressed, said, state
):
    store.transact(
        Origin.SYNC,
        lambda work: holds.hold(
            work, {"task": (1250, 4000), "visit": (300, 900)}, has_copy=state == "mine"
        ),
    )
    shown = changes()
    assert says(shown, "stays for a month") == (state == "mine")
    assert says(shown, "No backup could be made") == (state == "theirs")
    for words in ("unusually many", "Nothing was deleted here", "1,250 of 4,000", "300 of 900"):
        assert says(shown, words), words
    assert store.read(count_open) == 1
    press(shown, pressed)
    qtbot.waitUntil(lambda: says(shown, said))
    assert store.read(holds.decision) == state
    assert says(shown, "Take up again") == (state == "mine")


def test_what_went_with_a_restored_head_office_is_told_in_words(changes, store, qtbot, tasks):
    def tell(work):
        write_state(work.driver, {"lost": '{"customer":1250,"visit":3}'})
        lost.tell(work)

    store.transact(Origin.SYNC, tell)
    shown = changes()
    for words in ("was restored", "1,250 went", "3 went", "stays for a month", "administrator"):
        assert says(shown, words), words
    assert store.read(count_open) == 1
    press(shown, "Put aside")
    qtbot.waitUntil(lambda: says(shown, "put aside"))
    assert store.read(count_open) == 0


def test_changes_follow_the_store_while_they_are_shown(changes, store, qtbot):
    shown = changes()
    store.transact(Origin.USER, lambda work: add_task(work, title="Just now", due_on=None))
    qtbot.waitUntil(lambda: says(shown, "Just now"))


def test_what_is_being_typed_survives_news_from_head_office(changes, store, qtbot, tasks):
    store.transact(Origin.SYNC, a_conflict)
    shown = changes()
    qtbot.keyClick(shown, Qt.Key.Key_3)
    next(one for one in shown.findChildren(QLineEdit) if one.isVisible()).setText("021-5")
    store.transact(Origin.USER, lambda work: add_task(work, title="Just now", due_on=None))
    qtbot.waitUntil(lambda: says(shown, "Just now"))
    assert [one.text() for one in shown.findChildren(QLineEdit) if one.isVisible()] == ["021-5"]


def test_an_empty_value_stays_empty_when_another_one_is_edited(changes, store, qtbot, tasks):
    def conflict(work):
        sides = {"old": None, "mine": None, "theirs": "x", "by": "Zhao Lin", "at": clock.stamp()}
        pair = {"phone": {**sides, "mine": "021-2"}, "address": sides}
        open_issue(work, sent_phone("021-2"), "conflict", fields=pair)

    store.transact(Origin.SYNC, conflict)
    shown = changes()
    qtbot.keyClick(shown, Qt.Key.Key_3)
    edit = next(one for one in shown.findChildren(QLineEdit) if one.isVisible())
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    settled(tasks)
    question = "SELECT address FROM customer WHERE id = ?"
    assert store.read(lambda reader: reader.value(question, HUASHAN)) is None


def test_pause_button_follows_a_pause_from_elsewhere(changes, line, qtbot):
    shown = changes()
    line.tell(link=Link.PAUSED)
    qtbot.waitUntil(lambda: says(shown, "Resume"))


# ---- settings


def test_settings_name_user_head_office_and_computer(window, qtbot, tasks):
    window.show_screen("settings", "")
    for words in ("li.wei", "Hehe Pharma", "kamdesk.example.com", "laptop-1"):
        assert says(window.screens["settings"], words), words


def test_settings_that_are_taller_than_the_window_are_scrolled_and_never_squeezed(window, qtbot):
    window.resize(1080, 640)
    window.show_screen("settings", "")
    page = window.screens["settings"]
    labels = [one for one in page.findChildren(QLabel) if one.text()]
    qtbot.waitUntil(lambda: all(one.isVisible() for one in labels))
    assert [one.text() for one in labels if one.height() < one.fontMetrics().height()] == []
    area = page.findChild(QScrollArea)
    assert area.widget().height() >= area.widget().minimumSizeHint().height()


def test_an_import_that_was_asked_for_before_the_store_is_open_is_done_wherever_one_went(
    qtbot, opened, tasks
):
    window = MainWindow(None, tasks, Preferences("", lambda _: None))
    qtbot.addWidget(window)
    window.show()
    window._know(opened.profile)
    window.lists.import_pasted()
    window.show_screen("visits", "")
    window.receive(opened)
    assert window.shown_screen().name == "imports"
