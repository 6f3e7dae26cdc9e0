"""A hub that lies, with nothing but its operator's own credentials (and, where it says so, a member's keys).

Each lie is detected by the rule that protocol.md names, shown at the victim, and leaves its first pair or a sample in
the victim's store. The hub's watchdog does not run here: it is the operator who lies.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from chaos.arena import Arena
from chaos.schedule import Fault
from chaos.stores import Store, stores
from chaos.withheld import exact_gaps
from suar.bus import streams
from suar.demo.story.adversary import Captured, LyingHub, Thief, numbered
from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL, kid
from suar.protocol.compose import complete
from suar.protocol.trust import revoke
from suar.service.process import offline
from support.gateways import PASSPHRASE, draft, eventually, now_ms
from support.patience import PATIENCE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

CODES: Final = ("SG", "TH", "VN")  # TH is lied about, VN is lied to, SG sees everything
HEARTBEAT: Final = 2.0
SHOWN: Final = PATIENCE  # two heartbeats on an idle machine
TYPES: Final = ("trust", "keys", "revoke", "epoch", "frame")


class Stage:
    """The federation, the hub's operator, and what the victims see."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.hub = arena, LyingHub(arena.nats.hub.admin)
        self.lists = arena.lists

    def __getitem__(self, code: str) -> Any:
        return self.arena[code]

    def store(self, code: str) -> Store:
        return stores(self.arena)[code]

    # -- what the operator can do

    @contextlib.asynccontextmanager
    async def keeping(self, victim: str, *dropped: tuple[str, str]) -> AsyncIterator[None]:
        """Keep objects to all of these (sender, type) from `victim`, by the filter of its consumer."""
        kept = [
            f"tip.v1.{code.lower()}.{realm}.{type_}.all.>"
            for code in CODES
            for type_ in TYPES
            for realm in ("a", "x")
            if (code, type_) not in dropped and (realm == "a" or type_ in ("epoch", "frame"))
        ]
        honest = streams.down(victim)
        lying = {**honest, "filter_subjects": [*kept, f"tip.v1.*.*.*.{victim.lower()}.>"]}
        await streams.ensure_consumer(self.arena.nats.hub.admin, "REGION", lying)
        try:
            yield
        finally:
            await streams.ensure_consumer(self.arena.nats.hub.admin, "REGION", honest)

    async def frames(self, sender: str) -> list[Captured]:
        """The sender's frames to all that carry messages, as the hub has them."""
        found = await self.hub.captured(f"{subjects.hub(sender, 'a.frame.all')}.")
        return [frame for frame in found if frame.messages]

    # -- what the victim shows

    async def alarmed(self, code: str, name: str, member: str, since: int, **fields: str) -> dict[str, Any]:
        """The alarm with these fields, its evidence kept."""
        found: list[dict[str, Any]] = []

        async def shown() -> bool:
            alarms = await self.alarms(code, name, member, since)
            found[:] = [alarm for alarm in alarms if fields.items() <= alarm.items()]
            return bool(found)

        await eventually(shown, SHOWN, self[code].words)
        if name != "silence":
            sql = "select count(*) from alarm where name = ? and member = ? and at >= ? and length(evidence) > 0"
            assert self.store(code).rows(sql, name, member, since)[0][0] > 0
        return found[0]

    async def claimed(self, code: str, claimant: str, frame: Captured) -> None:
        """Until a gap that the claimant names has this frame: a new alarm, or an earlier one that grows by it."""
        token = frame.subject.rsplit(".", 1)[1]

        async def shown() -> bool:
            alarms = await self.alarms(code, "gap", claimant, since=0)
            named = [alarm for alarm in alarms if alarm["epoch"].startswith(token)]
            return any(alarm["first"] <= frame.seq <= alarm["last"] for alarm in named)

        await eventually(shown, SHOWN, self[code].words)

    async def alarms(self, code: str, name: str, member: str, since: int) -> list[dict[str, Any]]:
        """Every alarm of that name about the member."""
        alarms = await self[code].get("/v1/alarms", params={"since": str(since)})
        return [alarm for alarm in alarms if (alarm["name"], alarm["member"]) == (name, member)]

    async def counted(self, at: str, metric: str, **labels: str) -> float:
        """One counter or gauge of GET /metrics."""
        page = (await self[at].call("GET", "/metrics")).text
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        lines = [line for line in page.splitlines() if line.startswith(metric) and all(w in line for w in wanted)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    async def refused(self, code: str, sender: str, refusal: str, do: Callable[[], Awaitable[None]]) -> None:
        """The victim counts the refusal within two heartbeats and keeps a sample of what it refused."""
        metric = "suar_messages_refused_total"
        before = await self.counted(code, metric, origin=sender, code=refusal)
        await do()

        async def counted() -> bool:
            return await self.counted(code, metric, origin=sender, code=refusal) > before

        await eventually(counted, SHOWN, self[code].words)
        samples = "select count(*) from sample where origin = ? and code = ? and length(data) > 0"
        signed = "select count(*) from quarantine where sender = ? and code = ? and length(sealed) > 0"
        kept = [self.store(code).rows(sql, sender, refusal)[0][0] for sql in (samples, signed)]
        assert sum(kept) > 0

    async def check(self, code: str, id_: str, entity: str = "") -> str:
        """The status of a check at the victim."""
        lines = (await self[code].get("/v1/checks"))["checks"]
        return next(
            str(line["status"]) for line in lines if line["id"] == id_ and (not entity or line["entity"] == entity)
        )

    async def titled(self, code: str, title: str, within: float = 120.0) -> None:
        async def there() -> bool:
            return title in await self[code].titles()

        await eventually(there, within, self[code].words)

    async def wait_until_up(self, code: str) -> None:
        """Wait until every peer of `code` is up and nothing waits."""

        async def well() -> bool:
            peers = await self[code].get("/v1/peers")
            return all(peer["up"] for peer in peers) and not self.store(code).waiting

        await eventually(well, 120, self[code].words)

    async def new_epochs(self) -> None:
        """A new bundle of SG: everybody's next frame begins an epoch ([E13])."""
        assert (await self["SG"].call("POST", "/v1/keys/rotate")).status_code == 200


@contextlib.asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    arena = Arena(folder, CODES, HEARTBEAT, is_watched=False)
    async with arena:
        stage = Stage(arena)
        for code in CODES:
            await stage.wait_until_up(code)
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One federation for the lies after which it goes on as before."""
    async with staged(tmp_path_factory.mktemp("lies")) as made:
        yield made


# -- [F6] [F11] frames that do not come


async def test_it_drops(stage: Stage) -> None:
    """[F6] The next frame shows the gap, with its exact range, and no alert behind it waits."""
    since = now_ms()
    async with stage.keeping("VN", ("TH", "frame")):
        await stage["TH"].publish(draft("dropped"))
        await stage.titled("SG", "dropped")
        await stage["SG"].publish(draft("seen by VN: drops"))
        await stage.titled("VN", "seen by VN: drops")
    await stage["TH"].publish(draft("after the drop"))
    await stage.titled("VN", "after the drop", SHOWN)
    alarm = await stage.alarmed("VN", "gap", "TH", since)
    gaps = await exact_gaps(stage.arena, stores(stage.arena), [Fault(0, "withhold", "TH", 0, "VN")])
    raised = {(a.epoch_id, a.first, a.last) for a in stage.store("VN").alarms() if a.name == "gap"}
    exact = gaps.must("VN") & raised
    inside = [
        gap for gap in exact if gap[0].hex() == alarm["epoch"] and gap[1] <= alarm["first"] <= alarm["last"] <= gap[2]
    ]
    assert inside, (alarm, exact)  # a heartbeat may have told of the first of them before the next frame told of all
    assert await stage.check("VN", "gaps", "TH") == "warning"


async def test_it_withholds_a_tail(stage: Stage) -> None:
    """[F11] Nothing follows that could show a gap: what the others saw of TH does."""
    since = now_ms()
    async with stage.keeping("VN", ("TH", "frame")):
        await stage["TH"].publish(draft("the last word"))
        await stage.titled("SG", "the last word")
        await stage.claimed("VN", "SG", (await stage.frames("TH"))[-1])  # by SG's next heartbeat
        assert await stage.alarms("VN", "gap", "TH", since) == []
        await stage.alarmed("VN", "silence", "TH", since)
        peers = {peer["member"]: peer["up"] for peer in await stage["VN"].get("/v1/peers")}
        assert peers == {"SG": True, "TH": False}
    await stage.wait_until_up("VN")


async def test_it_withholds_the_end_of_an_epoch(stage: Stage) -> None:
    """[E8] The next epoch says where the one before it ended."""
    since = now_ms()
    async with stage.keeping("VN", ("TH", "frame"), ("SG", "frame")):
        await stage["TH"].publish(draft("the end of an epoch"))
        await stage.titled("SG", "the end of an epoch")
        await stage.new_epochs()
        alarm = await stage.alarmed("VN", "withheld-tail", "TH", since)
        sealed = [f.seq for f in stage.store("TH").sealed() if f.epoch_id.hex() == alarm["epoch"]]
        assert alarm["last"] == max(sealed)
    await stage.wait_until_up("VN")


# -- [F6] frames that come again


async def test_it_replays_and_duplicates(stage: Stage) -> None:
    await stage["TH"].publish(draft("once"))
    await stage.titled("VN", "once")
    frame = (await stage.frames("TH"))[-1]
    before = await stage.counted("VN", "suar_replays_refused_total", origin="TH")
    async with stage.hub.taking_subjects():
        await stage.hub.inject(frame.subject, frame.data)
        await stage.hub.inject(frame.subject, frame.data)

        async def twice() -> bool:
            return await stage.counted("VN", "suar_replays_refused_total", origin="TH") >= before + 2

        await eventually(twice, SHOWN)
    assert (await stage["VN"].titles()).count("once") == 1


async def test_it_reorders(stage: Stage) -> None:
    """[F6] A later frame comes first: gap; the earlier one comes late: accepted, and each message is there once."""
    since = now_ms()
    async with stage.keeping("VN", ("TH", "frame")):
        await stage["TH"].publish(draft("in order: 1"))
        await stage.titled("SG", "in order: 1")
        await stage["TH"].publish(draft("in order: 2"))
        await stage.titled("SG", "in order: 2")
        await stage["SG"].publish(draft("seen by VN: reorders"))
        await stage.titled("VN", "seen by VN: reorders")
    first, second = (await stage.frames("TH"))[-2:]
    async with stage.hub.taking_subjects():
        await stage.hub.inject(second.subject, second.data)
        await stage.titled("VN", "in order: 2", SHOWN)
        await stage.hub.inject(first.subject, first.data)
        await stage.titled("VN", "in order: 1", SHOWN)
    alarms = await stage["VN"].get("/v1/alarms", params={"since": str(since)})
    ranges = [(a["first"], a["last"]) for a in alarms if a["name"] == "gap" and a["epoch"] == first.data[4:36].hex()]
    assert any(low <= first.seq <= high for low, high in ranges)  # to the second, if a heartbeat told of both before
    titles = await stage["VN"].titles()
    assert [titles.count(f"in order: {n}") for n in (1, 2)] == [1, 1]


# -- [F3] [E2] other names


async def test_it_swaps_subjects(stage: Stage) -> None:
    await stage["TH"].publish(draft("whose is it"))
    await stage.titled("VN", "whose is it")
    frame = (await stage.frames("TH"))[-1]
    swapped = subjects.hub("SG", frame.subject.split(".", 3)[3])

    async with stage.hub.taking_subjects():
        await stage.refused("VN", "SG", "E-FRAME-SUBJECT", lambda: stage.hub.inject(swapped, frame.data))
        exercise = frame.subject.replace(".a.frame.", ".x.frame.")
        await stage.refused("VN", "TH", "E-FRAME-SUBJECT", lambda: stage.hub.inject(exercise, frame.data))
        epoch = (await stage.hub.captured(f"{subjects.hub('TH', 'a.epoch.all')}."))[-1]
        other = subjects.hub("SG", epoch.subject.split(".", 3)[3])
        await stage.refused("VN", "SG", "E-EPOCH-SUBJECT", lambda: stage.hub.inject(other, epoch.data))


# -- [F11] keys and lists that do not come


async def test_it_freezes_a_key_bundle(stage: Stage) -> None:
    """[F11] TH's heartbeat names the bundle that it uses now, and VN does not have it."""
    since = now_ms()
    async with stage.keeping("VN", ("TH", "keys")):
        answer = await stage["TH"].call("POST", "/v1/keys/rotate")
        assert answer.status_code == 200
        alarm = await stage.alarmed("VN", "bundle-withheld", "TH", since)
        assert alarm["message"] == answer.json()["kid"]
        assert await stage.check("VN", "alarms", "TH") == "warning"
    await stage["TH"].call("POST", "/v1/keys/rotate")
    await stage.wait_until_up("VN")


async def test_it_replays_old_trust_lists(stage: Stage) -> None:
    """[T1] What is in our history changes nothing, whoever shows it and how often; [T6] no list is skipped."""
    old = stage.lists.data
    new = stage.lists.next()
    await stage.arena.hand_over(new, to="TH")
    version = stage.lists.version
    since = now_ms()
    async with stage.hub.taking_subjects():
        for code in ("TH", "SG"):
            await stage.hub.inject(subjects.hub(code, subjects.trust(version - 1)), old)
        await stage["TH"].publish(draft("under the new list"))
        await stage.titled("VN", "under the new list")
    for code in CODES:
        assert (await stage[code].get("/v1/trust"))["version"] == version
        alarms = await stage[code].get("/v1/alarms", params={"since": str(since)})
        assert [alarm for alarm in alarms if alarm["name"] in {"fork", "rollback"}] == []


async def test_it_withholds_a_trust_list(stage: Stage) -> None:
    """[E3] Epochs that name it wait, so everybody falls silent; after 15 minutes the check is critical."""
    since = now_ms()
    dropped = [(code, "trust") for code in CODES]
    async with stage.keeping("VN", *dropped):
        answer = await stage["TH"].call("POST", "/v1/trust", stage.lists.next())
        assert answer.status_code == 200
        await stage.alarmed("VN", "silence", "TH", since)
        await stage.alarmed("VN", "silence", "SG", since)
        await _critical_after_a_quarter_of_an_hour(stage)
    assert (await stage["VN"].get("/v1/trust"))["version"] == stage.lists.version - 1
    answer = await stage["VN"].call("POST", "/v1/trust", stage.lists.data)  # by hand, as an operator would
    assert answer.status_code == 200
    await stage.wait_until_up("VN")


async def test_it_withholds_an_epoch_but_not_its_frames(stage: Stage) -> None:
    """[F2] Its frames wait: silence, and after 15 minutes the check; [E8] the next epoch names the missing one."""
    since = now_ms()
    async with stage.keeping("VN", ("TH", "epoch")):
        await stage.new_epochs()
        await stage["TH"].publish(draft("in an epoch that did not come"))
        await stage.titled("SG", "in an epoch that did not come")
        await stage.alarmed("VN", "silence", "TH", since)
        assert stage.store("VN").waiting > 0
        await _critical_after_a_quarter_of_an_hour(stage)
    await stage.new_epochs()
    alarm = await stage.alarmed("VN", "epoch-missing", "TH", since)
    missing = stage.store("TH").rows("select epoch_id from outbox where epoch_id = ?", bytes.fromhex(alarm["epoch"]))
    assert missing
    epochs = {each.subject[-16:]: each for each in await stage.hub.captured(f"{subjects.hub('TH', 'a.epoch.all')}.")}
    delivered: set[str] = set()

    async def opened() -> bool:
        """A hub that repents: the epoch late, then what waited for it. A heartbeat may have begun one more."""
        for each in await stage.alarms("VN", "epoch-missing", "TH", since):
            if each["epoch"] not in delivered:
                delivered.add(each["epoch"])
                lost = epochs[each["epoch"][:16]]
                await stage.hub.inject(lost.subject, lost.data)
        return "in an epoch that did not come" in await stage["VN"].titles()

    async with stage.hub.taking_subjects():
        await eventually(opened, 120, stage["VN"].words)
    await stage.wait_until_up("VN")


async def _critical_after_a_quarter_of_an_hour(stage: Stage) -> None:
    """VN's clock alone is moved: what the check would say then. Back again by the documented way."""
    assert await stage.check("VN", "waiting") == "ok"
    stage.arena.set_clock("VN", limits.WAIT_CRITICAL + limits.MINUTE)
    try:
        assert await stage.check("VN", "waiting") == "critical"
    finally:
        stage.arena.set_clock("VN", 0)
        assert (await stage["VN"].call("POST", "/v1/clock/reset")).status_code == 200


# -- with a member's keys


async def test_it_shows_two_states_different_frames(tmp_path: Path) -> None:
    """[F6] [F11] TH's keys make two frames of one number; the hub gives one to SG and the other to VN."""
    async with staged(tmp_path) as stage:
        await stage["TH"].publish(draft("before the fork"))
        await stage.titled("VN", "before the fork")
        stage["TH"].end()
        since = now_ms()
        with offline.open_offline(stage["TH"].folder, PASSPHRASE) as core:
            thief = Thief(core, await stage.arena.nats.connect("TH", "gateway"))
            one, other = (_whole(thief.member, number) for number in (900_001, 900_002))
            sealed = thief.seal(one)
            subject, second = thief.second_frame(other)
            async with stage.hub.taking_subjects():
                for each in sealed[:-1]:  # the epoch, to both
                    await stage.hub.inject(subjects.hub("TH", each.subject), each.data)
                async with stage.keeping("VN", ("TH", "frame")):
                    await stage.hub.inject(subjects.hub("TH", sealed[-1].subject), sealed[-1].data)
                    await stage.titled("SG", "story 900001")
                    await stage["SG"].publish(draft("SG goes on"))
                    await stage.titled("VN", "SG goes on")
                async with stage.keeping("SG", ("TH", "frame")):
                    await stage.hub.inject(subjects.hub("TH", subject), second)
                    await stage.titled("VN", "story 900002")
                    alarm = await stage.alarmed("VN", "gap", "SG", since)  # SG's heartbeat names the other, its word
                    assert (alarm["epoch"], alarm["origin"]) == (sealed[-1].epoch_id.hex(), "TH")
                    assert (await stage.alarmed("SG", "gap", "VN", since))["origin"] == "TH"
                    assert await stage.alarms("VN", "equivocation", "TH", since) == []
            following = thief.seal(_whole(thief.member, 900_003))
            await thief.send(following)
            await stage.titled("SG", "story 900003")
            await stage.alarmed("VN", "fork", "TH", since)  # its predecessor is not the one that VN holds
        _first_pair_is_kept(stage, since)


def _first_pair_is_kept(stage: Stage, since: int) -> None:
    """VN has the frame that it was given beside its message, and the heartbeat that names another one."""
    rows = stage.store("VN").rows("select frame from message where origin = 'TH' and frame is not null order by n")
    sql = "select evidence from alarm where name = 'gap' and member = 'SG' and at >= ? order by n"
    (evidence, *_) = (row[0] for row in stage.store("VN").rows(sql, since))
    assert rows[-1][0][:4] == evidence[:4] == b"SUF1"


def _whole(member: str, number: int) -> bytes:
    """A whole message with a title of its own, as TH's gateway would have written it."""
    body = json.dumps(draft(f"story {number}")).encode()
    message = json.loads(complete(body, member=member, realm=ACTUAL, now=now_ms(), ledger=None).data)
    made = numbered(message, member, number)
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


async def test_it_withholds_a_revoke(tmp_path: Path) -> None:
    """[F11] TH and SG know that a key of SG is revoked, VN does not: their heartbeats say so."""
    async with staged(tmp_path) as stage:
        since = now_ms()
        identity = stage.arena.keyring("SG").identity
        signed = revoke.make("asean-test", identity.seed, identity.public, now_ms())
        async with stage.keeping("VN", *[(code, "revoke") for code in CODES]), stage.hub.taking_subjects():
            await stage.hub.inject(subjects.hub("SG", subjects.revoke(kid(identity.public))), signed)
            alarm = await stage.alarmed("VN", "revokes", "TH", since)
            assert alarm["member"] == "TH"
            assert (await stage["VN"].get("/v1/trust"))["revokes"] == []
        async with stage.hub.taking_subjects():
            await stage.hub.inject(subjects.hub("TH", subjects.revoke(kid(identity.public))), signed)

            async def revoked() -> bool:
                return bool((await stage["VN"].get("/v1/trust"))["revokes"] == [kid(identity.public).hex()])

            await eventually(revoked, SHOWN)
