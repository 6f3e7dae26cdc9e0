"""Messages inside a frame: F8 and F9, as far as the frame, the sender and what is held decide them."""

import json
from typing import Any

from scenario import MINUTE, OK, SMALL, Vector, ok, refused, scenario, small_list, variants

from kit import NOW, Sending, actor, alert, member_row

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
)
def message_form(v: Vector, data: bytes) -> None:
    th = _running(v)
    v.frame(th, th.frame(data), ok(refused=[(0, "F8")]))


@scenario("F8")
def message_with_lists_as_long_as_they_may_be(v: Vector) -> None:
    message = alert(text=TEXTS[:12], request=[{"action": "acknowledge", "of_members": COUNTRIES[:50]}])
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_with_a_generated_text_that_its_codes_do_not_say(v: Vector) -> None:
    """It is accepted: a reader writes the text anew from the codes, and the bytes stay as they were signed."""
    own = {"lang": "en", "title": "Call Maria Santos", "summary": "Not what the codes say", "generated": True}
    message = alert(text=[own])
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_in_nfc_with_white_space_and_escapes(v: Vector) -> None:
    message = ONE.replace(b"Office jobs abroad", rb"Caf\u00e9 \ud83d\ude00 jobs").replace(b", ", b" ,\n\t")
    th = _running(v)
    v.frame(th, th.frame(message), ok(message))


@scenario("F8")
def message_of_a_higher_minor_with_a_field_that_we_do_not_know(v: Vector) -> None:
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
)  # fmt: skip
def message_of_a_higher_minor(v: Vector, case: tuple[dict[str, Any], bool]) -> None:
    changes, is_read = case
    message = alert(**({"schema": "alert/1.7"} | changes))
    th = _running(v)
    v.frame(th, th.frame(message), ok(message) if is_read else ok(refused=[(0, "F8")]))


@scenario("F8")
def message_with_the_id_of_another_member(v: Vector) -> None:
    th = _running(v)
    message = alert("VN-ALERT-2027-000001", issuer={"member": "TH", "body": "Desk", "sector": "labour"})
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")]))


_OF_ANOTHER = {"member": "SG", "body": "Desk", "sector": "labour"}


@variants(
    "F8",
    "message-whose-issuer-is-another-member",
    {"the-receiver": {}, "a-third-one": {"member": "VN"}, "in-a-higher-minor": {"schema": "alert/1.7"}},
)
def message_with_the_issuer_of_another_member(v: Vector, changes: dict[str, str]) -> None:
    """It would be read as from that member: refused alone, under its own id, though TH may use that id."""
    th = _running(v)
    issuer = _OF_ANOTHER | {"member": changes.get("member", "SG")}
    said = {key: value for key, value in changes.items() if key != "member"}
    v.frame(th, th.frame(alert(issuer=issuer, **said), TWO), ok(TWO, refused=[(0, "F8")]))


@variants(
    "F8", "message", {"of-the-exercise-as-actual": ("actual", "exercise"), "actual-as-exercise": ("exercise", "actual")}
)
def message_of_the_other_realm(v: Vector, realms: tuple[str, str]) -> None:
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
)
def message_kind(v: Vector, case: tuple[list[str], Any]) -> None:
    v.start(small_list(members=[member_row(SG), member_row(TH, publish=case[0]), member_row(VN)]))
    th = v.epoch()
    v.frame(th, th.frame(ONE), case[1])


@scenario("F8")
def message_of_a_kind_that_the_next_list_permits_no_more(v: Vector) -> None:
    th = _running(v)
    v.next_list(members=[member_row(SG), member_row(TH, publish=["trend"]), member_row(VN)])
    v.frame(th, th.frame(ONE), ok(refused=[(0, "F8")]))


