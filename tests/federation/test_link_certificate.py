"""Certificates of the leaf links: made of a request, without a key that travels, and good for one side only."""

import shutil
import ssl
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from suar.cli.main import run as suar
from suar.demo.embedded import prepared
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from suar.federation.links import link_certificate
from suar.federation.links.link_certificate import LinkAuthority, LinkRequest, expiry_of, make_request, signed_path
from suar.federation.plan import Tls
from suar.federation.watching.hub_watch import HubWatch
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault

NOW = time.time_ns() // 1_000_000
DAY = timedelta(days=1)
PEM = serialization.Encoding.PEM


def authority(days: int = 3650, *, is_authority: bool = True) -> tuple[bytes, bytes]:
    """As `openssl req -x509` makes one: certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leaf-ca")])
    now = datetime.fromtimestamp(NOW / 1000, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(PEM), private(key)


def private(key: Any) -> bytes:
    data: bytes = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return data


def csr(name: str, key: Any) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, digest).public_bytes(PEM)


def certificate(data: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(data)


class Sides:
    """An authority's folder, and the link certificates that it made: by the functions that the commands call."""

    def __init__(self, folder: Path, days: int = 400) -> None:
        self.folder, self.days = folder, days
        folder.mkdir(parents=True, exist_ok=True)
        self.ca, self._ca_key = authority()
        (folder / "leaf-ca.crt").write_bytes(self.ca)

    def issue(self, name: str) -> Tls:
        key, request = make_request(name)
        hosts = ("127.0.0.1", "localhost") if name == "hub" else ()
        made = LinkAuthority(self.ca, self._ca_key).sign(LinkRequest(request), name, hosts, NOW, self.days)
        for end, data in (("key", key), ("crt", made)):
            (self.folder / f"{name}.{end}").write_bytes(data)
        return Tls(
            cert_file=str(self.folder / f"{name}.crt"), key_file=str(self.folder / f"{name}.key"),
            ca_file=str(self.folder / "leaf-ca.crt"),
        )  # fmt: skip


def handshake(server: Tls, client: Tls) -> str:
    """Of a server that asks for a certificate, and a client that dials 127.0.0.1; "" or why one refused the other."""
    listens = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=server.ca_file)
    listens.verify_mode = ssl.CERT_REQUIRED
    listens.load_cert_chain(server.cert_file, server.key_file)
    dials = ssl.create_default_context(cafile=client.ca_file)
    dials.load_cert_chain(client.cert_file, client.key_file)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [listens.wrap_bio(up, down, server_side=True), dials.wrap_bio(down, up, server_hostname="127.0.0.1")]
    for _ in range(10):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                return str(error)
    return ""


def test_a_member_links_to_the_hub_and_neither_certificate_serves_for_the_other_side(tmp_path: Path) -> None:
    """Without the usage in it, a member's certificate could stand for the hub wherever its name fits."""
    sides = Sides(tmp_path)
    hub, member, other = sides.issue("hub"), sides.issue("th"), sides.issue("sg")
    assert handshake(hub, member) == ""
    assert "certificate" in handshake(other, member)
    assert "certificate" in handshake(hub, hub)


def test_a_certificate_says_what_the_authority_decides(tmp_path: Path) -> None:
    ca, ca_key = authority()
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "th"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "x")])
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("hub.example")]), critical=False)
    request = LinkRequest(builder.sign(key, hashes.SHA256()).public_bytes(PEM))
    made = certificate(LinkAuthority(ca, ca_key).sign(request, "th", (), NOW))
    assert [each.value for each in made.subject] == ["th"]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    with pytest.raises(x509.ExtensionNotFound):
        made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert made.public_key() == key.public_key()
    assert expiry_of(made.public_bytes(PEM)) // limits.DAY == (NOW + 400 * limits.DAY) // limits.DAY


