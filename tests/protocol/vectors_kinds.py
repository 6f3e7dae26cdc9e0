"""Messages of every kind inside a frame, and the receipts of people: F8 and F9 as each kind's own rules decide them."""

import json
from typing import Any

from protocol.scenario import SMALL, Vector, ok, scenario, small_list, variants
from suar.protocol.message.kinds import PUBLISHED
from suar.published import schemas_dir
from support.kind_examples import example_of
from support.kit import actor, member_row

SG, TH, VN = (actor(code) for code in SMALL)
EXAMPLES = {kind: example_of(kind) for kind in PUBLISHED if kind != "alert"}
"""Kinds beside the alert, which the other vectors carry, and a valid published example of each."""


def message(kind: str, **changes: Any) -> bytes:
    """The example as TH's gateway would send it to everybody."""
    value = json.loads((schemas_dir() / "examples" / "valid" / f"{EXAMPLES[kind]}.json").read_bytes())
    value |= {"id": f"TH-{kind.upper()}-2027-000001", "audience": {"members": "all"}, "tlp": "AMBER"}
    value["issuer"] = value["issuer"] | {"member": "TH"}
    return json.dumps({k: v for k, v in (value | changes).items() if v is not None}, ensure_ascii=False).encode()


def part(kind: str, name: str) -> Any:
    return json.loads(message(kind))[name]


@variants(
    "F8",
    "message-of-the-kind",
    {kind: kind for kind in EXAMPLES},
    words={
        "legislation": "message of the kind legislation",
    },
)
def message_of_the_kind(v: Vector, kind: str) -> None:
    """A valid {} is accepted from a member that may publish every kind."""
    v.start()
    th = v.epoch()
    v.frame(th, th.frame(message(kind)), ok(message(kind)))


@variants(
    "F8",
    "message-of-the-kind-not-permitted",
    {kind: kind for kind in EXAMPLES},
    words={
        "legislation": "message of the kind legislation",
    },
)
def message_of_the_kind_not_permitted(v: Vector, kind: str) -> None:
    """A valid {} is refused by F8 from a member that may publish every other kind."""
    others = sorted({"alert", *EXAMPLES} - {kind})
    v.start(small_list(members=[member_row(SG), member_row(TH, publish=others), member_row(VN)]))
    th = v.epoch()
    v.frame(th, th.frame(message(kind)), ok(refused=[(0, "F8")]))


@variants(
    "F8",
    "message-of-the-kind",
    {
        "trend-with-a-value-below-zero": message("trend", obs=[part("trend", "obs")[0] | {"value": -1}]),
        "trend-without-observations": message("trend", obs=[]),
        "pattern-with-six-acts": message("pattern", acts=["recruitment"] * 6),
        "pattern-first-seen-on-a-day": message("pattern", first_seen="2026-05-12"),
        "legislation-with-a-url-in-clear": message("legislation", url="http://example.org/act"),
        "legislation-without-a-topic": message("legislation", topics=[]),
        "practice-without-safeguards": message("practice", safeguards=[]),
        "practice-with-an-unknown-measure": message("practice", measures=["happiness"]),
        "contact-with-a-local-number": message("contact", phone=["1300"]),
        "contact-without-languages": message("contact", languages=[]),
    },
    words={
        "pattern-with-six-acts": "pattern with one act six times",
        "pattern-first-seen-on-a-day": "pattern whose first_seen is a day instead of a month",
        "legislation-with-a-url-in-clear": "legislation message with a URL of http",
        "legislation-without-a-topic": "legislation message without a topic",
        "contact-with-a-local-number": "contact with a local telephone number",
    },
)
def message_of_the_kind_form(v: Vector, data: bytes) -> None:
    """A {} is refused alone by F8, and the frame that carries it is accepted."""
    v.start()
    th = v.epoch()
    v.frame(th, th.frame(data), ok(refused=[(0, "F8")]))


