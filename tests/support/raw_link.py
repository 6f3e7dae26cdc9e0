"""Links to the hub with a member's LINK_SEED and certificate, and sends what no NATS server would."""

import contextlib
import json
import socket
import ssl
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping

import nkeys

from suar.federation.plan import Hub, Member

WAIT = 60.0  # seconds; ends a test that hangs


@contextlib.contextmanager
def raw_link(hub: Hub, member: Member, environ: Mapping[str, str], name: str = "thief") -> Iterator[ssl.SSLSocket]:
    """A link of the member within the block, once the hub took it; `environ` as in the member's nats.env.

    A second link of the same name ends the first.
    """
    context = ssl.create_default_context(cafile=member.tls.ca_file)
    context.load_cert_chain(member.tls.cert_file, member.tls.key_file)
    pair = nkeys.from_seed(environ["LINK_SEED"].encode())
    host, port = hub.leaf.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=WAIT) as plain:
        greeting = json.loads(plain.recv(65_536).partition(b"INFO ")[2].split(b"\r\n")[0])
        signature = urlsafe_b64encode(pair.sign(greeting["nonce"].encode())).decode().rstrip("=")
        options = {
            "version": greeting["version"], "nkey": pair.public_key.decode(), "sig": signature, "tls_required": True,
            "server_id": "N" + "A" * 55, "name": name, "cluster": name, "headers": True, "protocol": 1,
        }  # fmt: skip
        with context.wrap_socket(plain, server_hostname=host) as link:
            link.sendall(b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n")
            _until_pong(link)
            yield link


def _until_pong(link: ssl.SSLSocket) -> None:
    got = b""
    while b"PONG\r\n" not in got:
        more = link.recv(65_536)
        assert more, "the hub closed the link"
        got += more


def object_of(
    member: Member,
    consumer_seq: int,
    stream_seq: int,
    subject: bytes = b"a.frame.all.0123456789abcdef",
    headers: bytes = b"",
    data: bytes = b"xxx",
) -> bytes:
    """One object as the consumer of the member's OUTBOX delivers it, with these numbers."""
    ack = f"$JS.ACK.OUTBOX_{member.code}.up.1.{stream_seq}.{consumer_seq}.{time.time_ns()}.0"
    line = f"fed.up.{member.low} {ack}@".encode() + subject
    if headers:
        size = len(headers), len(headers) + len(data)
        return b"HMSG %s %d %d\r\n%s%s\r\n" % (line, *size, headers, data)
    return b"LMSG %s %d\r\n%s\r\n" % (line, len(data), data)


def control(subject: str, reply: str) -> bytes:
    """What a source answers: a request for flow control, and a heartbeat that says its consumer is stalled."""
    request = b"NATS/1.0 100 FlowControl Request\r\n\r\n"
    stalled = f"NATS/1.0 100 Idle Heartbeat\r\nNats-Consumer-Stalled: {reply}\r\n\r\n".encode()
    return b"".join((
        f"HMSG {subject} {reply} {len(request)} {len(request)}\r\n".encode(), request, b"\r\n",
        f"HMSG {subject} {len(stalled)} {len(stalled)}\r\n".encode(), stalled, b"\r\n",
    ))  # fmt: skip


def settle(link: ssl.SSLSocket) -> None:
    """Return once the hub read all that was sent."""
    link.sendall(b"PING\r\n")
    _until_pong(link)
