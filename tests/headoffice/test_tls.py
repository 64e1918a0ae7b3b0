"""Served with a certificate: TLS 1.2 at least, HTTPS kept by the browser, the cookie for HTTPS alone."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest
import requests
import trustme

from kamdesk.headoffice import accounts
from kamdesk.headoffice.server import Server, address_of, bind
from kamdesk.headoffice.store import Store
from tests.headoffice.conftest import PASSWORD


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The database makes no difference here."""
    return str(tmp_path / "office.db")


def test_h44_a_certificate_brings_all_that_goes_with_it(store: Store, tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    chain, key, root = tmp_path / "chain.pem", tmp_path / "key.pem", tmp_path / "root.pem"
    made.cert_chain_pems[0].write_to_path(chain)
    made.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(root)
    accounts.add_user(store, login="zhou", name="Zhou", role="ADM", password=PASSWORD)
    server = Server(store, certificate=str(chain), key=str(key))
    taken = bind("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
    thread.start()
    url = address_of(taken, is_tls=True)
    answer = requests.get(f"{url}/v1/meta", verify=str(root), timeout=30)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert server.config.ssl is not None
    assert server.config.ssl.minimum_version is ssl.TLSVersion.TLSv1_2
    signed = requests.post(
        f"{url}/admin/sign-in",
        data={"login": "zhou", "password": PASSWORD},
        verify=str(root),
        allow_redirects=False,
        timeout=30,
    )
    assert signed.status_code == 303
    assert "secure" in signed.headers["Set-Cookie"].lower()
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{url}/v1/meta", timeout=30)
    server.end()
    thread.join(20)
    assert not thread.is_alive()
