"""Tokens of people and programs in a core's store, as commands and the API make them."""

from typing import Any

from suar.service.access import tokens
from suar.service.access.authentication import TokenRows, rows
from suar.service.access.tokens import Issued, TokenInfo
from suar.service.people import changes, credentials
from suar.store.people.access import OPERATOR
from support.console import TOTP, password_hash
from support.corekit import CoreKit


def join(kit: CoreKit, name: str, *roles: str) -> None:
    """A person with access, invited by the machine."""
    link = changes.invite(kit.core, name, name.title(), roles, "en", OPERATOR)
    assert link is not None
    assert changes.join(kit.core, credentials.link_hash(link), password_hash(), TOTP, 0) is not None


def issue(kit: CoreKit, name: str, *scopes: str, user: str | None = None, maker: str = OPERATOR) -> Issued:
    """A token that nobody has claimed yet."""
    wanted = ("focal-point",) if "acknowledge" in scopes else ()
    request = tokens.check(name, scopes, wanted, user=user)
    return tokens.issue(TokenRows(kit.core, maker), request, maker, kit.core.clock())


def claimed(kit: CoreKit, name: str, *scopes: str, user: str | None = None) -> str:
    """A token in the hands of its holder; its secret."""
    made = issue(kit, name, *scopes, user=user)
    return tokens.claim(TokenRows(kit.core), name, made.code, kit.core.clock())


def opened_by(kit: CoreKit, secret: str) -> TokenInfo | None:
    """What the API finds for a token or a one-time code."""
    with kit.core.database.reading() as connection:
        return tokens.TokenBook(kit.core.clock, rows(connection)).authenticate(secret)


def audit_lines(kit: CoreKit, *acts: str) -> list[tuple[Any, ...]]:
    """(who, what, about) of the lines of these acts, the oldest first."""
    with kit.core.database.reading() as connection:
        found = connection.exec_driver_sql("select who, what, about from audit order by n")
        return [tuple(row) for row in found if row.what in acts]
