"""[E12] The heads of our own chains that peers report, used while this process has sealed nothing yet.

A head in a heartbeat carries the signature of its last frame, made with the key of an epoch of ours. The signature
covers the hash but not the number, which is the peer's claim: a frame that we know under another number changes
nothing, because otherwise our next epoch would repeat what a peer invented. This helps if the own streams were lost
too: the next epoch names what others hold of us.
"""

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL, EXERCISE, is_signed_hash
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import outcome
from suar.protocol.transport.epoch import Link
from suar.protocol.transport.heartbeat import Head
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.sending import SendingChain
from suar.service.access.own_objects import NotOurs, read_epoch
from suar.service.core.core import Core
from suar.service.gaps import own_numbers
from suar.store.outbound import sent_before
from suar.store.recovery import readback as recovery


def advance_own_chains(core: Core, connection: Connection, heads: list[Head]) -> None:
    """Advance the end of our own chains to the frames that a peer proves to hold."""
    for head in heads if core.returned.epochs else ():
        _note_returned(core, connection, head)
    for realm in (ACTUAL, EXERCISE):
        chain = core.sender.chains.get((realm, ALL))
        if chain is None or chain.opened is not None:
            continue  # nothing sent yet, or the next frame follows what this process sealed
        for head in heads:
            if head.epoch_id == chain.link.epoch_id and chain.link.frames < head.frames <= limits.FRAMES_AN_EPOCH:
                _move(core, connection, chain, head)


def _note_returned(core: Core, connection: Connection, head: Head) -> None:
    """Raise `restored` about ourselves if a peer holds a frame of an epoch of ours that this state does not know."""
    own = own_numbers.returned_epoch(core, head.epoch_id)
    if own is not None and is_signed_hash("frame", own.epoch.public, head.hash, head.signature, own.epoch.realm):
        alarm = Alarm(outcome.RESTORED, core.member, epoch_id=own.id)
        own_numbers.note_put_back(core, connection, alarm, since=core.started_at)


def _move(core: Core, connection: Connection, chain: SendingChain, head: Head) -> None:
    data = recovery.epoch_data(connection, head.epoch_id)
    try:
        own = read_epoch(core, data or b"", chain.realm)
    except NotOurs:
        return
    if not is_signed_hash("frame", own.epoch.public, head.hash, head.signature, chain.realm):
        return
    if head.hash == chain.link.hash or sent_before.number_of(connection, head.epoch_id, head.hash) is not None:
        return  # no frame that we know has a number so high
    chain.link = Link(head.epoch_id, head.frames, head.hash)
    recovery.set_head(connection, own.signer, chain.realm, ALL, chain.link, chain.not_before)
    alarm = Alarm(outcome.RESTORED, core.member, epoch_id=own.id)
    own_numbers.note_put_back(core, connection, alarm, since=core.started_at)
