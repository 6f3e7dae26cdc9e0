"""Messages inside a frame: F8 and F9, as far as the frame, the sender and what is held decide them."""

import json
from typing import Any

from protocol.scenario import MINUTE, OK, SMALL, Vector, ok, refused, scenario, small_list, variants
from support.kit import NOW, Sending, actor, alert, member_row

SG, TH, VN = (actor(code) for code in SMALL)
ONE, TWO, THREE = (alert(f"TH-ALERT-2027-00000{n}") for n in (1, 2, 3))
COUNTRIES = [first + second for first in "ABCDE" for second in "ABCDEFGHIJK"]
TEXTS = [{"lang": lang, "title": "t", "summary": "s"} for lang in ("en", *(f"q{a}{b}" for a in "abcd" for b in "abcd"))]
TO_SG = alert(audience={"members": ["SG"]})


def _running(v: Vector, **terms: Any) -> Sending:
    v.start()
    return v.epoch(**terms)


def receipt(**changes: Any) -> bytes:
    """A receipt of TH about a frame."""
    value: dict[str, Any] = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "TH", "stage": "stored",
        "sent": "2027-01-15T08:00:01Z", "of": [{"frame": "ab" * 32}], "at": "2027-01-15T08:00:01Z",
    }  # fmt: skip
    return json.dumps(value | changes).encode()


# -- F8


@scenario("F8")
def message_refused_alone(v: Vector) -> None:
    """A message that F8 refuses is refused alone: the messages before and after it in its frame are accepted."""
    th = _running(v)
    v.frame(th, th.frame(ONE, b"{}", TWO), ok(ONE, TWO, refused=[(1, "F8")]))


@variants(
    "F8",
    "message",
    {
        "not-json": b"{",
        "empty": b"",
        "no-object": b"[]",
        "with-a-key-twice": ONE.replace(b'"rev": 1', b'"rev": 1, "rev": 1'),
        "with-a-byte-order-mark": b"\xef\xbb\xbf" + ONE,
        "with-bytes-after-it": ONE + b" {}",
        "with-a-lone-surrogate": ONE.replace(b"Office jobs abroad", rb"Office \ud800"),
        "not-utf-8": ONE.replace(b"Office jobs abroad", b"Office \xff"),
        "not-nfc": ONE.replace(b"Office jobs abroad", "Cafe\u0301 jobs".encode()),
        "with-a-character-of-a-later-unicode": ONE.replace(b"Office jobs abroad", "Cafe\U00010efd jobs".encode()),
        "with-a-code-point-of-no-character": ONE.replace(b"Office jobs abroad", "Cafe\uffff jobs".encode()),
        "with-a-float": ONE.replace(b'"rev": 1', b'"rev": 1.0'),
        "with-an-exponent": ONE.replace(b'"rev": 1', b'"rev": 1e0'),
        "with-minus-zero": ONE.replace(b'"confidence": 70', b'"confidence": -0'),
        "with-an-integer-beyond-2-53": ONE.replace(b'"confidence": 70', b'"confidence": 9007199254740992'),
        "nested-17-deep": ONE.replace(b'"members": "all"', b'"members": ' + b"[" * 15 + b"]" * 15),
        "with-an-unknown-field": alert(passport="AB123456"),
        "of-an-unknown-kind": alert(kind="rumour", schema="rumour/1.0"),
        "of-another-major": alert(schema="alert/2.0"),
        "with-a-field-missing": alert(desk=None),
        "with-an-unknown-code": alert(urgency="soon"),
        "with-rev-zero": alert(rev=0),
        "with-an-optional-field-null": ONE.replace(b'"rev": 1', b'"rev": 1, "reason": null'),
        "with-an-optional-list-empty": alert(places=[]),
        "of-a-higher-minor-with-65-codes-in-a-list": alert(schema="alert/1.7", handling=[f"no-{n}" for n in range(65)]),
        "with-51-members-in-a-list": alert(request=[{"action": "acknowledge", "of_members": COUNTRIES[:51]}]),
        "with-thirteen-texts": alert(text=TEXTS[:13]),
        "of-a-higher-minor-with-thirteen-texts": alert(schema="alert/1.7", text=TEXTS[:13]),
        "with-a-list-of-duplicates": alert(handling=["no-media", "no-media"]),
        "with-a-time-in-another-zone": alert(sent="2027-01-15T15:00:00+07:00"),
        "with-a-day-that-is-none": alert(expires="2027-02-30T00:00:00Z"),
        "with-a-line-end-after-its-id": alert("TH-ALERT-2027-000001\n"),
    },
    words={
        "not-json": "that is not JSON",
        "empty": "that is empty",
        "no-object": "that is a JSON array",
        "with-a-key-twice": "with a repeated key",
        "with-bytes-after-it": "with a second value after it",
        "not-utf-8": "that is not UTF-8",
        "not-nfc": "with a text that is not in normal form C",
        "with-a-character-of-a-later-unicode": "with a character that Unicode 14.0 does not have",
        "with-a-code-point-of-no-character": "with a code point that is never assigned",
        "with-a-float": "with a number that has a point",
        "with-an-exponent": "with a number that has an exponent",
        "with-minus-zero": "with the number -0",
        "with-an-integer-beyond-2-53": "with the integer 2^53",
        "nested-17-deep": "with 17 objects and lists inside one another",
        "of-another-major": "of another major version",
        "with-a-field-missing": "without a required field",
        "with-an-unknown-code": "of our version with an unknown code",
        "with-rev-zero": "with the revision 0",
        "with-an-optional-field-null": "with an optional field that is null",
        "with-an-optional-list-empty": "with an optional list that is empty",
        "with-a-list-of-duplicates": "with a code twice in a list",
        "with-a-time-in-another-zone": "with a time that is not in UTC",
        "with-a-day-that-is-none": "with a day that does not exist",
        "with-51-members-in-a-list": "with a list of 51 members",
    },
)
def message_form(v: Vector, data: bytes) -> None:
    """A message {} is refused alone by F8, and the frame that carries it is accepted."""
    th = _running(v)
    v.frame(th, th.frame(data), ok(refused=[(0, "F8")]))


