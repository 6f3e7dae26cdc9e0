"""The channels against real receivers in processes of their own, well behaved and hostile."""

import base64
import hmac
import json
import ssl
import stat
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from suar.languages.catalogue import load as catalogue
from suar.protocol.base.exercise import BANNER, PREFIX
from suar.service.notify.notify_channels import Channels, DeliveryFailed, new_secret
from suar.service.notify.notify_words import Notice, mail, payload
from suar.service.settings.config import load
from suar.service.settings.sections.notify_config import Person
from support.executables import PYTHON
from support.patience import PATIENCE
from support.receivers import HANGS, Receiver, receiver, until

NOW = 1_800_000_000_000
ID = "SG-ALERT-2027-000042"
PASSWORD = "correct horse battery"
PERSON = Person(channels=["it"], mail="duty@example.org")
NOTICE = Notice(
    key="ntc_0123456789abcdef", event="alert", person="duty", member="TH", at=NOW, id=ID, rev=2, kind="alert",
    action="new", origin="SG", urgency="immediate", link=f"https://gw.example/{ID}",
)  # fmt: skip
EXERCISE = msgspec.structs.replace(NOTICE, status="exercise")


def channels(folder: Path, text: str) -> Channels:
    (folder / "suar.toml").write_text(f'[member]\ncode = "TH"\nname = "Thailand"\n{text}', encoding="utf-8")
    return Channels(load(folder, {}), lambda: NOW)


async def refused(made: Channels, why: str, notice: Notice = NOTICE) -> float:
    """The seconds it took to say that it could not be told."""
    began = time.monotonic()
    with pytest.raises(DeliveryFailed) as caught:
        await made.deliver("it", PERSON, notice)
    assert caught.value.why == why
    return time.monotonic() - began


async def outcome(made: Channels, notice: Notice) -> str:
    """`told`, or why not."""
    try:
        await made.deliver("it", PERSON, notice)
    except DeliveryFailed as failure:
        return failure.why
    return "told"


# -- a command


