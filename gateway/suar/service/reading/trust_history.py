"""Every trust list and Revoke that this gateway holds, as one file for those who verify evidence elsewhere."""

from suar.protocol.base.primitives import hash_
from suar.protocol.files import trust_file
from suar.protocol.files.trust_file import TrustFile
from suar.service.core.core import Core
from suar.service.reading import stamping


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
