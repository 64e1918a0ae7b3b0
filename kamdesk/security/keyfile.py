"""The content of `keystore.json`: wrapped keys and where the store is. Nothing here is secret."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

from kamdesk.domain import clock
from kamdesk.domain.errors import MachineError
from kamdesk.domain.ids import is_id
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security import wrapping
from kamdesk.security.wrapping import Key, PassphraseWork

FORMAT = 4
"""2 since there are price keys, 3 since there are leases, 4 while the replacing of keys is not over; a file without
them is written for older programs."""
PRICE_WRAP, LEASED_WRAP = 1, 2
"""What the price keys are wrapped with: the master key and the passphrase, or these and the share of a lease."""
STORE = "store"
PRICE = "price"
PRICE_ROOT = "price-root"
"""In place of the master key over the price keys, from its replacement until prices are opened the next time."""

PriceUnlock = Literal["keyring", "passphrase"]
"""How prices are opened: with the profile, or by a passphrase of their own."""

_LARGEST = 64 * 1024
_MAC_BYTES = 32


@dataclass(frozen=True)
class KeyringSlot:
    """The master key under a key that the system's key store keeps as `<profile>/kek/<entry>`."""

    backend: str
    entry: int
    wrapped: bytes
    check: bytes


@dataclass(frozen=True)
class PassphraseSlot:
    """The master key under a passphrase."""

    work: PassphraseWork
    wrapped: bytes
    check: bytes


@dataclass(frozen=True)
class DataKey:
    """A key for data, under the master key."""

    purpose: str
    key_id: int
    wrapped: bytes
    check: bytes


@dataclass(frozen=True)
class PriceGuard:
    """What stands before the price keys. `work`: how the price passphrase was stretched, where there is one.

    `check` tells a wrong passphrase from a damaged file.
    """

    unlock: PriceUnlock
    work: PassphraseWork | None
    check: bytes


@dataclass(frozen=True)
class Lease:
    """How long prices may be opened here, by head office's clock, and where its share is.

    `offset`: seconds from this computer's clock to head office's; `mark`: the latest time that was seen. The share
    is in the system's key store as `<profile>/lease/<entry>`, or `wrapped` here where that keeps no keys.
    """

    share_id: int
    issued: str
    expires: str
    offset: int
    mark: str
    entry: int | None = None
    wrapped: bytes | None = None

    @property
    def has_share(self) -> bool:
        """Say whether prices can be opened at all."""
        return self.entry is not None or self.wrapped is not None


@dataclass(frozen=True)
class Leftovers:
    """What the replacing of keys has still to remove.

    `entries`: of the system's key stores, by the name of the store and the number; `generation`: of the store, or 0.
    """

    entries: tuple[tuple[str, int], ...] = ()
    generation: int = 0


@dataclass(frozen=True)
class KeyFile:
    """Everything that one key store says."""

    profile: str
    check: bytes
    keyring: KeyringSlot | None
    passphrase: PassphraseSlot | None
    data_keys: tuple[DataKey, ...]
    store_id: str
    generation: int
    high_water: int
    price_wrap: int = PRICE_WRAP
    price: PriceGuard | None = None
    lease: Lease | None = None
    leftovers: Leftovers | None = None
    mac: bytes = b""

    def data_key(self, purpose: str) -> DataKey | None:
        """Return the newest key for a purpose."""
        return max(self.keys_for(purpose), key=lambda key: key.key_id, default=None)

    def keys_for(self, purpose: str) -> list[DataKey]:
        """Return all keys for a purpose: the old ones open what was not sealed again yet."""
        return [key for key in self.data_keys if key.purpose == purpose]

    def sealed_by(self, master: Key) -> KeyFile:
        """Return this file with the MAC that only the holder of the master key can make."""
        return replace(self, mac=_mac(self, master))

    def is_sealed_by(self, master: Key) -> bool:
        """Say whether nothing was changed since the holder of the master key wrote it."""
        return hmac.compare_digest(self.mac, _mac(self, master))

    def to_bytes(self) -> bytes:
        """Write the file for people to look at."""
        return (json.dumps(_document(self), indent=1, sort_keys=True) + "\n").encode("ascii")


