"""Who decides about whom: in the service, whatever a page shows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base.errors import Fault
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.people import changes, credentials, records, sessions
from suar.service.people.changes import NotAllowed
from suar.service.people.records import LINK_TIME, Person
from suar.store.engine.database import StoreFault
from suar.store.people import persons
from suar.store.people.access import OPERATOR
from support import stores
from support.console import TOTP, password_hash
from support.corekit import CoreKit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    for name, roles in {"maria": ("coordinator",), "jose": ("coordinator",), "ana": ("author",)}.items():
        joined(made, name, *roles)
    yield made
    made.close()


def joined(kit: CoreKit, name: str, *roles: str) -> list[str]:
    """A person with access; their recovery codes."""
    link = changes.invite(kit.core, name, name.title(), roles, "en", OPERATOR)
    assert link is not None
    done = changes.join(kit.core, credentials.link_hash(link), password_hash(), TOTP, 0)
    assert done is not None
    return done[1]


def who(kit: CoreKit, name: str) -> Person:
    with kit.core.transaction() as connection:
        found = records.load(kit.core, connection, name)
    assert found is not None
    return found


def open_sessions(kit: CoreKit) -> list[str]:
    return [each.person for each in sessions.load(kit.core)]


def lines(kit: CoreKit) -> list[tuple[str, str, str]]:
    with kit.core.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("select who, what, about from audit order by n")]


def confirm(kit: CoreKit, id_: str, by: str) -> str | None:
    """As who was shown the person as it is now."""
    found = next((each for each in records.everybody(kit.core) if each.id == id_), None)
    return changes.confirm(kit.core, id_, by, "" if found is None else records.person_shape(found)["digest"])


ACTS: dict[str, Callable[[CoreKit, str, str], Any]] = {
    "invite": lambda kit, id_, by: changes.invite(kit.core, "new", "New", ("reader",), "en", by),
    "roles": lambda kit, id_, by: changes.set_roles(kit.core, id_, ("reader",), by),
    "suspend": lambda kit, id_, by: changes.suspend(kit.core, id_, by),
    "recover": lambda kit, id_, by: changes.recover(kit.core, id_, by),
    "resume": lambda kit, id_, by: changes.resume(kit.core, id_, by),
    "confirm": confirm,
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("by", ["ana", "nobody", ""])
def test_only_a_coordinator_decides(kit: CoreKit, act: str, by: str) -> None:
    with pytest.raises(NotAllowed):
        ACTS[act](kit, "jose", by)
    assert who(kit, "jose").roles == ("coordinator",)


@pytest.mark.parametrize("act", set(ACTS) - {"invite"})
def test_nobody_decides_about_themselves(kit: CoreKit, act: str) -> None:
    with pytest.raises(NotAllowed, match="own access"):
        ACTS[act](kit, "maria", "maria")
    assert (who(kit, "maria").state, who(kit, "maria").roles) == ("active", ("coordinator",))


def test_a_suspended_coordinator_decides_nothing(kit: CoreKit) -> None:
    changes.suspend(kit.core, "maria", OPERATOR)
    with pytest.raises(NotAllowed):
        changes.suspend(kit.core, "ana", "maria")


@pytest.mark.parametrize("role", ["approver", "operator", "coordinator"])
def test_a_grant_of_weight_takes_a_second_coordinator(kit: CoreKit, role: str) -> None:
    assert changes.invite(kit.core, "ben", "Ben", (role,), "en", "maria") is None
    assert (who(kit, "ben").roles, who(kit, "ben").pending, who(kit, "ben").link_hash) == ((), "invite", None)
    with pytest.raises(NotAllowed, match="does not confirm"):
        confirm(kit, "ben", "maria")
    assert confirm(kit, "ben", "jose")
    assert (who(kit, "ben").roles, who(kit, "ben").pending) == ((role,), None)


def test_other_roles_wait_too_and_the_old_ones_stay_meanwhile(kit: CoreKit) -> None:
    assert changes.set_roles(kit.core, "ana", ("author", "approver"), "maria") is False
    assert who(kit, "ana").roles == ("author",)
    confirm(kit, "ana", OPERATOR)  # the machine is a second person
    assert who(kit, "ana").roles == ("author", "approver")


def test_to_take_a_role_away_takes_one_coordinator(kit: CoreKit) -> None:
    assert changes.set_roles(kit.core, "jose", ("reader",), "maria") is True
    assert who(kit, "jose").roles == ("reader",)


def test_what_is_pending_is_not_confirmed_by_whom_it_is_about(kit: CoreKit) -> None:
    changes.set_roles(kit.core, "jose", ("coordinator", "approver"), "maria")
    with pytest.raises(NotAllowed):
        confirm(kit, "jose", "jose")


def test_recovery_of_a_coordinator_takes_a_second_one(kit: CoreKit) -> None:
    assert changes.recover(kit.core, "jose", "maria") is None
    assert who(kit, "jose").may_sign_in
    joined(kit, "lee", "coordinator")
    assert confirm(kit, "jose", "lee")
    assert not who(kit, "jose").may_sign_in  # until the link is used, the old password opens nothing


def test_an_author_is_recovered_by_one_coordinator(kit: CoreKit) -> None:
    link = changes.recover(kit.core, "ana", "maria")
    assert link is not None
    assert not who(kit, "ana").may_sign_in
    assert changes.join(kit.core, credentials.link_hash(link), password_hash(), TOTP, 0) is not None
    assert who(kit, "ana").may_sign_in


def test_a_suspended_approver_does_not_come_back_by_one_coordinator(kit: CoreKit) -> None:
    joined(kit, "ben", "approver")
    changes.suspend(kit.core, "ben", "maria")
    assert changes.resume(kit.core, "ben", "maria") is None
    assert who(kit, "ben").state == "suspended"
    assert confirm(kit, "ben", "jose")
    assert (who(kit, "ben").state, who(kit, "ben").may_sign_in) == ("active", False)


@pytest.mark.parametrize("act", ["roles", "suspend", "recover"])
def test_sessions_end_with_the_change(kit: CoreKit, act: str) -> None:
    sessions.begin(kit.core, "ana", None)
    sessions.begin(kit.core, "maria", None)
    ACTS[act](kit, "ana", "maria")
    assert open_sessions(kit) == ["maria"]


def test_a_link_is_good_once_and_for_three_days(kit: CoreKit) -> None:
    link = credentials.link_hash(changes.invite(kit.core, "rita", "Rita", ("reader",), "en", "maria") or "")
    late = credentials.link_hash(changes.invite(kit.core, "leo", "Leo", ("reader",), "en", "maria") or "")
    assert changes.join(kit.core, link, password_hash(), TOTP, 0) is not None
    assert changes.join(kit.core, link, password_hash(), TOTP, 0) is None
    kit.now += LINK_TIME
    assert changes.join(kit.core, late, password_hash(), TOTP, 0) is None
    assert who(kit, "leo").state == "invited"


def test_a_new_link_replaces_the_one_before(kit: CoreKit) -> None:
    first = changes.invite(kit.core, "rita", "Rita", ("reader",), "en", "maria")
    second = changes.recover(kit.core, "rita", "maria")
    assert first
    assert second
    assert changes.join(kit.core, credentials.link_hash(first), password_hash(), TOTP, 0) is None
    assert changes.join(kit.core, credentials.link_hash(second), password_hash(), TOTP, 0) is not None


def test_people_and_tokens_share_one_namespace(kit: CoreKit) -> None:
    table = TokenRows(kit.core)
    tokens.issue(table, tokens.check("Desk", ["read"]), OPERATOR, kit.now)
    with pytest.raises(Fault, match="taken"):
        changes.invite(kit.core, "desk", "Desk", ("reader",), "en", OPERATOR)
    with pytest.raises(Fault, match="exists"):
        tokens.issue(table, tokens.check("ANA", ["read"]), OPERATOR, kit.now)


@pytest.mark.parametrize("id_", ["local", "operator", "gateway", "", "Maria", "a b", "x" * 33, "../x", "ana\n"])
def test_user_names_that_cannot_be(kit: CoreKit, id_: str) -> None:
    with pytest.raises(Fault, match="user name"):
        changes.invite(kit.core, id_, "A Name", ("reader",), "en", OPERATOR)


def test_every_change_is_a_line_of_the_audit(kit: CoreKit) -> None:
    changes.invite(kit.core, "ben", "Ben", ("approver",), "en", "maria")
    confirm(kit, "ben", "jose")
    changes.suspend(kit.core, "ana", "maria")
    assert lines(kit)[-3:] == [
        ("maria", "person-invite", "ben approver"), ("jose", "person-confirm", "ben approver"),
        ("maria", "person-suspend", "ana"),
    ]  # fmt: skip


def test_nothing_that_opens_anything_is_in_the_store(kit: CoreKit, tmp_path: Path) -> None:
    codes = joined(kit, "rita", "reader")
    link = changes.invite(kit.core, "leo", "Leonor Secret", ("reader",), "en", OPERATOR) or ""
    session = sessions.begin(kit.core, "rita", None)
    with kit.core.transaction() as connection:
        assert persons.person(connection, "leo") is not None
    files = b"".join(stores.files(tmp_path / "th"))
    assert b"rita" in files
    for text in (TOTP, link, session, codes[0], "Leonor", password_hash().decode()):
        assert text.encode() not in files


def test_no_secret_is_in_a_repr(kit: CoreKit) -> None:
    shown = repr(who(kit, "ana")) + repr(who(kit, "ana").sealed)
    assert TOTP not in shown
    assert "argon2" not in shown


ALTERED = {
    "a role": "update people set roles = 'author coordinator' where id = 'ana'",
    "a closed access": "update people set state = 'active' where id = 'jose'",
    "a used code": "update people set totp_step = totp_step - 1 where id = 'maria'",
    "a person": "delete from people where id = 'maria'",
    "a session": "insert into sessions values (x'" + "ab" * 32 + "', 'maria', 1900000000000, 1900000000000, 1, null)",
}


@pytest.mark.parametrize("what", ALTERED)
def test_who_writes_the_store_grants_nothing(tmp_path: Path, what: str) -> None:
    made = CoreKit(tmp_path / "th", "TH")
    for name, roles in {"maria": ("coordinator",), "jose": ("coordinator",), "ana": ("author",)}.items():
        joined(made, name, *roles)
    changes.suspend(made.core, "jose", OPERATOR)
    made.close()
    stores.write(tmp_path / "th", ALTERED[what])
    with pytest.raises(StoreFault):
        load_people(made)


def load_people(kit: CoreKit) -> None:
    """A gateway that starts on the store, and loads who may sign in."""
    core = kit.opened()
    try:
        records.everybody(core)
        sessions.load(core)
    finally:
        core.close()
