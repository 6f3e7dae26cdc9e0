"""A change of the offline evidence keys in suar.toml: a line of the audit and a log event at the next start.

Somebody who can write the settings could name two keys of their own. The change takes effect for texts that are sealed
from then on; the audit log shows when it was made and which keys it names.
"""

from typing import Final

from suar.protocol.base.primitives import kid
from suar.service.core.core import Core
from suar.store.engine import meta
from suar.store.people import access

ACT: Final = "evidence-keys"
EVENT: Final = "evidence_keys_changed"
NONE: Final = "none"
_KEPT: Final = "evidence_keys"


def note_change(core: Core) -> bool:
    """Record that the keys are other ones than at the last start; False if they are the same."""
    keys = " ".join(kid(bytes.fromhex(each)).hex() for each in core.config.evidence.sealed_to) or NONE
    with core.database.reading() as connection:
        before = meta.get(connection, _KEPT) or NONE
    if before == keys:
        return False
    with core.transaction() as connection:
        meta.put(connection, _KEPT, keys)
        access.note(connection, access.GATEWAY, ACT, keys, core.clock())
        core.log_event(EVENT, "warning", keys=keys)
    return True