def parse(data: bytes) -> KeyFile:
    """Read what `to_bytes` wrote. Raises ValueError for damage, MachineError for a newer format."""
    if len(data) > _LARGEST:
        raise ValueError(len(data))
    document = json.loads(data)
    if not isinstance(document, dict):
        raise TypeError(type(document))
    if isinstance(document.get("format"), int) and document["format"] > FORMAT:
        raise MachineError(
            QT_TRANSLATE_NOOP(
                "security",
                "A newer KAMDesk wrote the keys of this profile. Update KAMDesk; nothing was changed.",
            ),
            code="KEYSTORE_NEWER",
            context="security",
        )
    return _key_file(document)


def _mac(file: KeyFile, master: Key) -> bytes:
    document = _document(file)
    del document["mac"]
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")
    key = wrapping.derive(master, b"keystore-mac")
    try:
        return hmac.digest(bytes(key), text, "sha256")
    finally:
        wrapping.erase(key)


def _document(file: KeyFile) -> dict[str, Any]:
    slots: list[dict[str, Any]] = []
    if file.keyring is not None:
        slots.append(
            {
                "kind": "keyring",
                "backend": file.keyring.backend,
                "entry": file.keyring.entry,
                "wrapped": _text(file.keyring.wrapped),
                "check": _text(file.keyring.check),
            }
        )
    if file.passphrase is not None:
        slots.append(
            {
                "kind": "passphrase",
                **_work(file.passphrase.work),
                "wrapped": _text(file.passphrase.wrapped),
                "check": _text(file.passphrase.check),
            }
        )
    return {
        "format": _format(file),
        "profile": file.profile,
        "check": _text(file.check),
        "slots": slots,
        "data_keys": [
            {
                "purpose": key.purpose,
                "key_id": key.key_id,
                "wrapped": _text(key.wrapped),
                "check": _text(key.check),
            }
            for key in file.data_keys
        ],
        "price_wrap": file.price_wrap,
        **({} if file.price is None else {"price": _price_guard_document(file.price)}),
        **({} if file.lease is None else {"lease": _lease_document(file.lease)}),
        **({} if file.leftovers is None else {"leftovers": _leftovers_document(file.leftovers)}),
        "store": {"id": file.store_id, "generation": file.generation},
        "high_water": file.high_water,
        "mac": _text(file.mac),
    }


def _format(file: KeyFile) -> int:
    if file.leftovers is not None or file.keys_for(PRICE_ROOT):
        return FORMAT
    return 3 if file.lease is not None else 1 if file.price is None else 2


def _leftovers_document(left: Leftovers) -> dict[str, Any]:
    entries = [{"backend": backend, "entry": entry} for backend, entry in left.entries]
    return {"entries": entries, "generation": left.generation}


def _leftovers(document: Mapping[str, Any]) -> Leftovers | None:
    left = document.get("leftovers")
    if left is None:
        return None
    if not isinstance(left, dict):
        raise TypeError("leftovers")
    entries = tuple(
        (str(one.get("backend", "")), _number(one, "entry")) for one in _list(left, "entries")
    )
    return Leftovers(entries, _number(left, "generation"))


def _work(work: PassphraseWork) -> dict[str, Any]:
    return {
        "kdf": "argon2id",
        "salt": _text(work.salt),
        "memory_kib": work.memory_kib,
        "passes": work.passes,
        "lanes": work.lanes,
    }


def _price_guard_document(guard: PriceGuard) -> dict[str, Any]:
    work = {} if guard.work is None else _work(guard.work)
    return {"unlock": guard.unlock, "check": _text(guard.check), **work}


def _lease_document(lease: Lease) -> dict[str, Any]:
    kept = {} if lease.entry is None else {"entry": lease.entry}
    if lease.wrapped is not None:
        kept["wrapped"] = _text(lease.wrapped)  # type: ignore[assignment]
    return {
        "share_id": lease.share_id, "issued": lease.issued, "expires": lease.expires,
        "offset": lease.offset, "mark": lease.mark, **kept,
    }  # fmt: skip


