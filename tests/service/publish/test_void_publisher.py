"""A held message of a person or token that may not publish any more: it is rejected, never released."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.publish.test_held import draft
from service.publish.test_two_persons import publish, urgent
from suar.protocol.base.errors import Refused
from suar.service.access.authentication import TokenRows
from suar.service.people import changes
from suar.service.publish import held
from suar.store.people.access import OPERATOR
from support.corekit import CoreKit, core_with_bundles
from support.kit import alert
from support.tokens import claimed, issue, join

PEOPLE = {"reyes": "author", "cruz": "author", "santos": "approver", "opal": "operator"}


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        for name, role in PEOPLE.items():
            join(made, name, role)
        yield made


def held_by(kit: CoreKit, who: str, *editors: str) -> str:
    data = draft(alert(), severity="extreme")
    return str(publish(kit, data, who=who, editors=editors).id)


def in_session(kit: CoreKit) -> str:
    return held_by(kit, "reyes", "cruz", "reyes")


def with_token_of_a_person(kit: CoreKit) -> str:
    claimed(kit, "phone", "publish", user="reyes")
    return held_by(kit, "phone")


def with_token_of_nobody(kit: CoreKit) -> str:
    claimed(kit, "machine", "publish")
    return held_by(kit, "machine")


def with_token_that_nobody_claimed(kit: CoreKit) -> str:
    issue(kit, "new", "publish", maker="opal")
    return held_by(kit, "new")


def suspend_reyes(kit: CoreKit) -> None:
    changes.suspend(kit.core, "reyes", OPERATOR)


def remove_role_of_reyes(kit: CoreKit) -> None:
    changes.set_roles(kit.core, "reyes", ("reader",), OPERATOR)


def revoke_token(kit: CoreKit) -> None:
    assert TokenRows(kit.core).revoke("machine", kit.now)


def let_token_expire(kit: CoreKit) -> None:
    kit.now += 400 * 86_400_000


def suspend_maker(kit: CoreKit) -> None:
    changes.suspend(kit.core, "opal", OPERATOR)


Made = Callable[[CoreKit], str]
End = Callable[[CoreKit], None]
CASES: list[tuple[Made, End]] = [
    (in_session, suspend_reyes), (in_session, remove_role_of_reyes), (with_token_of_a_person, suspend_reyes),
    (with_token_of_a_person, remove_role_of_reyes), (with_token_of_nobody, revoke_token),
    (with_token_of_nobody, let_token_expire), (with_token_that_nobody_claimed, suspend_maker),
]  # fmt: skip


def code_of(decide: Callable[[], object]) -> str:
    with pytest.raises(Refused) as found:
        decide()
    return found.value.code


@pytest.mark.parametrize(("made", "end"), CASES)
def test_nobody_releases_it_and_a_second_person_rejects_it(th: CoreKit, made: Made, end: End) -> None:
    id_ = made(th)
    claimed(th, "chief", "approve", user="santos")
    assert [row["publisher_void"] for row in held.list_held(th.core)] == [False]
    end(th)
    assert [row["publisher_void"] for row in held.list_held(th.core)] == [True]
    assert code_of(lambda: held.release(th.core, id_, "santos", is_session=True)) == "E-PUBLISHER-VOID"
    token = code_of(lambda: held.release(th.core, id_, "chief"))
    assert token == ("E-HTTP-SCOPE" if end is let_token_expire else "E-PUBLISHER-VOID")  # of the approver's own
    assert held.reject(th.core, id_, "santos", "its author left", is_session=True)["verdict"] == "rejected"


def test_a_decision_names_the_same_digest_after_it(th: CoreKit) -> None:
    id_ = in_session(th)
    before = held.list_held(th.core)[0]["digest"]
    suspend_reyes(th)
    assert held.list_held(th.core)[0]["digest"] == before
    changes.resume(th.core, "reyes", OPERATOR)
    assert held.find_held(th.core, id_) == held.list_held(th.core)[0]


def test_who_publishes_again_is_its_publisher(th: CoreKit) -> None:
    """What a suspended colleague wrote, handed in by somebody who answers for it."""
    suspend_reyes(th)
    again = str(publish(th, draft(alert(), severity="extreme"), who="cruz", editors=("reyes", "cruz")).id)
    assert held.release(th.core, again, "santos", is_session=True).verdict == "published"


def test_no_other_author_releases_it_alone(th: CoreKit) -> None:
    id_ = str(publish(th, urgent(), who="reyes", editors=("cruz", "reyes")).id)
    assert held.may_release_alone(th.core, id_, "cruz")
    suspend_reyes(th)
    assert not held.may_release_alone(th.core, id_, "cruz")
    assert code_of(lambda: held.release_alone(th.core, id_, "cruz", "night")) == "E-PUBLISHER-VOID"


def test_what_was_released_before_is_answered_as_before(th: CoreKit) -> None:
    id_ = in_session(th)
    assert held.release(th.core, id_, "santos", is_session=True).verdict == "published"
    suspend_reyes(th)
    assert held.release(th.core, id_, "santos", is_session=True).is_replayed
