"""Why a certificate was refused, in a code and the values for its sentence: who issued it, for whom, until when.

It was refused before; what is looked at here serves the sentence and is trusted in nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.oid import NameOID

from kamdesk.domain import clock
from kamdesk.sync.problems import Unreachable

_SECONDS = 5.0
_LONGEST = 80


def why_refused(
    error: BaseException, host: str, port: int, opened: Callable[[socket.socket], None]
) -> Unreachable:
    """Tell what was wrong; `opened` hears of the connection that looks again, so that it can be cut."""
    if not _is_about_certificate(error):
        return Unreachable("tls_version")
    with suppress(OSError, ValueError):
        return _judged(_presented(host, port, opened), host)
    return Unreachable("tls")


def _is_about_certificate(error: BaseException) -> bool:
    """Look through what libraries wrapped around it, as causes and as arguments."""
    found, seen = [error], 0
    while found and seen < 20:
        one = found.pop()
        seen += 1
        if isinstance(one, ssl.SSLCertVerificationError):
            return True
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        found.extend(each for each in inner if isinstance(each, BaseException))
    return False


def _presented(host: str, port: int, opened: Callable[[socket.socket], None]) -> x509.Certificate:
    """Shake hands once more without trust, send nothing, and return what was presented. Raises OSError, ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((host, port), timeout=_SECONDS) as plain:
        opened(plain)
        with context.wrap_socket(plain, server_hostname=host) as secure:
            opened(secure)
            return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")


def _judged(found: x509.Certificate, host: str) -> Unreachable:
    now, issuer = clock.now(), _name(found.issuer)
    if found.not_valid_after_utc < now:
        return Unreachable("tls_ended", day=found.not_valid_after_utc.date(), issuer=issuer)
    if found.not_valid_before_utc > now:
        return Unreachable("tls_early", day=found.not_valid_before_utc.date(), issuer=issuer)
    names = _names(found)
    if not any(_is_for(name, host) for name in names):
        return Unreachable("tls_host", names=_calm(", ".join(names)) or "—", host=host)
    return Unreachable("tls_issuer", issuer=issuer)


def _name(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for one in name.get_attributes_for_oid(kind):
            return _calm(str(one.value))
    return _calm(name.rfc4514_string()) or "—"


def _names(found: x509.Certificate) -> list[str]:
    try:
        held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = held.get_values_for_type(x509.IPAddress)
    return [*held.get_values_for_type(x509.DNSName), *(str(one) for one in addresses)]


def _is_for(name: str, host: str) -> bool:
    with suppress(ValueError):
        return ip_address(name) == ip_address(host)
    name, host = name.casefold(), host.casefold()
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])


def _calm(text: str) -> str:
    """Whoever made the certificate chose the text: one line, short, nothing that a window takes for a command."""
    shown = "".join(one if one.isprintable() and one not in "<>" else " " for one in text)
    return " ".join(shown.split())[:_LONGEST]
