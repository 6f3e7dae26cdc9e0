"""The people who sign in at the consoles of the demo: an author, an approver and an operator of each member.

All have one random password, hashed once at the full cost and copied; each has an authenticator of its own.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from suar.protocol.base.errors import Fault
from suar.service.core.core import Core
from suar.service.people import changes, credentials
from suar.store.people import persons
from suar.store.people.access import OPERATOR

DEMO_USERS: Final = {"author": "author", "approver": "approver", "operator": "watch"}
"""Role -> user name; the audit keeps the word operator for the machine."""


class Login(Struct, frozen=True):
    """A person of the demo. `password` is argon2id's hash."""

    role: str
    user: str
    password: bytes
    totp: str

    def __repr__(self) -> str:
        return f"Login({self.user})"


class Logins:
    """The logins of a demo; the password in clear is for demo.json."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        self._password = secrets.token_urlsafe(12)
        hashed = credentials.hash_password(self._password)
        self._of = {
            code: [Login(role, user, hashed, credentials.new_totp()) for role, user in DEMO_USERS.items()]
            for code in codes
        }

    def of(self, code: str) -> list[Login]:
        """Return the logins of a member, for its gateway."""
        return self._of.get(code, [])

    def console(self, code: str, url: str) -> dict[str, Any]:
        """Return what demo.json has about a member's console, whose gateway listens at `url`."""
        port = url.rpartition(":")[2]
        logins: Mapping[str, Any] = {
            each.role: {"user": each.user, "password": self._password, "totp": each.totp} for each in self.of(code)
        }
        return {"url": f"http://{code.lower()}.localhost:{port}/console", "logins": logins}


def add_people(core: Core, logins: list[Login]) -> None:
    """Add these people, as after an invitation of the operator; existing ones are not changed."""
    for login in logins:
        with core.transaction() as connection:
            if persons.person(connection, login.user) is not None:
                continue
        name = f"{login.role.title()} {core.member}"
        link = changes.invite(core, login.user, name, (login.role,), "en", OPERATOR)
        if link is None or changes.join(core, credentials.link_hash(link), login.password, login.totp, 0) is None:
            raise Fault(f"the login {login.user} could not be made", "start the demo again")
