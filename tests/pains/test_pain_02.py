"""Pain 2, recall impossible: a cancel with one of ten members offline, against eleven real servers and gateways."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support import cleartext, warm
from support.eleven import PASSPHRASE, Members, eleven
from support.gateways import draft

pytestmark = [pytest.mark.slow]
SECRET = "seventeen passports in a blue van"
AWAY = "VN"
WITHIN = 120.0


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    with eleven(tmp_path_factory.mktemp("eleven") / "demo") as made:
        yield made


def until(condition: Callable[[], Any], within: float = WITHIN) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def suar(*arguments: object) -> tuple[dict[str, Any], str]:
    """A command's document and what it told on stderr."""
    done = warm.run("suar", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out), done.err


def test_pain_02_nine_confirm_the_recall_at_once_and_the_tenth_on_its_return(members: Members, tmp_path: Path) -> None:
    th, away = members["TH"], members[AWAY]
    others = set(members.members) - {"TH", AWAY}
    key = tmp_path / "passphrase"
    key.write_text(PASSPHRASE)
    text = [{"lang": "en", "title": "a van", "summary": SECRET}]
    id_ = th.call("POST", "/v1/messages", "publish", json=draft("a van", text=text))["id"]
    until(lambda: set(th.states(id_).values()) == {"stored"})
    made, ended = suar("backup", "-o", tmp_path / "old", "--state", away.state, "--passphrase-file", key)
    assert made["texts"] >= 1
    assert "also of what they cancel later: destroy it in time" in ended

    members.order("stop", AWAY)
    streams = members.folder / "nats" / AWAY.lower()
    before = cleartext.where(away.state, PASSPHRASE.encode(), SECRET.encode(), (streams,))
    assert any("its row" in entry for entry in before)
    pieces = cleartext.sealed(away.state, PASSPHRASE.encode(), id_)
    assert cleartext.pieces_in(away.state, pieces) == set(pieces)

    cancelled, _ = suar("cancel", id_, "--reason", "wrong border post", "--state", th.state)
    assert (cancelled["rev"], cancelled["verdict"]) == (2, "published")
    until(lambda: {code for code, state in th.states(id_).items() if state == "recalled"} == others)
    assert len(others) == 9
    assert th.states(id_)[AWAY] == "sent"

    members.order("start", AWAY)
    until(lambda: set(th.states(id_).values()) == {"recalled"})
    shown = members[AWAY].call("GET", f"/v1/messages/{id_}?rev=1")
    assert (shown["message"], shown["tombstone"]["reason"]) == (None, "wrong border post")
    _check_erased(members, AWAY, pieces)
    _check_erased(members, "SG", {})

    (tmp_path / "second").write_text(away.tokens["approve"])
    second = ("--second-token-file", tmp_path / "second")
    suar("restore", tmp_path / "old", "--replace", "--state", away.state, "--passphrase-file", key, *second)
    assert cleartext.where(away.state, PASSPHRASE.encode(), SECRET.encode())
    members.order("start", AWAY)
    until(lambda: members[AWAY].call("GET", f"/v1/messages/{id_}?rev=1")["message"] is None)
    _check_erased(members, AWAY, pieces)


def _check_erased(members: Members, code: str, pieces: Any) -> None:
    """In its whole state folder and its server's, with all of its keys; the gateway is stopped meanwhile."""
    state, streams = members[code].state, members.folder / "nats" / code.lower()
    members.order("stop", code)
    assert cleartext.where(state, PASSPHRASE.encode(), SECRET.encode(), (streams,)) == set()
    assert cleartext.pieces_in(state, pieces) == set()
    if code != AWAY:
        members.order("start", code)
