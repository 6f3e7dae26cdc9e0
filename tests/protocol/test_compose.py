"""The publisher's side: what is left out is written, what is not theirs to write is refused, all reasons are told."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from suar.protocol import compose
from suar.protocol.base.instants import instant
from suar.protocol.base.limits import MESSAGE_BYTES_MAX
from suar.protocol.compose import Composed, Published
from suar.protocol.message import messages, rules
from suar.protocol.message.fields import GATEWAY_FIELDS
from suar.protocol.message.kinds import Dims
from suar.protocol.message.messages import Alert, Invalid
from suar.protocol.message.spec import fields_of
from suar.published import schemas_dir

NOW = 1_803_953_700_000  # 2027-03-02T02:15:00Z
VALID = sorted((schemas_dir() / "examples" / "valid").glob("[!r]*.json"))
FREE = ("schema", "id", "rev", "status", "sent", "privacy")


@dataclass
class Ledger:
    """What a member has published, in memory."""

    known: dict[str, Published] = field(default_factory=dict)
    taken: list[tuple[str, int]] = field(default_factory=list)

    def next_number(self, kind: str, year: int) -> int:
        self.taken.append((kind, year))
        return 41 + len(self.taken)

    def published(self, message_id: str) -> Published | None:
        return self.known.get(message_id)


def draft(name: str = "alert-new-route", **changes: Any) -> dict[str, Any]:
    """An example as a person would write it: without what the gateway writes; a change to None leaves a field out."""
    tree: dict[str, Any] = json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())
    for key in FREE:
        tree.pop(key, None)
    tree["issuer"].pop("member")
    return {key: value for key, value in (tree | changes).items() if value is not None}


def publish(tree: dict[str, Any], ledger: Any = None, member: str = "KH", realm: str = "actual") -> Composed:
    return compose.complete(json.dumps(tree).encode(), member=member, realm=realm, now=NOW, ledger=ledger or Ledger())


def refused(tree: dict[str, Any], ledger: Any = None, **more: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        publish(tree, ledger, **more)
    return [(reason.code, reason.path) for reason in caught.value.reasons]


def test_of_a_year_of_another_calendar_nothing_else_follows() -> None:
    """A `first_seen` in 2564 is after any `last_seen`: only the year is wrong."""
    tree = draft("pattern-seafood-debt", first_seen="2564-01", last_seen="2026-12", expires="2027-04-01T00:00:00Z")
    tree = {name: value for name, value in tree.items() if name not in ("id", "rev")}
    assert refused(tree | {"action": "new"}, member="TH") == [("E-MESSAGE-DATE", "$.first_seen")]


def test_the_gateway_writes_what_the_publisher_left_out() -> None:
    made = publish(draft(text=None))
    message = made.message
    assert (made.id, made.rev) == ("KH-ALERT-2027-000042", 1)
    assert (message.schema, message.status, message.issuer.member) == ("alert/1.0", "actual", "KH")
    assert message.sent == "2027-03-02T02:15:00Z"
    assert made.data == messages.encode(message)
    assert messages.read(made.data) == message
    (text,) = message.text
    assert (text.lang, text.generated) == ("en", True)
    assert text.title == "Alert: new route"
    assert "act within 24 hours" in text.summary


PAST = {"checked_on": "2027-01-14", "first_seen": "2026-06", "last_seen": "2026-12"}
"""Dates that must have passed at NOW; examples are of days after it."""


@pytest.mark.parametrize("path", VALID, ids=[path.stem for path in VALID])
def test_every_example_can_be_published_by_its_member(path: Any) -> None:
    original = json.loads(path.read_bytes())
    tree = draft(path.stem)
    tree |= {"id": original["id"], "rev": original["rev"], "expires": "2027-03-20T00:00:00Z"}
    tree["text"] = [entry for entry in tree["text"] if entry["lang"] != "en"] or None
    tree |= {key: PAST[key] for key in PAST.keys() & tree.keys()}
    tree = {key: value for key, value in tree.items() if value is not None}
    ledger = Ledger({original["id"]: Published(original["rev"] - 1)} if original["rev"] > 1 else {})
    made = publish(tree, ledger, original["issuer"]["member"], original["status"])
    rules.compare_fields(made.message)
    assert (made.id, made.rev, ledger.taken) == (original["id"], original["rev"], [])
    english = made.message.text[-1]
    assert (english.lang, english.generated) == ("en", True)
    assert len(english.title) <= 120
    assert len(english.summary) <= 800


GENERATED = {
    "legislation-expanded-act": (
        "Legislation: act of PH, in force",
        "Act of PH. State: in force (enacted 2022-06-23). Topics: criminalisation, corporate liability, "
        "online offences, children, penalties. Penalty: 20 years to life. "
        "Checked on 2027-02-01. Valid until 2027-04-01T00:00:00Z.",
    ),
    "practice-half-yearly-review": (
        "Practice: monitoring mechanism for protection, cooperation, ID ID-JK",
        "Monitoring mechanism for protection, cooperation in ID ID-JK. Led by the sector women's empowerment. "
        "State: running, every half-year. Evidence: internal review. Safeguards: informed consent, confidentiality, "
        "survivor led. "
        "Ask ID-CONTACT-2027-000003. Valid until 2027-04-01T00:00:00Z.",
    ),
    "contact-shelters-full": (
        "Contact: shelter, medical, child protection, ID ID-KR IDBTM",
        "Sector social welfare, for ID ID-KR IDBTM. Services: shelter, medical, child protection. For: women, girls. "
        "Languages: id, en. Hours: on call. Capacity: full. Valid until 2027-04-01T00:00:00Z.",
    ),
}


@pytest.mark.parametrize(("name", "expected"), GENERATED.items(), ids=GENERATED)
def test_generated_text_says_what_the_codes_say(name: str, expected: tuple[str, str]) -> None:
    tree = draft(name, text=None, action="new", expires="2027-04-01T00:00:00Z")
    (text,) = publish(tree, member=original_member(name)).message.text
    assert (text.title, text.summary) == expected


def original_member(name: str) -> str:
    tree = json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())
    return str(tree["issuer"]["member"])


def test_generated_text_of_the_longest_message_fits() -> None:
    locations = [{"role": "transit", "country": "TH", "admin1": f"TH-{n}", "locode": "THMST"} for n in range(20)]
    pattern = draft("pattern-seafood-debt", text=None, places=locations, expires="2027-04-01T00:00:00Z")
    schema = json.loads((schemas_dir() / "v1" / "pattern.schema.json").read_bytes())["$defs"]["Pattern"]["properties"]
    pattern |= {key: schema[key]["items"]["enum"] for key in ("acts", "means", "purposes")}
    (text,) = publish(pattern, member="TH").message.text
    assert (len(text.title), len(text.summary)) == (120, 800)


def test_a_text_in_english_is_not_written_over() -> None:
    made = publish(draft())
    assert [text.lang for text in made.message.text] == ["en", "km"]


def test_sent_and_privacy_are_the_gateways_to_write() -> None:
    tree = draft(sent="2027-03-02T02:15:00Z", privacy={"k": 10})
    assert refused(tree) == [("E-MESSAGE-GATEWAY-FIELD", "$.sent"), ("E-MESSAGE-GATEWAY-FIELD", "$.privacy")]


@pytest.mark.parametrize("value", [True, False, None, "true", {}], ids=str)
@pytest.mark.parametrize("at", [0, 1])
def test_the_mark_of_a_generated_text_is_the_gateways_to_write(at: int, value: Any) -> None:
    tree = draft()
    tree["text"][at]["generated"] = value
    assert refused(tree) == [("E-MESSAGE-GATEWAY-FIELD", f"$.text[{at}].generated")]


INSERTED_AT = {
    "$": lambda tree: tree, "$.issuer": lambda tree: tree["issuer"], "$.audience": lambda tree: tree["audience"],
    "$.source": lambda tree: tree["source"], "$.places[1]": lambda tree: tree["places"][1],
    "$.request[0]": lambda tree: tree["request"][0], "$.related[0]": lambda tree: tree["related"][0],
    "$.text[1]": lambda tree: tree["text"][1],
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(GATEWAY_FIELDS))
@pytest.mark.parametrize("path", INSERTED_AT)
def test_a_field_of_the_gateway_is_refused_at_every_depth(path: str, field: str) -> None:
    tree = draft()
    INSERTED_AT[path](tree)[field] = True
    assert refused(tree) == [("E-MESSAGE-GATEWAY-FIELD", f"{path}.{field}")]


def test_a_message_that_was_published_is_refused_when_it_is_handed_in_again() -> None:
    """Every field that stands in its way is named, and what to do instead."""
    sent = json.loads(publish(draft(text=None)).data)
    with pytest.raises(Invalid) as caught:
        publish(sent, Ledger({sent["id"]: Published(1)}))
    assert [(reason.code, reason.path) for reason in caught.value.reasons] == [
        ("E-MESSAGE-GATEWAY-FIELD", "$.sent"),
        ("E-MESSAGE-REVISION", "$.id"),
        ("E-MESSAGE-GATEWAY-FIELD", "$.text[0].generated"),
    ]
    assert "action update" in caught.value.reasons[0].hint
    change = {key: value for key, value in sent.items() if key not in ("sent", "text", "rev")} | {"action": "update"}
    assert publish(change, Ledger({sent["id"]: Published(1)})).rev == 2


def test_a_message_of_another_member_or_realm_is_refused() -> None:
    tree = draft(status="exercise", id="TH-ALERT-2027-000001")
    tree["issuer"]["member"] = "TH"
    expected = [("E-MESSAGE-REALM", "$.status"), ("E-MESSAGE-SENDER", "$.issuer.member"), ("E-MESSAGE-SENDER", "$.id")]
    assert refused(tree) == expected


def test_text_is_normalised() -> None:
    tree = draft()
    tree["issuer"]["body"] = "o\u0308"
    assert publish(tree).message.issuer.body == "\u00f6"


def test_a_telephone_number_is_taken_as_people_write_it_and_leaves_as_it_is_dialled() -> None:
    """A file of a person had to have E.164. The country of a number without one is not guessed."""
    made = publish(draft("contact-hotline", phone=["+66 (0)2-123 4567", "+66.2.123.4567", "+66\u00a02 123 4568"]))
    assert json.loads(made.data)["phone"] == ["+6621234567", "+6621234568"]
    assert refused(draft("contact-hotline", phone=["02 123 4567"])) == [("E-MESSAGE-FIELD", "$.phone[0]")]
    assert refused(draft("contact-hotline", phone=["+66 2 123 4567", 7])) != []


def test_white_leaves_as_clear() -> None:
    assert b'"tlp":"CLEAR"' in publish(draft(tlp="WHITE", handling=None)).data


def test_receipts_are_never_made_by_hand() -> None:
    tree = json.loads((schemas_dir() / "examples" / "valid" / "receipt-stored.json").read_bytes())
    assert refused(tree, member="SG") == [("E-MESSAGE-KIND", "$.kind")]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"places": [{"role": "transit", "country": "QQ"}]}, "$.places[0].country"),
        ({"audience": {"members": ["LA", "EU"]}}, "$.audience.members[1]"),
        (
            {"text": [{"lang": "en", "title": "t", "summary": "s"}, {"lang": "qq-KH", "title": "t", "summary": "s"}]},
            "$.text[1].lang",
        ),
    ],
    ids=["country", "member", "language"],
)
def test_iso_lists_are_looked_up_at_publish_and_not_on_read(change: dict[str, Any], path: str) -> None:
    assert refused(draft(**change)) == [("E-MESSAGE-CODE", path)]
    valid = json.loads((schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_bytes())
    assert messages.decode(valid | change)


def test_currency_and_citizenship_are_looked_up_too() -> None:
    tree = draft("pattern-seafood-debt", expires="2027-04-01T00:00:00Z")
    tree["money"][0]["currency"] = "XYZ"
    tree["targeted"]["citizenship"] = ["XX", "other", "YY"]
    assert refused(tree, member="TH") == [
        ("E-MESSAGE-CODE", "$.targeted.citizenship[2]"),
        ("E-MESSAGE-CODE", "$.money[0].currency"),
    ]


def test_the_secretariat_is_a_member_though_iso_does_not_list_it() -> None:
    made = publish(draft(audience={"members": ["XA"]}), member="XA")
    assert made.id == "XA-ALERT-2027-000042"


def test_all_reasons_are_reported_also_contradictions_beside_faults() -> None:
    tree = draft(urgency="now", tlp="RED", audience={"members": "all"}, colour=1, expires="2020-01-01T00:00:00Z")
    assert refused(tree) == [
        ("E-MESSAGE-CODE", "$.urgency"),
        ("E-MESSAGE-UNKNOWN-FIELD", "$.colour"),
        ("E-MESSAGE-RULE", "$.expires"),
        ("E-MESSAGE-RULE", "$.audience.members"),
    ]


def test_no_number_is_taken_by_a_message_that_is_refused() -> None:
    ledger = Ledger()
    refused(draft(urgency="now"), ledger)
    assert ledger.taken == []


class TestRevisions:
    """A given id must be ours: unused for new; for update and cancel rev is the highest and one."""

    ID = "KH-ALERT-2027-000013"

    def test_an_update_gets_the_next_revision(self) -> None:
        made = publish(draft(id=self.ID, action="update"), Ledger({self.ID: Published(4)}))
        assert (made.id, made.rev) == (self.ID, 5)

    @pytest.mark.parametrize(("rev", "code"), [(2, "E-CHANGED"), (4, "E-CHANGED"), (6, "E-MESSAGE-REVISION")])
    def test_another_revision_than_the_next_is_refused(self, rev: int, code: str) -> None:
        """One that was published meanwhile: the update was begun on an older text."""
        tree = draft(id=self.ID, action="update", rev=rev)
        assert refused(tree, Ledger({self.ID: Published(4)})) == [(code, "$.rev")]

    def test_an_update_of_an_older_text_is_led_to_the_newest(self) -> None:
        with pytest.raises(Invalid) as caught:
            publish(draft(id=self.ID, action="update", rev=2), Ledger({self.ID: Published(4)}))
        hint = "read revision 4 first; then hand in what still holds, with rev 5"
        assert [each.hint for each in caught.value.reasons] == [hint]

    def test_a_new_message_may_bring_an_unused_id_and_no_used_one(self) -> None:
        assert publish(draft(id=self.ID)).id == self.ID
        assert refused(draft(id=self.ID), Ledger({self.ID: Published(1)})) == [("E-MESSAGE-REVISION", "$.id")]

    def test_an_update_of_nothing_is_refused(self) -> None:
        assert refused(draft(id=self.ID, action="update")) == [("E-MESSAGE-REVISION", "$.id")]
        assert refused(draft(action="update")) == [("E-MESSAGE-REVISION", "$.id")]

    def test_nothing_follows_a_cancel(self) -> None:
        tree = draft(id=self.ID, action="update")
        assert refused(tree, Ledger({self.ID: Published(2, is_cancelled=True)})) == [
            ("E-MESSAGE-CANCELLED", "$.action")
        ]

    def test_without_a_ledger_the_chain_is_not_judged(self) -> None:
        data = json.dumps(draft(id=self.ID, action="update")).encode()
        made = compose.complete(data, member="KH", realm="actual", now=NOW, ledger=None)
        assert (made.id, made.rev) == (self.ID, 2)
        made = compose.complete(json.dumps(draft()).encode(), member="KH", realm="actual", now=NOW, ledger=None)
        assert made.id == "KH-ALERT-2027-000000"


def test_a_message_that_outgrows_the_bound_by_what_the_gateway_writes_is_refused() -> None:
    """The largest table with texts in eleven languages; what the gateway adds is more than the bytes that are left."""
    location = {"role": "exploitation", "country": "TH", "admin1": "TH-63", "locode": "THMST"}
    names = ("exploitation", "recruiter", "means")
    codes = [fields_of(Dims)[name][1].codes for name in names]
    cells = [
        {
            "period": period,
            "place": location,
            "dims": dict(zip(names, dims, strict=True)),
            "value": 10**9,
            "status": "A",
        }
        for period in ("2026-H1", "2026-H2", "2025-H1", "2025-H2", "2024-H1", "2024-H2")
        for dims in itertools.product(*codes)
        if "total" not in dims
    ]
    cells = sorted(cells, key=lambda cell: -len(json.dumps(cell)))[:2000]
    languages = ("th", "km", "lo", "my", "vi", "id", "ms", "fil", "ta", "zh", "pt")
    texts = [{"lang": lang, "title": "\u0001" * 119 + "x", "summary": "x"} for lang in languages]
    tree = draft("trend-exploitation-by-age", text=texts, obs=cells, dims=list(names), margins=False)
    tree |= {"expires": "2027-04-01T00:00:00Z", "reason": "\u0001" * 400}
    tree |= {"places": [{**location, "admin1": f"TH-{number}"} for number in range(10, 30)]}
    related = [{"rel": "evidence-for", "id": f"TH-LEGISLATION-2026-0000{number}"} for number in range(10, 30)]
    tree |= {"related": related}
    assert written(tree) <= MESSAGE_BYTES_MAX
    at = 0
    while written(tree) + 6 <= MESSAGE_BYTES_MAX - 10 and at < len(texts):
        texts[at]["summary"] = "x" + "\u0001" * min(799, (MESSAGE_BYTES_MAX - 10 - written(tree)) // 6)
        at += 1
    assert MESSAGE_BYTES_MAX - 20 <= written(tree) <= MESSAGE_BYTES_MAX
    with pytest.raises(Invalid, match="bytes, allowed are") as caught:
        compose.complete(compact(tree), member="TH", realm="actual", now=NOW, ledger=Ledger())
    assert caught.value.reasons[0].code == "E-MESSAGE-FORM"


def compact(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree, separators=(",", ":")).encode()


def written(tree: dict[str, Any]) -> int:
    return len(compact(tree))


@pytest.mark.parametrize("key", ["issuer", "text", "id", "rev", "action", "status", "schema"])
@pytest.mark.parametrize("value", [None, 0, [], {}, [1], "x"], ids=repr)
def test_an_odd_value_where_the_gateway_would_write_is_a_reason(key: str, value: Any) -> None:
    assert {path.split("[")[0].split(".")[1] for _, path in refused(draft() | {key: value})} == {key}


def test_instants_are_whole_seconds() -> None:
    assert instant(NOW + 999) == "2027-03-02T02:15:00Z"
    assert isinstance(publish(draft()).message, Alert)


@pytest.mark.parametrize("action", ["update", "cancel"])
@pytest.mark.parametrize(("held", "realm"), [("actual", "exercise"), ("exercise", "actual")])
def test_a_revision_is_of_the_realm_of_its_id(action: str, held: str, realm: str) -> None:
    tree = draft(
        id="KH-ALERT-2027-000042", action=action, status=realm, **({"reason": "over"} if action == "cancel" else {})
    )
    ledger = Ledger({"KH-ALERT-2027-000042": Published(1, realm=held)})
    with pytest.raises(Invalid) as refused_:
        publish(tree, ledger, "KH", realm)
    assert ("E-MESSAGE-REALM", "$.id") in [(reason.code, reason.path) for reason in refused_.value.reasons]


@pytest.mark.parametrize("chosen", ["0812-345678", "9999-000001", "2025-000001", "2029-000001", "2027-000000"])
@pytest.mark.parametrize("ledger", [Ledger(), None])
def test_an_id_that_is_chosen_is_within_a_year_of_now_and_has_a_number(chosen: str, ledger: Ledger | None) -> None:
    """A telephone number was published as one."""
    tree = json.dumps(draft(id=f"KH-ALERT-{chosen}")).encode()
    with pytest.raises(Invalid) as caught:
        compose.complete(tree, member="KH", realm="actual", now=NOW, ledger=ledger)
    assert [(each.code, each.path) for each in caught.value.reasons] == [("E-MESSAGE-FIELD", "$.id")]


@pytest.mark.parametrize("chosen", ["KH-ALERT-2027-000001", "KH-ALERT-2026-000007", "KH-ALERT-2028-009999"])
def test_an_id_within_a_year_of_now_may_be_chosen(chosen: str) -> None:
    assert publish(draft(id=chosen)).id == chosen


def test_an_earlier_message_is_updated_whatever_its_year_is() -> None:
    id_ = "KH-ALERT-2021-000003"
    assert publish(draft(id=id_, action="update"), Ledger({id_: Published(1)})).rev == 2


@pytest.mark.parametrize("malformed", ["KH-ALERT-2027", "KH-ALERT-0812-345678\n", "KH-ALERT-x-1", "KH-"])
def test_an_id_of_another_form_is_refused_once(malformed: str) -> None:
    assert refused(draft(id=malformed)) == [("E-MESSAGE-FIELD", "$.id")]


def _alone(data: bytes) -> Composed | None:
    try:
        return compose.complete(data, member="KH", realm="actual", now=NOW, ledger=None)
    except Invalid:
        return None


def _variants() -> list[bytes]:
    """Drafts of every kind, right ones and others: each field left out, emptied, of another type, or twice."""
    found = [b"", b"[]", b"{", b"\xff{", b'{"kind":"receipt"}', b'{"kind":"alert"}']
    for path in VALID:
        tree = draft(path.stem)
        made = [tree, tree | {"text": []}, tree | {"text": [{"lang": "th", "title": "ข", "summary": "ข"}]}]
        made += [{key: value for key, value in tree.items() if key != left_out} for left_out in tree]
        values: list[Any] = ["", 7, [], {}, None, "\u200b"]
        made += [tree | {key: value} for key in tree for value in values]
        made += [tree | {"expires": "2569-01-01T00:00:00Z"}, tree | {"imported": "cap"}, tree | {"action": "update"}]
        found += [json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode() for each in made]
        found += [json.dumps(tree, indent=1).encode(), json.dumps(tree | {"text": "e\u0301"}).encode()]
    return found


def test_many_drafts_together_become_what_each_becomes_alone() -> None:
    drafts_ = _variants()
    together = compose.complete_many(drafts_, member="KH", realm="actual", now=NOW)
    pairs = [(made, _alone(data)) for data, made in zip(drafts_, together, strict=True)]
    assert [pair for pair in pairs if pair[0] not in (None, pair[1])] == []
    compact = [json.dumps(draft(path.stem), separators=(",", ":"), ensure_ascii=False).encode() for path in VALID]
    right = [data for data in compact if _alone(data) is not None]
    assert len(right) > 10
    assert None not in compose.complete_many(right, member="KH", realm="actual", now=NOW)
