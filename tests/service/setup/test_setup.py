"""`suar setup`: answers, what is made of them, and what of the federation's files is refused."""

import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from suar.federation import plan
from suar.federation.links.link_certificate import LinkAuthority, LinkRequest, make_request
from suar.federation.plan import Hub, Plan, Tls
from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import Sentence
from suar.service.settings import sealed
from suar.service.settings.config import load
from suar.service.setup import answers, finish, machine_paths, member
from suar.service.setup.answers import Answers
from suar.service.setup.machine_paths import MachinePaths
from suar.service.setup.settings_file import set_values
from support.bundles import ROOT

NOW = int(datetime.now(UTC).timestamp() * 1000)
SYS, ADMIN = (f"U{letter * 55}" for letter in "AB")


@pytest.fixture
def member_answers(tmp_path: Path) -> Answers:
    return Answers(member="TH", name="Thailand", federation="asean", backups=str(tmp_path / "root/backups"))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MachinePaths:
    """A folder that stands for a machine on which suar was installed from a bundle; files stay ours."""
    installed = tmp_path / "opt/0.2.0"
    (installed / "share").mkdir(parents=True)
    (installed / "share/systemd").symlink_to(ROOT / "deploy/systemd")
    monkeypatch.setattr(sys, "prefix", str(installed))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return MachinePaths(tmp_path / "root")


def set_up(machine: MachinePaths, answers: Answers) -> member.Made:
    return member.prepare(answers, machine, now=NOW, cost=sealed.FLOOR)


def test_there_are_eight_questions_and_a_wrong_answer_repeats_one() -> None:
    typed = {
        "member": ["thailand", "th"], "name": ["", "Thailand"], "federation": ["asean"], "nats": ["0.0.0.0:4222", ""],
        "monitor": ["x", "8223"], "api": [""], "console": ["http://th", "https://th.example"],
        "backups": ["backups", "/srv/backups"],
    }  # fmt: skip
    prompts: list[str] = []
    again: list[Sentence] = []

    def question(key: str, default: str) -> str:
        prompts.append(key)
        return typed[key].pop(0) or default

    found = answers.ask(question, again.append)
    assert len(answers.QUESTIONS) == 8
    assert list(dict.fromkeys(prompts)) == list(answers.QUESTIONS)
    assert len(again) == 6
    assert found == Answers(
        member="TH", name="Thailand", federation="asean", nats="127.0.0.1:4222", monitor=8223, api="127.0.0.1:8440",
        console="https://th.example", backups="/srv/backups",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('member = "T"', "member"), ('nats = "10.0.0.1:4222"', "nats"), ("monitor = 0", "monitor"),
        ('backups = "/srv/a b"', "backups"), ('backups = "/srv/%n"', "backups"), ("ninth = 1", "ninth"),
        ('name = "a\\nb"', "name"),
    ],
)  # fmt: skip
def test_a_wrong_answer_in_a_file_is_named(tmp_path: Path, line: str, words: str) -> None:
    key = line.partition(" ")[0]
    lines = ['member = "TH"', 'name = "Thailand"', 'federation = "asean"']
    file = tmp_path / "answers.toml"
    file.write_text("\n".join([each for each in lines if not each.startswith(f"{key} ")] + [line]))
    with pytest.raises(Fault) as refused:
        answers.load(file)
    assert words in refused.value.text
    assert str(file) in refused.value.text


