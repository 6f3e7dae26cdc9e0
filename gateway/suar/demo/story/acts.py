"""The hostile acts, one function each: what is done, and what the attacked gateways must detect.

First the hub's operator misuses its own rights. Then a member's state folder is stolen, its gateway stopped, and the
thief acts in that member's name; at last the member revokes its key, and the thief is excluded.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from suar.demo.embedded import founding
from suar.demo.embedded.desk import Desk
from suar.demo.embedded.examples import Draft, drafts
from suar.demo.embedded.federation import Federation
from suar.demo.story.adversary import Captured, LyingHub, Thief, altered, captured, numbered
from suar.demo.story.witnesses import REPLAYS, Act, Seen, Witnesses
from suar.federation import ceremony
from suar.protocol.base import subjects
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL, EXERCISE, kid
from suar.protocol.base.stages import ARRIVED
from suar.protocol.base.subjects import ALL
from suar.protocol.compose import complete
from suar.protocol.trust import revoke, trustlist
from suar.service.process import offline

TEMPLATE: Final = "alert-shelter-capacity"  # an alert for all
HUB: Final = "the hub"
_WITHIN: Final = 180.0  # seconds, as for a publication; normally less than one
_BODY: Final = 130  # position of a byte in a frame's ciphertext

Do = Callable[[], Awaitable[None]]


async def hostile_acts(federation: Federation) -> list[Seen]:
    """Perform all acts in order. The last member of the federation is the one whose state is stolen."""
    stage = Stage(federation, robbed=federation.codes[-1])
    await stage.hub_lies()
    await federation.stop_gateway(stage.robbed)
    with offline.open_offline(federation.founded.state(stage.robbed), federation.passphrase) as core:
        thief = Thief(core, await federation.nats.connect(stage.robbed, "gateway"))
        await stage.thief_and_hub(thief)
        await stage.thief_alone(thief)
        await stage.thief_with_key_holders(thief)
        await stage.thief_is_out(thief)
    return stage.seen


@dataclass
class Stage:
    """The attacker and the victims of the acts."""

    federation: Federation
    robbed: str
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        codes = self.federation.codes
        self.attacked = tuple(code for code in codes if code != self.robbed)
        self.sender, self.target = self.attacked[:2]
        self.bystander = codes[2]
        self.witnesses = Witnesses(self.federation, self.attacked)
        self.hubs = [LyingHub(hub.admin, hub.plan.link) for hub in self.federation.nats.hubs]
        self.hub = self.hubs[0]
        self.draft = next(draft for draft in drafts(codes) if draft.example == TEMPLATE)

    def others(self) -> tuple[str, ...]:
        """Everyone except the member whose name the hub misuses."""
        return tuple(code for code in self.attacked if code != self.sender)

    async def act(self, act: Act, do: Do) -> None:
        """Perform one act, and record whether those gateways detect it."""
        self.federation.report(f"hostile act: {act.name}")
        self.seen.append(await self.witnesses.watch(act, do))

    # -- the hub alone

    async def hub_lies(self) -> None:
        """The hub withholds, repeats and alters objects."""
        await self._withheld()
        frame = await self._alert()
        async with self.hub.taking_subjects():
            await self.act(
                Act("frame sent again", HUB, self.sender, "E-FRAME-REPLAY", "F6", self.others(), metric=REPLAYS),
                lambda: self.hub.inject(frame.subject, frame.data),
            )
            await self.act(
                self._by_hub("frame with one bit altered", "E-FRAME-SIGNATURE", "F4"),
                lambda: self.hub.inject(frame.subject, altered(frame.data, _BODY)),
            )
            await self.act(
                self._by_hub("frame cut short", "E-FRAME-FORM", "F1"),
                lambda: self.hub.inject(frame.subject, frame.data[:-1]),
            )

    def _by_hub(self, name: str, code: str, rule: str, by: str = HUB) -> Act:
        return Act(name, by, self.sender, code, rule, self.others())

    @property
    def _all(self) -> str:
        """Return the start of the subjects of frames that the sender sends to all."""
        return f"{subjects.hub(self.sender, 'a.frame.all')}."

    async def _frames(self) -> list[Captured]:
        """Return the frames that `sender` sent to all, as the hub holds them."""
        return await self.hub.captured(self._all)

    async def _alert(self) -> Captured:
        """Return the newest of these frames that carries a message."""
        return [frame for frame in await self._frames() if frame.messages][-1]

    async def _withheld(self) -> None:
        """Withhold an alert from one member, at every hub; it must name exactly the frames that it misses."""
        self.federation.report("hostile act: frame withheld from one member")
        act = Act("frame withheld from one member", HUB, self.sender, "gap", "F6", (self.target,), alarm="gap")
        desk, other = self.federation.desk(self.sender), self.federation.desk(self.bystander)
        async with contextlib.AsyncExitStack() as lying:
            for hub in self.hubs:
                await lying.enter_async_context(hub.withholding(self.target, self.sender, self.federation.codes))
            await _stored(desk, await desk.publish(self._alert_of(101), ACTUAL), self.bystander)
            # other members' objects still arrive, so the gateway's consumer has moved past the withheld ones
            await _stored(other, await other.publish(self._alert_of(102), ACTUAL), self.target)
        # the next frame reveals the gap
        await _stored(desk, await desk.publish(self._alert_of(103), ACTUAL), self.target)
        self.seen.append(await self._gap(act, await self._missing_range()))

    def _alert_of(self, hours: int) -> dict[str, Any]:
        """Return an alert that differs from every other; the same bytes again would not be published again."""
        return {**self.draft.body, "ack_within": hours}

    async def _missing_range(self) -> tuple[int, int] | None:
        """Return the first and last number of the sender's frames that are in REGION and in no INBOX of the target."""
        there = await self._frames()
        side = self.federation.nats.members[self.target]
        inboxes = [link.inbox(self.target) for link in side.links]
        here = [frame for inbox in inboxes for frame in await captured(side.admin, inbox, self._all)]
        known = {frame.data for frame in here}  # by any link: one hub may begin to withhold before the other
        newest = max((frame.seq for frame in here), default=0)
        missing = [frame.seq for frame in there if frame.data not in known and frame.seq < newest]
        return (missing[0], missing[-1]) if missing else None

    async def _gap(self, act: Act, missing: tuple[int, int] | None) -> Seen:
        seen, deadline = Seen(act, detail="nothing was withheld"), time.monotonic() + _WITHIN
        while missing and not seen.rules and time.monotonic() < deadline:
            alarms = await self.witnesses.alarm(self.target, "gap", self.sender)
            named = [(alarm["first"], alarm["last"]) for alarm in alarms]
            seen.detail = f"frames {missing[0]} to {missing[1]} named" if missing in named else f"{missing}: {named}"
            if missing in named:
                seen.rules[self.target] = act.rule
            await asyncio.sleep(0 if seen.rules else 0.03)
        return seen

    # -- the thief of a state folder

    async def thief_and_hub(self, thief: Thief) -> None:
        """A member has the secret of every epoch sealed to it, and the hub lends it another's name.

        No key signs the result.
        """
        both = f"{self.robbed}'s stolen keys, the hub"
        state = thief.epoch_of(self.sender)
        subject = subjects.hub(self.sender, subjects.frame(ACTUAL, ALL, state.id))
        forged = thief.forge_frame(state, _bytes(self._message(thief, 1, member=self.sender)))
        epoch_subject, epoch = thief.forge_epoch(self.sender)
        async with self.hub.taking_subjects():
            await self.act(
                self._by_hub("frame forged with the epoch's secret", "E-FRAME-SIGNATURE", "F4", both),
                lambda: self.hub.inject(subject, forged),
            )
            await self.act(
                self._by_hub("epoch in another's name", "E-EPOCH-SIGNATURE", "E2", both),
                lambda: self.hub.inject(epoch_subject, epoch),
            )

    async def thief_alone(self, thief: Thief) -> None:
        """Everything that a rogue gateway can publish at home."""
        frame = await self._alert()
        home = frame.subject.split(".", 3)[3]
        by = f"{self.robbed}'s stolen keys"
        await self.act(
            Act("frame of another state as one's own", by, self.robbed, "E-FRAME-SUBJECT", "F3", self.attacked),
            lambda: thief.publish(home, frame.data),
        )
        exercise = thief.seal(_bytes(self._message(thief, 2, status=EXERCISE)), realm=EXERCISE)
        actual = {"frame": subjects.frame(ACTUAL, ALL, exercise[0].epoch_id)}
        await self.act(
            self._by_thief("exercise frame on an actual subject", "E-FRAME-SUBJECT", "F3"),
            lambda: thief.send(exercise, actual),
        )
        audience = {"members": [self.target]}
        for name, code, rule, alarm, message in (
            ("message for one member sent to all", "E-OVER-SHARED", "F8", "over-shared",
             self._message(thief, 3, audience=audience)),
            ("message with an unknown field", "E-MESSAGE-UNKNOWN-FIELD", "F8", None,
             self._message(thief, 4, person="a name that must not travel")),
            ("message under another member's id", "E-MESSAGE-SENDER", "F8", None,
             self._message(thief, 5, member=self.sender)),
        ):  # fmt: skip
            await self._sealed(thief, self._by_thief(name, code, rule, alarm), message)
        await self._two_texts(thief)
        await self._two_frames(thief)

    def _by_thief(self, name: str, code: str, rule: str, alarm: str | None = None) -> Act:
        return Act(name, f"{self.robbed}'s stolen keys", self.robbed, code, rule, self.attacked, alarm)

    async def _sealed(self, thief: Thief, act: Act, *messages: dict[str, Any]) -> None:
        outgoing = thief.seal(*map(_bytes, messages))
        await self.act(act, lambda: thief.send(outgoing))

    async def _two_texts(self, thief: Thief) -> None:
        first = self._message(thief, 6)
        second = {**first, "urgency": "future"}
        act = self._by_thief("two texts under one id", "E-MESSAGE-EQUIVOCATION", "F9", "message-equivocation")
        await self._sealed(thief, act, first, second)

    async def _two_frames(self, thief: Thief) -> None:
        subject, data = thief.second_frame(_bytes(self._message(thief, 7)))
        await self.act(
            self._by_thief("two frames with one number", "E-FRAME-EQUIVOCATION", "F6", "equivocation"),
            lambda: thief.publish(subject, data),
        )

    async def thief_with_key_holders(self, thief: Thief) -> None:
        """Trust lists: with one key holder of three it is not a list; with two it is a fork, which every member
        detects.
        """
        made, passphrase = self.federation.founded, self.federation.passphrase
        before = trustlist.parse(made.list_file.read_bytes())
        content = trustlist.read_list(before.raw)
        following = ceremony.next_list(before, content, content.issued, founding.DAYS)
        draft = ceremony.draft(ceremony.set_status(following, self.target, "suspended"))
        one = founding.sign_with(made, draft, founding.HOLDERS[:1], passphrase, "2-forged")
        await self.act(
            self._by_thief("trust list with too few signatures", "E-TRUST-SIGNATURE", "T2"),
            lambda: thief.publish(subjects.trust(2), one),
        )
        draft = ceremony.draft(ceremony.set_status(content, self.target, "suspended"))
        two = founding.sign_with(made, draft, founding.HOLDERS[1:], passphrase, "1-forked")
        by = f"{self.robbed}'s stolen keys, 2 root keys"
        await self.act(
            Act("second trust list 1", by, self.robbed, "E-TRUST-FORK", "T5", self.attacked, "fork"),
            lambda: thief.publish(subjects.trust(1), two),
        )

    async def thief_is_out(self, thief: Thief) -> None:
        """The member revokes its own stolen key; from then on nothing of that key is accepted."""
        seed, public = thief.identity
        signed = revoke.make(founding.FEDERATION, seed, public, time.time_ns() // 1_000_000)
        name = kid(public)
        thief.forget_epochs()
        outgoing = thief.seal(_bytes(self._message(thief, 8)))

        async def revoked_then_sealed() -> None:
            await thief.publish(subjects.revoke(name), signed)
            await thief.send(outgoing)

        await self.act(self._by_thief("epoch of a revoked key", "E-EPOCH-SIGNER", "E4"), revoked_then_sealed)

    def _message(self, thief: Thief, number: int, *, member: str | None = None, **changes: Any) -> dict[str, Any]:
        """Return a whole message as `member`'s gateway would write it, with `changes`."""
        return whole(self.draft, member or thief.member, 900_000 + number, **changes)


def whole(draft: Draft, member: str, number: int, **changes: Any) -> dict[str, Any]:
    """Return the draft completed as a gateway does, with the given number and `changes`."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    body = json.dumps(draft.body).encode()
    message = json.loads(complete(body, member=member, realm=ACTUAL, now=now, ledger=None).data)
    return numbered(message, member, number, **changes)


def _bytes(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


async def _stored(desk: Desk, id_: str, by: str) -> None:
    """Wait until `by` has stored the message."""
    deadline = time.monotonic() + _WITHIN
    while (await desk.deliveries(id_)).get(by) not in ARRIVED:
        if time.monotonic() > deadline:
            raise Fault(f"{by} did not store {id_}", "see the gateways' logs")
        await asyncio.sleep(0.03)
