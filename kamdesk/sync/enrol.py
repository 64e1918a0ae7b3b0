"""Introducing this computer to head office, and what it keeps of that, inside its encrypted store."""

from __future__ import annotations

import base64
import platform

from kamdesk import __version__
from kamdesk.db import outbox
from kamdesk.db.reader import Reader
from kamdesk.db.work import Work
from kamdesk.domain.connection import CERTIFICATES, Profile, SignIn
from kamdesk.domain.errors import MachineError, UserError
from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.security.keyfile import PriceUnlock
from kamdesk.security.passwords import check_password
from kamdesk.security.signing import new_signing_key, public_key
from kamdesk.sync.about import system
from kamdesk.sync.problems import Answered, Unreachable
from kamdesk.sync.protocol import EnrollRequest, EnrollResponse, PasswordRequest
from kamdesk.sync.transport import Transport, server_address


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What head office answered, with the key that this device made for itself."""

    server: str
    welcome: EnrollResponse
    signing_key: bytes

    @property
    def profile(self) -> Profile:
        """Give the user as the window knows him."""
        user = self.welcome.user
        return Profile(
            user.id, user.login, user.name, user.role, user.territory, self.welcome.company,
            self.server, self.welcome.device_id,
        )  # fmt: skip


def enrol(sign_in: SignIn, *, signing_key: bytes | None = None) -> Enrolled:
    """Introduce this computer. Raises UserError with the field, MachineError with a connection code."""
    if not sign_in.code.strip() and not (sign_in.user.strip() and sign_in.password):
        raise UserError(
            QT_TRANSLATE_NOOP(
                "connection", "Type your user name and password, or an enrolment code."
            ),
            field="user" if not sign_in.user.strip() else "password",
            code="required",
            context="connection",
        )
    server = server_address(sign_in.server)
    key = signing_key or new_signing_key()
    transport = Transport(server)
    try:
        transport.meta()
        welcome = transport.enroll(
            EnrollRequest(
                device_name=(sign_in.device_name or platform.node() or "laptop")[:200],
                os=system(),
                app=__version__,
                public_key=base64.b64encode(public_key(key)).decode(),
                code=sign_in.code,
                user=sign_in.user,
                password=sign_in.password,
                proves=True,
            )
        )
    except Answered as answered:
        raise _refusal(answered) from answered
    except Unreachable as problem:
        raise _unreachable(problem) from problem
    finally:
        transport.close()
    return Enrolled(server, welcome, key)


def change_password(server: str, user: str, current: str, new: str) -> None:
    """Choose another password at head office. Raises UserError with the field, MachineError."""
    if not current:
        raise UserError(
            QT_TRANSLATE_NOOP("connection", "Type the password that holds now."),
            field="current", code="required", context="connection",
        )  # fmt: skip
    try:
        check_password(new, username=user)
    except UserError as error:
        error.field = "new"
        raise
    transport = Transport(server)
    try:
        transport.password(PasswordRequest(user, current, new))
    except Answered as answered:
        if answered.code == "sign_in_failed":
            raise UserError(
                QT_TRANSLATE_NOOP("connection", "The password that holds now is another one."),
                field="current", code=answered.code, context="connection",
            ) from answered  # fmt: skip
        raise _refusal(answered) from answered
    except Unreachable as problem:
        raise _unreachable(problem) from problem
    finally:
        transport.close()


def _refusal(answered: Answered) -> UserError | MachineError:
    if answered.code == "sign_in_failed":
        return UserError(
            QT_TRANSLATE_NOOP("connection", "User name or password is not right."),
            field="password", code=answered.code, context="connection",
        )  # fmt: skip
    if answered.code == "code_invalid":
        return UserError(
            QT_TRANSLATE_NOOP(
                "connection", "This code is not valid: it lasts 24 hours and is good for one computer."
            ),
            field="code", code=answered.code, context="connection",
        )  # fmt: skip
    if answered.code == "user_disabled":
        return UserError(
            QT_TRANSLATE_NOOP("connection", "This user is disabled at head office."),
            field="user", code=answered.code, context="connection",
        )  # fmt: skip
    if answered.code in {"throttled", "too_many_attempts"} or answered.status == 429:
        return MachineError(
            QT_TRANSLATE_NOOP(
                "connection", "Too many attempts. Try again in {seconds} seconds."
            ),
            code="throttled", context="connection", seconds=answered.retry_after or 60,
        )  # fmt: skip
    return MachineError(
        QT_TRANSLATE_NOOP("connection", "Head office refused this computer ({reason})."),
        code="refused", context="connection", reason=answered.code,
    )  # fmt: skip


_SENTENCES = CERTIFICATES | {
    "timeout": QT_TRANSLATE_NOOP(
        "connection", "Head office did not answer in time. Try again when the connection is better."
    ),
    "captive_portal": QT_TRANSLATE_NOOP(
        "connection",
        "Another page answered instead of head office. Sign in to this network in a browser first.",
    ),
    "not_kamdesk": QT_TRANSLATE_NOOP(
        "connection", "There is no KAMDesk head office at this address."
    ),
    "bad_answer": QT_TRANSLATE_NOOP(
        "connection", "There is no KAMDesk head office at this address."
    ),
}


def _unreachable(problem: Unreachable) -> MachineError:
    text = _SENTENCES.get(problem.code) or QT_TRANSLATE_NOOP(
        "connection", "Head office cannot be reached. Check the address and the connection."
    )
    return MachineError(text, code=problem.code, context="connection", **problem.params)


def remember(work: Work, enrolled: Enrolled) -> None:
    """Keep what this device needs to reconcile. A new name of the device numbers its queue anew."""
    known = outbox.read_state(work.reader)
    welcome = enrolled.welcome
    if known.get("device_id") not in {None, welcome.device_id}:
        outbox.number_anew(work.driver)
    profile = enrolled.profile
    outbox.write_state(
        work.driver,
        {
            "server": enrolled.server,
            "server_id": welcome.server_id,
            "device_id": welcome.device_id,
            "refresh": welcome.refresh,
            "cloned": "",
            "server_key": welcome.server_key,
            "signing_key": base64.b64encode(enrolled.signing_key).decode(),
            "user_id": profile.user_id,
            "login": profile.login,
            "name": profile.name,
            "role": profile.role,
            "territory": profile.territory,
            "company": profile.company,
            "price_unlock": welcome.price_unlock,
        },
    )


def price_unlock_of(reader: Reader) -> PriceUnlock:
    """Return how prices are opened here, as head office said at enrolment."""
    known = outbox.read_state(reader).get("price_unlock")
    return "keyring" if known == "keyring" else "passphrase"
