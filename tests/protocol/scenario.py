"""How a vector is written: the world it starts in, what is presented, and by hand what must become of it.

The first paragraph of a scenario's docstring is the `note` of its vector: what the vector shows and why it ends so.
"""

import base64
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from suar.protocol.base import limits, subjects
from support.kit import FEDERATION, NOW, Actor, ListMaker, Sending, actor, craft_epoch, make_bundle, member_row, seed

Result = dict[str, Any]
Alarm = Sequence[str | int]

SMALL = ("SG", "TH", "VN")
SCENARIOS: dict[str, "Scenario"] = {}


# -- expectations


def result(
    name: str, rule: str | None = None, *, messages: Sequence[bytes] = (), refused: Sequence[tuple[int, str]] = (),
    alarms: Sequence[Alarm] = (),
) -> Result:  # fmt: skip
    return {
        "result": name,
        "rule": rule,
        "messages": [json.loads(message) for message in messages],
        "refused": [list(item) for item in refused],
        "alarms": [list(alarm) for alarm in alarms],
    }


def ok(*messages: bytes, refused: Sequence[tuple[int, str]] = (), alarms: Sequence[Alarm] = ()) -> Result:
    return result("ok", messages=messages, refused=refused, alarms=alarms)


def late(*messages: bytes, alarms: Sequence[Alarm] = ()) -> Result:
    return result("late", messages=messages, alarms=alarms)


def refused(rule: str | None, *alarms: Alarm) -> Result:
    return result("refused", rule, alarms=alarms)


def skip(*alarms: Alarm) -> Result:
    return result("skip", alarms=alarms)


def wait(*alarms: Alarm) -> Result:
    return result("wait", alarms=alarms)


OK, NOOP, DUPLICATE, SKIP, WAIT, LATE = ok(), result("noop"), result("duplicate"), skip(), wait(), late()
ANY_REFUSAL = refused(None)  # of every mutation that `each` makes


# -- the vector


def small_list(**changes: Any) -> ListMaker:
    """A federation of three, so that files stay small."""
    return ListMaker(**({"members": [member_row(actor(code)) for code in SMALL]} | changes))


