"""Errors between a gateway and its own NATS server.

None of these is a peer's fault. Each says whether a retry makes sense. What the server refused carries JetStream's
`err_code`, which callers compare (the class of a nats-py exception changes between versions).
"""
# ruff: noqa: N818 - these are states of a connection that callers handle, named for what they mean

STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014
STREAM_NAME_IN_USE = 10058
WRONG_LAST_ID = 10070
"""`wrong last msg ID`: the preceding message was not stored, so this one is not either."""
WRONG_LAST_SEQ = 10071
"""`wrong last sequence`: something else was stored after the message that the publisher knew as last."""
NO_MESSAGE = 10037
SEQUENCE_NOT_FOUND = 10043
NO_PEERS = 10005
NOT_READY = frozenset({NO_PEERS, 10008, 10009, 10118})
"""A server of the cluster is missing, JetStream is not available, this server leads nothing, a stream is offline: what
a cluster answers while its servers start or elect a leader."""
DELETE_FAILED = 10057
"""`message delete not permitted` in a stream that denies it; else the message is not there."""
STREAM_FULL = 10077
"""`maximum bytes exceeded`: a stream with `discard: new` is full."""


class BusError(Exception):
    """Base of all errors of the bus."""


class Disconnected(BusError):
    """There is no connection, or it broke before the answer.

    What was sent may have arrived: repeat it with the same id.
    """


class NoAnswer(BusError):
    """No answer arrived in time. What was sent may have arrived: repeat it with the same id."""


class NoResponders(BusError):
    """Nothing is subscribed to that subject: the stream or consumer is missing, or JetStream is off."""


class NotPermitted(BusError):
    """The server's permissions do not allow this user that subject."""


class HeartbeatsStopped(BusError):
    """The connection is up, but the heartbeats of an open pull request stopped; the next fetch starts again."""


class ApiError(BusError):
    """The JetStream API returned an error."""

    def __init__(self, err_code: int, description: str) -> None:
        super().__init__(f"{description} ({err_code})")
        self.err_code = err_code
        self.description = description


class PublishRefused(ApiError):
    """JetStream did not store the message; repeating it at once gives the same answer."""
