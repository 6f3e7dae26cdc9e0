"""A table of ours beside those of other members: what they give away waits for a second person."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import msgspec
import pytest

from protocol.privacy.trends import trend
from suar.protocol.privacy import verdict
from suar.protocol.privacy.memo import Memo, Unprepared
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, cancelling, checking, held, other_members
from suar.service.reading.verdict import Verdict
from suar.store.messages import rows as messages
from support.corekit import CoreKit, epoch_of, frame_of
from support.kit import Sending, actor, open_sending

WRITTEN = ("schema", "id", "rev", "sent", "privacy", "status")
CODE = "E-PRIVACY-NEIGHBOUR"
OURS = {("MM",): 4, ("VN",): 120, ("total",): 124}  # VN protects MM: whatever the key: more than any drawn width
HIDDEN = ["$.obs[0].value", "$.obs[1].value"]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "PROTECTED_TABLES", Memo(16_000))
    for name in ("_subjects", "_numbers", "_found"):
        monkeypatch.setattr(other_members, name, Memo(16_000))


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    made.receive_bundles()
    with made.core.transaction():
        for name, scopes in (("desk", ["publish"]), ("author", ["publish", "read"])):
            wish = tokens.check(name, scopes)
            tokens.issue(TokenRows(made.core), wish, "operator", made.now)
    yield made
    made.close()


@pytest.fixture
def vn(th: CoreKit) -> Sending:
    made = open_sending(actor("VN"), th.lists)
    th.receive(epoch_of(made))
    return made


def table(values: dict[Any, int], *dims: str, **more: Any) -> bytes:
    """As it is handed in."""
    tree = json.loads(msgspec.json.encode(trend(dict(values), list(dims or ("citizenship",)), **more)))
    del tree["issuer"]["member"]
    return json.dumps({key: value for key, value in tree.items() if key not in WRITTEN}).encode()


def sent(values: dict[Any, int], n: int = 1, *dims: str, **more: Any) -> bytes:
    """As VN's gateway sends it."""
    made = trend(dict(values), list(dims or ("citizenship",)), **more)
    tree = json.loads(msgspec.json.encode(made)) | {"id": f"VN-TREND-2027-{n:06d}", "privacy": {"k": 10}}
    tree["issuer"]["member"] = "VN"
    return json.dumps(tree).encode()


def publish(kit: CoreKit, data: bytes, token: str = "author") -> Verdict:
    return accepting.accept(kit.core, [(data, None)], realm="actual", token=token)[0]


def neighbour_paths(done: Verdict) -> list[str]:
    return [reason.path for reason in done.reasons if reason.code == CODE]


def test_a_neighbour_s_own_citizens_hold_the_table_and_name_the_cell(th: CoreKit, vn: Sending) -> None:
    th.receive(frame_of(vn, sent({("VN",): 120})))
    done = publish(th, table(OURS))
    assert (done.verdict, neighbour_paths(done)) == ("held", HIDDEN)
    assert done.reasons[0].message == "this cell is hidden, and a table of VN shows what gives it away"
    assert done.reasons[0].marked == ("VN-TREND-2027-000001: 2026, citizenship VN",)
    assert "120" not in "".join(reason.message + reason.hint for reason in done.reasons)


def test_who_may_not_read_does_not_see_which(th: CoreKit, vn: Sending) -> None:
    """A program that only publishes learns from the verdict no more than that it waits, and for whose table."""
    th.receive(frame_of(vn, sent({("VN",): 120})))
    for token in ("desk", "nobody"):
        done = publish(th, table(OURS, date_basis="registration" if token == "desk" else "detection"), token)
        assert (done.verdict, neighbour_paths(done)) == ("held", ["$.obs"])
        assert {reason.marked for reason in done.reasons} == {()}
    shown = {who: checking.check(th.core, table(OURS), "actual", who)["reasons"][0]["marked"] for who in WHO}
    assert {who: bool(marked) for who, marked in shown.items()} == WHO


def test_who_may_not_read_learns_no_number_by_trying_many(th: CoreKit, vn: Sending) -> None:
    """Whether a table waits depends on the neighbour's numbers for who may read them, and for nobody else."""
    th.receive(frame_of(vn, sent({("total",): 137}, 1, "sex")))
    answers: dict[str, set[str]] = {"desk": set(), "author": set()}
    for men in (60, 127, 134, 137, 300):
        draft = table({("female",): 3, ("male",): men}, "sex")
        for token, found in answers.items():
            checked = checking.check(th.core, draft, "actual", token)
            found.add(repr([(each["path"], each["message"]) for each in checked["reasons"] if each["code"] == CODE]))
    assert len(answers["desk"]) == 1
    assert len(answers["author"]) > 1


WHO = {"author": True, "desk": False, "": False, "operator": True, "local": True}


def test_a_revoked_token_may_not_read(th: CoreKit, vn: Sending) -> None:
    th.receive(frame_of(vn, sent({("VN",): 120})))
    TokenRows(th.core).revoke("author", th.now)
    assert checking.check(th.core, table(OURS), "actual", "author")["reasons"][0]["marked"] == ()


def test_a_second_person_may_let_it_go_and_the_author_may_coarsen(th: CoreKit, vn: Sending) -> None:
    th.receive(frame_of(vn, sent({("VN",): 120})))
    done = publish(th, table(OURS))
    assert publish(th, table({("total",): 124})).verdict == "published"
    assert held.release(th.core, str(done.id), "chief").verdict == "published"


def test_a_recall_waits_for_nobody(th: CoreKit, vn: Sending) -> None:
    done = publish(th, table(OURS))
    th.receive(frame_of(vn, sent({("VN",): 120, ("total",): 124})))
    cancelled = cancelling.cancel(th.core, str(done.id), "author", "an error", None)
    assert cancelled is not None
    assert cancelled.verdict.verdict == "published"