def test_the_answers_become_settings_entry_and_units(machine: MachinePaths, member_answers: Answers) -> None:
    made = set_up(
        machine,
        msgspec.structs.replace(member_answers, nats="127.0.0.1:4333", monitor=8333, console="https://th.example"),
    )
    config = load(machine.state, {})
    assert (config.bus.url, config.bus.monitor_port) == ("nats://127.0.0.1:4333", 8333)
    assert config.leaf_certificate == machine.leaf_certificate
    assert config.console.origin == "https://th.example"
    assert [path.name for path in made.files] == ["TH.request.json", "TH.csr", "TH.plan.toml"]
    entry = (machine.outgoing / "TH.plan.toml").read_text()
    file = machine.data / "PLAN.toml"
    file.write_text(hub_lines() + entry)
    found = plan.load(file).member("TH")
    assert (found.client, found.monitor_port) == ("127.0.0.1:4333", 8333)
    assert LinkRequest((machine.outgoing / "TH.csr").read_bytes()).fingerprint == made.link
    text = (machine.units / "suar.service").read_text()
    current = Path(sys.prefix).parent / "current"
    assert f"ExecStart={current}/bin/suar serve" in text
    assert (
        f"ReadWritePaths={member_answers.backups}" in (machine.units / "suar-backup.service.d/backups.conf").read_text()
    )
    assert not any(path.suffix == ".wants" for path in machine.units.iterdir()), "nothing is enabled"


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_secrets_are_private_and_none_leaves(machine: MachinePaths, member_answers: Answers) -> None:
    set_up(machine, member_answers)
    for path in (machine.passphrase, machine.nats_environment, machine.leaf_key, machine.state / "keyring.suar"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    secret = machine.passphrase.read_text().strip()
    seed = machine.nats_environment.read_text().split("LINK_SEED=")[1].strip()
    for path in (*machine.outgoing.iterdir(), *files_of(machine.units), machine.environment):
        assert not any(each in path.read_text() for each in (secret, seed, "PRIVATE KEY")), path


def test_a_passphrase_that_is_there_is_kept(machine: MachinePaths, member_answers: Answers) -> None:
    machine.settings.mkdir(parents=True)
    machine.passphrase.write_text("chosen by people\n")
    assert set_up(machine, member_answers).has_new_passphrase is False
    assert machine.passphrase.read_text() == "chosen by people\n"


def test_a_second_run_changes_nothing(machine: MachinePaths, member_answers: Answers) -> None:
    set_up(machine, member_answers)
    before = {path: path.read_bytes() for path in machine.settings.parent.parent.rglob("*") if path.is_file()}
    with pytest.raises(Fault, match="exists already"):
        set_up(machine, member_answers)
    assert {path: path.read_bytes() for path in machine.settings.parent.parent.rglob("*") if path.is_file()} == before


def test_a_machine_without_a_bundle_is_reported(tmp_path: Path, member_answers: Answers) -> None:
    with pytest.raises(Fault, match="not installed from a bundle"):
        set_up(MachinePaths(tmp_path / "root"), member_answers)
    assert not (tmp_path / "root").exists()


# -- finishing


class Authority:
    """One for the links, as deploy/nats/README.md founds it."""

    def __init__(self, name: str = "leaf-ca") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begin = datetime.now(UTC) - timedelta(days=500)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(self.key.public_key())
        made = made.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=3650))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.pem = made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def signed(self, csr: bytes, name: str, now: int = NOW) -> bytes:
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return LinkAuthority(self.pem, private).sign(LinkRequest(csr), name, (), now)


def hub_lines() -> str:
    tls = Tls(cert_file="/x/hub.crt", key_file="/x/hub.key", ca_file="/x/ca.crt")
    hub = Hub(
        client="127.0.0.1:4222",
        monitor_port=8222,
        store_dir="/x",
        tls=tls,
        sys=SYS,
        admin=ADMIN,
        leaf="hub.example:7422",
    )
    return plan.dump(Plan(hub=hub))


class Sent:
    """What came back from the federation, in files."""

    def __init__(self, machine: MachinePaths, folder: Path) -> None:
        self.machine, self.authority = machine, Authority()
        self.csr = (machine.outgoing / "TH.csr").read_bytes()
        self.plan, self.certificate = folder / "PLAN.toml", folder / "th.crt"
        self.plan.write_text(hub_lines() + (machine.outgoing / "TH.plan.toml").read_text())
        self.certificate.write_bytes(self.authority.signed(self.csr, "th") + self.authority.pem)

    def check(self, now: int = NOW) -> tuple[Plan, bytes, bytes]:
        return finish.checked(self.machine, self.plan, self.certificate, now)


@pytest.fixture
def sent(machine: MachinePaths, member_answers: Answers, tmp_path: Path) -> Sent:
    set_up(machine, member_answers)
    return Sent(machine, tmp_path)


