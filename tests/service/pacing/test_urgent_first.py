"""What waits to be sealed leaves by urgency: the queue of a core, and a gateway whose server or hub is away."""

import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from suar.protocol.message.urgency import LANES
from suar.service.pacing.send_gate import AHEAD, SendGate
from suar.service.publish import accepting, sealing
from suar.service.settings.outbox_capacity import RECEIPT_PRIORITY
from suar.service.status.hub_link import ProbedLink
from suar.service.trust import trust_sync
from support.corekit import CoreKit
from support.gateways import Federation, Running, draft, eventually, now_ms, running

WORDS = ("unknown", "past", "future", "expected", "immediate")


def alert_of(title: str, urgency: str, audience: str | list[str] = "all", **changes: Any) -> dict[str, Any]:
    within = {"ack_within": 24} if urgency == "immediate" else {}
    return draft(title, audience, urgency=urgency, **within, **changes)


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    kit = CoreKit(tmp_path / "th", "TH")
    kit.receive_bundles()
    trust_sync.rotate_bundle(kit.core)
    yield kit
    kit.close()


def accept(kit: CoreKit, *drafts: dict[str, Any]) -> list[str]:
    items = [(json.dumps(each | {"expires": "2027-01-30T00:00:00Z"}).encode(), None) for each in drafts]
    verdicts = accepting.accept(kit.core, items, realm="actual", token="desk")
    assert {each.verdict for each in verdicts} == {"published"}, verdicts[0]
    return [str(each.id) for each in verdicts]


def sealed(kit: CoreKit) -> list[str]:
    """Ids in the order in which they leave."""
    with kit.core.transaction() as connection:
        query = "select p.id from outbox o join place p on p.frame_hash = o.frame_hash order by o.n, p.place"
        return [row[0] for row in connection.exec_driver_sql(query)]


# -- the queue


def test_alerts_leave_by_urgency_and_each_urgency_in_its_order(th: CoreKit) -> None:
    ids: dict[str, list[str]] = {word: [] for word in WORDS}
    for number in range(3):
        for word in WORDS:
            ids[word] += accept(th, alert_of(f"{word} {number}", word))
    sealing.seal_queued(th.core)
    assert sealed(th) == [id_ for word in LANES[:5] for id_ in ids[word]]


def test_an_alert_composed_last_is_the_first_message_of_the_first_frame(th: CoreKit) -> None:
    """More than one round of sealing takes: what is left over waits behind it."""
    for first in range(0, 2_500, 500):
        accept(th, *(alert_of(f"desk {number}", "expected") for number in range(first, first + 500)))
    [last] = accept(th, alert_of("now", "immediate"))
    assert sealing.seal_queued(th.core) > 0
    order = sealed(th)
    assert order[0] == last
    assert len(order) == sealing.SEAL_BATCH
    while sealing.seal_queued(th.core):
        pass
    assert len(set(sealed(th))) == 2_501
    assert sealed(th)[1:] == sorted(sealed(th)[1:])


def test_receipts_leave_after_every_message() -> None:
    assert len(LANES) <= RECEIPT_PRIORITY


# -- the window


def test_nothing_is_sealed_ahead_of_what_can_leave() -> None:
    bus, gateway = SimpleNamespace(is_connected=True), SimpleNamespace(bus=SimpleNamespace(link=ProbedLink()))
    pace = SimpleNamespace(is_holding_messages=False)
    window = SendGate(gateway, bus, pace)  # type: ignore[arg-type]  # stand-ins that have what a window calls
    assert window.is_open  # of a link that nobody can see nothing is held up
    bus.is_connected = False
    assert not window.is_open
    bus.is_connected = True
    assert not window.record_backlog(AHEAD)
    assert not window.is_open
    assert window.record_backlog(AHEAD - 1)  # it opened: whoever seals is to be woken
    assert window.is_open
    assert not window.record_backlog(0)
    gateway.bus.link = ProbedLink(has_leaf=False)
    assert not window.is_open
    gateway.bus.link = ProbedLink(has_leaf=True)
    assert window.is_open
    pace.is_holding_messages = True
    assert not window.is_open


# -- real servers that are away


async def _order_at(sg: Running, before: int) -> list[str]:
    """Ids in the order in which they were admitted, behind a row number."""
    lines = await sg.get("/v1/messages", params={"after": before, "limit": 1000})
    return [line["id"] for line in lines]


async def _newest(sg: Running) -> int:
    lines = await sg.inbox()
    return lines[-1]["n"] if lines else 0


async def _compose(th: Running, name: str, number_of: int = 300) -> tuple[list[str], str]:
    many = await th.publish(*(alert_of(f"{name} {number}", "expected") for number in range(number_of)))
    [last] = await th.publish(alert_of(f"{name} now", "immediate"))
    return many, last


_PROBES = count()


async def _holds(th: Running) -> bool:
    """Whether it seals nothing: it knows that nothing can leave, and what was published a moment ago still waits."""
    checks = {line["id"]: line["status"] for line in (await th.get("/v1/checks"))["checks"]}
    if "critical" not in (checks["bus-connected"], checks["hub-link"]):
        return False
    probes = [(await th.publish(draft(f"probe {next(_PROBES)}")))[0] for _ in range(2)]
    # what was to be sealed when the first one was accepted has been sealed before the second one is accepted
    return {state for probe in probes for state in (await th.states(probe)).values()} == {"queued"}


async def _left_first(federation: Federation, victim: str) -> bool:
    """Whether the try tells: what the servers themselves pass over when they come back (docs/gaps.md) comes later."""
    th, sg = federation["TH"], federation["SG"]
    before, since = await _newest(sg), str(now_ms())
    federation.nats.servers[victim].kill()
    await eventually(lambda: _holds(th), 120, th.words)
    many, last = await _compose(th, victim)
    assert set((await th.states(last)).values()) == {"queued"}

    async def is_over() -> bool:
        return {*many, last} <= set(await _order_at(sg, before)) or await sg.was_passed_over(since)

    await federation.nats.servers.restart(victim)
    await eventually(is_over, 120, th.words)
    if await sg.was_passed_over(since):
        return False
    order = [id_ for id_ in await _order_at(sg, before) if id_ in {*many, last}]
    assert order[0] == last
    assert order[1:] == many
    return True


async def test_an_alert_composed_last_overtakes_all_that_waits_for_the_own_server_and_for_the_hub(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, "SG", "TH") as federation:
        await federation.stored_everywhere("TH", *await federation["TH"].publish(draft("before")))
        for victim in ("th", "hub"):
            await eventually(partial(_left_first, federation, victim), 120)
