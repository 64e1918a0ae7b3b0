"""Attachments on real lines: behind the records, piece by piece, whole after any break, given back after a restore."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kamdesk.db.queries.attachments import attachments_of, unsent
from kamdesk.db.queries.customers import customer_page
from kamdesk.db.queries.proof import proof
from kamdesk.domain.attachments import PIECE, Content
from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import new_id
from kamdesk.domain.money import Money
from kamdesk.headoffice import blobs
from kamdesk.headoffice.store import Store
from kamdesk.security.sealedfiles import SealedFiles
from kamdesk.services.attachments import NewAttachment, attach, change, remove
from kamdesk.services.drafts import keep_draft
from kamdesk.services.promotions import PromotionEntry, draft_request, submit_request
from kamdesk.services.visits import VisitEntry, plan_visit
from kamdesk.sync.carrier import Carrier
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.runner import Reconciler
from tests.sync.proxy import Proxy, Where
from tests.sync.test_line import behind
from tests.sync.world import Laptop, World, until

DATA = os.urandom(2 * PIECE + 777)
DAY = date(2026, 11, 24)


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    one = Proxy(world._port, path=b"/v1/attachment")
    yield one
    one.close()


def carrier(laptop: Laptop, **how: Any) -> Carrier:
    """The cabinet of a laptop, beside its store; another call is the next start of the program."""
    folder = laptop.database.path.parent
    files = SealedFiles(folder / "attachments", laptop.database._key, "0" * 32)
    return Carrier(laptop.database, files, laptop.transport, folder, **how)


def carry(laptop: Laptop, one: Carrier) -> None:
    """Reconcile, move all there is to move, and hear what head office says about it."""
    laptop.sync()
    one.heard()
    while one.step(laptop.engine.ask):
        pass
    laptop.sync()


def planned(laptop: Laptop, customer: str) -> str:
    entry = VisitEntry(new_id(), customer, held_on=DAY, objective="Formulary")
    return str(laptop.do(lambda work: plan_visit(work, entry)))


def attached(
    laptop: Laptop, one: Carrier, visit: str, data: bytes = DATA, name: str = "photo.png"
) -> str:
    content = one.keep(data)
    new = NewAttachment(new_id(), "visit", visit, name, content)
    return str(laptop.do(lambda work: attach(work, new)))


def state(laptop: Laptop, attachment: str) -> object:
    return laptop.value("SELECT upload_state FROM attachment WHERE id = ?", attachment)


def row(laptop: Laptop, visit: str, attachment: str = ""):
    found = laptop.database.read(lambda reader: attachments_of(reader, "visit", [visit]))
    [only] = [one for one in found if attachment in {one.id, ""}]
    return only


@pytest.fixture
def ann(world: World) -> tuple[Laptop, Carrier, str]:
    """A laptop with a planned visit, in step with head office."""
    customer = world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    visit = planned(laptop, customer)
    laptop.sync()
    return laptop, carrier(laptop), visit


def test_an_attachment_reaches_head_office_and_a_colleague_fetches_it(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    assert state(laptop, one) is None
    carry(laptop, mine)
    assert state(laptop, one) == "stored"
    assert mine.read(row(laptop, visit).content) == DATA  # kept as long as there is room
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    content = row(kim, visit).content
    assert row(kim, visit).is_stored
    assert not theirs.step(kim.engine.ask)  # nothing comes that nobody wants to see
    with pytest.raises(MachineError) as caught:
        theirs.read(content)
    assert caught.value.code == "ATTACHMENT_NOT_HERE"
    theirs.fetch(one)
    carry(kim, theirs)
    assert theirs.read(content) == DATA


def test_a_file_whose_bytes_are_only_here_is_on_the_way_and_never_proven(ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    laptop.sync()
    told = laptop.database.read(lambda reader: proof(reader, since=""))
    assert laptop.value("SELECT _rev FROM attachment WHERE id = ?", one) > 0  # the record is there
    assert (told.total, told.proven, told.waiting) == (2, 1, 1)
    customer = laptop.value("SELECT customer_id FROM visit")
    of_customer = lambda reader: customer_page(reader, customer, today=DAY).files  # noqa: E731
    assert laptop.database.read(of_customer) == 1
    carry(laptop, mine)
    assert laptop.database.read(of_customer) == 0
    told = laptop.database.read(lambda reader: proof(reader, since=""))
    assert (told.total, told.proven, told.waiting) == (2, 2, 0)
    other = attached(laptop, mine, visit, b"another", "note.png")
    laptop.sync()
    laptop.do(lambda work: remove(work, other))
    laptop.sync()
    told = laptop.database.read(lambda reader: proof(reader, since=""))
    assert (told.proven, told.waiting) == (told.total, 0)


def test_bytes_wait_until_head_office_knows_the_record(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    assert not mine.step(laptop.engine.ask)
    carry(laptop, mine)
    assert state(laptop, one) == "stored"


def test_a_new_edit_goes_before_the_next_piece(world, ann):
    laptop, mine, visit = ann
    attached(laptop, mine, visit, os.urandom(12 * PIECE))
    reconciler = Reconciler(laptop.database, laptop.transport, carrier=mine)
    heard: list[int] = []
    other: list[str] = []

    def on_piece() -> None:
        moving = list(mine.moving().values())
        heard.append(moving[0].done if moving else -1)
        if len(heard) == 2:
            other.append(planned(laptop, world.document("visit", visit)["customer_id"]))
        if other and len(heard) <= 5:
            edits.append(world.store.head())

    edits: list[int] = []
    mine.watch(on_piece)
    reconciler.start()
    until(lambda: -1 in heard, 30)
    reconciler.stop()
    assert world.document("visit", other[0])["state"] == "planned"
    assert heard[0] == PIECE
    assert edits[1] > edits[0]  # head office had it before the content was whole
    laptop.transport = behind_again(world, laptop)


def behind_again(world, laptop):
    from kamdesk.sync.transport import Transport

    return Transport(world.url)


@pytest.mark.parametrize("where", Where)
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_line_cut_anywhere_goes_on_where_it_was(world, ann, proxy, way, where):
    laptop, _, visit = ann
    behind(proxy, laptop)
    mine = carrier(laptop)
    one = attached(laptop, mine, visit)
    laptop.sync()
    assert mine.step(laptop.engine.ask)
    proxy.cut = (way, where)
    for _ in range(2):
        try:
            carry(laptop, mine)
        except Unreachable:
            continue
    assert proxy.cuts == 1
    assert state(laptop, one) == "stored"
    kim = behind(proxy, world.laptop("kim").sync())
    theirs = carrier(kim)
    theirs.fetch(one)
    proxy.cut = (way, where)
    for _ in range(3):
        try:
            carry(kim, theirs)
        except Unreachable:
            continue
    assert proxy.cuts == 2
    assert theirs.read(row(kim, visit).content) == DATA


def test_the_last_piece_cut_at_every_position_is_not_doubled(world, ann, proxy):
    laptop, _, visit = ann
    behind(proxy, laptop)
    mine = carrier(laptop)
    one = attached(laptop, mine, visit)
    laptop.sync()
    for _ in range(2):
        assert mine.step(laptop.engine.ask)
    proxy.cut = ("down", Where.HEADERS)  # it arrived; the answer did not
    with pytest.raises(Unreachable):
        mine.step(laptop.engine.ask)
    carry(laptop, carrier(laptop))
    assert state(laptop, one) == "stored"
    assert blobs.unsound(world.store) == []


def test_program_that_ends_between_any_two_steps_loses_nothing(world, ann):
    laptop, mine, visit = ann
    content = mine.keep(DATA)
    again = carrier(
        laptop
    )  # ended before the record: bytes without a record, which are swept later
    assert again.holds(content)
    one = attached(laptop, again, visit)
    laptop.sync()
    for _ in range(3):  # ended after every piece
        carrier(laptop).step(laptop.engine.ask)
    laptop.sync()
    assert state(laptop, one) == "stored"


def test_no_record_is_saved_without_its_bytes(world, ann, monkeypatch):
    laptop, mine, visit = ann

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kamdesk.security.files.os.replace", full)
    with pytest.raises(MachineError):
        attached(laptop, mine, visit)
    assert laptop.value("SELECT count(*) FROM attachment") == 0


def test_a_restored_head_office_gets_the_bytes_again(world, ann, tmp_path):
    laptop, mine, visit = ann
    world.cut()
    world.store.close()
    copy = tmp_path / "copy.db"
    shutil.copy(world.file, copy)
    world.store = Store.open(world.file)
    world.connect()
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    assert state(laptop, one) == "stored"
    world.cut()
    world.store.close()
    for leftover in Path(world.file).parent.glob("office.db-*"):
        leftover.unlink()
    shutil.copy(copy, world.file)
    world.store = Store.open(world.file)
    world.connect()
    carry(laptop, carrier(laptop))
    assert state(laptop, one) == "stored"
    [named] = list(_named(world))
    assert named.id == one
    assert named.is_stored
    assert blobs.unsound(world.store) == []


def _named(world):
    with world.store.read() as connection:
        return list(blobs.named_in(connection))


def test_a_colleague_who_fetched_it_gives_it_back_where_the_author_cannot(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    theirs.fetch(one)
    carry(kim, theirs)
    with world.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM blob_part")
    assert blobs.ask_again(world.store) == 1
    carry(kim, theirs)
    assert state(kim, one) == "stored"
    assert blobs.unsound(world.store) == []


def test_head_office_that_asks_again_is_heard_in_the_same_run(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    with world.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM blob_part")
    blobs.ask_again(world.store)
    carry(laptop, mine)
    assert state(laptop, one) == "stored"


def test_on_a_metered_line_only_what_was_asked_for_moves(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    mine.set_metered(metered=True)
    carry(laptop, mine)
    assert state(laptop, one) is None
    mine.set_metered(metered=False)
    carry(laptop, mine)
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    theirs.set_metered(metered=True)
    theirs.fetch(one)
    carry(kim, theirs)
    assert theirs.read(row(kim, visit).content) == DATA


def test_what_stops_because_the_line_costs_is_not_told_as_under_way(ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit, os.urandom(2 * PIECE))
    laptop.sync()
    assert mine.step(laptop.engine.ask)
    told = []
    mine.watch(lambda: told.append(dict(mine.moving())))
    mine.set_metered(metered=True)
    assert list(told[-1]) == [one]
    assert not mine.step(laptop.engine.ask)
    assert told[-1] == {}


def test_a_page_that_is_closed_meanwhile_ends_nothing(ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)

    def gone():
        raise RuntimeError("Signal source has been deleted")

    mine.watch(gone)
    carry(laptop, mine)
    assert state(laptop, one) == "stored"


def test_what_the_user_sends_all_the_same_goes_on_a_metered_line_and_nothing_else(world, ann):
    laptop, mine, visit = ann
    one, other = attached(laptop, mine, visit), attached(laptop, mine, visit, b"another one")
    mine.set_metered(metered=True)
    assert [name for name, _ in laptop.database.read(unsent)] == [one, other]
    mine.send_anyway([one])
    carry(laptop, mine)
    assert state(laptop, one) == "stored"
    assert state(laptop, other) is None
    assert [name for name, _ in laptop.database.read(unsent)] == [other]


def test_what_was_asked_for_without_a_connection_comes_after_the_next_start(world, ann):
    laptop, mine, visit = ann
    one, other = attached(laptop, mine, visit), attached(laptop, mine, visit, DATA[1:], "b.png")
    carry(laptop, mine)
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    world.cut()
    reconciler = Reconciler(kim.database, kim.transport, carrier=theirs)
    reconciler.start()
    theirs.fetch(one)
    theirs.fetch(other)
    theirs.leave(other)
    until(lambda: carrier(kim).is_wanted(one))
    reconciler.stop()
    world.connect()
    kim.transport = kim.engine.transport = behind_again(world, kim)
    again = carrier(kim)
    assert not again.is_wanted(other)
    carry(kim, again)
    again.remember()
    assert again.read(row(kim, visit, one).content) == DATA
    assert not carrier(kim).is_wanted(one)


def test_what_nobody_waits_for_any_more_is_not_fetched(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    theirs.fetch(one)
    assert theirs.step(kim.engine.ask)
    assert theirs.is_wanted(one)
    theirs.leave(one)
    assert not theirs.step(kim.engine.ask)
    assert not theirs.is_wanted(one)
    assert not theirs.moving()
    theirs.fetch(one)
    assert theirs.step(kim.engine.ask)
    assert theirs.moving()[one].done == 2 * PIECE  # it goes on where it was


def test_what_a_half_typed_form_names_is_kept(world, ann):
    laptop, mine, visit = ann
    named, forgotten = mine.keep(b"in a draft"), mine.keep(b"in none")
    values = {"attachments": {"added": [{"sha256": named.sha256, "size": named.size}]}}
    laptop.do(lambda work: keep_draft(work, visit, form="visit", title="", values=values))
    laptop.do(lambda work: keep_draft(work, new_id(), form="visit", title="", values={}))
    for path in (laptop.database.path.parent / "attachments").iterdir():
        os.utime(path, (1, 1))
    again = carrier(laptop)
    again.step(laptop.engine.ask)
    assert again.holds(named)
    assert not again.holds(forgotten)


def test_what_a_half_typed_form_names_does_not_give_way(world, ann):
    laptop, mine, visit = ann
    attached(laptop, mine, visit)
    carry(laptop, mine)
    content = row(laptop, visit).content
    values = {"attachments": {"added": [{"sha256": content.sha256, "size": content.size}]}}
    laptop.do(lambda work: keep_draft(work, new_id(), form="visit", title="", values=values))
    carrier(laptop, most=0).step(laptop.engine.ask)
    assert mine.holds(content)


@pytest.mark.parametrize("reconciled_between", [True, False])
def test_what_was_taken_away_is_brought_back(world, ann, reconciled_between):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    [before] = [row(laptop, visit)]
    laptop.do(lambda work: change(work, added=(), gone=(one, new_id())))
    if reconciled_between:
        laptop.sync()
        assert _named(world) == []
    again = NewAttachment(one, "visit", visit, before.name, before.content)
    laptop.do(lambda work: change(work, added=(again,), gone=()))
    carry(laptop, carrier(laptop))
    assert laptop.issues == []
    [named] = _named(world)
    assert named.is_stored
    assert state(laptop, named.id) == "stored"


def test_a_copy_is_written_where_the_user_wants_it(ann, tmp_path):
    _, mine, _ = ann
    content = mine.keep(DATA)
    mine.save_copy(content, tmp_path / "photo.png")
    assert (tmp_path / "photo.png").read_bytes() == DATA
    with pytest.raises(MachineError):
        mine.save_copy(content, tmp_path / "nowhere" / "photo.png")


def test_what_head_office_has_gives_way_to_new_contents_and_comes_back(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    waits = mine.keep(b"not yet handed in")
    little = carrier(laptop, most=0)
    little.step(laptop.engine.ask)
    content = row(laptop, visit).content
    assert not little.holds(content)
    assert little.holds(waits)
    little.fetch(one)
    while little.step(laptop.engine.ask):
        assert little.moving() or little.problem(one) == ""
    assert carrier(laptop).problem(one) == ""


def test_files_of_a_customer_that_left_the_territory_go(world, ann):
    laptop, mine, visit = ann
    theirs = carrier(world.laptop("kim").sync())
    kim = world.laptops[-1]
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    theirs.fetch(one)
    carry(kim, theirs)
    content = row(kim, visit).content
    laptop.do(lambda work: remove(work, one))
    laptop.sync()
    kim.sync()
    again = carrier(kim)
    for path in (kim.database.path.parent / "attachments").iterdir():
        os.utime(path, (1, 1))
    again.step(kim.engine.ask)
    assert not again.holds(content)


def test_what_the_window_stops_waiting_for_in_that_very_moment_ends_nothing(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)

    class Leaving(list):
        def __bool__(self) -> bool:
            mine.leave(one)
            return True

    mine.fetch(one)
    mine._wanted = Leaving(mine._wanted)
    mine.step(laptop.engine.ask)
    assert not mine.is_wanted(one)


def test_a_full_disk_while_a_file_comes_is_said_at_the_file(world, ann, monkeypatch):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    carry(laptop, mine)
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    theirs.fetch(one)

    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(type(theirs._files), "_take", full)
        assert theirs.step(kim.engine.ask)
    assert theirs.problem(one) == "ATTACHMENT_NOT_KEPT"
    theirs.fetch(one)
    carry(kim, theirs)
    assert theirs.read(row(kim, visit).content) == DATA


def test_what_is_not_there_yet_is_said_and_not_asked_for_ever(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    laptop.sync()
    kim = world.laptop("kim").sync()
    theirs = carrier(kim)
    theirs.fetch(one)
    carry(kim, theirs)
    assert theirs.problem(one) == "bytes_missing"
    carry(laptop, mine)
    theirs.fetch(one)
    carry(kim, theirs)
    assert theirs.problem(one) == ""
    assert theirs.read(row(kim, visit).content) == DATA


def test_taken_away_before_it_was_sent_leaves_nothing_to_send(world, ann):
    laptop, mine, visit = ann
    one = attached(laptop, mine, visit)
    laptop.do(lambda work: remove(work, one))
    carry(laptop, mine)
    assert laptop.issues == []
    assert _named(world) == []


def test_what_is_taken_away_before_a_request_is_handed_in_goes_with_it_in_one_group(world):
    customer = world.customer("Huashan")
    laptop = world.laptop("ann").sync()
    mine = carrier(laptop)
    entry = PromotionEntry(
        new_id(), customer, product_id=new_id(), planned_on=DAY + timedelta(days=3650),
        objective="Teach the switch", estimate=Money(100, "CNY"),
    )  # fmt: skip
    laptop.do(lambda work: draft_request(work, entry))
    old, new = (
        NewAttachment(new_id(), "promotion_request", entry.id, name, mine.keep(name.encode()))
        for name in ("old.pdf", "new.pdf")
    )
    laptop.do(lambda work: attach(work, old))
    laptop.sync()

    def save(work):
        change(work, added=(), gone=(old.id,))
        submit_request(work, entry)
        change(work, added=(new,), gone=())

    laptop.do(save)
    carry(laptop, mine)
    assert laptop.issues == []
    assert world.document("promotion_request", entry.id)["state"] == "submitted"
    assert [named.id for named in _named(world)] == [new.id]


def test_a_copy_in_the_clear_goes_with_the_next_start(ann):
    laptop, mine, _ = ann
    path = mine.open_copy("../CON.png", DATA)
    assert path.read_bytes() == DATA
    assert path.name == "_CON.png"
    assert path.parent.stat().st_mode & 0o077 == 0
    carrier(laptop)
    assert not path.exists()


def test_a_copy_that_can_only_be_read_goes_where_such_files_are_not_removed(ann, monkeypatch):
    _, mine, _ = ann
    path = mine.open_copy("photo.png", DATA)
    assert path.stat().st_mode & 0o222 == 0
    remove = os.unlink

    def as_windows(name, *, dir_fd=None):
        if not os.stat(name, dir_fd=dir_fd).st_mode & 0o200:
            raise PermissionError(13, "Access is denied")
        remove(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", as_windows)
    mine.remove_copies()
    assert not path.exists()


def test_a_file_that_is_too_large_or_gone_is_refused_in_words(ann, tmp_path):
    _, mine, _ = ann
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(26 * 1024 * 1024)
    with pytest.raises(Exception, match="at most 25 MB") as caught:
        mine.keep_file(large)
    assert caught.value.code == "file_too_large"
    with pytest.raises(MachineError):
        mine.keep_file(tmp_path / "gone.pdf")
    assert isinstance(mine.keep_file(_small(tmp_path)), Content)


def _small(folder: Path) -> Path:
    path = folder / "small.txt"
    path.write_bytes(b"hello")
    return path