@variants(
    "F9",
    "message-of-the-kind",
    {
        "trend-with-a-suppressed-value": message("trend", obs=[part("trend", "obs")[0] | {"status": "S"}]),
        "trend-with-a-cell-twice": message(
            "trend", obs=[part("trend", "obs")[0], part("trend", "obs")[0] | {"value": 1}]
        ),
        "pattern-last-seen-before-first": message("pattern", first_seen="2026-06", last_seen="2026-05"),
        "pattern-without-means": message("pattern", means=None, child_only=False),
        "legislation-with-a-penalty-upside-down": message("legislation", penalty={"min_years": 9, "max_years": 4}),
        "legislation-repealed-before-enacted": message(
            "legislation", enacted="2020-01-02", in_force="2020-02-02", repealed="2020-01-01"
        ),
        "practice-that-lasts-over-five-years": message(
            "practice", sent="2027-01-15T08:00:00Z", expires="2032-01-15T08:00:01Z"
        ),
        "contact-that-lasts-over-a-year": message(
            "contact", sent="2027-01-15T08:00:00Z", expires="2028-01-15T08:00:01Z"
        ),
    },
    words={
        "trend-with-a-suppressed-value": "trend with a value in a suppressed cell",
        "trend-with-a-cell-twice": "trend with two values for one cell",
        "pattern-last-seen-before-first": "pattern that was last seen before it was first seen",
        "pattern-without-means": "pattern without means that is not about children only",
        "legislation-with-a-penalty-upside-down": "legislation message whose highest penalty is below its lowest",
        "legislation-repealed-before-enacted": "legislation message that is repealed before it is enacted",
    },
)
def message_of_the_kind_contradicts_itself(v: Vector, data: bytes) -> None:
    """A {} is refused alone by F9, which judges what its fields say together."""
    v.start()
    th = v.epoch()
    v.frame(th, th.frame(data), ok(refused=[(0, "F9")]))


@variants(
    "F9",
    "message-of-the-kind-cancelled",
    {kind: kind for kind in EXAMPLES},
    words={
        "legislation": "legislation message",
    },
)
def message_of_the_kind_cancelled(v: Vector, kind: str) -> None:
    """A {} that comes after its cancel, as after an outage, is accepted, and an update above the cancel is refused
    by F9.
    """
    v.start()
    th = v.epoch()
    cancel = message(kind, rev=2, action="cancel", reason="found to be untrue")
    v.frame(th, th.frame(cancel, message(kind)), ok(cancel, message(kind)))
    v.frame(th, th.frame(message(kind, rev=3, action="update")), ok(refused=[(0, "F9")]))


# -- the receipts of people


def receipt_body(stage: str, **changes: Any) -> bytes:
    """TH's word on a frame, by a person."""
    value: dict[str, Any] = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "TH", "stage": stage,
        "sent": "2027-01-15T08:00:01Z", "of": [{"frame": "ab" * 32, "messages": [0, 255]}], "role": "duty-officer",
        "sector": "border-immigration", "note": "two teams are on their way", "at": "2027-01-15T08:00:00Z",
    }  # fmt: skip
    return json.dumps(value | changes).encode()


STAGES = ("opened", "acknowledged", "acting", "recalled")


@scenario("F8")
def receipt_at_every_stage_of_people(v: Vector) -> None:
    """Receipts of people at the stages opened, acknowledged, acting and recalled are accepted."""
    v.start()
    th = v.epoch(channel="SG")
    each = [receipt_body(stage) for stage in STAGES]
    v.frame(th, th.frame(*each), ok(*each))


LATER = {"schema": "receipt/1.1", "role": "gateway"}


@scenario("F8")
def receipt_of_1_1(v: Vector) -> None:
    """Receipts of receipt/1.1 at stage held-by-law, and with a count of exports, are accepted."""
    v.start()
    th = v.epoch(channel="SG")
    each = [receipt_body("held-by-law", **LATER), receipt_body("held-by-law", **LATER, exports=0)]
    each.append(receipt_body("recalled", **LATER, exports=1_000_000_000))
    v.frame(th, th.frame(*each), ok(*each))