def test_it_never_outlives_its_authority() -> None:
    ca, ca_key = authority(days=20)
    _, request = make_request("th")
    made = LinkAuthority(ca, ca_key).sign(LinkRequest(request), "th", (), NOW)
    assert expiry_of(made) == expiry_of(ca)
    with pytest.raises(Fault, match="has expired"):
        LinkAuthority(ca, ca_key).sign(LinkRequest(request), "th", (), NOW + 21 * limits.DAY)


def _broken() -> bytes:
    _, request = make_request("th")
    body = bytearray(x509.load_pem_x509_csr(request).public_bytes(serialization.Encoding.DER))
    body[-1] ^= 1
    return x509.load_der_x509_csr(bytes(body)).public_bytes(PEM)


def _csr_of(name: str, curve: ec.EllipticCurve) -> Callable[[], bytes]:
    return lambda: csr(name, ec.generate_private_key(curve))


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        pytest.param(lambda: b"", "no certificate request", id="nothing"),
        pytest.param(lambda: b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                     "no certificate request", id="cut off"),
        pytest.param(lambda: b"x" * (link_certificate.PEM_BYTES_MAX + 1), "no certificate request", id="too large"),
        pytest.param(lambda: authority()[0], "no certificate request", id="a certificate"),
        pytest.param(_broken, "not signed by the key", id="another signature"),
        pytest.param(lambda: csr("th", ed25519.Ed25519PrivateKey.generate()), "P-256", id="another kind of key"),
        pytest.param(_csr_of("th", ec.SECP384R1()), "P-256", id="another curve"),
        pytest.param(_csr_of("sg", ec.SECP256R1()), "another name", id="of another member"),
        pytest.param(_csr_of("hub", ec.SECP256R1()), "another name", id="of the hub"),
    ],
)  # fmt: skip
def test_what_is_no_request_for_that_name_is_refused(request_: Any, why: str) -> None:
    with pytest.raises(Fault, match=why):
        LinkAuthority(*authority()).sign(LinkRequest(request_()), "th", (), NOW)


def test_what_is_no_authority_signs_nothing() -> None:
    ca, key = authority()
    with pytest.raises(Fault, match="do not belong together"):
        LinkAuthority(ca, authority()[1])
    with pytest.raises(Fault, match="no authority's"):
        LinkAuthority(*authority(is_authority=False))
    with pytest.raises(Fault, match="no certificate in PEM"):
        LinkAuthority(b"", key)
    with pytest.raises(Fault, match="cannot be read"):
        LinkAuthority(ca, b"")