def _lease(document: Mapping[str, Any]) -> Lease | None:
    lease = document.get("lease")
    if lease is None:
        return None
    if not isinstance(lease, dict) or not isinstance(lease.get("offset"), int):
        raise ValueError("lease")
    for name in ("issued", "expires", "mark"):
        clock.parse_stamp(_string(lease, name))
    return Lease(
        share_id=_number(lease, "share_id"),
        issued=lease["issued"],
        expires=lease["expires"],
        offset=lease["offset"],
        mark=lease["mark"],
        entry=_number(lease, "entry") if "entry" in lease else None,
        wrapped=_bytes(lease, "wrapped", wrapping.WRAPPED_BYTES) if "wrapped" in lease else None,
    )


def _key_file(document: Mapping[str, Any]) -> KeyFile:
    keyring: KeyringSlot | None = None
    passphrase: PassphraseSlot | None = None
    for slot in _list(document, "slots"):
        match slot.get("kind"):
            case "keyring":
                keyring = KeyringSlot(
                    backend=_string(slot, "backend"),
                    entry=_number(slot, "entry"),
                    wrapped=_bytes(slot, "wrapped", wrapping.WRAPPED_BYTES),
                    check=_bytes(slot, "check", wrapping.CHECK_BYTES),
                )
            case "passphrase":
                passphrase = _passphrase_slot(slot)
            case kind:
                raise ValueError(kind)
    if keyring is None and passphrase is None:
        raise ValueError("slots")
    store = document.get("store")
    if not isinstance(store, dict) or not is_id(store.get("id")):
        raise ValueError("store")
    return KeyFile(
        profile=_string(document, "profile"),
        check=_bytes(document, "check", wrapping.CHECK_BYTES),
        keyring=keyring,
        passphrase=passphrase,
        data_keys=tuple(
            DataKey(
                purpose=_string(key, "purpose"),
                key_id=_number(key, "key_id"),
                wrapped=_bytes(key, "wrapped", wrapping.WRAPPED_BYTES),
                check=_bytes(key, "check", wrapping.CHECK_BYTES),
            )
            for key in _list(document, "data_keys")
        ),
        store_id=_string(store, "id"),
        generation=_number(store, "generation"),
        high_water=_number(document, "high_water"),
        price_wrap=_number(document, "price_wrap"),
        price=_price_guard(document),
        lease=_lease(document),
        leftovers=_leftovers(document),
        mac=_bytes(document, "mac", _MAC_BYTES),
    )


def _price_guard(document: Mapping[str, Any]) -> PriceGuard | None:
    guard = document.get("price")
    if guard is None:
        return None
    if not isinstance(guard, dict) or guard.get("unlock") not in get_args(PriceUnlock):
        raise ValueError("price")
    return PriceGuard(
        unlock=guard["unlock"],
        work=_passphrase_work(guard) if guard["unlock"] == "passphrase" else None,
        check=_bytes(guard, "check", wrapping.CHECK_BYTES),
    )


def _passphrase_work(source: Mapping[str, Any]) -> PassphraseWork:
    work = PassphraseWork(
        salt=_decoded(source.get("salt")),
        memory_kib=_number(source, "memory_kib"),
        passes=_number(source, "passes"),
        lanes=_number(source, "lanes"),
    )
    if source.get("kdf") != "argon2id" or not work.is_bearable():
        raise ValueError("kdf")
    return work


def _passphrase_slot(slot: Mapping[str, Any]) -> PassphraseSlot:
    return PassphraseSlot(
        work=_passphrase_work(slot),
        wrapped=_bytes(slot, "wrapped", wrapping.WRAPPED_BYTES),
        check=_bytes(slot, "check", wrapping.CHECK_BYTES),
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError(type(value))
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(value) from error


def _bytes(source: Mapping[str, Any], name: str, length: int) -> bytes:
    value = _decoded(source.get(name))
    if len(value) != length:
        raise ValueError(name)
    return value


def _string(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    value.encode("utf-8")  # a lone surrogate is damage too
    return value


def _number(source: Mapping[str, Any], name: str) -> int:
    value = source.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise ValueError(name)
    return value


def _list(source: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = source.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(name)
    return value