@scenario("F8")
def message_with_lists_as_long_as_they_may_be(v: Vector) -> None:
    """A message with twelve texts and a list of 50 members is accepted: its lists have the greatest length allowed."""
    message = alert(text=TEXTS[:12], request=[{"action": "acknowledge", "of_members": COUNTRIES[:50]}])
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_with_a_generated_text_that_its_codes_do_not_say(v: Vector) -> None:
    """A message with a text marked generated that differs from its codes is accepted: a reader writes the text anew
    from the codes.

    The bytes stay as they were signed.
    """
    own = {"lang": "en", "title": "Call Maria Santos", "summary": "Not what the codes say", "generated": True}
    message = alert(text=[own])
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_in_nfc_with_white_space_and_escapes(v: Vector) -> None:
    """A message in normal form C with white space between its values and escapes in a text is accepted: JSON allows
    more than one spelling.
    """
    message = ONE.replace(b"Office jobs abroad", rb"Caf\u00e9 \ud83d\ude00 jobs").replace(b", ", b" ,\n\t")
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_with_characters_that_came_with_unicode_14(v: Vector) -> None:
    """A message with letters and emoji that came with Unicode 14.0 is accepted: every reader takes them."""
    message = ONE.replace(b"Office jobs abroad", "\U00010570 \U0001faf6 jobs".encode())
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_of_a_higher_minor_with_a_field_that_we_do_not_know(v: Vector) -> None:
    """A message of a higher minor with an unknown field is accepted: a reader ignores what that minor added."""
    message = alert(schema="alert/1.7", weather="rain")
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@variants(
    "F8",
    "message-of-a-higher-minor",
    {
        "of-five-digits": ({"schema": "alert/1.99999"}, True),
        "of-six-digits": ({"schema": "alert/1.100000"}, False),
        "with-an-unknown-action": ({"action": "amend"}, False),
        "with-an-unknown-code": ({"urgency": "later"}, True),
        "with-a-code-twice": ({"handling": ["no-media", "no-media"]}, False),
        "with-an-unknown-code-twice": ({"handling": ["x-new", "x-new"]}, False),
        "with-two-unknown-codes": ({"handling": ["x-new", "x-newer"]}, True),
        "with-an-object-twice": ({"places": [{"country": "TH", "role": "origin", "x": 1}] * 2}, False),
        "with-an-object-twice-in-another-order": (
            {"places": [{"country": "TH", "role": "origin"}, {"role": "origin", "country": "TH"}]}, False,
        ),
        "with-objects-that-differ-in-an-unknown-field": (
            {"places": [{"country": "TH", "role": "origin", "x": x} for x in (1, True)]}, True,
        ),
    },
    words={
        "of-five-digits": "with a number of five digits is accepted",
        "of-six-digits": "with a number of six digits is refused by F8",
        "with-an-unknown-action": "with an unknown action is refused by F8",
        "with-an-unknown-code": "with an unknown code in urgency is accepted",
        "with-a-code-twice": "with a known code twice in a list is refused by F8",
        "with-an-unknown-code-twice": "with an unknown code twice in a list is refused by F8",
        "with-two-unknown-codes": "with two different unknown codes in a list is accepted",
        "with-an-object-twice": "with an object twice in a list, unknown field included, is refused by F8",
        "with-an-object-twice-in-another-order": "with one object in two orders of fields is refused by F8",
        "with-objects-that-differ-in-an-unknown-field": "with objects that differ in an unknown field is accepted",
    },
)  # fmt: skip
def message_of_a_higher_minor(v: Vector, case: tuple[dict[str, Any], bool]) -> None:
    """A message of a higher minor {}."""
    changes, is_read = case
    message = alert(**({"schema": "alert/1.7"} | changes))
    th = _running(v)
    v.frame(th, th.frame(message), ok(message) if is_read else ok(refused=[(0, "F8")]))