# -- the commands


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = suar(["federation", "tls", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_key_stays_where_it_was_made_and_both_see_one_fingerprint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, member = tmp_path / "hub", tmp_path / "member"
    hub.mkdir()
    (hub / "ca.crt").write_bytes(authority_files(hub))
    code, request_output, _ = run(capsys, "request", "--member", "th", "-o", str(member))
    assert code == 0
    assert (member / "leaf.key").stat().st_mode & 0o777 == 0o600
    (hub / "th.csr").write_bytes((member / "leaf.csr").read_bytes())
    authority_of = ["--ca", str(hub / "ca.crt"), "--ca-key", str(hub / "ca.key")]
    signing = ["sign", str(hub / "th.csr"), "--member", "TH", *authority_of, "--plan", str(hub / "PLAN.toml")]
    assert run(capsys, *signing, "-o", str(hub / "th.crt"))[0] != 0, "there is no such plan"
    (hub / "PLAN.toml").write_bytes((Path(__file__).parents[2] / "deploy/nats/PLAN.toml").read_bytes())
    (hub / "certificates").write_bytes(b"")
    assert run(capsys, *signing, "-o", str(hub / "th.crt"))[0] != 0, "no folder for the copy"
    assert not (hub / "th.crt").exists(), "nothing is signed that cannot be kept"
    (hub / "certificates").unlink()
    code, signed, sign_output = run(
        capsys, "sign", str(hub / "th.csr"), "--member", "TH", *authority_of, "--days", "100",
        "--plan", str(hub / "PLAN.toml"), "-o", str(hub / "th.crt"),
    )  # fmt: skip
    assert (code, signed) == (0, request_output)
    assert "100 days" in sign_output
    assert len(request_output.split()) == 16
    own = (member / "leaf.key").read_bytes()
    assert (hub / "certificates/th.crt").read_bytes() == (hub / "th.crt").read_bytes()
    at_hub = b"".join(each.read_bytes() for each in hub.rglob("*") if each.is_file() and each.name != "ca.key")
    assert own not in at_hub
    assert b"PRIVATE" not in at_hub
    pair = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    pair.load_cert_chain(hub / "th.crt", member / "leaf.key")


def authority_files(folder: Path) -> bytes:
    ca, key = authority()
    (folder / "ca.key").write_bytes(key)
    return ca


def test_a_key_that_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "request", "--member", "TH", "-o", str(tmp_path / "a"))[0] == 0
    before = (tmp_path / "a" / "leaf.key").read_bytes()
    assert run(capsys, "request", "--member", "TH", "-o", str(tmp_path / "a"))[0] != 0
    assert (tmp_path / "a" / "leaf.key").read_bytes() == before


def test_the_hubs_certificate_is_for_what_members_dial(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = Path(__file__).parents[2] / "deploy" / "nats" / "PLAN.toml"
    (tmp_path / "ca.crt").write_bytes(authority_files(tmp_path))
    assert run(capsys, "request", "--hub", "-o", str(tmp_path / "hub"))[0] == 0
    files = ["--ca", str(tmp_path / "ca.crt"), "--ca-key", str(tmp_path / "ca.key"), "-o", str(tmp_path / "hub.crt")]
    request = str(tmp_path / "hub" / "leaf.csr")
    assert run(capsys, "sign", request, "--hub", *files)[0] == 64
    assert run(capsys, "sign", request, *files)[0] == 64
    assert run(capsys, "sign", request, "--hub", "--plan", str(plan), *files)[0] == 0
    made = certificate((tmp_path / "hub.crt").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hub.federation.example"]
    text = plan.read_text().replace('leaf_urls = ["hub.federation.example:7422"]', "leaf_urls = []")
    (tmp_path / "PLAN.toml").write_text(text)
    code, _, err = run(capsys, "sign", request, "--hub", "--plan", str(tmp_path / "PLAN.toml"), *files)
    assert code != 0
    assert "leaf_urls" in err


# -- real servers


@pytest.fixture
async def linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NatsFederation]:
    """Two members whose links have certificates of this flow, which end in twenty days."""
    certificates = Sides(tmp_path / "tls", days=20)
    monkeypatch.setattr(prepared, "Authority", lambda _folder: certificates)
    async with NatsFederation.new(tmp_path, ("TH", "SG")) as made:
        yield made


async def test_real_servers_link_with_them_and_the_hubs_watchdog_says_when_they_end(linked: NatsFederation) -> None:
    assert await linked.hub.connected() == {"TH", "SG"}
    port = linked.servers.plan.hub.monitor_port
    end = await monitor.leaf_certificate_end(port)
    assert end is not None
    assert end // limits.DAY == NOW // limits.DAY + 20
    seen = {each.name: each for each in await HubWatch(linked.hub).run_once()}
    found = seen["link-certificate"]
    assert (found.kind, found.detail.split(":")[0]) == ("expiring", "19 days left, fewer than 21")
    plan_file = linked.servers.plan_file
    signed = signed_path(plan_file, "th")
    signed.parent.mkdir()
    shutil.copyfile(linked.servers.plan.member("TH").tls.cert_file, signed)
    seen = {each.name: each for each in await HubWatch(linked.hub, plan_file=plan_file).run_once()}
    found = seen["link-certificate of TH"]
    assert (found.kind, found.detail.split(":")[0]) == ("expiring", "19 days left, fewer than 21")
    assert "`suar federation tls request --member TH`" in found.detail
    assert "link-certificate of SG" not in seen, "none is kept"
