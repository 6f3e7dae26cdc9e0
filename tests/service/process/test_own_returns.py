"""What the receive loop counts as a sign that the hub stores what this gateway sends."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from suar.bus.consume import Delivery
from suar.protocol.base import subjects
from suar.protocol.base.link_names import ONE_HUB, ONLY_HUB
from suar.protocol.base.primitives import message_id
from suar.service.pacing.echoes import Echoes
from suar.service.pacing.return_order import ReturnOrder
from suar.service.process.loop_receive import Receiving
from support.corekit import CoreKit


class Inbox:
    """A receive loop's run, and what its INBOX delivers next."""

    def __init__(self, core: Any) -> None:
        self.core, self.bus, self.ready = core, None, None
        self.echoes, self.return_order = Echoes(core.member), ReturnOrder(ONE_HUB)
        self.hubs = SimpleNamespace(is_on=False)
        self.next: list[Delivery] = []

    async def fetch(self, *_: object, **__: object) -> list[Delivery]:
        return self.next


async def test_an_object_from_before_the_start_is_no_sign_and_is_not_judged(tmp_path: Path) -> None:
    """An INBOX that was put back delivers it again, while the hub drops what was sent since the start."""
    kit = CoreKit(tmp_path, "TH")
    inbox: Any = Inbox(kit.core)
    loop = Receiving(inbox, ONLY_HUB)
    old, new = b"sealed before", b"sealed since"
    inbox.echoes.expect(map(message_id, (old, new)))
    inbox.return_order.expect(map(message_id, (old, new)), kit.now, 1, [message_id(old)])
    for data, has_returned in ((old, False), (old, False), (new, True)):
        inbox.next = [SimpleNamespace(subject=subjects.hub("TH", "frame.all.01"), data=data)]
        pulled = await loop.pull(inbox)
        assert pulled.arrivals == []
        assert kit.core.echo.has_returned == has_returned, data
    kit.close()
