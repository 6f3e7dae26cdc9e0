"""`suar agency` and what `suar token` says about reading, over real HTTP to a gateway in a thread of this process."""

import json
import socket
from typing import Any

import pytest

from support.agency_desk import NKEYS
from support.commands import Suar, with_options
from support.fake_gateway import FakeGateway

ADD = ("agency", "add", "health", "--sector", "health", "--kinds", "trend, pattern", "--max-tlp", "GREEN")


def test_an_agency_from_its_registration_to_its_end(suar: Suar, gateway: FakeGateway) -> None:
    assert suar("agency", "list").out == "no agency is registered\n"
    made = suar(*ADD)
    token = made.out.strip()
    assert token.startswith("suar_agency_")
    assert "not shown again" in made.err
    assert gateway.authenticate(token) is not None
    assert suar(*ADD).line_labels == ["error:", "hint:"]
    shown = json.loads(suar("agency", "show", "health", "--json").out)
    assert (shown["kinds"], shown["max_tlp"], shown["state"]) == (["trend", "pattern"], "GREEN", "active") or (
        shown["kinds"], shown["max_tlp"], shown["state"],
    ) == (["pattern", "trend"], "GREEN", "active")  # fmt: skip
    table = suar("agency", "list").out
    assert "health" in table
    assert token not in table
    rotated = json.loads(suar("agency", "rotate", "health", "--json").out)
    assert gateway.authenticate(rotated["token"]) is not None
    for act, state in (("suspend", "suspended"), ("resume", "active"), ("revoke", "revoked")):
        assert json.loads(suar("agency", act, "health", "--json").out) == {"name": "health", "state": state}
        assert (gateway.authenticate(rotated["token"]) is not None) is (state == "active")
    assert suar("agency", "revoke", "health").line_labels == ["error:", "hint:"]


def test_what_add_prints_as_json(suar: Suar, gateway: FakeGateway) -> None:
    made = json.loads(suar(*ADD, "--expires", "2027-03-01", "--realm", "exercise", "--automated", "--json").out)
    assert set(made) == {"name", "token", "webhook_secret", "expires"}
    assert made["expires"] == "2027-03-01T23:59:59Z"
    shown = json.loads(suar("agency", "show", "health", "--json").out)
    assert (shown["realm"], shown["automated"], shown["expires"]) == ("exercise", True, made["expires"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--sector", "media"), 1), (("--kinds", "memo"), 1), (("--kinds", ","), 1), (("--max-tlp", "WHITE"), 1),
        (("--expires", "soon"), 64), (("--realm", "both"), 64),
    ],
)  # fmt: skip
def test_what_cannot_be_registered(suar: Suar, gateway: FakeGateway, options: tuple[str, ...], code: int) -> None:
    ended = suar(*with_options(ADD, *options))
    assert (ended.code, ended.out) == (code, "")
    assert ended.line_labels == ["error:", "hint:"]


@pytest.mark.parametrize("name", ["../tokens", "a b", "x/rotate", "é"])
def test_a_name_is_no_address(suar: Suar, gateway: FakeGateway, name: str) -> None:
    for act in ("show", "rotate", "suspend", "resume", "revoke"):
        assert suar("agency", act, name).line_labels == ["error:", "hint:"]


def test_the_scope_read_is_warned_of(suar: Suar, gateway: FakeGateway) -> None:
    warnings = suar("token", "add", "desk", "--scope", "publish,read").err
    assert "law-enforcement-only" in warnings
    assert "`suar agency add`" in warnings
    assert "`suar agency add`" not in suar("token", "add", "other", "--scope", "publish").err


def test_tokens_are_listed_with_their_end_and_their_last_use(suar: Suar, gateway: FakeGateway) -> None:
    token = suar("token", "add", "desk", "--scope", "publish").out.strip()
    lines = suar("token", "list").out.splitlines()
    assert "last used" in lines[0]
    assert lines[-1].split()[-1] == "never"
    gateway.authenticate(token)
    last = suar("token", "list").out.splitlines()[-1]
    assert last.count("2027-01-15 08:00Z") == 1
    assert "2028-01-15 08:00Z" in last


NKEY = NKEYS[0]


def test_an_agency_with_a_user_of_the_nats_server(suar: Suar, gateway: FakeGateway) -> None:
    made = suar(*ADD, "--nkey", NKEY)
    assert made.code == 0
    assert f'{{ name = "health", nkey = "{NKEY}" }}' in made.err
    assert "suar federation nats --member CC --plan PLAN.toml" in made.err
    assert made.err.count("nats-server --signal reload") == 2
    assert json.loads(suar("agency", "show", "health", "--json").out)["nkey"] == NKEY
    twice = suar("agency", "add", "police", *ADD[3:], "--nkey", NKEY)
    assert "another agency has that nkey" in twice.err
    assert "police" not in suar("agency", "list").out


