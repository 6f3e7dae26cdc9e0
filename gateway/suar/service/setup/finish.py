"""`suar setup finish`: compare the federation's files with this machine's, then configure the member.

Nothing is written before all of it fits; the command may be run again.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from suar.federation import nats_config, plan
from suar.federation.links.link_certificate import LinkRequest
from suar.federation.plan import Member, Plan
from suar.files import PUBLIC, atomic_write, read
from suar.protocol.base import limits
from suar.protocol.base.primitives import Secret
from suar.protocol.base.sentences import SentenceFault, sentence
from suar.service.settings.config import Config, load
from suar.service.settings.keyring import NKEYS, Keyring
from suar.service.settings.state import KEYRING
from suar.service.setup.machine_paths import GATEWAY_USER, NATS_USER, MachinePaths, change_owner
from suar.service.setup.settings_file import follow_plan

PEM_END: Final = b"-----END CERTIFICATE-----"
PEM_MAX: Final = 64 * 1024


def passphrase(paths: MachinePaths) -> Secret:
    """The passphrase of the keyring, from the file that the units read."""
    return Secret(read(paths.passphrase, "the passphrase file").removesuffix(b"\n").removesuffix(b"\r"))


def checked(paths: MachinePaths, plan_file: Path, certificate: Path, now: int) -> tuple[Plan, bytes, bytes]:
    """The plan, the certificate and its authority's (both PEM) where all three are for this machine. Fault if not."""
    if not (paths.state / KEYRING).exists():
        raise SentenceFault(
            sentence("there is no member in {folder}", folder=str(paths.state)),
            sentence("begin with {command}", command="`suar setup member`"),
        )
    config = load(paths.state, {})
    found = plan.load(plan_file)
    _check_plan(found, Keyring.open(paths.state / KEYRING, passphrase(paths)), config, paths)
    own, authority = _split(read(certificate, "the certificate"))
    _check_certificate(own, authority, LinkRequest(read(paths.leaf_request, "the request")), config.member.code, now)
    return found, own, authority


def configure(paths: MachinePaths, found: Plan, own: bytes, authority: bytes) -> Member:
    """Write the certificates, the plan, the server's configuration and the settings that follow from the plan."""
    code = load(paths.state, {}).member.code
    member = found.member(code)
    atomic_write(paths.leaf_certificate, own, PUBLIC)
    atomic_write(paths.leaf_authority, authority, PUBLIC)
    atomic_write(paths.nats_config, nats_config.member_config(found, code).encode(), PUBLIC)
    atomic_write(paths.plan, plan.dump(found).encode(), PUBLIC)
    change_owner(paths.nats, NATS_USER)
    _let_gateway_read(paths)
    follow_plan(paths.state, found, code)
    change_owner(paths.data, GATEWAY_USER)
    return member


def _let_gateway_read(paths: MachinePaths) -> None:
    """The gateway reads when the link's certificate ends; the folder's key stays with the server's user alone."""
    paths.nats.chmod(0o711)


def _check_plan(found: Plan, keyring: Keyring, config: Config, paths: MachinePaths) -> None:
    member = found.member(config.member.code)
    again = sentence("send the plan entry in {folder} to the hub's operator again", folder=str(paths.outgoing))
    for role in NKEYS:
        if getattr(member, role) not in (None, keyring.nkey_public(role)):
            text = sentence(
                "the plan has another nkey {role} of {member} than this machine", role=role, member=member.code
            )
            raise SentenceFault(text, again)
    files = (member.tls.cert_file, member.tls.key_file, member.tls.ca_file)
    if files != tuple(map(str, (paths.leaf_certificate, paths.leaf_key, paths.leaf_authority))):
        text = sentence("the plan has other files of the link than {folder}", folder=str(paths.nats))
        raise SentenceFault(text, again)


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Two certificates in one file: the member's, then its authority's."""
    if len(data) > PEM_MAX or data.count(PEM_END) != 2:
        raise SentenceFault(
            sentence("the file of the certificate has not two certificates"),
            sentence("the hub's operator sends the member's and the authority's certificate in one file"),
        )
    own, authority, _ = (part + PEM_END + b"\n" for part in data.split(PEM_END))
    return own.lstrip(), authority.lstrip()


def _check_certificate(own: bytes, authority: bytes, request: LinkRequest, code: str, now: int) -> None:
    again = sentence("ask the hub's operator for the certificate of the request that you sent")
    try:
        certificate, issuer = x509.load_pem_x509_certificate(own), x509.load_pem_x509_certificate(authority)
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        text = sentence("the certificate is not issued by the authority beside it in the file")
        raise SentenceFault(text, again) from None
    names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [code.lower()] or certificate.public_key() != request.key:
        raise SentenceFault(sentence("the certificate is not for this machine's key of {member}", member=code), again)
    at = datetime.fromtimestamp(now / limits.SECOND, UTC)
    if not certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc:
        raise SentenceFault(
            sentence("the certificate is not valid now"),
            sentence("check the clock of this machine; if it is right, ask for a new certificate"),
        )
