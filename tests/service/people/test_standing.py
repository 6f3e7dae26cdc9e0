"""Whose access ended, or who lost the role, completes nothing by what they asked for or made before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from suar.cli.gateway.token import add
from suar.protocol.base.errors import Fault
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.access.standing import names_beyond_roles, standing
from suar.service.people import changes, credentials, records
from suar.service.people.changes import NotAllowed
from suar.service.people.records import Person
from suar.store.people import persons
from suar.store.people.access import OPERATOR
from support.console import TOTP, password_hash
from support.corekit import PASSPHRASE, CoreKit
from support.tokens import audit_lines, claimed, issue, join, opened_by


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    for name, roles in {"maria": ("coordinator",), "jose": ("coordinator",), "lee": ("coordinator",),
                        "ana": ("author",)}.items():  # fmt: skip
        join(made, name, *roles)
    yield made
    made.close()


def who(kit: CoreKit, name: str) -> Person:
    return next(each for each in records.everybody(kit.core) if each.id == name)


def confirm(kit: CoreKit, id_: str, by: str) -> str | None:
    return changes.confirm(kit.core, id_, by, records.person_shape(who(kit, id_))["digest"])


def link_void(kit: CoreKit, name: str) -> bool:
    return bool({each["id"]: each for each in records.person_shapes(records.everybody(kit.core))}[name]["link_void"])


def is_joined(kit: CoreKit, link: str | None) -> bool:
    return changes.join(kit.core, credentials.link_hash(link or ""), password_hash(), TOTP, 0) is not None


def suspend(kit: CoreKit, name: str) -> None:
    changes.suspend(kit.core, name, "lee")


def set_reader(kit: CoreKit, name: str) -> None:
    changes.set_roles(kit.core, name, ("reader",), "lee")


def close_in_store(kit: CoreKit, name: str) -> None:
    """As in a store whose access was closed by a version that ended nothing with it."""
    with kit.core.transaction() as connection:
        persons.update_person(connection, name, {"state": "suspended"})


ENDS: dict[str, Callable[[CoreKit, str], None]] = {
    "suspended": suspend, "without the role": set_reader, "closed before": close_in_store
}  # fmt: skip


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("kind", ["roles", "recover", "resume", "invite"])
def test_the_request_of_who_is_shut_out_is_void(kit: CoreKit, kind: str, how: str) -> None:
    join(kit, "ben", "approver")
    if kind == "roles":
        changes.set_roles(kit.core, "ana", ("author", "approver"), "maria")
    elif kind == "recover":
        changes.recover(kit.core, "ben", "maria")
    elif kind == "resume":
        changes.suspend(kit.core, "ben", "maria")
        changes.resume(kit.core, "ben", "maria")
    else:
        changes.invite(kit.core, "new", "New", ("approver",), "en", "maria")
    about = {"roles": "ana", "invite": "new"}.get(kind, "ben")
    before = who(kit, about)
    ENDS[how](kit, "maria")
    with pytest.raises(Fault, match="void" if how == "closed before" else "nothing about"):
        confirm(kit, about, "jose")
    after = who(kit, about)
    assert (after.state, after.roles, after.link_hash, after.pending) == (before.state, before.roles, None, None)
    by = "jose" if how == "closed before" else "lee"
    assert audit_lines(kit, "person-void") == [(by, "person-void", f"{about} {kind} of maria")]


def test_a_request_of_who_is_let_in_again_does_not_come_back(kit: CoreKit) -> None:
    changes.set_roles(kit.core, "ana", ("author", "approver"), "maria")
    suspend(kit, "maria")
    changes.resume(kit.core, "maria", OPERATOR)
    with pytest.raises(Fault, match="nothing about"):
        confirm(kit, "ana", "jose")


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_link_ends_with_the_access_of_who_made_it(kit: CoreKit, how: str, is_new: bool) -> None:
    link = changes.invite(kit.core, "rita", "Rita", ("reader",), "en", "maria") if is_new else changes.recover(
        kit.core, "ana", "maria"
    )  # fmt: skip
    name = "rita" if is_new else "ana"
    assert not link_void(kit, name)
    ENDS[how](kit, "maria")
    assert link_void(kit, name)
    assert not is_joined(kit, link)
    assert not who(kit, name).may_sign_in, "the password of before opens nothing either"
    other = changes.recover(kit.core, name, "jose")
    assert not link_void(kit, name)
    assert is_joined(kit, other)


def test_a_link_of_who_is_let_in_again_does_not_come_back(kit: CoreKit) -> None:
    link = changes.invite(kit.core, "rita", "Rita", ("reader",), "en", "maria")
    suspend(kit, "maria")
    assert audit_lines(kit, "person-link-void") == [("lee", "person-link-void", "rita of maria")]
    assert is_joined(kit, changes.resume(kit.core, "maria", OPERATOR))
    assert not is_joined(kit, link)


def test_a_link_of_the_machine_and_of_others_continues(kit: CoreKit) -> None:
    mine = changes.invite(kit.core, "rita", "Rita", ("reader",), "en", OPERATOR)
    of_jose = changes.invite(kit.core, "leo", "Leo", ("reader",), "en", "jose")
    suspend(kit, "maria")
    assert is_joined(kit, mine)
    assert is_joined(kit, of_jose)


@pytest.mark.parametrize("how", ENDS)
def test_the_code_of_a_token_ends_with_the_access_of_who_made_it(kit: CoreKit, how: str) -> None:
    join(kit, "opal", "operator")
    made = issue(kit, "watch", "operate", maker="opal")
    other = issue(kit, "machine", "operate")
    assert opened_by(kit, made.code)
    ENDS[how](kit, "opal")
    assert opened_by(kit, made.code) is None
    assert opened_by(kit, made.token) is None, "its maker has seen it"
    assert opened_by(kit, other.code)
    if how != "closed before":
        assert audit_lines(kit, "token-revoke") == [("lee", "token-revoke", "watch")]


def test_a_token_that_its_holder_claimed_continues(kit: CoreKit) -> None:
    join(kit, "opal", "operator")
    made = issue(kit, "watch", "operate", maker="opal")
    secret = tokens.claim(TokenRows(kit.core), "watch", made.code, kit.core.clock())
    suspend(kit, "opal")
    assert opened_by(kit, secret)


EVERY = ("publish", "approve", "read", "acknowledge", "monitor", "operate", "admin")
ALLOWED: dict[tuple[str, ...], set[str]] = {
    ("author",): {"publish", "read", "acknowledge"},
    ("approver",): {"approve", "read", "acknowledge"},
    ("reader",): {"read", "acknowledge"},
    ("operator",): {"monitor", "operate", "audit"},
    ("coordinator",): {"read", "audit"},
    ("auditor",): {"audit"},
    ("operator", "coordinator"): {"monitor", "operate", "admin", "read", "audit"},
}


@pytest.mark.parametrize("roles", ALLOWED)
def test_a_token_allows_what_the_roles_of_its_person_allow(kit: CoreKit, roles: tuple[str, ...]) -> None:
    secret = claimed(kit, "all", *EVERY, user="ana")
    changes.set_roles(kit.core, "ana", roles, OPERATOR)
    found = opened_by(kit, secret)
    assert found is not None
    assert found.scopes == ALLOWED[roles]
    assert found.is_person is ("acknowledge" in found.scopes), "nobody else opens for the state"
    with kit.core.database.reading() as connection:
        assert names_beyond_roles(standing(connection, kit.core.clock()).tokens, kit.core.clock()) == ["all"]


def test_a_token_without_a_person_allows_what_its_scopes_say(kit: CoreKit) -> None:
    found = opened_by(kit, claimed(kit, "all", *EVERY))
    assert found is not None
    assert found.scopes == set(EVERY)


def test_nobody_confirms_what_they_requested_and_is_void(kit: CoreKit) -> None:
    changes.set_roles(kit.core, "ana", ("author", "approver"), "maria")
    with pytest.raises(NotAllowed, match="does not confirm"):
        confirm(kit, "ana", "maria")


def test_who_makes_a_token_is_warned_of_scopes_without_a_role(kit: CoreKit, tmp_path: Path) -> None:
    """The token is made: the role may come later."""
    file = tmp_path / "passphrase"
    file.write_bytes(PASSPHRASE)
    file.chmod(0o600)
    kit.core.close()
    common = ["--user", "ana", "--state", str(kit.folder), "--passphrase-file", str(file)]
    for name, scopes, is_warned in (("own", "publish", False), ("more", "publish,approve", True)):
        done = CliRunner().invoke(add, [name, "--scope", scopes, *common])
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith("suar_")
        assert ("ana has no role for approve" in done.stderr) is is_warned
