"""`suar deliveries` for a person: title, deadline, counts, who said what in which role, and who had read a recall."""

import json
from typing import Any

import pytest

from suar.protocol.base.stages import TIMED
from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.gateway_state import ID

NONE: dict[str, Any] = {**dict.fromkeys(TIMED), "refused": None, "overdue": False, "missing": None, "notes": []}
AT = "2027-01-15T08:00:00Z"


def shape(**more: Any) -> dict[str, Any]:
    statement = {"stage": "acting", "role": "duty-officer", "at": AT}
    return {
        "id": ID, "rev": 2, "status": "actual", "action": "update", "title": "Fake offers", "acknowledge_by": AT,
        "counts": {"of": 2, "stored": 1, "opened": 1, "acknowledged": 1, "acting": 1, "recalled": 0, "refused": 0,
                   "overdue": 1},
        "members": {
            "SG": {**NONE, "state": "acting", "sent": AT, "acting": AT, "roles": [statement],
                   "notes": [{**statement, "note": "two teams"}]},
            "VN": {**NONE, "state": "sent", "sent": AT, "overdue": True, "roles": []},
        },
        **more,
    }  # fmt: skip


def recalled(opened: str | None, acknowledged: str | None, acting: str | None) -> dict[str, Any]:
    before = {"opened": opened, "acknowledged": acknowledged, "acting": acting}
    return {**NONE, "state": "recalled", "roles": [], "before": before}


@pytest.fixture
def requests(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    async def deliveries(id_: str, rev: int | None = None) -> dict[str, Any]:
        calls.append(rev)
        if rev == 8:
            kept = {**recalled(AT, None, None), "state": "held-by-law", "held_by_law": AT, "exports": 2}
            gone = {**recalled(None, None, None), "recalled": AT, "held_by_law": AT, "exports": 0}
            return shape(rev=8, action="cancel", members={"SG": kept, "VN": gone})
        if rev == 5:
            stated = [{"stage": "held-by-law", "role": "gateway", "at": AT}]
            members = {"SG": {**NONE, "state": "stored", "roles": stated}, "VN": {**NONE, "state": "stored"}}
            return shape(rev=5, members=members)
        if rev in (6, 7):
            away = {**recalled(None, None, None), "state": "owed"}
            return shape(rev=rev, action="cancel" if rev == 7 else "new", members={"VN": away})
        if rev == 9:
            read = {"KH": (None, None, None), "SG": (AT, AT, AT), "VN": (AT, None, None)}
            return shape(rev=9, action="cancel", members={code: recalled(*times) for code, times in read.items()})
        return shape()

    monkeypatch.setattr(gateway, "deliveries", deliveries)
    monkeypatch.setenv("TZ", "Asia/Bangkok")
    return calls


def test_it_shows_title_deadline_counts_roles_and_notes(suar: Suar, requests: list[Any]) -> None:
    lines = suar("deliveries", ID).out.splitlines()
    assert lines[0] == f"{ID} rev 2"
    assert lines[1] == "| Fake offers"
    assert lines[2].startswith("to be acknowledged by ")
    assert lines[2].endswith("15:00 (08:00Z)")
    assert lines[3] == "1 of 2 stored, 1 of 2 opened, 1 of 2 acknowledged, 1 of 2 acting, 1 overdue"
    assert lines[4].split()[:2] == ["member", "state"]
    sg = next(line for line in lines if line.startswith("SG  "))
    assert sg.count("not stated") == 3, "who acts has stored, opened and acknowledged it"
    assert "not stated" not in next(line for line in lines if line.startswith("VN  "))
    assert any(line.startswith("SG acting, duty-officer, ") for line in lines)
    assert "| two teams" in lines
    assert "before its recall" not in "\n".join(lines)
    assert requests == [None]


def test_of_a_recall_it_shows_who_had_read_and_acted_on_the_text(suar: Suar, requests: list[Any]) -> None:
    out = suar("deliveries", ID, "--rev", "9").out
    assert requests == [9]
    _, _, end = out.partition("before its recall the text was\n")
    lines = [line.partition(" (")[0] for line in end.splitlines()]
    assert lines == ["  acted on by SG", "  acknowledged by SG", "  opened by SG", "  not opened by KH"]


def test_agencies_that_read_it(suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def agencies_with_text(id_: str) -> dict[str, Any]:
        agencies = [{"agency": "health", "rev": rev, "at": AT} for rev in (1, 2)]
        return {"id": id_, "rev": 2, "status": "exercise", "given": agencies if id_ == ID else []}

    monkeypatch.setattr(gateway, "agencies_with_text", agencies_with_text)
    monkeypatch.setenv("TZ", "UTC")
    shown = suar("deliveries", ID, "--agencies").out.splitlines()
    assert (shown[0], shown[1].split()) == ("*** EXERCISE - NOT A REAL EVENT ***", ["agency", "rev", "first", "given"])
    assert [line.split()[:2] for line in shown[2:]] == [["health", "1"], ["health", "2"]]
    assert [
        each["rev"] for each in json.loads(suar("deliveries", ID, "--agencies", "--rev", "2", "--json").out)["given"]
    ] == [2]
    assert "no agency of this member was given" in suar("deliveries", ID.replace("1", "9"), "--agencies").out
    assert suar("deliveries", ID, "--agencies", "--follow").code == 64


def test_of_a_recall_it_says_what_is_held_by_law_and_how_often_it_was_exported(suar: Suar, requests: list[Any]) -> None:
    out = suar("deliveries", ID, "--rev", "8").out
    assert "SG states that a legal hold makes it keep the recalled text, hidden, since 2027-01-15 15:00 (08:00Z)" in out
    assert "SG states that it exported the recalled text before its recall: 2 times" in out
    assert "VN states" not in out
    ended = suar("deliveries", ID, "--rev", "8", "--follow", "--until", "recalled")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"]), "a script must not take it for destroyed"
    assert "SG did not recall it" in ended.err
    assert suar("deliveries", ID, "--rev", "8", "--follow", "--until", "held-by-law").code == 0


def test_it_reports_a_legal_hold_on_a_text_that_is_not_recalled(suar: Suar, requests: list[Any]) -> None:
    out = suar("deliveries", ID, "--rev", "5").out
    assert "SG stated on 2027-01-15 15:00 (08:00Z) that a legal hold makes it keep the text, also after a recall" in out
    assert "VN stated" not in out


def test_of_a_recall_it_names_who_had_the_text_and_is_away(suar: Suar, requests: list[Any]) -> None:
    assert (
        "VN is owed the cancel: a text went to it, and it is or was suspended"
        in suar("deliveries", ID, "--rev", "7").out.splitlines()
    )
    assert "owed the cancel" not in suar("deliveries", ID, "--rev", "6").out
