"""[notify] of suar.toml: what is refused names the table, the key, what was found and what is allowed."""

import os
from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault
from suar.service.notify.notify_channels import Channels, new_secret, resolve_name
from suar.service.settings.config import Config, load

MEMBER = '[member]\ncode = "TH"\nname = "Thailand"\n'
PAGER = '[notify.command.pager]\nargv = ["/usr/bin/page", "--now"]\n'
DESK = '[notify.webhook.desk]\nurl = "https://desk.example/told"\nsecret_file = "desk.secret"\n'
OFFICE = '[notify.mail.office]\nhost = "mail.example"\nsender = "suar@example.org"\n'
DUTY = '[notify.person.duty]\nchannels = ["pager"]\n'


def loaded(folder: Path, text: str) -> Config:
    (folder / "suar.toml").write_text(MEMBER + text, encoding="utf-8")
    return load(folder, {})


def test_without_a_section_nobody_is_informed(tmp_path: Path) -> None:
    notify = loaded(tmp_path, "").notify
    assert (notify.person, notify.channels, notify.digest_above) == ({}, {}, 5)


def test_everything_that_can_be_stated(tmp_path: Path) -> None:
    text = f"""[notify]
link = "https://gw.example/m/{{id}}"
timezone = "Asia/Bangkok"
digest_above = 10
{PAGER}{DESK}{OFFICE}tls = "tls"
port = 465
[notify.person.duty]
channels = ["pager", "desk", "office"]
mail = "duty@example.org"
tells = ["alert", "escalation"]
roles = ["focal-point", "national-coordinator"]
sectors = ["labour", "health"]
exercises = false
quiet = "22:00-06:30"
timezone = "Asia/Jakarta"
language = "th"
"""
    notify = loaded(tmp_path, text).notify
    duty = notify.person["duty"]
    assert (duty.roles, duty.quiet, duty.language) == (["focal-point", "national-coordinator"], "22:00-06:30", "th")
    assert list(notify.channels) == ["pager", "desk", "office"]
    assert str(notify.zone(duty)) == "Asia/Jakarta"
    assert notify.command["pager"].argv == ["/usr/bin/page", "--now"]


