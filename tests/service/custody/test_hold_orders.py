"""Requests about legal holds that wait, and several holds of one message: nobody's order is in the way of another's."""

import pytest

from service.custody.test_held_texts import texts
from service.custody.test_holds import COURT, has_text, hold, release, until
from service.custody.test_holds_disclosed import received, switch_on
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import hash_
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.custody import erasing, holds
from suar.store.people import legal_holds
from support.corekit import CoreKit, rows
from support.evidence_keys import KEYS, configure
from support.pairs import Two, new

APPEAL = "Court of Appeal, case 4"


@pytest.fixture
def stored(two: Two) -> str:
    """A message of TH that SG has."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    return id_


def ask(kit: CoreKit, id_: str, who: str, authority: str = COURT, days: int = 30, disclosure: str = "fact") -> str:
    done = holds.add(kit.core, id_, who, authority, until(kit, days), disclosure)
    assert done is not None
    return str(done["verdict"])


def by_two(kit: CoreKit, id_: str, authority: str = COURT, days: int = 30, disclosure: str = "fact") -> None:
    assert [ask(kit, id_, who, authority, days, disclosure) for who in ("anan", "boon")] == ["waits", "held"]


def recall(two: Two, id_: str) -> None:
    two.cancel(id_)
    two.to_sg()


def listed(kit: CoreKit) -> list[tuple[str, str, list[str]]]:
    return [(row["state"], row["authority"], row["persons"]) for row in holds.listed(kit.core)]


# -- what waits


def test_a_request_of_other_details_holds_up_nobody(two: Two, stored: str) -> None:
    assert ask(two.sg, stored, "mallory", "zzz", 1) == "waits"
    by_two(two.sg, stored)
    recall(two, stored)
    assert has_text(two.sg, stored)


def test_who_made_an_error_asks_again(two: Two, stored: str) -> None:
    """Only the last request of a person waits: nobody confirms the error."""
    ask(two.sg, stored, "anan", COURT, 3)
    ask(two.sg, stored, "anan", COURT, 30)
    assert ask(two.sg, stored, "boon", COURT, 3) == "waits"
    assert not two.sg.core.held_by_law
    assert ask(two.sg, stored, "boon", COURT, 30) == "held"
    assert rows(two.sg, "select count(*) from proposal") == [(0,)]


def test_the_request_of_a_revoked_token_is_void(two: Two, stored: str) -> None:
    table = TokenRows(two.sg.core)
    tokens.issue(table, tokens.TokenRequest("third", ("approve",)), "operator", two.sg.now)
    ask(two.sg, stored, "third")
    assert listed(two.sg) == [("hold-add-waits", COURT, ["third"])]
    assert table.revoke("third", two.sg.now)
    assert listed(two.sg) == []
    assert ask(two.sg, stored, "boon") == "waits"


def test_what_waits_is_listed_and_withdrawn_by_who_requested_it(two: Two, stored: str) -> None:
    ask(two.sg, stored, "anan")
    assert listed(two.sg) == [("hold-add-waits", COURT, ["anan"])]
    with pytest.raises(Fault, match="nothing that you asked for"):
        holds.withdraw(two.sg.core, stored, "boon")
    assert holds.withdraw(two.sg.core, stored, "anan")["verdict"] == "withdrawn"
    assert listed(two.sg) == []
    assert ask(two.sg, stored, "boon") == "waits"
    acts = rows(two.sg, "select who, what from audit where what like 'hold-%' and what != 'hold-list' order by n")
    assert acts == [("anan", "hold-add-ask"), ("anan", "hold-add-withdraw"), ("boon", "hold-add-ask")]


def test_the_end_that_waits_is_listed_and_withdrawn_too(two: Two, stored: str) -> None:
    hold(two.sg, stored)
    holds.end(two.sg.core, stored, "chai")
    assert listed(two.sg) == [("held", COURT, ["anan", "boon"]), ("hold-end-waits", COURT, ["chai"])]
    holds.withdraw(two.sg.core, stored, "chai")
    done = holds.end(two.sg.core, stored, "anan")
    assert done is not None
    assert done["verdict"] == "waits"


def test_what_nobody_confirmed_is_forgotten(two: Two, stored: str) -> None:
    [other] = two.publish(new("b"))
    two.to_sg()
    ask(two.sg, stored, "anan")
    two.sg.now += 8 * limits.DAY
    assert listed(two.sg) == []
    ask(two.sg, other, "anan")
    assert rows(two.sg, "select count(*) from proposal") == [(1,)]


def test_two_persons_erase_also_beside_an_earlier_request(two: Two, stored: str) -> None:
    two.to_th()
    recall(two, stored)
    two.to_th()
    for _ in range(2):
        done = erasing.erase(two.th.core, stored, "anan")
        assert done is not None
        assert done["verdict"] == "waits"
    done = erasing.erase(two.th.core, stored, "boon")
    assert done is not None
    assert done["verdict"] == "erased"


# -- several holds of a message


@pytest.mark.parametrize("is_sealed", [False, True])
def test_the_text_goes_with_the_last_hold(two: Two, stored: str, *, is_sealed: bool) -> None:
    if is_sealed:
        configure(two.sg.folder, KEYS)
        two.sg.restart()
    by_two(two.sg, stored, COURT, 10)
    recall(two, stored)
    by_two(two.sg, stored, APPEAL, 20)
    kept = "select count(*) from held_text" if is_sealed else "select count(body) from message where rev = 1"
    two.sg.now += 11 * limits.DAY
    assert holds.end_over(two.sg.core) == 1
    assert rows(two.sg, kept) == [(1,)]
    assert [state for state, *_ in listed(two.sg)] == ["held"]
    two.sg.restart()
    assert holds.end_over(two.sg.core) == 0
    two.sg.now += 11 * limits.DAY
    assert holds.end_over(two.sg.core) == 1
    assert rows(two.sg, kept) == [(0,)]
    assert texts(two.sg, stored)[0] == (1, 0)
    assert len(rows(two.sg, "select n from audit where what = 'hold-over'")) == 2


def test_two_persons_end_the_one_that_they_mean(two: Two, stored: str) -> None:
    by_two(two.sg, stored, COURT)
    by_two(two.sg, stored, APPEAL)
    recall(two, stored)
    with pytest.raises(Fault, match="2 legal holds"):
        holds.end(two.sg.core, stored, "anan")
    with pytest.raises(Fault, match="no legal hold with the number 3"):
        holds.end(two.sg.core, stored, "anan", 3)
    answers = [holds.end(two.sg.core, stored, who, 1) for who in ("anan", "chai")]
    assert [(each["verdict"], each.get("left")) for each in answers if each] == [("waits", None), ("ended", 1)]
    assert has_text(two.sg, stored)
    assert listed(two.sg) == [("held", APPEAL, ["anan", "boon"])]
    assert release(two.sg, stored) == ["waits", "ended"]
    assert not has_text(two.sg, stored)


def test_an_end_that_was_requested_of_one_ends_no_other(two: Two, stored: str) -> None:
    by_two(two.sg, stored, COURT, 1)
    by_two(two.sg, stored, APPEAL, 9)
    holds.end(two.sg.core, stored, "anan", 1)
    two.sg.now += limits.DAY
    assert holds.end_over(two.sg.core) == 1
    with pytest.raises(Refused, match="E-CHANGED"):
        holds.end(two.sg.core, stored, "chai", 1)
    done = holds.end(two.sg.core, stored, "chai", 2)
    assert done is not None
    assert done["verdict"] == "waits"


def test_the_same_authority_extends_its_hold(two: Two, stored: str) -> None:
    by_two(two.sg, stored, COURT, 10)
    recall(two, stored)
    by_two(two.sg, stored, COURT, 20)
    assert len(listed(two.sg)) == 1
    with pytest.raises(Fault, match="this legal hold already"):
        ask(two.sg, stored, "anan", COURT, 20)
    two.sg.now += 11 * limits.DAY
    assert holds.end_over(two.sg.core) == 0
    assert has_text(two.sg, stored)


def test_an_authority_in_another_spelling_is_the_same_one(two: Two, stored: str) -> None:
    """Composed letters or not, and blanks: two orders of one court would each have to be ended."""
    composed, other = "Cour d'appel de Gen\u00e8ve", " Cour  d'appel de Gene\u0300ve "
    assert ask(two.sg, stored, "anan", other) == "waits"
    assert ask(two.sg, stored, "boon", composed) == "held"
    assert listed(two.sg) == [("held", composed, ["anan", "boon"])]
    by_two(two.sg, stored, other, 60)
    assert listed(two.sg) == [("held", composed, ["anan", "boon"])]


def test_a_message_has_a_bounded_number_of_holds(two: Two, stored: str) -> None:
    for number in range(holds.ORDERS_MAX):
        by_two(two.sg, stored, f"Court {number}")
    with pytest.raises(Fault, match="is under 8 legal holds"):
        ask(two.sg, stored, "anan", "one more")
    by_two(two.sg, stored, "Court 0", 40)


@pytest.mark.parametrize(
    ("discloses", "note"),
    [(("authority", "nothing"), None), (("authority", "fact"), ""), (("authority", "authority"), f"{COURT}; {APPEAL}")],
)
def test_of_several_holds_no_more_is_reported_than_each_allows(
    two: Two, stored: str, discloses: tuple[str, str], note: str | None
) -> None:
    switch_on(two.sg)
    for authority, disclosure in zip((COURT, APPEAL), discloses, strict=True):
        by_two(two.sg, stored, authority, disclosure=disclosure)
    recall(two, stored)
    two.to_th()
    notes = [str(each.note or "") for each in received(two.th.core) if each.stage == "held-by-law"]
    assert notes == ([] if note is None else [note])


# -- what the audit says of an order


def orders_noted(kit: CoreKit) -> list[tuple[str, str, str]]:
    found = rows(kit, "select who, what, about from audit where what like 'legal-order%' order by n")
    return [(row.who, row.what, row.about) for row in found]


def of_authority(line: tuple[str, str, str]) -> str:
    return line[2].rpartition(" authority ")[2]


def test_the_log_says_what_was_ordered_and_until_when(two: Two, stored: str) -> None:
    """And not by whom: that is compared by who is given the name and its salt."""
    by_two(two.sg, stored, COURT, 30, "nothing")
    [line] = orders_noted(two.sg)
    end = instant(until(two.sg, 30))
    assert line[:2] == ("boon", "legal-order")
    assert line[2].startswith(f"{stored} until {end} tell nothing authority ")
    assert COURT not in str(rows(two.sg, "select about from audit"))
    [row] = holds.listed(two.sg.core)
    assert row["digest"] == of_authority(line)
    assert hash_("authority", bytes.fromhex(row["salt"]) + COURT.encode()).hex() == row["digest"]
    assert hash_("authority", COURT.encode()).hex() != row["digest"], "nobody finds the court by trying names"


def test_the_same_authority_has_another_digest_in_each_order(two: Two) -> None:
    ids = two.publish(new("a"), new("b"))
    two.to_sg()
    for id_ in ids:
        by_two(two.sg, id_)
    first, second = map(of_authority, orders_noted(two.sg))
    assert first != second, "the log does not say which orders are of one case"


def test_the_log_says_which_order_ended_and_how(two: Two, stored: str) -> None:
    by_two(two.sg, stored, COURT, 3)
    by_two(two.sg, stored, APPEAL, 30)
    by_two(two.sg, stored, COURT, 10)  # in place of its first one
    two.sg.now = until(two.sg, 10)
    assert holds.end_over(two.sg.core) == 1
    assert release(two.sg, stored) == ["waits", "ended"]
    lines = orders_noted(two.sg)
    acts = [(who, what) for who, what, _ in lines]
    assert acts == [
        ("boon", "legal-order"), ("boon", "legal-order"), ("boon", "legal-order-over"), ("boon", "legal-order"),
        ("gateway", "legal-order-over"), ("chai", "legal-order-over"),
    ]  # fmt: skip
    about = [line[2] for line in lines]
    assert (about[2], about[4], about[5]) == (about[0], about[3], about[1])


def test_what_is_only_requested_has_no_digest(two: Two, stored: str) -> None:
    ask(two.sg, stored, "anan")
    [row] = holds.listed(two.sg.core)
    assert (row["salt"], row["digest"]) == (None, None)
    assert orders_noted(two.sg) == []


def test_a_row_of_before_is_noted_without_an_authority(two: Two, stored: str) -> None:
    by_two(two.sg, stored)
    core = two.sg.core
    with core.transaction() as connection:
        row = legal_holds.find(connection, stored)
        assert row is not None
        [order] = legal_holds.orders(core.vault, row)
        order.salt = ""
        legal_holds.put(connection, core.vault, stored, [order])
    assert release(two.sg, stored) == ["waits", "ended"]
    assert orders_noted(two.sg)[-1][2] == f"{stored} until {instant(order.until)} tell fact"