class Vector:
    """A vector while it is written. `now` and `lists` are what the next object is made and presented with."""

    def __init__(self, name: str, rule: str, member: str, note: str) -> None:
        self.name, self.rule, self.member, self.note = name, rule, member, note
        self.federation, self.kem_seeds = FEDERATION, [seed(f"{member} kem")]
        self.now = NOW
        self.lists = small_list()
        self.pin: bytes | None = None
        self._steps: list[dict[str, Any]] = []

    def receive(
        self,
        subject: str,
        data: bytes,
        expected: Result,
        *,
        each: str | None = None,
        zeros: int | None = None,
        named: Sequence[str] = (),
    ) -> None:
        """Present one object, `zeros` bytes longer than `data`; a new step begins when the clock moved.

        `named`: the member of each of its alarms.
        """
        written = {"subject": subject, "bytes": base64.b64encode(data).decode(), "each": each}
        step = self._step()
        step["objects"].append(written if zeros is None else written | {"zeros": zeros})
        step["results"].append(expected)
        if named:
            step.setdefault("named", []).append([len(step["results"]) - 1, list(named)])

    def expired(self, *refused: tuple[str, str]) -> None:
        """What this step does not present and has waited for 24 hours: (subject, rule) of each, the oldest first."""
        self._step()["expired"] = [list(each) for each in refused]

    def _step(self) -> dict[str, Any]:
        if not self._steps or self._steps[-1]["now"] != self.now:
            self._steps.append({"now": self.now, "objects": [], "results": []})
        return self._steps[-1]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rule": self.rule,
            "note": self.note,
            "federation": self.federation,
            "self": {"member": self.member, "kem_seeds": [own.hex() for own in self.kem_seeds]},
            "pin": (self.pin or self.lists.hash()).hex(),
            "steps": self._steps,
        }

    # -- lists and Revokes

    def start(self, lists: ListMaker | None = None, *signers: str) -> ListMaker:
        """The pinned list, accepted."""
        self.lists = lists or self.lists
        self.pin, self.federation = self.lists.hash(), self.lists.federation
        self.list(self.lists.signed(*signers), OK)
        return self.lists

    def list(self, data: bytes, expected: Result = OK, *, each: str | None = None) -> None:
        self.receive("tip.v1.xa.a.trust.all.1", data, expected, each=each)

    def next_list(self, *signers: str, **changes: Any) -> ListMaker:
        """The next list, accepted, and from here on the one that epochs name."""
        self.lists = self.lists.after(**changes)
        self.list(self.lists.signed(*signers), OK)
        return self.lists

    def revoke(self, who: Actor, data: bytes, expected: Result = OK, *, each: str | None = None) -> None:
        self.receive(subjects.hub("XA", subjects.revoke(who.kid)), data, expected, each=each)

    # -- keys, epochs, frames

    def bundle(
        self, who: Actor, expected: Result = OK, *, data: bytes | None = None, subject: str | None = None,
        each: str | None = None, **changes: Any,
    ) -> None:  # fmt: skip
        made = data or make_bundle(who, **({"federation": self.federation} | changes))
        self.receive(subject or subjects.hub(who.code, subjects.keys(who.kid)), made, expected, each=each)

    def epoch(self, expected: Result = OK, who: str | Actor = "TH", **terms: Any) -> Sending:
        """An epoch, presented."""
        sending = craft_epoch(actor(who) if isinstance(who, str) else who, self.lists, **terms)
        self.show(sending, expected)
        return sending

    def show(self, sending: Sending, expected: Result, *, each: str | None = None) -> None:
        """Present an epoch that was made before."""
        self.receive(sending.epoch_subject, sending.opened.data, expected, each=each)

    def frame(
        self, sending: Sending, data: bytes, expected: Result, *, each: str | None = None, named: Sequence[str] = ()
    ) -> None:  # fmt: skip
        self.receive(sending.subject, data, expected, each=each, named=named)

    def later(self, milliseconds: int) -> None:
        self.now += milliseconds


class Scenario(NamedTuple):
    """What a vector is made from."""

    rule: str
    member: str
    note: str
    write: Callable[[Vector], None]


def scenario(rule: str, *, name: str | None = None, member: str = "SG") -> Callable[..., Callable[[Vector], None]]:
    """Register a scenario under its function's name; `rule` is the rule that it is about."""

    def register(write: Callable[[Vector], None]) -> Callable[[Vector], None]:
        _register(name or write.__name__.replace("_", "-"), Scenario(rule, member, _note(write), write))
        return write

    return register


def variants(
    rule: str, prefix: str, cases: dict[str, Any], *, member: str = "SG", words: dict[str, str] | None = None
) -> Callable[..., Any]:
    """Register one scenario a case, each named `prefix`-`case`.

    `{}` in the docstring stands for the case: its text in `words`, or its name without hyphens.
    """
    words = words or {}
    assert words.keys() <= cases.keys(), (prefix, words.keys() - cases.keys())

    def _of_case(write: Callable[[Vector, Any], None], value: Any, v: Vector) -> None:
        write(v, value)

    def register(write: Callable[[Vector, Any], None]) -> Callable[[Vector, Any], None]:
        for case, value in cases.items():
            note = _note(write).replace("{}", words.get(case, case.replace("-", " ")))
            made = Scenario(rule, member, note, partial(_of_case, write, value))
            _register(f"{prefix}-{case}", made)
        return write

    return register


def _register(name: str, made: Scenario) -> None:
    assert name not in SCENARIOS, name
    SCENARIOS[name] = made


def _note(write: Callable[..., None]) -> str:
    """The first paragraph of the docstring, on one line; empty without one, which a test refuses."""
    return " ".join((write.__doc__ or "").strip().partition("\n\n")[0].split())


def build(name: str) -> dict[str, Any]:
    """The vector `name`, made anew."""
    made = SCENARIOS[name]
    vector = Vector(name, made.rule, made.member, made.note)
    made.write(vector)
    return vector.as_json()


MINUTE, HOUR, DAY = limits.MINUTE, limits.HOUR, limits.DAY
