"""`suar console`, through a gateway that runs and on a state folder that none runs on."""

import json
import re
from pathlib import Path

import pytest

from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.kit import FEDERATION, NOW
from support.templates import PASSPHRASE, new_state

LINK = re.compile(r"http://[\w.:]+/console/join/[\w-]{43}")
WHO = ("--name", "Maria Reyes", "--roles", "coordinator,author")


def test_a_link_is_printed_and_a_new_one_replaces_it(suar: Suar, gateway: FakeGateway) -> None:
    done = suar("console", "invite", "maria", *WHO, "--lang", "fil")
    assert (done.code, bool(LINK.fullmatch(done.out.strip()))) == (0, True), done.err
    assert "works once" in done.err
    link = done.out.strip().rpartition("/")[2]
    found = gateway.people.joining(link)
    assert found is not None
    assert (found.id, found.name, found.sealed.lang) == ("maria", "Maria Reyes", "fil")
    again = json.loads(suar("console", "recover", "maria", "--json").out)
    assert again["id"] == "maria"
    assert gateway.people.joining(link) is None
    assert gateway.people.joining(again["url"].rpartition("/")[2]) is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("invite", "maria", "--name", "M", "--roles", "root"), "roles are wrong"),
        (("invite", "Maria!", "--name", "M", "--roles", "reader"), "user name"),
        (("invite", "maria", "--name", "M", "--roles", "reader", "--lang", "xx"), "no catalogue"),
        (("invite", "nurse", "--name", "N", "--roles", "agency"), "go together"),
        (("invite", "nurse", "--name", "N", "--roles", "agency", "--agency", "nowhere"), "no agency of that name"),
        (("confirm", "nobody"), "no such person"),
        (("recover", "nobody"), "no such person"),
    ],
)
def test_what_is_refused(suar: Suar, gateway: FakeGateway, arguments: tuple[str, ...], words: str) -> None:
    done = suar("console", *arguments)
    assert (done.code, done.line_labels) == (1, ["error:", "hint:"])
    assert words in done.err


def test_people_are_listed_and_who_is_unknown_is_looked_for_there(suar: Suar, gateway: FakeGateway) -> None:
    assert "nobody yet" in suar("console", "list").out
    suar("console", "invite", "maria", *WHO)
    assert suar("console", "list").out == "maria: invited, roles author, coordinator (Maria Reyes)\n"
    assert [each["id"] for each in json.loads(suar("console", "list", "--json").out)] == ["maria"]
    for act in ("confirm", "recover"):
        assert "`suar console list`" in suar("console", act, "nobody").err


def test_a_name_imitates_no_state_and_no_role(suar: Suar, gateway: FakeGateway) -> None:
    name = "Eve): active, roles reader (x"
    suar("console", "invite", "eve", "--name", name, "--roles", "coordinator")
    assert suar("console", "list").out == f"eve: invited, roles coordinator ({name})\n"
    assert f"eve: invited, roles coordinator ({name})" in suar("console", "recover", "eve").err


def test_a_person_of_an_agency_is_invited_for_it(suar: Suar, gateway: FakeGateway) -> None:
    registered = suar("agency", "add", "clinic", "--sector", "health", "--kinds", "alert", "--max-tlp", "GREEN")
    assert registered.code == 0, registered.err
    done = suar("console", "invite", "nurse", "--name", "A Nurse", "--roles", "agency", "--agency", "clinic")
    assert done.code == 0, done.err
    found = gateway.people.joining(done.out.strip().rpartition("/")[2])
    assert found is not None
    assert (found.roles, found.sealed.agency) == (("agency",), "clinic")


def test_without_a_gateway_the_passphrase_opens_the_store(suar: Suar, tmp_path: Path) -> None:
    state, passphrase = tmp_path / "state", tmp_path / "passphrase"
    new_state(state, "TH", "Thailand", FEDERATION, NOW)
    passphrase.write_bytes(PASSPHRASE)
    offline = ("--state", str(state), "--passphrase-file", str(passphrase))
    done = suar("console", "invite", "maria", *WHO, *offline)
    assert (done.code, bool(LINK.fullmatch(done.out.strip()))) == (0, True), done.err
    assert suar("console", "invite", "maria", *WHO, *offline).code == 1
    assert LINK.fullmatch(suar("console", "recover", "maria", *offline).out.strip())
    wrong = suar("console", "invite", "nurse", "--name", "N", "--roles", "agency", "--agency", "clinic", *offline)
    assert (wrong.code, "no agency of that name" in wrong.err) == (1, True)
    assert "maria: invited" in suar("console", "list", *offline).out
    nobody = suar("console", "confirm", "nobody", *offline)
    assert (nobody.code, "`suar console list`" in nobody.err) == (1, True)
    nothing = suar("console", "confirm", "maria", *offline)
    assert (nothing.code, "nothing about maria" in nothing.err) == (1, True)


@pytest.mark.parametrize("words", ["n\n", "yes n\n", "\n", "no"])
@pytest.mark.parametrize("act", ["confirm", "recover"])
def test_an_input_that_is_no_yes_confirms_nothing(
    suar: Suar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, words: str
) -> None:
    state, passphrase = tmp_path / "state", tmp_path / "passphrase"
    new_state(state, "TH", "Thailand", FEDERATION, NOW)
    passphrase.write_bytes(PASSPHRASE)
    offline = ("--state", str(state), "--passphrase-file", str(passphrase))
    suar("console", "invite", "maria", *WHO, *offline)
    before = suar("console", "list", "--json", *offline).out
    (tmp_path / "words").write_text(words)
    with (tmp_path / "words").open() as handed_in, monkeypatch.context() as patched:
        patched.setattr("sys.stdin", handed_in)
        ended = suar("console", act, "maria", *offline)
    assert (ended.code, ended.out, "nothing was done" in ended.err, "give --yes" in ended.err) == (1, "", True, True)
    assert suar("console", "list", "--json", *offline).out == before
