"""What goes with evidence to those who verify it elsewhere: the history of trust, and long-term containers.

A container is created and renewed with a token of the operator's authority.
"""

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import hash_
from suar.protocol.files import container as files
from suar.protocol.files import trust_file
from suar.protocol.files.container import AUDIT, EVIDENCE, MESSAGE, TRUST, Container, Layer
from suar.protocol.files.evidence import read as read_evidence
from suar.protocol.files.trust_file import TrustFile
from suar.service.core.core import Core
from suar.service.reading import stamping
from suar.service.reading.authority import NotStamped, authority_of, request_token
from suar.service.reading.evidence import Exported, check
from suar.service.settings.config import Config

_NAME_ONE = "name one in suar.toml: evidence.authority and evidence.authority_ca_file (docs/evidence.md)"


def export_trust(core: Core) -> bytes:
    """Return the trust file: all lists from the first to the newest, all Revokes, and their time stamps.

    For any thread.
    """
    trust = core.status.trust
    lists = tuple(held.data for _, held in sorted(trust.history.items()))
    revokes = tuple(trust.revokes.values())
    values = [*(held.hash for held in trust.history.values()), *(hash_("revoke", data[84:]) for data in revokes)]
    with core.database.reading() as connection:
        stamps = tuple(stamping.stamps_of(core, connection, values))
    return trust_file.write(TrustFile(lists, revokes, stamps))


def objects_of(core: Core, exported: Exported, report: bytes | None = None) -> Container:
    """Return the container of an exported message before its first time stamp. May be called from any thread.

    `report`: lines of the audit about who published it. Raises Fault if they do not verify with the evidence.
    """
    message = read_evidence(exported.data).message
    history = export_trust(core)
    objects = {EVIDENCE: exported.data, MESSAGE: message, TRUST: history}
    if report is not None:
        check(core, exported.id, exported.data, report)
        objects[AUDIT] = report
    return Container(objects, ())


async def stamped(config: Config, container: Container, algorithm: int = 1) -> bytes:
    """Return the container with one more time-stamped layer, as bytes that were verified again after they were written.

    Raises Fault if no authority is named, it gives no token, or the container has `LAYERS_MAX` layers.
    """
    if not config.evidence.authority:
        raise Fault("no time-stamping authority is named, and a container needs one", _NAME_ONE)
    if len(container.layers) >= files.LAYERS_MAX:
        raise Fault(f"the container was renewed {files.LAYERS_MAX - 1} times", "make a new one from the message")
    manifest = files.manifest(container, algorithm)
    try:
        token = await request_token(config, manifest)
    except NotStamped as outcome:
        raise Fault(f"the time-stamping authority gave no token: {outcome.why}", "try again later") from None
    data = files.write(files.renewed(container, Layer(algorithm, token.data)))
    authority = authority_of(config)
    if authority is None or files.moments(files.read(data), authority)[-1] is None:
        raise Fault("the container that was made does not prove its time", _NAME_ONE)
    return data
