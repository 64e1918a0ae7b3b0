"""The sealed form of a value: the published vectors, and everything that must not open."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kamdesk.domain.prices import Price, Ratio
from kamdesk.security import envelope, values
from kamdesk.security.envelope import Purpose, SealError, SealFormatError

VECTORS = json.loads((Path(__file__).parent / "field_vectors_v1.json").read_text())["vectors"]
VALUES = {
    "money 23.50 CNY": Price(Decimal("23.50"), "CNY"),
    "money -0.0001 USD": Price(Decimal("-0.0001"), "USD"),
    "money max": Price(Decimal("999999999999.999999999999"), "CNY"),
    "null": None,
    "ratio 12.5": Ratio(Decimal("12.5")),
}
TEXTS = {"text": "底价 23.50", "empty text": ""}


def _place(vector):
    return {
        "store_id": bytes.fromhex(vector["store_id"]),
        "table": vector["table"],
        "column": vector["column"],
        "row": str(UUID(vector["row_id"])),
    }


def _plain(name):
    return values.encode(VALUES[name]) if name in VALUES else values.encode_text(TEXTS[name])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_vectors(vector, monkeypatch):
    key, blob = bytes.fromhex(vector["key"]), bytes.fromhex(vector["blob"])
    assert _plain(vector["name"]).hex() == vector["plaintext"]
    # There is no way to hand a nonce in: the system's random source is what stands still here
    monkeypatch.setattr(envelope.os, "urandom", lambda _: bytes.fromhex(vector["nonce"]))
    head = envelope.header(Purpose(vector["purpose"]), vector["key_id"])
    data = bytes.fromhex(vector["plaintext"])
    assert envelope.seal(AESGCM(key), head, data=data, **_place(vector)) == blob
    assert envelope.key_id_of(blob, Purpose(vector["purpose"])) == vector["key_id"]
    opened = envelope.unseal(AESGCM(key), blob, **_place(vector))
    assert opened == data
    if vector["name"] in VALUES:
        assert values.decode(opened) == VALUES[vector["name"]]
    else:
        assert values.decode_text(opened) == TEXTS[vector["name"]]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_vectors_with_the_low_level_cipher(vector):
    """A second path through the library: the tag is over exactly the published AAD."""
    blob = bytes.fromhex(vector["blob"])
    mode = modes.GCM(bytes.fromhex(vector["nonce"]), blob[-16:])
    opener = Cipher(algorithms.AES(bytes.fromhex(vector["key"])), mode).decryptor()
    opener.authenticate_additional_data(bytes.fromhex(vector["aad"]))
    assert opener.update(blob[22:-16]) + opener.finalize() == bytes.fromhex(vector["plaintext"])


def _opens(blob, key, purpose, place):
    try:
        envelope.key_id_of(blob, purpose)
        envelope.unseal(AESGCM(key), blob, **place)
    except SealError:
        return False
    return True


def _tampered(blob, key, place):
    for bit in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed), key, place
    for length in range(len(blob)):
        yield blob[:length], key, place
    yield blob + b"\x00", key, place
    yield blob, key, {**place, "row": "0192f0c1-ffff-7000-8000-00000000abce"}
    yield blob, key, {**place, "column": "list_price"}
    yield blob, key, {**place, "table": "contract_lin", "column": "enet_price"}
    yield blob, key, {**place, "store_id": bytes(16)}
    yield blob, bytes(32), place


def test_h8_not_one_of_492_tampered_envelopes_opens():
    """H8."""
    vector = VECTORS[0]
    blob, key = bytes.fromhex(vector["blob"]), bytes.fromhex(vector["key"])
    place = _place(vector)
    assert _opens(blob, key, Purpose.PRICE, place)
    cases = list(_tampered(blob, key, place))
    assert len(cases) == 492
    assert sum(_opens(one, its, Purpose.PRICE, where) for one, its, where in cases) == 0


def test_another_purpose_is_refused():
    with pytest.raises(SealFormatError):
        envelope.key_id_of(bytes.fromhex(VECTORS[0]["blob"]), Purpose.TEXT)


def test_two_seals_of_one_value_differ():
    cipher, head = AESGCM(bytes(32)), envelope.header(Purpose.PRICE, 1)
    place = _place(VECTORS[0])
    seals = {envelope.seal(cipher, head, data=bytes(16), **place) for _ in range(100)}
    assert len(seals) == 100


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(15),
        bytes(17),
        bytes([1, 13]) + b"CNY" + bytes(11),
        bytes([1, 2]) + b"PCT" + bytes(11),
        bytes([2, 2]) + b"CNY" + bytes(11),
        bytes([1, 2]) + b"cny" + bytes(11),
        bytes([1, 2]) + b"C\xffY" + bytes(11),
        bytes([3, 2]) + b"CNY" + bytes(11),
        bytes([1, 0]) + b"CNY" + (10**24).to_bytes(11, "big"),
        bytes([0, 0]) + b"CNY" + bytes(11),
    ],
)
def test_a_plaintext_of_another_form_is_no_value(data):
    with pytest.raises(SealFormatError):
        values.decode(data)


@pytest.mark.parametrize("text", ["", "a" * 59, "a" * 60, "底价" * 500, "\ud800", "e\u0301"])
def test_texts_come_back_as_they_were_typed(text):
    data = values.encode_text(text)
    assert len(data) % 64 == 0
    assert values.decode_text(data) == text


@pytest.mark.parametrize(
    "data", [b"", bytes(64), b"\x03\xff\xff\xff\xff" + bytes(59), b"\x03" + bytes(62) + b"x"]
)
def test_a_damaged_text_is_no_text(data):
    with pytest.raises(SealFormatError):
        values.decode_text(data)


def test_bytes_are_padded_to_4096():
    assert len(values.encode_bytes(b"abc")) == 4096
    assert values.decode_bytes(values.encode_bytes(b"abc")) == b"abc"
