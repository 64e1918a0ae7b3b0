"""A head office behind TLS, and whoever stands in its place: the certificate decides, and what is wrong is said."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
import truststore
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kamdesk.domain import clock
from kamdesk.domain.connection import CERTIFICATES
from kamdesk.sync import enrol
from kamdesk.sync.certificates import _judged
from kamdesk.sync.problems import Unreachable
from kamdesk.sync.transport import Transport
from kamdesk.sync.wire import Wire

SECRET = "token-of-the-device"
META = json.dumps(
    {"product": "kamdesk", "server_id": "s", "company": "c", "protocol": 1, "schema": 1, "now": ""}
)
Listen = Callable[..., str]


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """An authority that this computer trusts, as the system's store would say."""
    authority = trustme.CA(organization_name="Hehe Pharma Root")
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    yield authority
    truststore.extract_from_ssl()


@pytest.fixture
def heard() -> list[bytes]:
    """What somebody who is not head office got to read."""
    return []


@pytest.fixture
def listen(heard: list[bytes]) -> Iterator[Listen]:
    """Answer TLS with a certificate and give the address."""
    listeners = []

    def start(
        certificate: trustme.LeafCert | None, answer: str = "", *, oldest: bool = False
    ) -> str:
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            if oldest:
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(
            target=_serve, args=(listener, context, answer.encode(), heard), daemon=True
        ).start()
        return f"https://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for one in listeners:
        one.close()


def _serve(
    listener: socket.socket, context: ssl.SSLContext | None, answer: bytes, heard: list[bytes]
) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        with suppress(OSError), plain:
            line = context.wrap_socket(plain, server_side=True) if context else plain
            with line:
                read = line.recv(65_536)
                if read:
                    heard.append(read)
                line.sendall(answer)


def _answer(body: str) -> str:
    kind = "Content-Type: application/json"
    return f"HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"


def _refused(url: str) -> Unreachable:
    line = Transport(url)
    with pytest.raises(Unreachable) as caught:
        line.wait_for_news(SECRET, after=0, seconds=1)
    line.close()
    return caught.value


def test_h44_an_authority_that_this_computer_trusts_is_enough(trusted, listen):
    """As of an inspecting proxy, whose authority the administrator put into the system's store."""
    line = Transport(listen(trusted.issue_cert("127.0.0.1"), _answer(META)))
    assert line.meta().server_id == "s"
    line.close()


def _strangers(trusted: trustme.CA) -> dict[str, trustme.LeafCert]:
    past = datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)
    return {
        "tls_ended": trusted.issue_cert("127.0.0.1", not_after=past),
        "tls_host": trusted.issue_cert("portal.example.com"),
        "tls_issuer": trustme.CA(organization_name="Blue <b>Coat</b>\n\x1b[31m").issue_cert(
            "127.0.0.1"
        ),
    }


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("tls_ended", "2026-01-31"),
        ("tls_host", "portal.example.com"),
        ("tls_issuer", "Blue b Coat /b"),
    ],
)
def test_h44_other_certificates_are_refused_in_words_and_nothing_is_sent(
    trusted, listen, heard, code, told
):
    refused = _refused(listen(_strangers(trusted)[code], _answer(META)))
    assert refused.code == code
    sentence = str(enrol._unreachable(refused))
    assert told in sentence
    assert "\n" not in sentence
    assert "{" not in sentence
    assert heard == []


def test_h44_a_certificate_that_nobody_issued_names_itself(trusted, listen, heard, tmp_path):
    lonely = trustme.CA(organization_name="Router in the corridor")
    refused = _refused(listen(_Itself(lonely, tmp_path)))
    assert refused.code in {"tls_host", "tls_issuer"}
    assert heard == []


class _Itself:
    """The certificate of an authority itself, presented as if it were that of a server."""

    def __init__(self, authority: trustme.CA, folder: Path) -> None:
        self._files = [folder / "self.pem", folder / "self.key"]
        authority.cert_pem.write_to_path(self._files[0])
        authority.private_key_pem.write_to_path(self._files[1])

    def configure_cert(self, context: ssl.SSLContext) -> None:
        """Do as trustme's certificates do."""
        context.load_cert_chain(*self._files)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_h44_an_old_protocol_is_refused(trusted, listen, heard):
    assert _refused(listen(trusted.issue_cert("127.0.0.1"), oldest=True)).code == "tls_version"
    assert heard == []


def test_h44_who_does_not_speak_tls_at_all_is_refused(trusted, listen, heard):
    assert _refused(listen(None, "HTTP/1.1 400 Bad Request\r\n\r\n")).code == "tls_version"
    assert SECRET.encode() not in b"".join(heard)


def test_h44_a_certificate_of_the_future_points_at_the_clock(trusted):
    ahead = clock.now() + datetime.timedelta(days=400)
    pem = trusted.issue_cert(
        "127.0.0.1", not_before=ahead, not_after=ahead + datetime.timedelta(days=9)
    )
    found = x509.load_pem_x509_certificate(pem.cert_chain_pems[0].bytes())
    assert found.public_bytes(Encoding.DER)
    assert _judged(found, "127.0.0.1").code == "tls_early"
    assert found.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)


def test_h44_every_refusal_has_a_sentence():
    codes = {"tls", "tls_ended", "tls_early", "tls_host", "tls_issuer", "tls_version"}
    assert set(CERTIFICATES) == codes


def test_h45_a_redirect_is_not_followed_and_takes_no_token_along(trusted, listen, heard):
    elsewhere = listen(trusted.issue_cert("127.0.0.1"), _answer(META))
    moved = f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere}/v1/head\r\nContent-Length: 0\r\n\r\n"
    assert _refused(listen(trusted.issue_cert("127.0.0.1"), moved)).code == "captive_portal"
    assert len(heard) == 1  # by head office alone


def test_h45_a_proxy_that_wants_a_password_is_named_and_hears_no_token(listen, heard, monkeypatch):
    wants = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    monkeypatch.setenv("HTTPS_PROXY", listen(None, wants).replace("https", "http"))
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.delenv("no_proxy", raising=False)
    assert _refused("https://kamdesk.example.com").code == "proxy"
    assert b"CONNECT kamdesk.example.com:443" in b"".join(heard)
    assert SECRET.encode() not in b"".join(heard)
    truststore.extract_from_ssl()


def test_h45_a_netrc_of_the_account_does_not_take_the_place_of_the_token(
    listen, heard, tmp_path, monkeypatch
):
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    url = listen(None, _answer("{}")).replace("https", "http")
    wire = Wire(url, is_here=False)
    wire.send("GET", "/v1/head", None, {"Authorization": f"Bearer {SECRET}"}, 5.0)
    wire.close()
    assert f"Authorization: Bearer {SECRET}".encode() in heard[0]