@pytest.mark.parametrize(
    ("text", "key", "found", "allowed"),
    [
        ("[notify]\nwho = 1\n", "notify.who", "an unknown key", "command, webhook, mail, person"),
        ("[notify]\ndigest_above = 0\n", "notify.digest_above", "0", "1 to 1000"),
        ('[notify]\nlink = "https://x/m"\n', "notify.link", '"https://x/m"', "{id}"),
        ('[notify]\ntimezone = "Mars/Olympus"\n', "notify.timezone", '"Mars/Olympus"', "Asia/Bangkok"),
        ('[notify]\nperson = "duty"\n', "notify.person", '"duty"', "tables [notify.person.NAME]"),
        ('[notify.person]\nduty = "me"\n', "notify.person.duty", '"me"', "a table [notify.person.duty]"),
        ('[notify.person."a b"]\n', 'notify.person."a b"', "a name", "letters, digits"),
        ("[notify.person.duty]\nroles = []\n", "notify.person.duty.channels", "nothing", "a list of names of channels"),
        ("[notify.person.duty]\nchannels = []\n", "notify.person.duty.channels", "[]", "at least one"),
        (f'{PAGER}{DUTY}phone = "1"\n', "notify.person.duty.phone", "an unknown key", "channels, mail"),
        (DUTY, "notify.person.duty.channels", '"pager"', "none is set up"),
        (f'{PAGER}{DUTY}quiet = "10pm"\n', "notify.person.duty.quiet", '"10pm"', "HH:MM-HH:MM"),
        (f'{PAGER}{DUTY}quiet = "25:00-06:00"\n', "notify.person.duty.quiet", '"25:00-06:00"', "HH:MM-HH:MM"),
        (f'{PAGER}{DUTY}quiet = "06:00-06:00"\n', "notify.person.duty.quiet", '"06:00-06:00"', "two different"),
        (f'{PAGER}{DUTY}timezone = "../etc"\n', "notify.person.duty.timezone", '"../etc"', "a time zone"),
        (f'{PAGER}{DUTY}timezone = "Asia"\n', "notify.person.duty.timezone", '"Asia"', "tz database"),
        (f'{PAGER}{DUTY}sectors = ["spy"]\n', "notify.person.duty.sectors", '["spy"]', "codes of the list sector"),
        (f'{PAGER}{DUTY}roles = ["boss"]\n', "notify.person.duty.roles", '["boss"]', "national-coordinator"),
        (f'{PAGER}{DUTY}language = "xx"\n', "notify.person.duty.language", '"xx"', "th"),
        (f'{OFFICE}{DUTY.replace("pager", "office")}', "notify.person.duty.mail", "nothing", "office sends mail"),
        (
            f'{OFFICE}{DUTY.replace("pager", "office")}mail = "duty@x.org\\nBcc: all@x.org"\n',
            "notify.person.duty.mail", '"duty@x.org\\nBcc: all@x.org"', "a mail address",
        ),
        (f'{OFFICE.replace("suar@example.org", "suar")}', "notify.mail.office.sender", '"suar"', "a mail address"),
        (f'{OFFICE}tls = "none"\n', "notify.mail.office.tls", '"none"', "beyond this machine"),
        (f'{OFFICE}username = "u"\n', "notify.mail.office.password_file", "nothing", "go together"),
        (f'{OFFICE}password = "p4ss"\n', "notify.mail.office.password", "an unknown key", "password_file"),
        ('[notify.command.pager]\nargv = []\n', "notify.command.pager.argv", "[]", "a list of texts"),
        ('[notify.command.pager]\nargv = "page"\n', "notify.command.pager.argv", '"page"', "a list of texts"),
        ('[notify.command.pager]\nargv = ["page"]\n', "notify.command.pager.argv", '["page"]', "its whole path"),
        (f"{PAGER}timeout_seconds = 0\n", "notify.command.pager.timeout_seconds", "0", "0.1 to 120"),
        (DESK.replace("https", "http"), "notify.webhook.desk.url", '"http://desk.example/told"', "https://"),
        (DESK.replace("desk.example", "u:pw@desk.example"), "notify.webhook.desk.url", '"https://...@desk', "password"),
        (DESK.replace("https:", "file:"), "notify.webhook.desk.url", '"file://desk', "https://HOST"),
        (f"{PAGER}{DESK.replace('webhook.desk', 'webhook.pager')}", "notify.webhook.pager", "a name", "another"),
    ],
)  # fmt: skip
def test_a_wrong_value_names_table_key_found_and_allowed(
    tmp_path: Path, text: str, key: str, found: str, allowed: str
) -> None:
    with pytest.raises(Fault) as caught:
        loaded(tmp_path, text)
    fault_text = caught.value.text
    assert fault_text.startswith(f"{tmp_path / 'suar.toml'}: {key}: found {found}"), fault_text
    assert allowed in fault_text.partition("allowed is ")[2], fault_text
    assert "pw" not in fault_text
    assert caught.value.hint


def secret(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    path = folder / "desk.secret"
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_secret_lies_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    config = loaded(tmp_path, DESK)
    with pytest.raises(Fault, match=r"desk\.secret does not exist"):
        Channels(config, lambda: 0)
    secret(tmp_path, new_secret(), 0o640)
    with pytest.raises(Fault, match="others may read the secret file"):
        Channels(config, lambda: 0)
    secret(tmp_path, new_secret())
    assert Channels(config, lambda: 0).settings is config.notify


@pytest.mark.parametrize("data", [b"", b"hunter2", b"whsec_", b"whsec_c2hvcnQ=", b"whsec_!!!!", os.urandom(5_000)])
def test_a_secret_that_is_none_is_refused_and_not_shown(tmp_path: Path, data: bytes) -> None:
    secret(tmp_path, data)
    with pytest.raises(Fault) as caught:
        Channels(loaded(tmp_path, DESK), lambda: 0)
    assert "hunter2" not in caught.value.text + caught.value.hint


def test_an_authority_that_is_none_is_named(tmp_path: Path) -> None:
    secret(tmp_path, new_secret())
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(Fault, match="ca_file of the channel desk"):
        Channels(loaded(tmp_path, f'{DESK}ca_file = "ca.pem"\n'), lambda: 0)


def test_a_name_is_a_channel_or_a_person(tmp_path: Path) -> None:
    notify = loaded(tmp_path, f"{PAGER}{DESK}{DUTY}").notify
    assert resolve_name(notify, "pager") == resolve_name(notify, "duty") == [("duty", "pager")]
    with pytest.raises(Fault, match="nobody is told by the channel desk"):
        resolve_name(notify, "desk")
    with pytest.raises(Fault, match="there is no channel and no person nobody") as caught:
        resolve_name(notify, "nobody")
    assert "pager" in caught.value.hint
