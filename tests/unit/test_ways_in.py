"""What opens a profile is changed: the key store in place of the passphrase, or the other way round."""

# ruff: noqa: F811  # fixtures of another file
from __future__ import annotations

import pytest

from kamdesk.domain.errors import MachineError, UserError
from kamdesk.security import files, keystore, oskeys
from kamdesk.security.keyfile import Lease
from tests.played_keys import _cheap_passphrases, ring  # noqa: F401  # fixtures
from tests.unit.test_machine_faults import FAULTS, Ring

PASSPHRASE, PRICES = "correct horse battery", "prices are shut behind this"
STAMP = "2026-12-01T08:00:00Z"


def made(folder, *, by_keyring: bool):
    """Make keys with a lease and prices bound to it, opened in this way; both ways open those by a key store."""
    folder.mkdir()
    if by_keyring:
        keys = keystore.create_with_keyring(folder, "profile")
        keys.add_passphrase_slot(PASSPHRASE)
    else:
        keys = keystore.create_with_passphrase(folder, "profile", PASSPHRASE)
    keys.keep_lease(Lease(5, STAMP, STAMP, 0, STAMP), bytearray(range(32)))
    keys.make_price_keys("passphrase", PRICES)
    return keys


def prices(keys) -> dict[int, bytes]:
    return {number: bytes(key) for number, key in keys.open_price_keys(PRICES).items()}


def ways(folder) -> dict[str, object]:
    """Open in every way there is, by the file as it stands."""
    opened = {}
    for name, opens in (
        ("keyring", lambda one: one.open_with_keyring()),
        ("passphrase", lambda one: one.open_with_passphrase(PASSPHRASE)),
    ):
        try:
            opened[name] = opens(keystore.read_keystore(folder))
        except MachineError:
            continue
    return opened


def test_a_profile_of_a_passphrase_is_opened_by_the_key_store_once_it_is_told_to(ring, tmp_path):
    keys = made(tmp_path / "p", by_keyring=False)
    before = prices(keys)
    keys.add_keyring_slot()
    assert keys.opened_by == "keyring"
    found = ways(tmp_path / "p")
    assert {name: (one.store_key, prices(one)) for name, one in found.items()} == {
        "keyring": (keys.store_key, before), "passphrase": (keys.store_key, before)
    }  # fmt: skip
    assert sorted(user.split("/")[1] for _, user in ring.kept) == ["kek", "lease"]
    assert keys.lease.wrapped is None  # a copy of the folder from last week does not bring it back


def test_the_passphrase_alone_opens_it_and_nothing_stays_in_the_key_store(ring, tmp_path):
    keys = made(tmp_path / "p", by_keyring=True)
    before = prices(keys)
    with pytest.raises(UserError) as caught:
        keys.drop_keyring_slot("not the passphrase")
    assert caught.value.code == "WRONG_PASSPHRASE"
    assert set(ways(tmp_path / "p")) == {"keyring", "passphrase"}
    keys.drop_keyring_slot(PASSPHRASE)
    assert ring.kept == {}
    found = ways(tmp_path / "p")
    assert set(found) == {"passphrase"}
    assert (found["passphrase"].store_key, prices(found["passphrase"])) == (keys.store_key, before)
    assert keys.leftovers is None


def test_without_a_passphrase_the_key_store_is_not_given_up(ring, tmp_path):
    keys = keystore.create_with_keyring(tmp_path, "profile")
    with pytest.raises(MachineError) as caught:
        keys.drop_keyring_slot(PASSPHRASE)
    assert caught.value.code == "NO_PASSPHRASE"
    keystore.read_keystore(tmp_path).open_with_keyring()


@pytest.mark.parametrize("problem", FAULTS)
def test_h41_a_key_store_at_fault_leaves_the_passphrase_as_the_way_in(problem, ring, tmp_path):
    keys = made(tmp_path / "p", by_keyring=False)
    before = {path.name: path.read_bytes() for path in (tmp_path / "p").iterdir()}
    for name, how in FAULTS[problem].items():
        setattr(ring, name, how)
    with pytest.raises(MachineError) as caught:
        keys.add_keyring_slot(timeout=0.3)
    assert caught.value.code == problem
    assert {path.name: path.read_bytes() for path in (tmp_path / "p").iterdir()} == before


class Killed(BaseException):
    """The program ends here."""


@pytest.mark.parametrize("by_keyring", [False, True])
def test_h35_changing_the_way_in_killed_anywhere_leaves_one_that_opens(
    by_keyring, ring, tmp_path, monkeypatch
):
    real, states = files.write_atomically, set()
    for at in range(12):
        folder = tmp_path / f"p{at}"
        ring.kept.clear()
        ring.on_set = lambda *_: None
        keys, calls = made(folder, by_keyring=by_keyring), []
        before = prices(keys)

        def step(*_, calls=calls, at=at):
            if len(calls) == at:
                raise Killed
            calls.append(1)

        def write(*args, step=step):
            step()
            real(*args)

        plain_delete = Ring.delete_password

        def delete(self, service, user, step=step, plain=plain_delete):
            step()
            plain(self, service, user)

        ring.on_set = step
        ended = False
        with monkeypatch.context() as patched:
            patched.setattr(oskeys, "watched", lambda fn, timeout: fn())
            patched.setattr(files, "write_atomically", write)
            patched.setattr(Ring, "delete_password", delete)
            try:
                if by_keyring:
                    keys.drop_keyring_slot(PASSPHRASE)
                else:
                    keys.add_keyring_slot()
                ended = True
            except (Killed, MachineError):
                pass
        ring.on_set = lambda *_: None
        found = ways(folder)
        states.add(frozenset(found))
        assert found["passphrase"].store_key == keys.store_key, at
        for one in found.values():
            one.remove_leftovers()
        assert all(one.store_key == keys.store_key for one in found.values())
        held = [one for one in found.values() if one.lease.has_share]
        assert all(prices(one) == before for one in held)
        if ended:
            break
    assert ended
    assert states == {frozenset({"passphrase"}), frozenset({"passphrase", "keyring"})}
