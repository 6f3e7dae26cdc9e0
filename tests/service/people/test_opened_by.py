"""Who made the link that opened an account counts as its person: it is no way to be one's own second person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.people.test_changes import confirm
from service.publish.test_held import NAMED, draft, shown, text
from suar.protocol.base.errors import Refused
from suar.service.people import changes, credentials
from suar.service.people.changes import NotAllowed
from suar.service.publish import accepting, held
from suar.store.people.access import OPERATOR
from support.console import TOTP, password_hash
from support.corekit import CoreKit
from support.kit import alert


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    made.receive_bundles()
    join(made, "coap", "coordinator", "approver", "author")
    join(made, "cora", "coordinator", "author")
    join(made, "appr", "approver")
    yield made
    made.close()


def join(kit: CoreKit, name: str, *roles: str, by: str = OPERATOR) -> None:
    use(kit, changes.invite(kit.core, name, name.title(), roles, "en", by))


def use(kit: CoreKit, link: str | None) -> None:
    assert link is not None
    assert changes.join(kit.core, credentials.link_hash(link), password_hash(), TOTP, 0) is not None


def waits(kit: CoreKit, author: str, more: str = "") -> str:
    data = draft(alert(), text=text(NAMED + more))
    [verdict] = accepting.accept(kit.core, [(data, None)], realm="actual", token=author, editors=(author,))
    assert verdict.verdict == "held"
    return str(verdict.id)


def release(kit: CoreKit, id_: str, who: str) -> str:
    try:
        return held.release(kit.core, id_, who, is_session=True, read=shown(kit, id_)).verdict
    except Refused as refused:
        return refused.code


def test_who_made_the_link_releases_nothing_of_that_account(th: CoreKit) -> None:
    join(th, "ghost", "author", by="coap")
    id_ = waits(th, "ghost")
    assert not held.may_decide(th.core, id_, "coap")
    assert held.count_for(th.core, "coap", "actual") == 0
    assert release(th, id_, "coap") == "E-SAME-PERSON"
    with pytest.raises(Refused):
        held.reject(th.core, id_, "coap", "no", is_session=True, read=shown(th, id_))
    assert held.count_for(th.core, "appr", "actual") == 1
    assert release(th, id_, "appr") == "published"


def test_by_a_recovery_too_and_what_it_wrote_before_another_one(th: CoreKit) -> None:
    join(th, "ana", "author")
    use(th, changes.recover(th.core, "ana", "coap"))
    id_ = waits(th, "ana")
    assert release(th, id_, "coap") == "E-SAME-PERSON"
    use(th, changes.recover(th.core, "ana", "cora"))
    assert release(th, id_, "coap") == "E-SAME-PERSON", "who it was is kept with what waits"
    assert release(th, waits(th, "ana", " Another."), "coap") == "published"


def test_whose_account_they_opened_releases_nothing_of_theirs(th: CoreKit) -> None:
    assert changes.invite(th.core, "second", "Second", ("approver",), "en", "coap") is None
    use(th, confirm(th, "second", "cora"))
    assert release(th, waits(th, "cora"), "second") == "E-SAME-PERSON"
    assert release(th, waits(th, "coap"), "second") == "published"


def test_who_made_the_link_confirms_nothing_that_account_asks(th: CoreKit) -> None:
    assert changes.invite(th.core, "other", "Other", ("coordinator",), "en", "coap") is None
    use(th, confirm(th, "other", "cora"))
    assert changes.invite(th.core, "more", "More", ("approver",), "en", "other") is None
    with pytest.raises(NotAllowed):
        confirm(th, "more", "cora")
    assert confirm(th, "more", "coap") is not None
