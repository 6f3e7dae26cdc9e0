"""The policy over all inputs: it always answers, and a restriction lets nobody read more."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from suar.protocol.base.codelists import RECEIPT, codes
from suar.protocol.base.instants import instant_of
from suar.protocol.message import messages
from suar.protocol.message.marking import TLPS, Marking, marking_of_tree
from suar.protocol.policy.decision import RULES, Decision, decide, may_read, may_read_tree
from suar.protocol.policy.readers import open_to
from suar.protocol.policy.restrictions import Reader
from suar.protocol.trust.trustlist import Member, TrustList
from suar.published import schemas_dir

MEMBERS = ("ID", "MY", "SG", "TH")
KINDS = ("alert", "trend", "contact")
NARROWER = {"focal-point": "agency", "agency": "public", "public": "public"}
EXAMPLES = [path.read_bytes() for path in sorted((schemas_dir() / "examples" / "valid").glob("*.json"))]

words = st.text(max_size=8)
kinds = st.sampled_from([*KINDS, "receipt"]) | words
sectors = st.sampled_from(codes("sector")) | words
tlps = st.sampled_from([*TLPS, "WHITE"]) | words
labels = st.sampled_from(codes("handling")) | words
realms = st.sampled_from(["actual", "exercise"]) | words
instants = st.datetimes(timezones=st.just(UTC)).map(instant_of) | words
markings = st.builds(
    Marking,
    kind=kinds,
    origin=st.sampled_from(MEMBERS),
    realm=realms,
    tlp=tlps,
    handling=st.frozensets(labels, max_size=3),
    members=st.none() | st.frozensets(st.sampled_from(MEMBERS), max_size=3),
    sectors=st.none() | st.frozensets(sectors, max_size=3),
    expires=instants,
    is_record=st.sampled_from([False, False, False, True]),
).map(lambda m: m._replace(is_record=True) if m.kind == RECEIPT else m)  # every receipt is a record
readers = st.builds(
    Reader,
    member=st.sampled_from(MEMBERS),
    given_by=st.sampled_from(MEMBERS),
    standing=st.sampled_from(list(NARROWER)),
    is_active=st.sampled_from([True, True, True, False]),
    kinds=st.just(frozenset({"*"})) | st.frozensets(kinds, max_size=3),
    sector=st.none() | sectors,
    highest_tlp=tlps,
    realms=st.just(frozenset({"actual", "exercise"})) | st.frozensets(realms, max_size=2),
    is_automated=st.booleans(),
    now=st.integers(),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | tlps | st.just("all"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("kind", "id", "status", "tlp", "handling", "audience", "expires", "member")
audiences = st.fixed_dictionaries({}, optional={"members": values, "sectors": values})
trees = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, values | audiences))


def is_decision(found: Decision) -> bool:
    return isinstance(found.is_allowed, bool) and found.rule in RULES and found.name.startswith(found.rule)


@given(values | trees, readers)
def test_any_json_gets_a_decision(value: Any, reader: Reader) -> None:
    assert is_decision(may_read_tree(value, reader))
    assert is_decision(may_read(value, reader))


@given(markings, readers)
def test_any_marking_gets_a_decision(marking: Marking, reader: Reader) -> None:
    assert is_decision(decide(marking, reader))


@given(st.sampled_from(EXAMPLES), st.sampled_from(FIELDS), values | audiences | tlps, readers)
def test_any_message_that_can_be_read_gets_one_decision(data: bytes, name: str, value: Any, reader: Reader) -> None:
    tree = msgspec.json.decode(data)
    tree = tree | {name: value, "schema": f"{tree['kind']}/1.9"}
    try:
        message = messages.decode(tree)
    except messages.Invalid:
        return
    assert may_read(message, reader) == may_read_tree(messages.with_clear(tree), reader)


named, named_sectors = st.frozensets(st.sampled_from(MEMBERS)), st.frozensets(sectors, max_size=3)
restrictions = {
    "tlp": lambda m, draw: m._replace(tlp=_higher(m.tlp)),
    "handling": lambda m, draw: m._replace(handling=m.handling | {draw(st.sampled_from(codes("handling")))}),
    "all to named": lambda m, draw: m if m.members is not None else m._replace(members=draw(named)),
    "fewer members": lambda m, draw: m._replace(members=m.members and frozenset(list(m.members)[1:])),
    "every sector to named": lambda m, draw: m if m.sectors is not None else m._replace(sectors=draw(named_sectors)),
    "fewer sectors": lambda m, draw: m._replace(sectors=m.sectors and frozenset(list(m.sectors)[1:])),
    "expired": lambda m, draw: m._replace(expires="0001-01-01T00:00:00Z"),
}
lessenings: dict[str, Callable[[Reader], dict[str, Any]]] = {
    "suspended": lambda r: {"is_active": False},
    "fewer kinds": lambda r: {"kinds": frozenset(list(r.kinds)[1:])},
    "fewer realms": lambda r: {"realms": frozenset(list(r.realms)[1:])},
    "lower ceiling": lambda r: {"highest_tlp": _lower(r.highest_tlp)},
    "automated": lambda r: {"is_automated": True},
    "narrower standing": lambda r: {"standing": NARROWER[r.standing]},
    "later": lambda r: {"now": r.now + 10**12},
    "no sector": lambda r: {"sector": None},
}


def _higher(tlp: str) -> str:
    known = TLPS.index("CLEAR" if tlp == "WHITE" else tlp) if tlp in (*TLPS, "WHITE") else len(TLPS)
    return TLPS[min(known + 1, len(TLPS) - 1)]


def _lower(tlp: str) -> str:
    return TLPS[max(TLPS.index(tlp) - 1, 0)] if tlp in TLPS else "nothing"


@settings(max_examples=500)
@given(markings, readers, st.sampled_from(sorted(restrictions)), st.data())
def test_a_restriction_of_the_message_lets_nobody_read_more(
    marking: Marking, reader: Reader, name: str, data: st.DataObject
) -> None:
    narrower = restrictions[name](marking, data.draw)
    assert decide(marking, reader).is_allowed or not decide(narrower, reader).is_allowed


@settings(max_examples=500)
@given(markings, readers, st.sampled_from(sorted(lessenings)))
def test_a_restriction_of_the_reader_lets_it_read_no_more(marking: Marking, reader: Reader, name: str) -> None:
    lesser = msgspec.structs.replace(reader, **lessenings[name](reader))
    assert decide(marking, reader).is_allowed or not decide(marking, lesser).is_allowed


@given(trees, words.filter(lambda word: word not in (*TLPS, "WHITE")), readers)
def test_an_unknown_tlp_is_red(tree: dict[str, Any], unknown: str, reader: Reader) -> None:
    assert may_read_tree(tree | {"tlp": unknown}, reader) == may_read_tree(tree | {"tlp": "RED"}, reader)


@given(markings, words.filter(lambda word: word not in codes("handling")), readers)
def test_an_unknown_label_is_originator_consent(marking: Marking, unknown: str, reader: Reader) -> None:
    tree = {
        "kind": "alert", "id": "TH-ALERT-2027-000001", "status": "actual", "tlp": marking.tlp, "expires": "",
        "audience": {"members": "all"}, "handling": [unknown],
    }  # fmt: skip
    known = tree | {"handling": ["originator-consent"]}
    assert marking_of_tree(tree) == marking_of_tree(known)
    assert may_read_tree(tree, reader) == may_read_tree(known, reader)


members = st.builds(
    Member,
    code=st.just("XX"),
    name=words,
    status=st.sampled_from(["active", "suspended"]),
    keys=st.just([]),
    publish=st.just([]),
    read=st.just(["*"]) | st.lists(st.sampled_from(KINDS), unique=True),
)


@given(st.tuples(members, members, members, members), markings)
def test_the_channels_are_those_of_the_decision(found: tuple[Member, ...], marking: Marking) -> None:
    """Of a focal point that gets it from the publisher, status, kind and audience alone decide; RED needs names."""
    listed = [msgspec.structs.replace(each, code=code) for each, code in zip(found, MEMBERS, strict=True)]
    trust = TrustList("suar-trust/1", "test", 1, 0, 1, bytes(32), 1, [], listed)
    if marking.is_record or marking.kind == "receipt" or marking.realm not in ("actual", "exercise"):
        return
    if marking.members is None and marking.tlp not in TLPS[:-1]:
        return  # [F9] M-RED-NAMED
    audience = "all" if marking.members is None else tuple(sorted(marking.members))
    open_ = open_to(trust, marking.origin, marking.kind, audience)
    points = [
        Reader(member=each.code, given_by=marking.origin, is_active=each.is_active, kinds=frozenset(each.read))
        for each in listed
        if each.code != marking.origin
    ]
    assert open_ == [point.member for point in points if decide(marking, point).is_allowed]
