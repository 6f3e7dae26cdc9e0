"""A federation in memory with any number of members, founded with new keys; and messages of exactly 1 KB.

Its objects pass the same admission as any others; nothing is put into a world directly.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from string import ascii_uppercase
from typing import Any, Final

import msgspec

from suar.protocol.base import limits, subjects
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ZERO32, KemKey, Secret, hash_, kid, public_of, random_seed
from suar.protocol.base.wire import encode
from suar.protocol.message import messages
from suar.protocol.transport.admission import admit
from suar.protocol.transport.sender import Identity, Sender
from suar.protocol.transport.world import Memory, World
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust import trustlist
from suar.protocol.trust.bundle import Bundle

FEDERATION: Final = "bench"
SENDER: Final = "TH"
RECEIVER: Final = "SG"
MESSAGE_BYTES: Final = 1024
_ROOTS: Final = ("first", "second", "third")


def now_ms() -> int:
    """Return the time in ms."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Member:
    """A member with its private keys."""

    code: str
    identity: Secret = field(repr=False, default_factory=random_seed)
    kem_seed: Secret = field(repr=False, default_factory=random_seed)

    @property
    def public(self) -> bytes:
        """The public identity key."""
        return public_of(self.identity)


class Founding:
    """Trust list 1 of `recipients` members and the sender, and every member's bundle."""

    def __init__(self, recipients: int) -> None:
        self.now = now_ms()
        self.members = {code: Member(code) for code in _codes(recipients)}
        self._raw = encode(
            ["suar-trust/1", FEDERATION, 1, self.now - limits.MINUTE, self.now + 180 * limits.DAY, ZERO32, 2,
             *self._roots_and_members()]
        )  # fmt: skip
        self.pin = hash_("trust", self._raw)
        signers = [(seed, public_of(seed)) for seed in self._roots[:2]]
        self.list = trustlist.assemble(self._raw, [trustlist.sign_list(self._raw, *signer) for signer in signers])
        self.bundles = [self._bundle(member) for member in self.members.values()]

    def _roots_and_members(self) -> tuple[list[Any], list[Any]]:
        self._roots = [random_seed() for _ in _ROOTS]
        roots = [[kid(public_of(seed)), public_of(seed), name] for seed, name in zip(self._roots, _ROOTS, strict=True)]
        begin, end = self.now - limits.DAY, self.now + 300 * limits.DAY
        members = [
            [code, f"State {code}", "active", [[kid(member.public), member.public, begin, end, None]], ["*"], ["*"]]
            for code, member in sorted(self.members.items())
        ]
        return roots, members

    def _bundle(self, member: Member) -> tuple[str, bytes]:
        identity = Identity(member.identity)
        content = Bundle(
            "suar-keys/1", FEDERATION, member.code, self.now - limits.MINUTE, self.now + limits.BUNDLE_LIFETIME,
            KemKey(member.kem_seed).public, 1, self.pin,
        )  # fmt: skip
        data = bundles.make(content, identity.signing, identity.public)
        return subjects.hub(member.code, subjects.keys(identity.kid)), data

    def world(self, code: str) -> World:
        """Return that member's world: the list and every bundle."""
        world = World(FEDERATION, code, Memory(), self.pin)
        world.add_kem_seed(self.members[code].kem_seed)
        self._accepted(world, f"tip.v1.{code.lower()}.{subjects.trust(1)}", self.list)
        for subject, data in self.bundles:
            self._accepted(world, subject, data)
        world.pop_changes()
        return world

    def _accepted(self, world: World, subject: str, data: bytes) -> None:
        out = admit(world, subject, data, self.now)
        if out.result != "ok":
            raise AssertionError(f"{subject}: {out.result} {out.code}")

    def sender(self, lifetime: int = limits.EPOCH_LIFETIME) -> Sender:
        """Return the sending member's `Sender`, without an open epoch."""
        return Sender(Identity(self.members[SENDER].identity), lifetime)


def _codes(recipients: int) -> list[str]:
    """Return the codes: the sender, the measured receiver, and the other members."""
    others = (a + b for a, b in product(ascii_uppercase, repeat=2))
    wanted = (code for code in others if code not in (SENDER, RECEIVER))
    return [SENDER, RECEIVER, *islice(wanted, recipients - 1)]


# -- messages


def alerts(first: int, count: int, sender: str = SENDER) -> list[bytes]:
    """Return valid alerts to all, as sent by their gateway, each of MESSAGE_BYTES and with its own id."""
    made = (_padded(draft(number) | _gateway_fields(number, sender)) for number in range(first, first + count))
    return [messages.encode(messages.read(each)) for each in made]


def drafts(first: int, count: int) -> Iterator[bytes]:
    """Yield the same as drafts for a gateway; what the gateway adds makes them 1 KB."""
    missing = len(_encode(draft(0) | _gateway_fields(0, SENDER))) - len(_encode(draft(0)))
    return (_padded(draft(number), MESSAGE_BYTES - missing) for number in range(first, first + count))


def draft(number: int) -> dict[str, Any]:
    """Return an alert as its author writes it: in English, every tenth title with a year. No two are equal."""
    letters = "".join(chr(ord("a") + number // 26**digit % 26) for digit in range(6))
    title = f"Office jobs abroad, {letters}" + (" since 2026" if number % 10 == 0 else "")
    until = instant(now_ms() + 20 * limits.DAY)
    return {
        "kind": "alert", "action": "new", "issuer": {"body": "National desk", "sector": "law-enforcement"},
        "expires": until, "tlp": "AMBER", "audience": {"members": "all"},
        "text": [{"lang": "en", "title": title, "summary": ""}],
        "source": {"type": "investigation", "reliability": "B", "credibility": 2, "confidence": 70},
        "event": "recruitment-campaign", "urgency": "expected", "severity": "severe", "certainty": "likely",
        "request": [{"action": "acknowledge"}], "desk": f"{SENDER}-CONTACT-2027-000001",
    }  # fmt: skip


def _gateway_fields(number: int, sender: str) -> dict[str, Any]:
    sent = instant(now_ms())
    return {
        "schema": "alert/1.0", "id": f"{sender}-ALERT-2027-{number:06}", "rev": 1, "status": "actual", "sent": sent,
        "issuer": {"member": sender, "body": "National desk", "sector": "law-enforcement"},
        "desk": f"{sender}-CONTACT-2027-000001",
    }  # fmt: skip


def _padded(value: dict[str, Any], size: int = MESSAGE_BYTES) -> bytes:
    """Return `value` as JSON of `size` bytes, by the length of the summary."""
    short = size - len(_encode(value))
    text = ("Recruiters promise office work and take passports on arrival. " * 20)[:short]
    value["text"][0]["summary"] = text[:-1] + "."
    return _encode(value)


def _encode(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value)
