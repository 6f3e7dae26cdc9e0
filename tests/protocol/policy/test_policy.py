"""Each rule of the policy: the case that it alone decides, and what the whole says of the shipped examples."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.protocol.base.codelists import codes
from suar.protocol.message import messages
from suar.protocol.message.fields import Audience
from suar.protocol.message.kinds import Alert, Receipt
from suar.protocol.message.marking import Marking, head, marking_of, marking_of_tree
from suar.protocol.policy import decision as policy
from suar.protocol.policy import restrictions
from suar.protocol.policy.decision import RULES, Decision, decide, may_publish, may_read, may_read_tree
from suar.protocol.policy.readers import AudienceCache, DecisionCache, agencies, focal_point, is_public, open_to, others
from suar.protocol.policy.restrictions import Reader
from suar.protocol.trust.trustlist import Key, Member, TrustList
from suar.published import schemas_dir

FOR_ALL = Audience(members="all")
EXPIRES = "2027-01-15T08:00:00Z"
EXPIRY = 1_800_000_000_000  # ms of EXPIRES
EXAMPLES = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))
PUBLISHED = [path for path in EXAMPLES if not path.stem.startswith("receipt")]


def marking(**changes: Any) -> Marking:
    """A message from TH that everybody may read, but for the changes."""
    return Marking("alert", "TH", "actual", "CLEAR", expires=EXPIRES)._replace(**changes)


def member(**changes: Any) -> Reader:
    """MY's focal point, to whom TH gives the message."""
    return msgspec.structs.replace(Reader(member="MY", given_by="TH", kinds=frozenset({"*"})), **changes)


def agency(**changes: Any) -> Reader:
    """A ministry of health that reads at MY's gateway."""
    return member(**{"given_by": "MY", "standing": "agency", "sector": "health"} | changes)


def public(**changes: Any) -> Reader:
    """Whoever reads what MY puts on a public page."""
    return member(**{"given_by": "MY", "standing": "public"} | changes)


@dataclass(frozen=True)
class Case:
    """A message that a reader may not read because of one rule; without that rule it may."""

    rule: str
    reader: Reader
    changes: dict[str, Any] = field(default_factory=dict)


def labelled(rule: str, reader: Reader, *labels: str) -> Case:
    return Case(rule, reader, {"handling": frozenset(labels)})


ALONE = [
    Case("P3", member(is_active=False)),
    Case("P3", agency(is_active=False)),
    Case("P4", member(realms=frozenset({"exercise"}))),
    Case("P4", agency(realms=frozenset({"actual"})), {"realm": "exercise"}),
    Case("P5", agency(), {"is_record": True}),
    Case("P6", member(kinds=frozenset({"trend", "pattern"}))),
    Case("P6", agency(kinds=frozenset())),
    Case("P7", member(), {"members": frozenset({"VN", "ID"})}),
    Case("P7", agency(), {"members": frozenset({"VN"})}),
    Case("P7", public(), {"members": frozenset({"MY"})}),
    Case("P8", agency(), {"sectors": frozenset({"labour"})}),
    Case("P8", public(), {"sectors": frozenset({"labour"})}),
    Case("P9", agency(now=EXPIRY)),
    Case("P9", public(now=EXPIRY)),
    Case("P9", agency(), {"expires": "some day"}),
    Case("P9", agency(), {"expires": "2027-01-15T08:00:00"}),
    Case("P10", agency(highest_tlp="GREEN"), {"tlp": "AMBER"}),
    Case("P10", agency(highest_tlp="WHITE"), {"tlp": "GREEN"}),
    Case("P10", agency(highest_tlp="PURPLE")),
    labelled("P11", agency(), "originator-consent"),
    labelled("P11", member(given_by="SG"), "originator-consent"),
    labelled("P12", agency(), "law-enforcement-only"),
    labelled("P12", public(), "law-enforcement-only"),
    labelled("P13", agency(sector="labour"), "protection-only"),
    labelled("P13", public(), "protection-only"),
    labelled("P14", agency(sector="civil-society"), "no-civil-society"),
    labelled("P14", agency(sector="survivor-group"), "no-civil-society"),
    labelled("P14", public(), "no-civil-society"),
    labelled("P15", agency(sector="press"), "no-media"),
    labelled("P15", agency(sector=None), "no-media"),
    labelled("P15", public(), "no-media"),
    labelled("P16", agency(given_by="SG"), "no-onward-state"),
    labelled("P16", member(given_by="SG"), "no-onward-state"),
    labelled("P16", public(), "no-onward-state"),
    labelled("P17", agency(is_automated=True), "no-automated-decision"),
    labelled("P17", member(is_automated=True), "no-automated-decision"),
    labelled("P17", public(), "no-automated-decision"),
    Case("P18", agency(), {"tlp": "RED", "members": frozenset({"MY"})}),
    Case("P18", member(), {"tlp": "RED"}),
    Case("P18", member(given_by="SG"), {"tlp": "RED", "members": frozenset({"MY"})}),
    Case("P18", member(), {"tlp": "PURPLE"}),
    Case("P19", agency(), {"tlp": "AMBER+STRICT"}),
    Case("P19", member(given_by="SG"), {"tlp": "AMBER+STRICT"}),
    Case("P20", public(), {"tlp": "AMBER"}),
    Case("P20", agency(given_by="SG"), {"tlp": "AMBER"}),
    Case("P20", member(given_by="SG"), {"tlp": "AMBER"}),
    Case("P21", public(), {"tlp": "GREEN"}),
]
NAMES = [f"{at}-{case.rule}-{case.reader.standing}" for at, case in enumerate(ALONE)]
REFUSING = sorted(set(RULES) - {"P1", "P2", "P22", "P23"}, key=lambda rule: int(rule[1:]))