@scenario("F8")
def message_with_the_id_of_another_member(v: Vector) -> None:
    """A message of TH whose id begins with VN is refused by F8: an id begins with the member that signs."""
    th = _running(v)
    message = alert("VN-ALERT-2027-000001", issuer={"member": "TH", "body": "Desk", "sector": "labour"})
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")]))


_OF_ANOTHER = {"member": "SG", "body": "Desk", "sector": "labour"}


@variants(
    "F8",
    "message-whose-issuer-is-another-member",
    {"the-receiver": {}, "a-third-one": {"member": "VN"}, "in-a-higher-minor": {"schema": "alert/1.7"}},
    words={
        "the-receiver": "the receiver",
        "a-third-one": "a third member",
        "in-a-higher-minor": "the receiver, in a higher minor,",
    },
)
def message_with_the_issuer_of_another_member(v: Vector, changes: dict[str, str]) -> None:
    """A message that TH signed and whose issuer is {} is refused alone by F8: it would be read as from that member.

    Under its own id, though TH may use that id.
    """
    th = _running(v)
    issuer = _OF_ANOTHER | {"member": changes.get("member", "SG")}
    others = {key: value for key, value in changes.items() if key != "member"}
    v.frame(th, th.frame(alert(issuer=issuer, **others), TWO), ok(TWO, refused=[(0, "F8")]))


@variants(
    "F8",
    "message",
    {"of-the-exercise-as-actual": ("actual", "exercise"), "actual-as-exercise": ("exercise", "actual")},
    words={
        "of-the-exercise-as-actual": "of status exercise in a frame of realm actual",
        "actual-as-exercise": "of status actual in a frame of realm exercise",
    },
)
def message_of_the_other_realm(v: Vector, realms: tuple[str, str]) -> None:
    """A message {} is refused by F8: its status must be the realm."""
    th = _running(v, realm=realms[0])
    v.frame(th, th.frame(alert(status=realms[1])), ok(refused=[(0, "F8")]))


@variants(
    "F8",
    "message-of-a-kind",
    {
        "not-permitted": (["trend", "pattern"], ok(refused=[(0, "F8")])),
        "permitted-by-name": (["alert"], ok(ONE)),
        "where-nothing-is-permitted": ([], ok(refused=[(0, "F8")])),
    },
    words={
        "not-permitted": "may publish trends and patterns only is refused by F8",
        "permitted-by-name": "may publish alerts and nothing else is accepted",
        "where-nothing-is-permitted": "may publish nothing is refused by F8",
    },
)
def message_kind(v: Vector, case: tuple[list[str], Any]) -> None:
    """An alert of a member that {}."""
    v.start(small_list(members=[member_row(SG), member_row(TH, publish=case[0]), member_row(VN)]))
    th = v.epoch()
    v.frame(th, th.frame(ONE), case[1])


@scenario("F8")
def message_of_a_kind_that_the_next_list_permits_no_more(v: Vector) -> None:
    """An alert is refused by F8 once a list no longer permits its sender alerts, although its epoch names the list
    before.
    """
    th = _running(v)
    v.next_list(members=[member_row(SG), member_row(TH, publish=["trend"]), member_row(VN)])
    v.frame(th, th.frame(ONE), ok(refused=[(0, "F8")]))


