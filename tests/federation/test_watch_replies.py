"""The user `watch` of a member's server gives its requests a reply subject: nothing is written for it.

Before, it was in the account of the streams. The server answers wherever the reply subject of a request leads, with its
own rights: the answer became an object in OUTBOX, which goes to every member, or the newest anchor of the gateway's
store, with which the gateway no longer started.
"""

import re
from pathlib import Path

import msgspec
import pytest
from nats.aio.msg import Msg

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.jsapi import call_subject, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import nats_permissions as may
from suar.federation.watching.member_watch import MemberWatch

pytestmark = pytest.mark.essential

OBJECT = "a.frame.all.00000000000000aa"
REPLIES = [
    OBJECT, streams.ANCHOR_SUBJECT, "fed.down.sg", "fed.up.sg", "tip.v1.th.a.frame.all.01", "_INBOX_gw.x",
    "$JS.API.STREAM.PURGE.OUTBOX_SG", "$JS.API.STREAM.DELETE.ANCHOR_SG", "$JS.API.CONSUMER.DELETE.INBOX_SG.gw",
    "$JS.API.CONSUMER.MSG.NEXT.INBOX_SG.gw", "$JS.API.CONSUMER.RESET.OUTBOX_SG.up",
    "fed.ctl.hub.CONSUMER.RESET.REGION.down_sg", "$JS.ACK.INBOX_SG.gw.1.1.1.1.0", "$JS.FC.REGION.down_sg.x",
]  # fmt: skip


async def _collected(admin: Bus) -> set[bytes]:
    """What arrives from now on in the account of the streams, on the subjects of what is sent and answered."""
    received = set[bytes]()

    async def on_message(message: Msg) -> None:
        received.add(message.data)

    for subject in REPLIES[:6]:
        await admin.subscribe(subject, on_message)
    return received


@pytest.mark.parametrize("ask", may.watch_services("SG"))
async def test_no_reply_subject_writes_or_reaches_anything(federation: NatsFederation, ask: str) -> None:
    admin, gateway = federation.members["SG"].admin, await federation.connect("SG", "gateway")
    watch = await federation.connect("SG", "watch")
    received = await _collected(admin)
    for reply in REPLIES:
        await watch.publish(ask, b"", reply)
    answered = await call_subject(watch, ask)
    assert answered["config"]
    for subject, stream in ((OBJECT, "OUTBOX_SG"), (streams.ANCHOR_SUBJECT, "ANCHOR_SG")):
        ours = await gateway.request(subject, b"ours")
        assert msgspec.json.decode(ours.data)["seq"] == 1, stream  # nothing came before it
    assert (await stream_info(admin, "INBOX_SG"))["state"]["consumer_count"] == 1
    assert received == {b"ours"}


def _as_before(config: str) -> str:
    """The configuration of before: the watchdog's user beside the streams, with the rights under JetStream's names."""
    found = re.search(r"^  WATCH \{.*?users \[\n(.*?)    \]\n.*?^  \}\n", config, re.DOTALL | re.MULTILINE)
    assert found is not None
    without = re.sub(r"^.*accounts: \[WATCH\].*\n", "", config.replace(found[0], ""), flags=re.MULTILINE)
    head, users, rest = without.partition("  TIP {\n    jetstream: enabled\n    users [\n")
    return head + users + found[1].replace('"watch.', '"$JS.API.') + rest


def _put_back(file: Path) -> None:
    before = _as_before(file.read_text())
    assert "WATCH" not in before
    file.write_text(before)


async def test_the_watchdog_works_with_a_configuration_of_before(federation: NatsFederation) -> None:
    side = federation.members["SG"]
    _put_back(Path(side.member.config_file))
    await federation.servers.restart("SG")
    bus = await federation.connect("SG", "watch")
    assert {each.name for each in await MemberWatch(side.member, bus, None, side.links).run_once()} == {"INBOX_SG"}