def without(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy as it is with one rule taken out."""
    monkeypatch.setattr(policy, "FORBIDS", [each for each in restrictions.FORBIDS if each[0] != rule])
    by_tlp = [
        (name, restrictions.is_forbidden_by_clear if name == rule else forbids) for name, forbids in restrictions.BY_TLP
    ]
    monkeypatch.setattr(policy, "BY_TLP", by_tlp)


@pytest.mark.parametrize(
    "case", ALONE, ids=[f"{at}-{case.rule}-{case.reader.standing}" for at, case in enumerate(ALONE)]
)
def test_a_rule_decides_alone(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    message = marking(**case.changes)
    assert decide(message, case.reader) == Decision(is_allowed=False, rule=case.rule)
    without(case.rule, monkeypatch)
    assert decide(message, case.reader).is_allowed, "another rule refuses it too"


def test_every_rule_that_refuses_has_its_case() -> None:
    assert [rule for rule in REFUSING if rule not in {case.rule for case in ALONE}] == []


@pytest.mark.parametrize(
    ("changes", "reader", "rule"),
    [
        ({}, public(), "P22"),
        ({"tlp": "WHITE"}, public(), "P22"),
        ({"tlp": "GREEN"}, agency(sector="civil-society"), "P21"),
        ({"tlp": "GREEN"}, agency(given_by="SG"), "P21"),  # a partner in the community, such as another's consulate
        ({"tlp": "GREEN"}, member(given_by="SG"), "P21"),
        ({"tlp": "AMBER"}, agency(), "P20"),
        ({"tlp": "AMBER", "sectors": frozenset({"health"})}, agency(), "P20"),
        ({"tlp": "AMBER", "members": frozenset({"VN"})}, agency(member="TH", given_by="TH"), "P20"),
        ({"tlp": "AMBER+STRICT"}, member(), "P19"),
        ({"tlp": "AMBER+STRICT"}, member(given_by="MY"), "P19"),
        ({"tlp": "RED", "members": frozenset({"MY"})}, member(), "P18"),
        ({"tlp": "RED", "members": frozenset({"MY"})}, member(given_by="MY"), "P18"),
        ({"sectors": frozenset({"labour"})}, member(), "P22"),
        ({"realm": "exercise"}, member(), "P22"),
        ({"is_record": True}, member(kinds=frozenset({"alert"})), "P5"),
        ({"is_record": True, "kind": "receipt"}, member(kinds=frozenset({"alert"})), "P5"),
        ({}, member(kinds=frozenset({"alert"})), "P22"),
        ({}, agency(now=EXPIRY - 1), "P22"),
        ({}, member(now=EXPIRY + 1), "P22"),
        ({"handling": frozenset({"law-enforcement-only"})}, agency(sector="border-immigration"), "P22"),
        ({"handling": frozenset({"protection-only"})}, agency(sector="womens-empowerment"), "P22"),
        ({"handling": frozenset({"protection-only"})}, agency(sector="civil-society"), "P22"),
        ({"handling": frozenset({"no-civil-society", "no-media"})}, agency(sector="international-organisation"), "P22"),
        ({"handling": frozenset({"no-onward-state"})}, agency(member="ID", given_by="TH"), "P22"),
    ],
)  # fmt: skip
def test_who_may(changes: dict[str, Any], reader: Reader, rule: str) -> None:
    assert decide(marking(**changes), reader) == Decision(is_allowed=True, rule=rule)


def test_every_label_at_once_leaves_the_recipients() -> None:
    message = marking(handling=frozenset(codes("handling")))
    assert decide(message, member()).is_allowed
    assert decide(message, member(given_by="MY")).is_allowed
    assert not any(decide(message, agency(sector=sector)).is_allowed for sector in codes("sector"))


def test_the_publisher_reads_its_own() -> None:
    own = member(member="TH", is_active=False, kinds=frozenset(), now=2 * EXPIRY)
    message = marking(tlp="RED", members=frozenset({"MY"}), handling=frozenset(codes("handling")))
    assert decide(message, own) == Decision(is_allowed=True, rule="P2")
    assert decide(message, msgspec.structs.replace(own, is_active=True, standing="agency")).is_allowed is False


def test_a_suspended_member_keeps_its_records() -> None:
    message = marking(tlp="RED", members=frozenset({"MY"}))
    assert decide(message, member(is_active=False, given_by="MY")).is_allowed
    assert decide(message, member(is_active=False)).rule == "P3"


@pytest.mark.parametrize("thing", [None, 1, "RED", {}, [], object(), {"kind": "alert"}, b"\xff"])
def test_what_is_no_message_is_for_nobody(thing: Any) -> None:
    for reader in (member(), member(member="TH"), agency(), public()):
        assert may_read(thing, reader) == may_read_tree(thing, reader) == Decision(is_allowed=False, rule="P1")


def broken(**changes: Any) -> dict[str, Any]:
    tree = json.loads((schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_text("utf-8"))
    return {key: value for key, value in {**tree, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": 1}, {"kind": ...}, {"status": ...}, {"id": None}, {"tlp": ["RED"]}, {"tlp": ...}, {"expires": 3},
        {"audience": ...}, {"audience": None}, {"audience": "all"}, {"audience": []}, {"audience": {}},
        {"audience": {"members": "MY"}}, {"audience": {"members": [["MY"]]}}, {"audience": {"members": None}},
        {"audience": {"members": "all", "sectors": None}}, {"audience": {"members": "all", "sectors": "health"}},
        {"handling": None}, {"handling": "no-media"}, {"handling": [{}]}, {"kind": "receipt"},
    ],
)  # fmt: skip
def test_a_marking_that_cannot_be_read_is_for_nobody(changes: dict[str, Any]) -> None:
    assert marking_of_tree(broken(**changes)) is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_message_and_its_json_have_one_marking(path: Path) -> None:
    data = path.read_bytes()
    found = marking_of(messages.read(data))
    assert found is not None
    assert found == marking_of_tree(json.loads(data))


def test_what_is_unknown_fails_closed() -> None:
    data = (schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_bytes()
    tree = json.loads(data) | {"schema": "alert/1.7", "tlp": "PURPLE", "handling": ["no-media", "eyes-only"]}
    later = messages.read(json.dumps(tree).encode())
    found = marking_of(later)
    assert found is not None
    assert found.handling == {"no-media", "originator-consent"}
    open_ = found._replace(members=None, sectors=None)
    assert decide(open_, agency(highest_tlp="AMBER+STRICT")).rule == "P10"
    assert decide(open_, member(given_by=found.origin)).rule == "P18"


def test_a_destroyed_message_leaves_its_head_to_focal_points() -> None:
    assert decide(head("alert", "TH", "actual"), member(given_by="MY")) == Decision(is_allowed=True, rule="P5")
    assert decide(head("alert", "TH", "actual"), agency()).rule == "P5"


# -- members of the trust list


def listed(code: str, status: Any = "active", **rights: Any) -> Member:
    values: dict[str, Any] = {"publish": ["*"], "read": ["*"]} | rights
    key = Key(bytes(16), bytes(32), 0, 1, None)
    return Member(code, f"State {code}", status, [key], values["publish"], values["read"])


def trust_of(*members: Member) -> TrustList:
    return TrustList("suar-trust/1", "test", 1, 0, 1, bytes(32), 1, [], list(members))


TRUST = trust_of(
    listed("ID", read=["trend", "pattern"]), listed("MY"), listed("SG", "suspended"), listed("TH"), listed("VN")
)


def test_who_will_be_able_to_open_by_name() -> None:
    message = messages.read((schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_bytes())
    assert isinstance(message, Alert)
    audience = msgspec.structs.replace(message.audience, members=("ID", "MY"))
    named = msgspec.structs.replace(message, id="TH-ALERT-2027-000001", audience=audience)
    found = {each.code: (each.name, *decision) for each, decision in others(TRUST, "TH", named)}
    rule = decide(marking_of(named), focal_point("MY", TRUST.members[1], given_by="TH")).rule
    assert found == {
        "ID": ("State ID", False, "P6"),
        "MY": ("State MY", True, rule),
        "SG": ("State SG", False, "P3"),
        "VN": ("State VN", False, "P7"),
    }
    assert rule in {"P19", "P20", "P21"}


def test_for_whom_a_kind_is_open() -> None:
    assert open_to(TRUST, "TH", "trend", "all") == ["ID", "MY", "VN"]
    assert open_to(TRUST, "TH", "alert", "all") == ["MY", "VN"]
    assert open_to(TRUST, "TH", "alert", ("ID", "MY", "SG", "TH", "XX")) == ["MY"]


def test_a_member_that_left_the_list_keeps_its_records() -> None:
    left = focal_point("MY", None, given_by="MY")
    assert decide(marking(), left).is_allowed
    assert decide(marking(), focal_point("MY", None, given_by="TH")).rule == "P3"


@pytest.mark.parametrize(
    ("rights", "allowed"), [(["*"], True), (["alert"], True), (["trend"], False), ([], False)]
)  # fmt: skip
def test_who_may_publish(rights: list[str], allowed: bool) -> None:
    assert may_publish("alert", listed("TH", publish=rights)) == Decision(allowed, "P23")


def test_nobody_publishes_who_is_not_listed() -> None:
    assert not may_publish("alert", None).is_allowed


def test_the_sectors_that_a_focal_point_may_hand_it_to() -> None:
    message = messages.read((schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_bytes())
    marked = msgspec.structs.replace(message, tlp="GREEN", handling=("law-enforcement-only",), audience=FOR_ALL)
    assert agencies(marked, "MY", TRUST.members[1]) == ["law-enforcement", "border-immigration", "justice-prosecution"]
    assert agencies(marked, "ID", TRUST.members[0]) == []  # it may not read alerts
    assert agencies(msgspec.structs.replace(marked, tlp="AMBER+STRICT"), "MY", TRUST.members[1]) == []


@pytest.mark.parametrize(
    ("changes", "public_"),
    [
        ({}, True),
        ({"tlp": "GREEN"}, False),
        ({"handling": ("no-media",)}, False),
        ({"audience": Audience(members=("MY",))}, False),
        ({"audience": Audience(members="all", sectors=("labour",))}, False),
    ],
)
def test_what_anybody_may_read(changes: dict[str, Any], public_: bool) -> None:
    message = messages.read((schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_bytes())
    values = {"tlp": "CLEAR", "handling": msgspec.UNSET, "audience": FOR_ALL} | changes
    assert is_public(msgspec.structs.replace(message, **values)) is public_


# -- remembered


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_a_remembered_decision_is_the_decision(path: Path) -> None:
    message = messages.read(path.read_bytes())
    for reader in (member(given_by="MY"), member(given_by="MY", kinds=frozenset({"trend"}))):
        judge = DecisionCache(reader)
        assert judge.may_read(message) == judge.may_read(message) == may_read(message, reader)


def test_a_decision_is_made_once_and_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    message = messages.read(PUBLISHED[0].read_bytes())
    assert not isinstance(message, Receipt)
    calls: list[Any] = []

    def decided(marking: Any, _: Any) -> Decision:
        calls.append(marking)
        return Decision(True, "P22")

    monkeypatch.setattr("suar.protocol.policy.readers.may_read", decided)
    judge = DecisionCache(member(), size=2)
    for _ in range(3):
        judge.may_read(message)
    assert len(calls) == 1
    for origin in ("AA", "BB", "CC"):
        judge.may_read(msgspec.structs.replace(message, id=origin + message.id[2:]))
    assert len(calls) == 4
    judge.may_read(msgspec.structs.replace(message, id="CC" + message.id[2:]))
    assert len(calls) == 4  # the last one is kept
    judge.may_read(msgspec.structs.replace(message, id="AA" + message.id[2:]))
    assert len(calls) == 5  # and of the two before it one at most


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_openings_are_those_of_the_list(path: Path) -> None:
    message = messages.read(path.read_bytes())
    assert not isinstance(message, Receipt)
    cache = AudienceCache(TRUST, message.id[:2], size=1)
    other = msgspec.structs.replace(message, tlp="AMBER+STRICT")
    for each in (message, message, other, message):
        assert cache.for_message(each) == others(TRUST, message.id[:2], each)