@scenario("F8")
def receipt_of_1_2_with_a_new_field(v: Vector) -> None:
    """A receipt of a later minor with a field and a stage that nobody knows yet is accepted."""
    v.start()
    th = v.epoch(channel="SG")
    data = receipt_body("sealed-twice", schema="receipt/1.2", exports=2, others=1)
    v.frame(th, th.frame(data), ok(data))


@variants(
    "F8",
    "receipt",
    {
        "of-1-0-held-by-law": receipt_body("held-by-law"),
        "of-1-0-with-exports": receipt_body("recalled", exports=2),
        "of-1-1-with-a-negative-count": receipt_body("recalled", **LATER, exports=-1),
        "of-1-1-with-an-unknown-field": receipt_body("recalled", **LATER, others=1),
    },
    words={
        "of-1-0-held-by-law": "of receipt/1.0 at the stage held-by-law",
        "of-1-0-with-exports": "of receipt/1.0 with a count of exports",
        "of-1-1-with-a-negative-count": "of receipt/1.1 with a negative count of exports",
        "of-1-1-with-an-unknown-field": "of receipt/1.1 with an unknown field",
    },
)
def receipt_of_two_minors(v: Vector, data: bytes) -> None:
    """A receipt {} is refused alone by F8, and the frame that carries it is accepted."""
    v.start()
    th = v.epoch(channel="SG")
    v.frame(th, th.frame(data), ok(refused=[(0, "F8")]))


def frames(count: int) -> list[dict[str, Any]]:
    return [{"frame": f"{n:064x}"} for n in range(count)]


@scenario("F8")
def receipt_of_256_frames(v: Vector) -> None:
    """A receipt about 256 frames is accepted, the most that one may name."""
    v.start()
    th = v.epoch(channel="SG")
    most = receipt_body("recalled", of=frames(256))
    v.frame(th, th.frame(most), ok(most))


@variants(
    "F8",
    "receipt",
    {
        "of-257-frames": receipt_body("recalled", of=frames(257)),
        "of-one-frame-twice": receipt_body("acting", of=frames(1) * 2),
        "of-place-256": receipt_body("acting", of=[{"frame": "ab" * 32, "messages": [256]}]),
        "of-no-place": receipt_body("acting", of=[{"frame": "ab" * 32, "messages": []}]),
        "of-a-place-twice": receipt_body("acting", of=[{"frame": "ab" * 32, "messages": [1, 1]}]),
        "by-an-unknown-role": receipt_body("acting", role="minister"),
        "by-an-unknown-sector": receipt_body("acting", sector="everybody"),
        "with-a-note-of-201-characters": receipt_body("acting", note="x" * 201),
        "with-its-time-null": receipt_body("acting", at=None),
    },
    words={
        "of-257-frames": "about 257 frames",
        "of-one-frame-twice": "about one frame twice",
        "of-place-256": "about a message with the index 256",
        "of-no-place": "with an empty list of messages",
        "of-a-place-twice": "about one message twice",
        "by-an-unknown-role": "in an unknown role",
        "by-an-unknown-sector": "of an unknown sector",
        "with-its-time-null": "whose time is null",
    },
)
def receipt_of_people_form(v: Vector, data: bytes) -> None:
    """A receipt of a person {} is refused alone by F8, and the frame that carries it is accepted."""
    v.start()
    th = v.epoch(channel="SG")
    v.frame(th, th.frame(data), ok(refused=[(0, "F8")]))


@scenario("F9")
def receipt_of_people_about_a_range(v: Vector) -> None:
    """A receipt at stage acting about a range of an epoch is refused by F9: only missing frames are named by a
    range.
    """
    v.start()
    th = v.epoch(channel="SG")
    data = receipt_body("acting", of=[{"epoch": "ab" * 32, "first": 0, "last": 3}])
    v.frame(th, th.frame(data), ok(refused=[(0, "F9")]))