@scenario("F8")
def message_over_shared_with_all(v: Vector) -> None:
    """A message to SG alone in channel all is refused by F8 with the alarm over-shared: only an audience of all
    belongs there.
    """
    th = _running(v)
    v.frame(th, th.frame(TO_SG), ok(refused=[(0, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_over_shared_with_all_though_it_names_everybody(v: Vector) -> None:
    """A message in channel all that names every member one by one is refused by F8 with the alarm over-shared: its
    audience must be all.
    """
    th = _running(v)
    message = alert(audience={"members": ["SG", "TH", "VN"]})
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_over_shared_with_us(v: Vector) -> None:
    """A message to VN alone in the channel to us is refused by F8 with the alarm over-shared: we are not in its
    audience.
    """
    th = _running(v, channel="SG")
    message = alert(audience={"members": ["VN"]})
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_in_our_channel_for_us(v: Vector) -> None:
    """A message to us in the channel to us is accepted: we are in its audience."""
    th = _running(v, channel="SG")
    v.frame(th, th.frame(TO_SG), ok(TO_SG))


@scenario("F8")
def message_in_our_channel_for_all(v: Vector) -> None:
    """A message to all in the channel to us is accepted: we are in its audience.

    A member that may not read a kind makes its sender go to each of the others alone.
    """
    th = _running(v, channel="SG")
    v.frame(th, th.frame(ONE), ok(ONE))


# -- F8 of receipts


@scenario("F8")
def receipt_in_our_channel(v: Vector) -> None:
    """A receipt in the channel to us is accepted from a member that may publish nothing: a receipt needs no such
    right.
    """
    v.start(small_list(members=[member_row(SG), member_row(TH, publish=[]), member_row(VN)]))
    th = v.epoch(channel="SG")
    v.frame(th, th.frame(receipt()), ok(receipt()))


@scenario("F8")
def receipt_on_all(v: Vector) -> None:
    """A receipt in channel all is refused by F8: a receipt goes to one member."""
    th = _running(v)
    v.frame(th, th.frame(receipt()), ok(refused=[(0, "F8")]))


@variants(
    "F8",
    "receipt",
    {
        "of-another-member": receipt(member="VN"),
        "of-the-exercise": receipt(status="exercise"),
        "with-an-unknown-field": receipt(id="TH-ALERT-2027-000001"),
        "about-nothing": receipt(of=[]),
        "about-a-frame-and-a-list-at-once": receipt(of=[{"frame": "ab" * 32, "trust": 2}]),
        "about-half-a-range": receipt(stage="missing", of=[{"epoch": "ab" * 32, "first": 1}]),
        "at-an-unknown-stage": receipt(stage="seen"),
    },
    words={
        "of-another-member": "in the name of another member than the sender",
        "of-the-exercise": "of status exercise in realm actual",
        "about-half-a-range": "about a range without its last number",
    },
)
def receipt_fields(v: Vector, data: bytes) -> None:
    """A receipt {} is refused alone by F8, and the frame that carries it is accepted."""
    th = _running(v, channel="SG")
    v.frame(th, th.frame(data), ok(refused=[(0, "F8")]))


# -- F9


@variants(
    "F9",
    "message",
    {
        "for-all-that-is-red": alert(tlp="RED"),
        "immediate-without-a-time-to-acknowledge": alert(urgency="immediate"),
        "new-of-a-later-revision": alert(rev=2),
        "update-of-the-first-revision": alert(action="update"),
        "cancel-without-a-reason": alert(action="cancel", rev=2),
        "that-expires-when-it-is-sent": alert(expires="2027-01-15T08:00:00Z"),
        "that-lasts-over-90-days": alert(expires="2027-04-15T08:00:01Z"),
        "without-english": alert(text=[{"lang": "th", "title": "งาน", "summary": "งาน"}]),
        "ungraded-with-confidence": alert(
            source={"type": "media", "reliability": "F", "credibility": 2, "confidence": 70}
        ),
    },
    words={
        "for-all-that-is-red": "to all that is marked RED",
        "immediate-without-a-time-to-acknowledge": "of immediate urgency without a time to acknowledge",
        "new-of-a-later-revision": "with the action new and the revision 2",
        "update-of-the-first-revision": "with the action update and the revision 1",
        "cancel-without-a-reason": "with the action cancel and no reason",
        "that-lasts-over-90-days": "that expires a second more than 90 days after it was sent",
        "without-english": "without a text in English",
        "ungraded-with-confidence": "with a confidence in a source of reliability F",
    },
)
def message_contradicts_itself(v: Vector, data: bytes) -> None:
    """A message {} is refused alone by F9, which judges what its fields say together."""
    th = _running(v)
    v.frame(th, th.frame(data), ok(refused=[(0, "F9")]))


@scenario("F9")
def message_that_lasts_90_days(v: Vector) -> None:
    """An alert that expires exactly 90 days after it was sent is accepted: an alert may last no longer."""
    message = alert(expires="2027-04-15T08:00:00Z")
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@variants(
    "F9",
    "receipt",
    {
        "of-a-refusal-without-a-code": receipt(stage="refused"),
        "of-storing-a-range": receipt(of=[{"epoch": "ab" * 32, "first": 1, "last": 2}]),
        "of-storing-a-list": receipt(of=[{"trust": 2}]),
    },
    words={
        "of-a-refusal-without-a-code": "at stage refused without a code",
        "of-storing-a-range": "at stage stored about a range",
        "of-storing-a-list": "at stage stored about a trust list",
    },
)
def receipt_contradicts_itself(v: Vector, data: bytes) -> None:
    """A receipt {} is refused alone by F9, which judges what its fields say together."""
    th = _running(v, channel="SG")
    v.frame(th, th.frame(data), ok(refused=[(0, "F9")]))


@scenario("F9")
def receipt_of_what_is_missing(v: Vector) -> None:
    """A receipt at stage missing about a range, a trust list and a frame at once is accepted."""
    data = receipt(
        stage="missing", of=[{"epoch": "ab" * 32, "first": 1, "last": 2}, {"trust": 2}, {"frame": "cd" * 32}]
    )
    th = _running(v, channel="SG")
    v.frame(th, th.frame(data), ok(data))


@scenario("F9")
def receipt_again(v: Vector) -> None:
    """A receipt with the same bytes is a duplicate and named nowhere, in the same frame and in a later one; one of
    another stage about the same frame is accepted.
    """
    th = _running(v, channel="SG")
    v.frame(th, th.frame(receipt(), receipt()), ok(receipt()))
    v.frame(th, th.frame(receipt()), OK)
    v.frame(th, th.frame(receipt(stage="opened")), ok(receipt(stage="opened")))


@scenario("F9")
def message_again_in_the_same_frame(v: Vector) -> None:
    """A message that is twice in a frame is accepted once: the second one is a duplicate and named nowhere."""
    th = _running(v)
    v.frame(th, th.frame(ONE, ONE), ok(ONE))


@scenario("F9")
def message_again_in_another_channel(v: Vector) -> None:
    """A message that came in channel all is a duplicate in the channel to us, and the message beside it is accepted."""
    th = _running(v)
    v.frame(th, th.frame(ONE), ok(ONE))
    again = v.epoch(channel="SG")
    v.frame(again, again.frame(ONE, TWO), ok(TWO))


@scenario("F9")
def message_of_two_texts(v: Vector) -> None:
    """Another text under the id and revision of a held message is refused alone by F9 with the alarm
    message-equivocation; the message beside it is accepted.
    """
    th = _running(v)
    other = alert(severity="extreme")
    v.frame(th, th.frame(ONE), ok(ONE))
    v.frame(th, th.frame(other, TWO), ok(TWO, refused=[(0, "F9")], alarms=[["message-equivocation"]]))


@scenario("F9")
def message_of_two_texts_in_the_same_frame(v: Vector) -> None:
    """Of two texts under one id and revision in one frame, the second is refused by F9 with the alarm
    message-equivocation.
    """
    th = _running(v)
    other = alert(severity="extreme")
    v.frame(th, th.frame(ONE, other), ok(ONE, refused=[(1, "F9")], alarms=[["message-equivocation"]]))


@scenario("F9")
def message_of_two_texts_that_differ_in_white_space_only(v: Vector) -> None:
    """A text that differs from a held one in white space only is another text: F9 refuses it with the alarm
    message-equivocation.
    """
    th = _running(v)
    v.frame(th, th.frame(ONE, ONE + b"\n"), ok(ONE, refused=[(1, "F9")], alarms=[["message-equivocation"]]))


@scenario("F9")
def message_refused_leaves_its_id_free(v: Vector) -> None:
    """A message that F9 refused leaves its id and revision free: the next message with them is accepted."""
    th = _running(v)
    v.frame(th, th.frame(alert(tlp="RED"), ONE), ok(ONE, refused=[(0, "F9")]))


_UPDATE = alert(rev=2, action="update")
_CANCEL = alert(rev=3, action="cancel", reason="found to be untrue")


@scenario("F9")
def message_updated_and_cancelled(v: Vector) -> None:
    """A message, its update and its cancel are accepted in one frame."""
    th = _running(v)
    v.frame(th, th.frame(ONE, _UPDATE, _CANCEL), ok(ONE, _UPDATE, _CANCEL))


@scenario("F9")
def message_revisions_out_of_order(v: Vector) -> None:
    """A cancel with the revision 3, then the revisions 1 and 2 are all accepted: revisions below a cancel may come
    in any order.
    """
    th = _running(v)
    v.frame(th, th.frame(_CANCEL, ONE), ok(_CANCEL, ONE))
    v.frame(th, th.frame(_UPDATE), ok(_UPDATE))


@scenario("F9")
def message_after_its_cancel(v: Vector) -> None:
    """An update above a held cancel is refused by F9: nothing stands above a cancel."""
    th = _running(v)
    v.frame(th, th.frame(ONE, _CANCEL), ok(ONE, _CANCEL))
    v.frame(th, th.frame(alert(rev=4, action="update")), ok(refused=[(0, "F9")]))


@scenario("F9")
def message_cancel_below_a_held_revision(v: Vector) -> None:
    """A cancel below a held revision is refused by F9: nothing stands above a cancel, whichever came first."""
    th = _running(v)
    above = alert(rev=4, action="update")
    v.frame(th, th.frame(ONE, above), ok(ONE, above))
    v.frame(th, th.frame(_CANCEL), ok(refused=[(0, "F9")]))


@scenario("F10")
def frame_whose_messages_are_all_refused_is_accepted(v: Vector) -> None:
    """A frame whose messages are all refused is accepted and consumes its number: the frame after it is accepted
    without alarm.
    """
    th = _running(v)
    v.frame(th, th.frame(b"{}", alert(tlp="RED")), ok(refused=[(0, "F8"), (1, "F9")]))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F10")
def messages_after_a_gap_are_accepted_at_once(v: Vector) -> None:
    """The messages of a frame after a gap are accepted at once with the alarm gap: a withheld frame delays none of
    them.
    """
    th = _running(v)
    th.frame(ONE)
    v.frame(th, th.frame(TWO, THREE), ok(TWO, THREE, alarms=[["gap", 0, 0]]))


@scenario("F8")
def message_over_shared_is_refused_alone(v: Vector) -> None:
    """A message that is over-shared is refused alone by F8 with the alarm: the messages before and after it are
    accepted.
    """
    th = _running(v)
    v.frame(th, th.frame(TWO, TO_SG, THREE), ok(TWO, THREE, refused=[(1, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_of_a_suspended_sender_comes_no_further_than_its_frame(v: Vector) -> None:
    """After its sender was suspended no message of a frame is judged: F2 refuses the frame."""
    th = _running(v)
    v.now = NOW + MINUTE
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.frame(th, th.frame(ONE), refused("F2"))


@variants(
    "F9",
    "message-of-a-held-id-in-the-other-realm",
    {
        "exercise-cancels-actual": ("actual", "exercise", "cancel"),
        "exercise-updates-actual": ("actual", "exercise", "update"),
        "actual-updates-exercise": ("exercise", "actual", "update"),
    },
    words={
        "exercise-cancels-actual": "cancel in the exercise realm of a message in earnest",
        "exercise-updates-actual": "update in the exercise realm of a message in earnest",
        "actual-updates-exercise": "update in the actual realm of an exercise",
    },
)
def message_of_a_held_id_in_the_other_realm(v: Vector, case: tuple[str, str, str]) -> None:
    """A {} is refused by F9: every revision of an id is of one realm, so no exercise touches what is meant."""
    first, second, action = case
    th = _running(v, realm=first)
    v.frame(th, th.frame(alert(status=first)), ok(alert(status=first)))
    other = v.epoch(realm=second)
    more = {"reason": "over"} if action == "cancel" else {}
    v.frame(other, other.frame(alert(status=second, action=action, rev=2, **more)), ok(refused=[(0, "F9")]))
