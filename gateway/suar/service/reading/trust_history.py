"""Every trust list and Revoke that this gateway holds, as a file for whoever judges evidence elsewhere."""

from suar.protocol.files import trust_file
from suar.protocol.files.trust_file import TrustFile
from suar.service.core.core import Core


def export_trust(core: Core) -> bytes:
    """The file, from the first list that was held to the newest. For any thread: all of it is public."""
    trust = core.status.trust
    lists = tuple(held.data for _, held in sorted(trust.history.items()))
    return trust_file.write(TrustFile(lists, tuple(trust.revokes.values()), ()))