def test_what_fits_is_put_in_its_places(sent: Sent) -> None:
    paths = sent.machine
    finish.configure(paths, *sent.check())
    assert paths.leaf_certificate.read_bytes() + paths.leaf_authority.read_bytes() == sent.certificate.read_bytes()
    config = paths.nats_config.read_text()
    assert 'urls: ["tls://hub.example:7422"]' in config
    assert f'key_file: "{paths.leaf_key}"' in config
    assert plan.load(paths.plan).member("TH").code == "TH"
    assert load(paths.state, {}).leaf_certificate == paths.leaf_certificate
    finish.configure(paths, *sent.check())


def another_key(sent: Sent) -> None:
    _, csr = make_request("th")
    sent.certificate.write_bytes(sent.authority.signed(csr, "th") + sent.authority.pem)


def another_member(sent: Sent) -> None:
    key = serialization.load_pem_private_key(sent.machine.leaf_key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sg")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    data = csr.public_bytes(serialization.Encoding.PEM)
    sent.certificate.write_bytes(sent.authority.signed(data, "sg") + sent.authority.pem)


def another_authority(sent: Sent) -> None:
    """Of the same name, so that only its signature tells."""
    sent.certificate.write_bytes(sent.authority.signed(sent.csr, "th") + Authority().pem)


def one_certificate(sent: Sent) -> None:
    sent.certificate.write_bytes(sent.authority.signed(sent.csr, "th"))


def expired(sent: Sent) -> None:
    old = NOW - 450 * 86_400_000
    sent.certificate.write_bytes(sent.authority.signed(sent.csr, "th", old) + sent.authority.pem)


def no_certificate(sent: Sent) -> None:
    sent.certificate.write_bytes(b"-----END CERTIFICATE-----\n" * 2)


def another_gateway(sent: Sent) -> None:
    found = plan.load(sent.plan)
    changed = msgspec.structs.replace(found.member("TH"), gateway=f"U{'C' * 55}")
    plan.save(found.with_member(changed), sent.plan)


def other_files(sent: Sent) -> None:
    found = plan.load(sent.plan)
    tls = Tls(cert_file="/tmp/x.crt", key_file="/tmp/x.key", ca_file="/tmp/ca.crt")
    plan.save(found.with_member(msgspec.structs.replace(found.member("TH"), tls=tls)), sent.plan)


def without_us(sent: Sent) -> None:
    sent.plan.write_text(hub_lines())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (another_key, "not for this machine's key"), (another_member, "not for this machine's key of TH"),
        (another_authority, "not issued by the authority beside it"), (one_certificate, "not two certificates"),
        (expired, "not valid now"), (no_certificate, "not issued by"), (another_gateway, "another nkey gateway of TH"),
        (other_files, "other files of the link"), (without_us, "has no member TH"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    sent: Sent, change: Callable[[Sent], None], words: str
) -> None:
    change(sent)
    with pytest.raises(Fault, match=words):
        sent.check()
    assert not sent.machine.nats_config.exists()
    assert not sent.machine.leaf_certificate.exists()


def test_finishing_comes_after_beginning(machine: MachinePaths, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="there is no member"):
        finish.checked(machine, tmp_path / "PLAN.toml", tmp_path / "th.crt", NOW)


def test_a_command_changes_its_settings_alone(tmp_path: Path) -> None:
    file = tmp_path / "suar.toml"
    file.write_text('# ours\n[bus]\nurl = "nats://127.0.0.1:1"  # mine\n\n[log]\nlevel = "info"\n')
    set_values(file, {"bus": {"monitor_port": 1}, "console": {"origin": "https://x"}, "http": {}})
    assert file.read_text() == (
        '# ours\n[bus]\nurl = "nats://127.0.0.1:1"  # mine\nmonitor_port = 1\n\n[log]\nlevel = "info"\n'
        '\n[console]\norigin = "https://x"\n'
    )


def test_root_gives_the_files_to_the_user_of_their_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: list[tuple[str, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", lambda path, uid, gid, follow_symlinks: owners.append((str(path), follow_symlinks)))
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").symlink_to("/etc/passwd")
    machine_paths.change_owner(tmp_path / "a", "root")
    assert owners == [(str(tmp_path / "a"), False), (str(tmp_path / "a/b"), False)]
    with pytest.raises(Fault, match="has no user suar-of-nobody"):
        machine_paths.change_owner(tmp_path / "a", "suar-of-nobody")
