"""The state folder of the gateway that stands behind the API in tests, copied from one that is made once."""

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from protocol.privacy.trends import trend
from suar.observe.hooks import Hooks
from suar.protocol.base.primitives import Secret
from suar.protocol.message.kinds import Entry
from suar.service.access.tokens import new_token
from suar.service.core.core import Core
from suar.service.core.seams import FaultPoints
from suar.service.gaps.ends import end_resolved
from suar.service.publish import accepting, sealing
from suar.service.receipts.receipts import make_receipt
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival
from suar.service.settings.config import load
from suar.service.settings.keyring import Identity, Keyring
from support import stores
from support.corekit import PASSPHRASE, CoreKit, epoch_of, frame_of
from support.healthy import NOW
from support.hostile_drafts import draft, written
from support.kit import ListMaker, actor, alert, open_sending

LOCAL = new_token()
ID = "TH-ALERT-2027-000001"
THEIRS = "SG-ALERT-2027-000001"
IDENTITY = actor("TH").kid
_ROUTES = itertools.count(1)


COUNTS: Final = {"female": 4, "male": 55, "unknown": 31, "total": 90}


def table(counts: Mapping[str, int] = COUNTS, **changes: Any) -> bytes:
    """Return a draft of a trend by sex; of its four figures two are hidden, one for the other's sake."""
    values = {(sex,): count for sex, count in counts.items()}
    tree = msgspec.to_builtins(trend(values, ["sex"], **changes))
    return written({name: value for name, value in tree.items() if name not in {"id", "rev", "sent"}})


def alert_draft(summary: str | None = None, **changes: Any) -> bytes:
    """Return a draft of an alert that is published with a warning; without a summary, as no other is."""
    text = text_of(summary or f"Seen again on route {next(_ROUTES)}.")
    return written(draft("alert-new-route", "TH", NOW, **{"text": text} | changes))


def text_of(summary: str) -> list[dict[str, str]]:
    """Return a text in English."""
    return [{"lang": "en", "title": "A route", "summary": summary}]


def held_alert() -> bytes:
    """Return a draft of an alert that waits for a second person, as no other does."""
    return alert_draft(f"On route {next(_ROUTES)}, ask for Maria Santos.")


REFUSED = alert_draft("No TLP.", tlp=None)
"""A draft that is refused for a field that it does not have."""
TELEPHONE = text_of("Call 081-234-5678.")
"""A text for which a draft is refused."""
NAME = text_of("Ask for Maria Santos.")
"""A text for which a draft waits for a second person."""
EARLIER_TABLE = table({"female": 31, "male": 50, "total": 79}, period="2020")
"""A table that leaves, with a total that is wrong by 2."""
REFUSED_TABLE = table({"female": 29, "male": 50, "total": 79}, period="2020")
"""A table that is refused once that one has left: of a count that moved by so little nothing protects the change."""


@cache
def template() -> Path:
    """A state folder with a store in a file, made once."""
    folder = Path(tempfile.mkdtemp(prefix="suar-tests-"))
    atexit.register(shutil.rmtree, folder)
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    """Thailand's state: a message of ours, five of others, a gap that ended, one that is open."""
    kit = CoreKit(folder, "TH")
    kit.receive_bundles()
    _publish(kit, draft("alert-new-route", "TH", NOW))
    confirm(kit.core, kit.lists, "SG")
    _receive_frames(kit, "VN", (1, 3, 2))
    assert end_resolved(kit.core) == 1
    _receive_frames(kit, "SG", (1, 3))
    kit.close()


def _publish(kit: CoreKit, message: dict[str, Any]) -> None:
    [made] = accepting.accept(kit.core, [(written(message), None)], realm="actual", token="desk")
    assert (made.id, made.verdict) == (ID, "published"), made
    assert send(kit.core) == 1


def send(core: Core) -> int:
    """Seal what was accepted, and take it as published; return how many frames."""
    sealed = sealing.seal_queued(core)
    sealing.mark_published(core, sealing.next_to_publish(core, 100))
    return sealed


def confirm(core: Core, lists: ListMaker, code: str) -> None:
    """A member's receipt: everything of ours is stored there."""
    with core.transaction() as connection:
        found = (
            connection.exec_driver_sql("select frame_hash from outbox where messages > 0 order by n").scalars().all()
        )
    receipt = make_receipt(code, "actual", "stored", [Entry(frame=each.hex()) for each in found], NOW)
    sending = open_sending(actor(code), lists, channel=core.member, to=(code, core.member))
    inbound.receive_batch(core, [Arrival(*each) for each in (epoch_of(sending), frame_of(sending, receipt))])


def _receive_frames(kit: CoreKit, code: str, order: Sequence[int]) -> None:
    """Frames of a member with a message each; where one lacks, that is told."""
    sending = open_sending(actor(code), kit.lists)
    frames = {number: frame_of(sending, alert(f"{code}-ALERT-2027-{number:06d}")) for number in range(1, 4)}
    kit.receive(epoch_of(sending), *(frames[number] for number in order))


def core_of(folder: Path, **environ: str) -> Core:
    keyring = Keyring.open(folder / "keyring.suar", PASSPHRASE)
    keyring.identities = [Identity(IDENTITY, Secret(actor("TH").identity), NOW)]
    core = Core(load(folder, environ), keyring, stores.opened(folder), Hooks(), lambda: NOW, FaultPoints(""))
    core.load()
    return core
