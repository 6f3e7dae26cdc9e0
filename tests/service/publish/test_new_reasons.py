"""A message that waits for one reason, and meanwhile should wait for another: the approver is told before it leaves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.publish.test_held import publish, shown, states, table, text, th  # noqa: F401 - the fixture
from suar.protocol.base.errors import Refused
from suar.protocol.base.reasons import Reason
from suar.service.publish import held
from suar.store.people import held as store_held
from support.corekit import CoreKit

NAMED = "The numbers of the year, given by Mr Somchai Wongsa."
HIDDEN = {"female": 7, "male": 60, "total": 67}


def hidden(**about: Any) -> bytes:
    return table(HIDDEN, **about)


def of_sixty(**about: Any) -> bytes:
    return table({"male": 50}, indicator="assisted", denominator=60, **about)


Made = Callable[..., bytes]


def codes(kit: CoreKit, id_: str) -> list[str]:
    found = held.find_held(kit.core, id_)
    assert found is not None
    return [reason["code"] for reason in found["reasons"]]


def release(kit: CoreKit, id_: str, who: str = "chief", **named: Any) -> str:
    try:
        return held.release(kit.core, id_, who, **named).verdict
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize(("waiting", "other"), [(of_sixty, hidden), (hidden, of_sixty)], ids=["base", "table"])
def test_a_new_reason_stops_the_release_and_is_shown(th: CoreKit, waiting: Made, other: Made) -> None:  # noqa: F811
    checked = publish(th, waiting(text=text(NAMED)))
    id_ = str(checked.id)
    assert [reason.code for reason in checked.reasons] == ["E-PRIVACY-NAME"]
    read = shown(th, id_)
    assert publish(th, other()).verdict == "published"
    assert release(th, id_, read=read) == "E-CHANGED"
    assert (states(th, id_), codes(th, id_)) == ({"held"}, ["E-PRIVACY-NAME", "E-PRIVACY-COUNT"])
    assert shown(th, id_) != read
    assert [release(th, id_, read=named) for named in (read, None)] == ["E-CHANGED", "E-CHANGED"]
    assert release(th, id_, read=shown(th, id_)) == "published"


def test_of_two_that_wait_the_second_one_s_approver_is_informed(th: CoreKit) -> None:  # noqa: F811
    first, second = (str(publish(th, made(text=text(NAMED))).id) for made in (of_sixty, hidden))
    assert release(th, first, read=shown(th, first)) == "published"
    assert release(th, second, read=shown(th, second)) == "E-CHANGED"
    assert "E-PRIVACY-COUNT" in codes(th, second)


def test_who_may_release_without_a_digest_is_informed_too(th: CoreKit) -> None:  # noqa: F811
    """A first revision has one text; but not for ever the same reasons."""
    id_ = str(publish(th, of_sixty(text=text(NAMED))).id)
    publish(th, hidden())
    assert [release(th, id_), release(th, id_)] == ["E-CHANGED", "E-CHANGED"]
    held.record_seen(th.core, "chief", held.list_held(th.core))
    assert release(th, id_) == "published"


def test_a_hold_by_the_settings_is_a_new_reason_and_what_was_read_before_is_kept(th: CoreKit) -> None:  # noqa: F811
    """Any finding that holds, not only of a denominator."""
    id_ = str(publish(th, table({"male": 50}, tlp="RED", audience={"members": ["VN"]}, text=text(NAMED))).id)
    file = Path(th.folder) / "suar.toml"
    file.write_text(file.read_text().replace("[gate]\n", '[gate]\nsecond_person = ["red"]\n'))
    th.restart()
    assert release(th, id_, read=shown(th, id_)) == "E-CHANGED"
    assert sorted(codes(th, id_)) == ["E-PRIVACY-NAME", "E-SECOND-PERSON"]
    assert release(th, id_, read=shown(th, id_)) == "published"


def test_a_number_in_a_text_that_another_table_hides_meanwhile_is_a_new_reason(th: CoreKit) -> None:  # noqa: F811
    summary = "The numbers of the year, given by Mr Somchai Wongsa. 60 men were found."
    id_ = str(publish(th, table({"unknown": 80}, text=text(summary))).id)
    assert publish(th, hidden()).verdict == "published"
    assert release(th, id_, read=shown(th, id_)) == "E-CHANGED"
    assert "E-PRIVACY-COUNT" in codes(th, id_)


def test_a_warning_stops_no_release_nor_does_a_reason_that_is_gone(th: CoreKit) -> None:  # noqa: F811
    th.now -= 2 * 86_400_000  # 13 January: revisions of tables may leave
    id_ = str(publish(th, table({"female": 42, "male": 50, "total": 92}, text=text(NAMED))).id)
    publish(th, table({"female": 40, "male": 50, "total": 90}))  # the counts have moved by little: they leave hidden
    assert release(th, id_, read=shown(th, id_)) == "published"
    assert states(th, id_) == {"queued"}


def test_reasons_of_the_publisher_s_own_are_kept_beside_new_ones(th: CoreKit) -> None:  # noqa: F811
    id_ = str(publish(th, of_sixty(text=text(NAMED))).id)
    imported = Reason("E-SECOND-PERSON", None, "$", "made from a file of others", "")
    with th.core.transaction() as connection:
        row = store_held.find(connection, id_)
        assert row is not None
        waiting = store_held.open_row(th.core.vault, row)
        store_held.replace_reasons(connection, th.core.vault, row, waiting, (imported, *waiting.reasons))
    publish(th, hidden())
    assert release(th, id_, read=shown(th, id_)) == "E-CHANGED"
    assert codes(th, id_) == ["E-SECOND-PERSON", "E-PRIVACY-NAME", "E-PRIVACY-COUNT"]
