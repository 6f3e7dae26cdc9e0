"""Frames of ours that are asked for again, without the bound that a member has."""

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.store.outbound import outbox


def republish(
    connection: Connection, epoch_id: bytes, first: int, last: int, member: str, after: int = outbox.AGAIN_AFTER
) -> int:
    """Publish the epoch and a range of its frames again; how many objects."""
    return outbox.republish_within(connection, epoch_id, first, last, member, after, limits.INTEGER_MAX).objects