def test_without_a_neighbour_s_table_it_passes(th: CoreKit, vn: Sending) -> None:
    assert publish(th, table(OURS)).verdict == "published"


def test_a_table_without_a_hidden_cell_passes(th: CoreKit, vn: Sending) -> None:
    th.receive(frame_of(vn, sent({("VN",): 120})))
    assert publish(th, table({("VN",): 120, ("LA",): 66, ("total",): 186})).verdict == "published"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"indicator": "repatriated"}, id="other people"),
        pytest.param({"period": "2024"}, id="another year"),
        pytest.param({"expires": "2027-01-15T08:00:30Z"}, id="no longer in force"),
        pytest.param({"action": "cancel", "rev": 2, "reason": "an error"}, id="cancelled"),
    ],
)
def test_what_counts_others_or_is_over_holds_nothing(th: CoreKit, vn: Sending, other: dict[str, Any]) -> None:
    if other.get("action"):
        th.receive(frame_of(vn, sent({("VN",): 120})))
    th.receive(frame_of(vn, sent({("VN",): 120}, **other)))
    th.now += 60_000
    assert publish(th, table(OURS)).verdict == "published"


def test_sums_of_their_numbers_hold_it_too(th: CoreKit, vn: Sending) -> None:
    th.receive(frame_of(vn, sent({("VN", "female"): 70, ("VN", "male"): 50}, 1, "citizenship", "sex")))
    assert neighbour_paths(publish(th, table(OURS))) == HIDDEN


MANY = "VN has more tables in force than are compared with this one"


def test_a_member_that_floods_does_not_push_its_own_table_out_of_sight(
    th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(other_members, "TABLES", 2)
    th.receive(*(frame_of(vn, sent({("VN" if n == 1 else "SG",): 120}, n)) for n in (1, 2, 3)))
    done = publish(th, table(OURS))
    assert (done.verdict, neighbour_paths(done), done.reasons[0].message) == ("held", ["$.obs"], MANY)


def test_tables_that_count_something_else_do_not_count(
    th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monthly desk of other years and indicators: they hide no table of this year, and hold nothing."""
    monkeypatch.setattr(other_members, "TABLES", 2)
    others = [frame_of(vn, sent({("VN",): 50}, n, period=f"{2010 + n}")) for n in range(2, 6)]
    th.receive(*others, *(frame_of(vn, sent({("VN",): 50}, n, indicator="offences")) for n in range(6, 9)))
    assert publish(th, table(OURS)).verdict == "published"


def test_a_table_is_found_behind_those_that_count_something_else(
    th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(other_members, "TABLES", 2)
    th.receive(frame_of(vn, sent({("VN",): 120})))
    th.receive(*(frame_of(vn, sent({("VN",): 50}, n, period=f"{2010 + n}")) for n in range(2, 6)))
    assert neighbour_paths(publish(th, table(OURS))) == HIDDEN


def test_a_member_with_more_tables_than_are_looked_through_holds_ours(
    th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(other_members, "NUMBERS_EXAMINED", 2)
    th.receive(*(frame_of(vn, sent({("VN",): 50}, n, period=f"{2010 + n}")) for n in range(2, 6)))
    done = publish(th, table(OURS))
    assert (done.verdict, neighbour_paths(done), done.reasons[0].message) == ("held", ["$.obs"], MANY)


def test_more_numbers_than_are_compared_are_reported(th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_members, "NUMBERS", 1)
    th.receive(frame_of(vn, sent({("SG",): 20, ("KH",): 30})))
    assert neighbour_paths(publish(th, table(OURS))) == ["$.obs"]


def test_the_core_reads_no_table_of_others(th: CoreKit, vn: Sending) -> None:
    """In a running gateway that is done beside; one that came meanwhile has it done once more."""
    th.core.enable_draft_checks()
    checking.prepare_drafts(th.core, [table(OURS)], "actual", "author")
    th.receive(frame_of(vn, sent({("VN",): 120})))
    with pytest.raises(Unprepared):
        publish(th, table(OURS))
    checking.prepare_drafts(th.core, [table(OURS)], "actual", "author")
    assert publish(th, table(OURS)).verdict == "held"


async def test_at_a_running_gateway(th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    th.receive(frame_of(vn, sent({("VN",): 120})))
    gateway = Gateway(th.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    verdict = await asyncio.wait_for(gateway.check(table(OURS), realm="actual", token="author"), 60)
    assert (verdict["verdict"], verdict["reasons"][0]["code"], bool(verdict["reasons"][0]["marked"])) == (
        "hold",
        CODE,
        True,
    )
    done = await asyncio.wait_for(gateway.publish(table(OURS), realm="actual", key=None, token="author"), 60)
    assert (done.verdict, neighbour_paths(done)) == ("held", HIDDEN)


def test_a_table_of_others_is_read_once(th: CoreKit, vn: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts somebody else is known by what it counts; it is not opened for every draft."""
    th.receive(frame_of(vn, sent({("VN",): 120}, 1), sent({("VN",): 120}, 2, indicator="repatriated")))
    opened: list[int] = []
    body_of = messages.body_of

    def watched(vault: Any, row: Any) -> bytes | None:
        opened.append(row.n)
        return body_of(vault, row)

    monkeypatch.setattr(messages, "body_of", watched)
    for values in (OURS, OURS, OURS | {("total",): 191}):
        checking.check(th.core, table(values), "actual")
    assert len(opened) == 2
    checking.check(th.core, table(OURS, period="2025"), "actual")
    assert len(opened) == 2