def test_a_registered_agency_gets_an_nkey_loses_it_and_may_propose(suar: Suar, gateway: FakeGateway) -> None:
    suar(*ADD)
    made = suar("agency", "change", "health", "--nkey", NKEY, "--propose", "--json")
    shown = json.loads(made.out)
    assert (shown["nkey"], shown["propose"]) == (NKEY, True)
    assert f'{{ name = "health", nkey = "{NKEY}" }}' in made.err
    taken = suar("agency", "change", "health", "--no-nkey", "--json")
    assert (json.loads(taken.out)["nkey"], json.loads(taken.out)["propose"]) == (None, True)
    assert "NATS plan" in taken.err
    assert json.loads(suar("agency", "change", "health", "--no-propose", "--json").out)["propose"] is False
    for wrong in ((), ("--nkey", NKEY, "--no-nkey")):
        assert suar("agency", "change", "health", *wrong).code == 64


HOOK = "https://cases.health.example/suar"


def test_what_the_commands_of_a_webhook_print(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver's name has no address, so a test event does not arrive."""
    resolve = socket.getaddrinfo

    def unknown(host: Any, *more: Any, **named: Any) -> Any:
        if host == "cases.health.example":
            raise socket.gaierror(-2, "Name or service not known")
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    made = suar(*ADD, "--webhook", HOOK)
    token, secret = made.out.splitlines()
    assert (made.code, token[:12], secret[:6]) == (0, "suar_agency_", "whsec_")
    shown = json.loads(suar("agency", "webhook", "health", "--json").out)
    assert (shown["url"], shown["state"], shown["dead"]) == (HOOK, "active", [])
    moved = suar("agency", "webhook", "health", "--url", f"{HOOK}/2")
    assert (moved.code, moved.out) == (0, f"{HOOK}/2\n"), "the secret stays"
    rotated = suar("agency", "webhook", "health", "--rotate")
    assert (rotated.code, rotated.out[:6], rotated.out.strip() == secret) == (0, "whsec_", False)
    assert "signs, too, until" in rotated.err
    tried = suar("agency", "test", "health", "--json")
    outcome = {"name": "health", "delivered": False, "outcome": "not-resolved"}
    assert (tried.code, json.loads(tried.out), tried.line_labels) == (1, outcome, ["error:", "hint:"])
    assert "not-resolved" in tried.err
    for option, position in ((), None), (("--dead",), None), (("--from", "beginning"), "beginning"):
        replayed = suar("agency", "replay", "health", *option, "--json")
        wanted = {"name": "health", "from": position, "dead_letters": 0}
        assert (replayed.code, json.loads(replayed.out)) == (0, wanted)
    removed = suar("agency", "webhook", "health", "--remove", "--json")
    assert (removed.code, json.loads(removed.out)) == (0, {"name": "health", "state": "removed"})


def test_what_the_commands_of_a_webhook_refuse(suar: Suar, gateway: FakeGateway) -> None:
    """The agency has no webhook, and no user of the NATS server."""
    suar(*ADD)
    for code, name, *options in (
        (1, "webhook"), (1, "webhook", "--rotate"), (1, "webhook", "--remove"), (1, "test"), (1, "replay"),
        (1, "webhook", "--url", "http://cases.health.example/"), (1, "replay", "--from", "beginning"),
        (1, "replay", "--nats", "--from", "beginning"), (64, "webhook", "--rotate", "--remove"),
        (64, "webhook", "--url", HOOK, "--rotate"), (64, "replay", "--dead", "--from", "x"),
        (64, "replay", "--nats"), (64, "replay", "--dead", "--nats"),
    ):  # fmt: skip
        ended = suar("agency", str(name), "health", *map(str, options))
        assert (ended.code, ended.out, ended.line_labels) == (code, "", ["error:", "hint:"]), (name, options)


@pytest.mark.parametrize("nkey", [NKEY[:-1], NKEY.lower(), NKEY[:-1] + "7", "A" + NKEY[1:], ""])
def test_what_is_no_nkey_is_refused_before_the_server_reads_it(suar: Suar, gateway: FakeGateway, nkey: str) -> None:
    ended = suar(*ADD, "--nkey", nkey)
    assert (ended.code, ended.out) == (1, "")
    assert "nkey" in ended.err