@scenario("F8")
def message_over_shared_with_all(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(TO_SG), ok(refused=[(0, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_over_shared_with_all_though_it_names_everybody(v: Vector) -> None:
    th = _running(v)
    message = alert(audience={"members": ["SG", "TH", "VN"]})
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_over_shared_with_us(v: Vector) -> None:
    th = _running(v, channel="SG")
    message = alert(audience={"members": ["VN"]})
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_in_our_channel_for_us(v: Vector) -> None:
    th = _running(v, channel="SG")
    v.frame(th, th.frame(TO_SG), ok(TO_SG))


@scenario("F8")
def message_in_our_channel_for_all(v: Vector) -> None:
    """A member that may not read a kind makes its sender go to each of the others alone."""
    th = _running(v, channel="SG")
    v.frame(th, th.frame(ONE), ok(ONE))


# -- F8 of receipts


@scenario("F8")
def receipt_in_our_channel(v: Vector) -> None:
    """No right to publish is needed."""
    v.start(small_list(members=[member_row(SG), member_row(TH, publish=[]), member_row(VN)]))
    th = v.epoch(channel="SG")
    v.frame(th, th.frame(receipt()), ok(receipt()))


@scenario("F8")
def receipt_on_all(v: Vector) -> None:
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
)
def receipt_fields(v: Vector, data: bytes) -> None:
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
)
def message_contradicts_itself(v: Vector, data: bytes) -> None:
    th = _running(v)
    v.frame(th, th.frame(data), ok(refused=[(0, "F9")]))


@scenario("F9")
def message_that_lasts_90_days(v: Vector) -> None:
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
)
def receipt_contradicts_itself(v: Vector, data: bytes) -> None:
    th = _running(v, channel="SG")
    v.frame(th, th.frame(data), ok(refused=[(0, "F9")]))


@scenario("F9")
def receipt_of_what_is_missing(v: Vector) -> None:
    data = receipt(
        stage="missing", of=[{"epoch": "ab" * 32, "first": 1, "last": 2}, {"trust": 2}, {"frame": "cd" * 32}]
    )
    th = _running(v, channel="SG")
    v.frame(th, th.frame(data), ok(data))


@scenario("F9")
def receipt_again(v: Vector) -> None:
    """By its bytes: another receipt about the same frame is another one."""
    th = _running(v, channel="SG")
    v.frame(th, th.frame(receipt(), receipt()), ok(receipt()))
    v.frame(th, th.frame(receipt()), OK)
    v.frame(th, th.frame(receipt(stage="opened")), ok(receipt(stage="opened")))


@scenario("F9")
def message_again_in_the_same_frame(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(ONE, ONE), ok(ONE))


@scenario("F9")
def message_again_in_another_channel(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(ONE), ok(ONE))
    again = v.epoch(channel="SG")
    v.frame(again, again.frame(ONE, TWO), ok(TWO))


@scenario("F9")
def message_of_two_texts(v: Vector) -> None:
    th = _running(v)
    other = alert(severity="extreme")
    v.frame(th, th.frame(ONE), ok(ONE))
    v.frame(th, th.frame(other, TWO), ok(TWO, refused=[(0, "F9")], alarms=[["message-equivocation"]]))


@scenario("F9")
def message_of_two_texts_in_the_same_frame(v: Vector) -> None:
    th = _running(v)
    other = alert(severity="extreme")
    v.frame(th, th.frame(ONE, other), ok(ONE, refused=[(1, "F9")], alarms=[["message-equivocation"]]))


@scenario("F9")
def message_of_two_texts_that_differ_in_white_space_only(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(ONE, ONE + b"\n"), ok(ONE, refused=[(1, "F9")], alarms=[["message-equivocation"]]))


@scenario("F9")
def message_refused_leaves_its_id_free(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(alert(tlp="RED"), ONE), ok(ONE, refused=[(0, "F9")]))


_UPDATE = alert(rev=2, action="update")
_CANCEL = alert(rev=3, action="cancel", reason="found to be untrue")


@scenario("F9")
def message_updated_and_cancelled(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(ONE, _UPDATE, _CANCEL), ok(ONE, _UPDATE, _CANCEL))


@scenario("F9")
def message_revisions_out_of_order(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(_CANCEL, ONE), ok(_CANCEL, ONE))
    v.frame(th, th.frame(_UPDATE), ok(_UPDATE))


@scenario("F9")
def message_after_its_cancel(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(ONE, _CANCEL), ok(ONE, _CANCEL))
    v.frame(th, th.frame(alert(rev=4, action="update")), ok(refused=[(0, "F9")]))


@scenario("F9")
def message_cancel_below_a_held_revision(v: Vector) -> None:
    """Whichever came first: nothing stands above a cancel."""
    th = _running(v)
    above = alert(rev=4, action="update")
    v.frame(th, th.frame(ONE, above), ok(ONE, above))
    v.frame(th, th.frame(_CANCEL), ok(refused=[(0, "F9")]))


@scenario("F10")
def frame_whose_messages_are_all_refused_is_accepted(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(b"{}", alert(tlp="RED")), ok(refused=[(0, "F8"), (1, "F9")]))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F10")
def messages_after_a_gap_are_accepted_at_once(v: Vector) -> None:
    th = _running(v)
    th.frame(ONE)
    v.frame(th, th.frame(TWO, THREE), ok(TWO, THREE, alarms=[["gap", 0, 0]]))


@scenario("F8")
def message_over_shared_is_refused_alone(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(TWO, TO_SG, THREE), ok(TWO, THREE, refused=[(1, "F8")], alarms=[["over-shared"]]))


@scenario("F8")
def message_of_a_suspended_sender_comes_no_further_than_its_frame(v: Vector) -> None:
    th = _running(v)
    v.now = NOW + MINUTE
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.frame(th, th.frame(ONE), refused("F2"))