def program(folder: Path, body: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!{PYTHON}\nimport json, os, sys, time\nfolder = {str(folder)!r}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def command(folder: Path, body: str, *arguments: str, timeout: float = PATIENCE) -> Channels:
    argv = json.dumps([str(program(folder, body)), *arguments])
    return channels(folder, f"[notify.command.it]\nargv = {argv}\ntimeout_seconds = {timeout}\n")


async def test_a_command_gets_the_notice_and_no_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUAR_PASSPHRASE_FILE", "/nowhere")
    body = "json.dump([sys.argv[1:], json.load(sys.stdin), dict(os.environ), os.getcwd()], open(folder + '/out', 'w'))"
    await command(tmp_path, body, "$(id); `id` > x", "--now").deliver("it", PERSON, NOTICE)
    argv, document, environ, where = json.loads((tmp_path / "out").read_text())
    assert argv == ["$(id); `id` > x", "--now"]
    assert document == json.loads(payload(NOTICE))
    assert (where, sorted(set(environ) - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"})) == ("/", ["LANG", "PATH"])


async def test_a_command_that_fails_is_reported_by_its_number(tmp_path: Path) -> None:
    await refused(command(tmp_path, "sys.stdin.read(); print('a secret', file=sys.stderr); sys.exit(3)"), "exit 3")
    await refused(command(tmp_path, "os.kill(os.getpid(), 9)"), "exit -9")
    made = command(tmp_path, "pass")
    (tmp_path / "program").unlink()
    await refused(made, "FileNotFoundError")


async def test_a_command_that_reads_nothing_and_says_much_is_no_trouble(tmp_path: Path) -> None:
    await command(tmp_path, "os.close(0); sys.stdout.write('x' * 50_000_000)").deliver("it", PERSON, NOTICE)


async def test_a_command_that_hangs_ends_with_its_children(tmp_path: Path) -> None:
    body = """
child = os.fork()
open(folder + '/pid' + str(bool(child)), 'w').write(str(os.getpid()))
time.sleep(600)"""
    files = [tmp_path / f"pid{which}" for which in (True, False)]
    for seconds in (1.5, 15.0, 60.0):  # on a busy machine the program takes longer to begin
        assert await refused(command(tmp_path, body, timeout=seconds), "timeout") < HANGS
        if all(file.exists() and file.read_text() for file in files):
            break
    pids = [int(file.read_text()) for file in files]

    def are_gone() -> bool:
        return not any(_runs(pid) for pid in pids)

    until(are_gone)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- a webhook


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path / "desk", "http") as made:
        yield made


def webhook(folder: Path, url: str, *, timeout: float = PATIENCE, more: str = "") -> tuple[Channels, bytes]:
    secret = new_secret()
    path = folder / "it.secret"
    path.write_bytes(secret)
    path.chmod(0o600)
    text = f'[notify.webhook.it]\nurl = "{url}"\nsecret_file = "it.secret"\ntimeout_seconds = {timeout}\n{more}'
    return channels(folder, text), base64.b64decode(secret.strip().removeprefix(b"whsec_"))


async def test_a_webhook_is_signed_as_standard_webhooks_has_it(tmp_path: Path, desk: Receiver) -> None:
    made, key = webhook(tmp_path, desk.url)
    await made.deliver("it", PERSON, NOTICE)
    [got] = desk.got
    head = got["headers"]
    assert (head["webhook-id"], head["webhook-timestamp"]) == (NOTICE.key, str(NOW // 1000))
    text = f"{NOTICE.key}.{NOW // 1000}.{got['body']}".encode()
    expected = base64.b64encode(hmac.new(key, text, sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{expected}"
    assert head["content-type"] == "application/json"
    assert json.loads(got["body"]) == {
        "type": "suar.alert", "timestamp": "2027-01-15T08:00:00Z",
        "data": {
            "notice": NOTICE.key, "person": "duty", "member": "TH", "status": "actual", "event": "alert", "id": ID,
            "rev": 2, "kind": "alert", "action": "new", "origin": "SG", "urgency": "immediate", "link": NOTICE.link,
        },
    }  # fmt: skip


def test_the_signature_is_that_of_the_schemes_own_example() -> None:
    """The example of the Standard Webhooks specification, as its reference libraries test it."""
    from suar.service.notify.standard_webhooks import signature_headers

    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    head = signature_headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert head["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [300, 400, 404, 410, 429, 500, 503])
async def test_any_other_status_is_no_success(tmp_path: Path, desk: Receiver, status: int) -> None:
    desk.behave(f"status {status}")
    await refused(webhook(tmp_path, desk.url)[0], f"status {status}")


async def test_a_redirect_is_not_followed(tmp_path: Path, desk: Receiver) -> None:
    with receiver(tmp_path / "elsewhere", "http") as elsewhere:
        desk.behave(f"to {elsewhere.url}")
        await refused(webhook(tmp_path, desk.url)[0], "status 302")
        assert len(desk.got) == 1
        assert elsewhere.got == []


@pytest.mark.parametrize("how", ["slow", "drip"])
async def test_a_slow_receiver_has_its_time_and_no_more(tmp_path: Path, desk: Receiver, how: str) -> None:
    desk.behave(how)
    assert await refused(webhook(tmp_path, desk.url, timeout=1)[0], "timeout") < HANGS


async def test_a_huge_answer_is_not_read(tmp_path: Path, desk: Receiver) -> None:
    desk.behave("huge")
    await webhook(tmp_path, desk.url)[0].deliver("it", PERSON, NOTICE)
    assert not (desk.folder / "sent").exists()


async def test_who_is_not_there_or_hangs_up(tmp_path: Path, desk: Receiver) -> None:
    desk.behave("reset")
    await refused(webhook(tmp_path, desk.url)[0], "RemoteProtocolError")
    desk.process.kill()
    desk.process.wait()
    await refused(webhook(tmp_path, desk.url)[0], "ConnectError")


async def test_a_proxy_of_the_environment_gets_no_request(
    tmp_path: Path, desk: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(tmp_path / "proxy", "http") as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await webhook(tmp_path, desk.url)[0].deliver("it", PERSON, NOTICE)
        assert (len(desk.got), proxy.got) == (1, [])


async def test_a_secret_that_others_can_read_by_now_is_not_used(tmp_path: Path, desk: Receiver) -> None:
    made, _ = webhook(tmp_path, desk.url)
    (tmp_path / "it.secret").chmod(0o644)
    await refused(made, "secret file")
    assert desk.got == []


class Papers:
    """A certificate for this machine, and the authority that signed it."""

    def __init__(self, folder: Path, name: str = "127.0.0.1") -> None:
        folder.mkdir(exist_ok=True)
        authority = trustme.CA()
        issued = authority.issue_cert(name)
        self.ca, self.certificate, self.key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
        authority.cert_pem.write_to_path(self.ca)
        issued.cert_chain_pems[0].write_to_path(self.certificate)
        issued.private_key_pem.write_to_path(self.key)

    @property
    def arguments(self) -> tuple[str, str]:
        return str(self.certificate), str(self.key)


async def test_a_webhook_checks_the_receivers_certificate(tmp_path: Path) -> None:
    papers = Papers(tmp_path / "papers")
    with receiver(tmp_path / "tls", "http", *papers.arguments) as desk:
        url = desk.url.replace("http:", "https:")
        await refused(webhook(tmp_path, url)[0], "ConnectError")
        assert desk.got == []
        await webhook(tmp_path, url, more=f'ca_file = "{papers.ca}"\n')[0].deliver("it", PERSON, NOTICE)
        assert len(desk.got) == 1
    stranger = Papers(tmp_path / "stranger", "elsewhere.example")
    with receiver(tmp_path / "other", "http", *stranger.arguments) as desk:
        url = desk.url.replace("http:", "https:")
        await refused(webhook(tmp_path, url, more=f'ca_file = "{stranger.ca}"\n')[0], "ConnectError")


# -- mail


def office(folder: Path, port: int, *, tls: str = "none", more: str = "", timeout: float = PATIENCE) -> Channels:
    text = f'[notify.mail.it]\nhost = "127.0.0.1"\nport = {port}\nsender = "suar@example.org"\ntls = "{tls}"\n'
    return channels(folder, f"{text}timeout_seconds = {timeout}\n{more}")


async def test_mail_goes_to_one_person(tmp_path: Path) -> None:
    with receiver(tmp_path / "smtp", "smtp") as server:
        await office(tmp_path, server.port).deliver("it", PERSON, NOTICE)
        [got], [made] = server.got, server.mails
    assert (got["sender"], got["to"]) == ("suar@example.org", ["duty@example.org"])
    assert made["Subject"] == f"New alert: {ID} (Immediate (act within 24 hours))" or ID in made["Subject"]
    assert made["Message-ID"] == f"<{NOTICE.key}@example.org>"
    assert (made["To"], made["Auto-Submitted"]) == ("duty@example.org", "auto-generated")
    payload = made.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    assert (ID in text, NOTICE.link in text, "rev 2" in text) == (True, True, True)


async def test_mail_goes_under_tls_with_a_password(tmp_path: Path) -> None:
    papers = Papers(tmp_path / "papers")
    (tmp_path / "office.pw").write_text(f"{PASSWORD}\n")
    (tmp_path / "office.pw").chmod(0o600)
    user = f'username = "suar"\npassword_file = "office.pw"\nca_file = "{papers.ca}"\n'
    with receiver(tmp_path / "smtp", "smtp", *papers.arguments, PASSWORD) as server:
        await office(tmp_path, server.port, tls="starttls", more=user).deliver("it", PERSON, NOTICE)
        assert len(server.got) == 1
        await refused(office(tmp_path, server.port), "smtp 530")  # neither TLS nor user
        await refused(office(tmp_path, server.port, tls="starttls"), "SSLCertVerificationError")  # an unknown authority
        (tmp_path / "office.pw").write_text("another")
        await refused(office(tmp_path, server.port, tls="starttls", more=user), "smtp 535")
        assert len(server.got) == 1
    with receiver(tmp_path / "plain", "smtp") as server:  # a server, or someone between, that offers no TLS
        await refused(office(tmp_path, server.port, tls="starttls", more=user), "SMTPException")
        assert server.got == []


async def test_a_mail_server_that_refuses_or_hangs(tmp_path: Path) -> None:
    with receiver(tmp_path / "smtp", "smtp") as server:
        server.behave("refuse")
        await refused(office(tmp_path, server.port), "smtp 554")
    with receiver(tmp_path / "http", "http") as server:  # it waits for a request, we for its greeting
        assert await refused(office(tmp_path, server.port, timeout=1), "timeout") < HANGS


@pytest.mark.parametrize("field", ["id", "key", "origin", "kind", "link", "urgency"])
async def test_no_header_can_be_smuggled_in(tmp_path: Path, field: str) -> None:
    """Whatever a notice held: the mail has the headers that we write, and goes to the person alone."""
    hostile = msgspec.structs.replace(NOTICE, **{field: "x\r\nBcc: all@example.org\r\n\r\nRun this"})
    with receiver(tmp_path / "smtp", "smtp") as server:
        outcome_text = await outcome(office(tmp_path, server.port), hostile)
        if outcome_text != "told":
            assert (outcome_text, server.got) == ("ValueError", [])
            return
        [got], [made] = server.got, server.mails
    assert got["to"] == ["duty@example.org"]
    assert made["Bcc"] is None
    assert set(made.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip


# -- words


@pytest.mark.parametrize("tag", ["en", "id", "ms", "th", "vi", "km", "lo", "my", "fil", "zh", "ta", "pt", "tet"])
def test_a_mail_is_in_the_persons_language_and_an_exercise_says_so_twice(tag: str) -> None:
    words = catalogue(tag)
    for notice in (EXERCISE, msgspec.structs.replace(EXERCISE, event="escalation", members=("TH",))):
        made = mail(notice, "suar@example.org", "duty@example.org", tag, NOW)
        assert made["Subject"].startswith(words.phrase("exercise-title", title="")[:6].strip())
        assert made["X-Suar-Exercise"] == BANNER
        text = made.get_content().replace("\r\n", "\n")
        assert text.startswith(f"*** {words.phrase('exercise')} ***\n*** {BANNER} ***")
        assert ID in text
    plain = mail(NOTICE, "suar@example.org", "duty@example.org", tag, NOW)
    assert words.phrase("exercise") not in plain.get_content()
    assert words.label("urgency", "immediate") in plain.get_content()


def test_the_json_of_an_exercise_has_the_banner() -> None:
    assert json.loads(payload(EXERCISE))["data"]["banner"] == BANNER
    assert "banner" not in json.loads(payload(NOTICE))["data"]


def test_a_digest_counts_and_lists_the_most_urgent() -> None:
    counts: tuple[dict[str, Any], ...] = (
        {"event": "alert", "kind": "alert", "urgency": "expected", "number": 90},
        {"event": "escalation", "kind": "alert", "urgency": "future", "number": 10},
    )
    many = Notice(
        key="dig_1", event="digest", person="duty", member="TH", at=NOW, total=100, counts=counts, status="exercise",
        urgency="expected", listed=(EXERCISE,),
    )  # fmt: skip
    document = json.loads(payload(many))
    assert (document["type"], document["data"]["total"], document["data"]["counts"]) == (
        "suar.digest",
        100,
        list(counts),
    )
    assert [each["id"] for each in document["data"]["first"]] == [ID]
    text = mail(many, "suar@example.org", "duty@example.org", "en", NOW).get_content()
    assert "100 notices at once" in text
    assert "90  Alert, Expected" in text
    assert f"{PREFIX}{ID}" in text


def test_tls_is_never_without_the_check_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    create = ssl.create_default_context

    def recorded(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        made.append(create(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", recorded)
    webhook(tmp_path, "https://127.0.0.1:1/x")
    office(tmp_path, 1, tls="starttls")
    assert [(each.verify_mode, each.check_hostname) for each in made] == [(ssl.CERT_REQUIRED, True)] * 2
