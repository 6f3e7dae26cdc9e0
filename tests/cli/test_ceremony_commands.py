"""root, init, federation, as people and scripts call them; what is wrong is two lines and exit 1."""

import json
import re
import shutil
import stat
import tomllib
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from suar.cli.main import run
from suar.federation.summary import fingerprint
from suar.service.settings.keyring import Keyring
from support.commands import Suar


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three root keys, two members, and list 1: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("ceremony")
    (folder / "passphrase").write_text("four words of it\n")
    with pytest.MonkeyPatch.context() as patch, (folder / "out").open("w") as out, redirect_stdout(out):
        patch.chdir(folder)
        patch.setenv("SUAR_PASSPHRASE_FILE", str(folder / "passphrase"))
        patch.setenv("SUAR_ARGON2ID", "interactive")
        _found()
    pin = (folder / "out").read_text().splitlines()[-1]
    (folder / "1.pin").write_text(pin)
    return folder


@pytest.fixture
def ceremony(template: Path, tmp_path: Path) -> Path:
    """A copy of the template, which is the present folder."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _found() -> None:
    for name in "abc":
        assert run(["root", "keygen", "--holder", f"Holder {name}", "-o", name]) == 0
    for code in ("TH", "SG"):
        assert run(["init", "--member", code, "--name", f"State {code}", "--federation", "f", "--state", code]) == 0
    members = ("--member", "TH/TH.request.json", "SG/SG.request.json")
    roots = ("--roots", "a.pub,b.pub,c.pub", "--threshold", "2")
    assert run(["federation", "found", "--name", "f", *roots, *members, "-o", "1.draft"]) == 0
    for name in "ab":
        assert run(["federation", "sign", "1.draft", "--key", name, "-o", f"1.{name}.sig"]) == 0
    assert run(["federation", "merge", "1.draft", "1.a.sig", "1.b.sig", "-o", "1.list"]) == 0


GROUPED = re.compile("([0-9a-f]{4} ){15}[0-9a-f]{4}")


def test_a_pin_is_printed_for_programs_and_in_groups_of_four_digits_for_people(ceremony: Path, suar: Suar) -> None:
    merged = suar("federation", "merge", "1.draft", "1.a.sig", "1.b.sig", "-o", "again.list")
    assert len(merged.out.strip()) == 64
    assert GROUPED.search(merged.err)
    taken = suar("trust", "import", "1.list", "--pin", merged.out.strip(), "--state", "TH")
    assert taken.code == 0, taken.err
    assert GROUPED.search(taken.out)
    assert "imported" in taken.err
    again = suar("trust", "import", "1.list", "--state", "TH")
    assert (again.code, "imported" in again.err) == (0, False)
    assert "nothing changed: this list is in force, or an earlier one" in again.err


def test_a_draft_has_its_pin_for_programs_and_in_groups_for_people(ceremony: Path, suar: Suar) -> None:
    """Whoever compared it by telephone read 64 digits in a row."""
    for arguments in (("renew", "--from", "1.list"), ("suspend", "SG", "--from", "1.list")):
        made = suar("federation", *arguments, "-o", "2.draft")
        pin = made.out.strip()
        assert (made.code, len(pin)) == (0, 64)
        assert in_groups(pin) in made.err


def test_a_new_request_s_fingerprint_is_printed_where_it_must_be_compared(ceremony: Path, suar: Suar) -> None:
    suar("trust", "import", "1.list", "--pin", (ceremony / "1.pin").read_text(), "--state", "TH")
    rows = json.loads(suar("keys", "show", "--state", "TH", "--json").out)
    (identity,) = (row["kid"] for row in rows if row["key"] == "identity")
    done = suar("compromised", identity, "--yes", "--state", "TH")
    assert done.code == 0, done.err
    made = json.loads(suar("federation", "show", "TH/TH.request.json", "--json").out)["fingerprint"]
    assert made != identity
    assert f"compare its fingerprint by telephone: {in_groups(made)}" in done.err


def in_groups(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def test_a_backup_into_no_folder_names_the_folder(ceremony: Path, suar: Suar) -> None:
    ended = suar("backup", "-o", "nowhere/th.backup", "--state", "TH")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "there is no folder nowhere" in ended.err
    assert "tmp" not in ended.err
    sealed = suar("federation", "sign", "1.draft", "--key", "a", "-o", "nowhere/1.sig")
    assert "there is no folder: nowhere" in sealed.err
    assert "tmp" not in sealed.err


def test_secrets_are_private_and_the_rest_is_not_secret(ceremony: Path) -> None:
    assert mode(ceremony / "TH") == 0o700
    for name in ("a", "TH/keyring.suar", "TH/nats.env", "TH/suar.toml"):
        assert mode(ceremony / name) == 0o600, name
    keyring = Keyring.open(ceremony / "TH/keyring.suar", b"four words of it")
    secrets = [keyring.store_key, keyring.identity.seed, keyring.nkey_seed("gateway"), keyring.nkey_seed("link")]
    for path in (path for path in ceremony.rglob("*") if path.is_file() and path.name != "nats.env"):
        data = path.read_bytes()
        assert not any(bytes(secret) in data or secret.hex().encode() in data for secret in secrets), path
    assert b"LINK_SEED=" + bytes(keyring.nkey_seed("link")) in (ceremony / "TH/nats.env").read_bytes()


def test_the_settings_are_toml_whatever_the_name(suar: Suar, tmp_path: Path) -> None:
    name = 'Côte "x" \\ ประเทศ'
    assert suar("init", "--member", "ci", "--name", name, "--state", "ci").code == 0
    settings = tomllib.loads((tmp_path / "ci/suar.toml").read_text())
    assert settings["member"] == {"code": "CI", "name": name}
    assert settings["bus"] == {"url": "nats://127.0.0.1:4222", "heartbeat_seconds": 30}
    assert settings["gate"] == {"k_clear": 10, "k_amber": 5}


def test_a_member_is_made_once(suar: Suar, ceremony: Path) -> None:
    before = (ceremony / "TH/keyring.suar").read_bytes()
    ended = suar("init", "--member", "TH", "--name", "Again", "--state", "TH")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert (ceremony / "TH/keyring.suar").read_bytes() == before


def test_the_pin_is_printed_alone_and_verifies(suar: Suar, ceremony: Path) -> None:
    pin = (ceremony / "1.pin").read_text()
    assert len(pin) == 64
    ended = suar("federation", "verify", "1.list", "--pin", pin, "--json")
    assert ended.code == 0
    facts = json.loads(ended.out)
    assert (facts["verdict"], facts["pin"], facts["members"]) == ("valid", pin, ["SG", "TH"])
    wrong = suar("federation", "verify", "1.list", "--pin", "0" * 64)
    assert (wrong.code, wrong.line_labels) == (1, ["error:", "hint:"])
    assert "E-TRUST-PIN" in wrong.err


def test_show_describes_each_kind_of_file(suar: Suar, ceremony: Path) -> None:
    files = {
        "1.draft": "draft",
        "1.a.sig": "signature",
        "1.list": "list",
        "a.pub": "root",
        "TH/TH.request.json": "request",
    }
    for name, kind in files.items():
        ended = suar("federation", "show", name, "--json")
        assert json.loads(ended.out)["file"] == kind
        assert suar("federation", "show", name).code == 0


def test_a_requests_plan_entry_is_one_of_the_nats_plan(suar: Suar, ceremony: Path) -> None:
    import msgspec

    from suar.federation.plan import Member

    ended = suar("federation", "show", "TH/TH.request.json", "--plan")
    (entry,) = tomllib.loads(ended.out)["members"]
    member = msgspec.convert(entry, Member)
    assert member.link == Keyring.open(ceremony / "TH/keyring.suar", b"four words of it").nkey_public("link")


def test_sign_shows_what_changes_against_the_list_before(suar: Suar, ceremony: Path) -> None:
    assert suar("federation", "suspend", "sg", "--from", "1.list", "-o", "2.draft").code == 0
    ended = suar("federation", "sign", "2.draft", "--key", "a", "--from", "1.list", "-o", "2.a.sig")
    assert "! SG status: active -> suspended" in ended.err
    assert "trust list 2 of federation f" in ended.err
    wrong = suar("federation", "sign", "1.draft", "--key", "a", "--from", "1.list", "-o", "x.sig")
    assert (wrong.code, wrong.err.splitlines()[0]) == (1, "error: the draft does not follow 1.list")


def test_merge_says_how_many_are_missing_and_writes_nothing(suar: Suar, ceremony: Path) -> None:
    ended = suar("federation", "merge", "1.draft", "1.a.sig", "1.a.sig", "-o", "x.list")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "1 of its own roots" in ended.err
    assert not (ceremony / "x.list").exists()


def test_a_rotated_key_is_added_without_a_call(suar: Suar, ceremony: Path) -> None:
    old = Keyring.open(ceremony / "TH/keyring.suar", b"four words of it").identity
    assert suar("federation", "request", "--rotate", "--state", "TH").code == 0
    ended = suar("federation", "add", "--from", "1.list", "--member", "TH/TH.request.json", "-o", "2.draft")
    assert ended.code == 0
    keyring = Keyring.open(ceremony / "TH/keyring.suar", b"four words of it")
    assert keyring.find(old.kid) == old
    assert f"+ TH key {fingerprint(keyring.identity.kid)}" in ended.err


def test_a_wrong_passphrase_is_two_lines(suar: Suar, ceremony: Path) -> None:
    wrong = ceremony / "wrong"
    wrong.write_text("other words")
    command = ("--passphrase-file", str(wrong))
    for arguments in (
        ("federation", "sign", "1.draft", "--key", "a", "-o", "x.sig", *command),
        ("federation", "request", "--rotate", "--state", "TH", *command),
    ):
        ended = suar(*arguments)
        assert (ended.code, ended.line_labels[-2:]) == (1, ["error:", "hint:"])
        assert "the passphrase does not open" in ended.err
    assert not (ceremony / "x.sig").exists()


def test_a_missing_passphrase_says_how_to_give_one(suar: Suar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUAR_PASSPHRASE_FILE")
    ended = suar("root", "keygen", "--holder", "A", "-o", "a")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "--passphrase-file" in ended.err


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 5000], ids=["empty", "a line end", "too large"])
def test_a_passphrase_file_must_hold_one(suar: Suar, passphrase: Path, content: bytes) -> None:
    passphrase.write_bytes(content)
    ended = suar("root", "keygen", "--holder", "A", "-o", "a")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("federation", "show", "missing"),
        ("federation", "show", "TH"),
        ("federation", "show", "a"),
        ("federation", "verify", "1.draft"),
        ("federation", "verify", "1.a.sig"),
        ("federation", "suspend", "TH", "--from", "1.a.sig", "-o", "x"),
        ("federation", "suspend", "MM", "--from", "1.list", "-o", "x"),
        ("federation", "sign", "1.draft", "--key", "TH/keyring.suar", "-o", "x"),
        ("federation", "sign", "1.draft", "--key", "missing", "-o", "x"),
        ("federation", "add", "--from", "1.list", "--member", "a.pub", "-o", "x"),
        ("federation", "renew", "--from", "1.list", "--roots", "TH/TH.request.json", "-o", "x"),
        ("federation", "renew", "--from", "1.list", "--threshold", "1", "-o", "x"),
        ("federation", "request", "--state", "missing"),
        ("root", "keygen", "--holder", "A", "-o", "a"),
        ("root", "keygen", "--holder", "A", "-o", "x", "--argon2id", "floor"),
        ("init", "--member", "LA", "--name", "\x1b[2J", "--state", "x"),
    ],
    ids=" ".join,
)
def test_wrong_files_and_names_are_two_lines(suar: Suar, ceremony: Path, arguments: tuple[str, ...]) -> None:
    before = sorted(ceremony.iterdir())
    ended = suar(*arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.line_labels[-2:] == ["error:", "hint:"]
    assert "Traceback" not in ended.err
    assert [path for path in sorted(ceremony.iterdir()) if path not in before and any(path.rglob("*"))] == []
    assert not (ceremony / "x").is_file()
