"""Seals the texts under a legal hold to the offline evidence keys when their recall arrives.

The sealed content is the evidence of the revision, as a file that a third party can verify; if that can no longer be
made, the signed bytes. The rows are then destroyed as by any recall, so this gateway can show the text to nobody, not
even to someone who has its machine and its passphrase. Without evidence keys the texts remain, encrypted under the
store's key.
"""

from typing import Any

from sqlalchemy import Connection, Row

from suar.protocol.base.errors import Fault
from suar.protocol.base.sealing import seal
from suar.service.core.core import Core
from suar.service.reading import evidence
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import recalls
from suar.store.people import legal_holds


def seal_below(core: Core, connection: Connection, id_: str, below: int) -> bool:
    """Seal the texts of a held message below a revision in the caller's transaction, which then destroys them.

    Returns False if no keys are set or a row cannot be decrypted: then nothing may be destroyed.
    """
    publics = [bytes.fromhex(each) for each in core.config.evidence.sealed_to]
    if not publics:
        return False
    plain: dict[int, bytes] = {}
    for rev in recalls.kept_below(connection, id_, below, core.member):
        row = messages.find(connection, id_, rev)
        try:
            text = messages.body_of(core.vault, row) if row is not None else None
        except AlteredRow:
            return False
        if row is not None and text is not None:
            plain[rev] = _provable(core, connection, row, text)
    for rev, content in plain.items():
        legal_holds.keep_text(connection, id_, rev, seal(publics, content), core.clock())
    return True


def _provable(core: Core, connection: Connection, row: Row[Any], text: bytes) -> bytes:
    try:
        return evidence.assembled(core, connection, row, text)
    except Fault:
        return text
