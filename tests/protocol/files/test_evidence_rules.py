"""Each check of a file of evidence alone: all else in the file is as it should be, and signed by whoever may."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from protocol.files.evidence_case import BEFORE, LATER, MINE, Case, carried, receipt
from suar.protocol.base import limits
from suar.protocol.base.instants import instant, milliseconds
from suar.protocol.base.primitives import hash_, salts
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import (
    END,
    EPOCH,
    FRAME,
    LEAVES,
    LIST,
    MESSAGE,
    PLACE,
    RECEIPT,
    REVOKE,
    Carrier,
    Unproved,
)
from suar.protocol.files.findings.contradictions import contradictions
from suar.protocol.files.findings.statements import Contradiction
from suar.protocol.files.proof import is_late, verify
from suar.protocol.transport import frame as frames
from suar.protocol.trust import trustlist
from support import evidence_reader
from support.evidence_file import split
from support.kit import NOW, Sending, actor, alert, craft_epoch, make_revoke, member_row, root

TH, SG, VN = actor("TH"), actor("SG"), actor("VN")
Parts = list[tuple[int, bytes]]


@cache
def case() -> Case:
    return Case()


def step(file: bytes) -> str:
    """The check that refuses it."""
    with pytest.raises(Unproved) as found:
        verify(file, case().first.hash())
    return found.value.step


def parts() -> Parts:
    return split(case().file)


def without(*kinds: int) -> bytes:
    return files.assemble([part for part in parts() if part[0] not in kinds])


# -- [V1]


def reassembled(magic: bytes, end: Callable[[bytes], bytes]) -> bytes:
    """The file under another magic or with another end, every sum right."""
    made = parts()
    body = files.assemble(made)[4 : -(5 + 32 + 8)]
    file = magic + body
    return file + files.part_bytes(len(made), END, end(file))


def whole(data: bytes) -> bytes:
    return hash_("evidence", data)


@pytest.mark.parametrize(
    ("magic", "end"),
    [(b"SUV2", whole), (b"SUV1", lambda data: whole(data + b"x")), (b"SUV1", lambda _: bytes(32))],
    ids=["magic", "end of another file", "end of zeros"],
)
def test_beginning_and_end(magic: bytes, end: Callable[[bytes], bytes]) -> None:
    assert reassembled(b"SUV1", whole) == case().file
    assert step(reassembled(magic, end)) == "V1"


@pytest.mark.parametrize("more", [b"x", b"\x00" * 13, b"SUV1"])
def test_nothing_follows_the_end(more: bytes) -> None:
    assert step(case().file + more) == "V1"


@pytest.mark.parametrize(
    "kinds", [(LIST,), (EPOCH,), (MESSAGE,), (PLACE, LEAVES, FRAME), (PLACE, LEAVES, FRAME, RECEIPT)]
)
def test_no_kind_that_it_needs_is_missing(kinds: tuple[int, ...]) -> None:
    assert step(without(*kinds)) == "V1"


def test_a_message_without_a_frame_is_none() -> None:
    """The receipts and their frames are there, so the file is not empty of frames."""
    made, first = parts(), next(at for at, part in enumerate(parts()) if part[0] == PLACE)
    assert step(files.assemble(made[:first] + made[first + 3 :])) == "V1"


@pytest.mark.parametrize(("kind", "content"), [(PLACE, bytes(19)), (PLACE, bytes(17)), (LEAVES, bytes(33)),
                                               (LEAVES, bytes(32 * 256))])  # fmt: skip
def test_lengths(kind: int, content: bytes) -> None:
    made = parts()
    at = next(index for index, part in enumerate(made) if part[0] == kind)
    made[at] = kind, content
    assert step(files.assemble(made)) == "V1"


@pytest.mark.parametrize("kind", [REVOKE, EPOCH, FRAME, RECEIPT])
@pytest.mark.parametrize("change", [lambda pair: pair[::-1], lambda pair: [pair[0], pair[0]]], ids=["turned", "twice"])
def test_one_order_and_nothing_twice(kind: int, change: Callable[[list[Parts]], list[Parts]]) -> None:
    second = case().sending.craft(BEFORE, MINE, LATER, moves_on=False, ts=NOW + 1)
    made = case().evidence._replace(
        revokes=tuple(make_revoke(actor(code)) for code in ("KH", "VN")),
        carriers=(case().evidence.carriers[0], carried(case().sending, second, 1)),
    )
    file = files.write(made)
    assert verify(file, case().first.hash()).message.id == "TH-ALERT-2027-000002"
    groups = _groups(split(file))
    positions = [at for at, group in enumerate(groups) if _kind_of(group) == kind][:2]
    pair = change([groups[at] for at in positions])
    for at, group in zip(positions, pair, strict=True):
        groups[at] = group
    assert step(files.assemble([part for group in groups for part in group])) == "V1"


def _groups(made: Parts) -> list[Parts]:
    """Parts that belong together: a frame with its place and leaves, a receipt with its frame."""
    groups: list[Parts] = []
    for part in made:
        if part[0] in (LEAVES, FRAME) or (part[0] == PLACE and groups[-1][0][0] == RECEIPT):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _kind_of(group: Parts) -> int:
    return FRAME if group[0][0] == PLACE else group[0][0]


# -- [V2] [V3]


def test_no_signature_of_an_own_root_of_the_first_list_is_wrong() -> None:
    raw = case().first.raw()
    signatures = [trustlist.sign_list(raw, *root(name)) for name in "ABC"]
    made = trustlist.assemble(raw, [*signatures[:2], signatures[2]._replace(signature=bytes(64))])
    lists = (made, *case().evidence.lists[1:])
    assert step(files.write(case().evidence._replace(lists=lists))) == "V2"


def test_a_list_does_not_stand_twice() -> None:
    lists = (case().evidence.lists[0], *case().evidence.lists)
    assert step(files.write(case().evidence._replace(lists=lists))) == "V2"


def test_one_revoke_of_a_key() -> None:
    revokes = tuple(make_revoke(actor("KH"), at=NOW + n) for n in range(2))
    assert step(files.write(case().evidence._replace(revokes=revokes))) == "V3"


def test_no_revoke_of_a_key_that_no_list_has() -> None:
    assert step(files.write(case().evidence._replace(revokes=(make_revoke(actor("MY")),)))) == "V3"


# -- [V4] [V5] [V6] [V7] of an epoch of TH with the message in its frame


def of_epoch(sending: Sending, **frame: Any) -> bytes:
    each = carried(sending, sending.craft(MINE, moves_on=False, **frame), 0)
    return files.write(case().evidence._replace(epochs=(sending.opened.data,), carriers=(each,), receipts=()))


def test_an_epoch_of_its_own_is_sound() -> None:
    assert verify(of_epoch(craft_epoch(TH, case().lists)), case().first.hash()).origin.code == "TH"


@pytest.mark.parametrize(
    ("expected", "terms"),
    [
        ("V4", {"who": actor("MY")}),  # a key that no list has
        ("V4", {"fields_replaced": {"realm": "exercise"}, "labels": "actual"}),
        ("V4", {"fields_replaced": {"federation": "another"}}),
        ("V4", {"fields_replaced": {"sender": "VN"}}),
        ("V5", {"not_after": NOW + 25 * limits.HOUR}),
        ("V5", {"not_before": NOW, "not_after": NOW}),
        ("V5", {"not_before": NOW + 300 * limits.DAY - limits.HOUR, "not_after": NOW + 300 * limits.DAY + 1}),
        ("V5", {"fields_replaced": {"trust_hash": bytes(32)}}),
        ("V5", {"fields_replaced": {"trust_version": 9}}),
        ("V5", {"to": ("TH", "SG")}),  # not in order
        ("V5", {"wraps": lambda made: made[1:]}),
        ("V5", {"channel": "SG", "to": ("SG", "TH", "VN")}),  # more than the channel's members
        ("V5", {"channel": "TH", "to": ("TH",)}),  # its sender's own
        ("V5", {"channel": "ZZ", "to": ("TH",)}),  # nobody's
    ],
)
def test_an_epoch_that_is_not(expected: str, terms: dict[str, Any]) -> None:
    who, at = terms.get("who", TH), terms.get("not_before", NOW)
    made = craft_epoch(who, case().lists, **{name: value for name, value in terms.items() if name != "who"})
    assert step(of_epoch(made, ts=at)) == expected


def test_the_signatures_of_all_epochs_are_judged_before_the_list_of_any() -> None:
    """[V4] of all before [V5] of any, in whichever order they stand in the file."""
    orders = set()
    for n in range(64):  # an epoch's signature decides where it stands, and both are new each time
        too_long = craft_epoch(TH, case().lists, not_after=NOW + 25 * limits.HOUR)
        each = carried(too_long, too_long.craft(MINE, moves_on=False), 0)
        of_another = craft_epoch(TH, case().lists, not_before=NOW + n, fields_replaced={"sender": "VN"}).opened.data
        made = case().evidence._replace(epochs=(too_long.opened.data, of_another), carriers=(each,), receipts=())
        assert step(files.write(made)) == "V4"
        orders.add(too_long.opened.data < of_another)
        if len(orders) == 2:
            return
    pytest.fail("of sixty-four pairs the same one stood first")


def test_the_frames_of_receipts_are_judged_before_the_message() -> None:
    """[V6] of all before [V7] of any, and that before [V8]."""
    of_message = craft_epoch(TH, case().lists)
    no_place = carried(of_message, of_message.craft(MINE, moves_on=False), 0)._replace(content_index=1)
    of_receipt = case().answer.craft(case().stored, moves_on=False, ts=NOW - limits.DAY)
    answer = (case().stored, carried(case().answer, of_receipt, 0))
    made = case().evidence._replace(
        epochs=(of_message.opened.data, case().answer.opened.data), carriers=(no_place,), receipts=(answer,)
    )
    assert step(files.write(made)) == "V6"
    assert step(files.write(made._replace(receipts=()))) == "V7"


@pytest.mark.parametrize(
    "off", [-limits.MINUTE - limits.CLOCK_TOLERANCE - 1, 6 * limits.HOUR + limits.CLOCK_TOLERANCE + 1]
)
def test_a_frame_of_another_time(off: int) -> None:
    sending = craft_epoch(TH, case().lists)
    assert step(of_epoch(sending, ts=NOW + off)) == "V6"
    inside = off + 1 if off < 0 else off - 1
    assert verify(of_epoch(sending, ts=NOW + inside), case().first.hash()).origin.code == "TH"


def test_the_leaves_are_as_many_as_the_frame_counts() -> None:
    """A frame that says two and commits to one: nobody could open it, and its root would fit."""
    sending = craft_epoch(TH, case().lists)
    frame = sending.craft(MINE, count=2, committed=(MINE,))
    salt = salts("actual", sending.opened.secret, frame[: frames.SALTED], 2)[:16]
    made = case().evidence._replace(epochs=(sending.opened.data,), carriers=(Carrier(0, salt, (), frame),), receipts=())
    assert step(files.write(made)) == "V7"


# -- [V8] the message


def of_message(text: bytes, lists: Any = None, **terms: Any) -> bytes:
    made = lists or case().lists
    sending = craft_epoch(TH, made, **terms)
    each = carried(sending, sending.craft(text), 0)
    signed = (case().first.signed(), made.signed())
    return files.write(
        case().evidence._replace(
            lists=signed, revokes=(), epochs=(sending.opened.data,), message=text, carriers=(each,), receipts=()
        )
    )


OF_TH = {"member": "TH", "body": "National desk", "sector": "law-enforcement"}
TO_SG = alert("TH-ALERT-2027-000002", audience={"members": ["SG"]})


def test_a_message_in_the_channel_of_its_reader_is_sound() -> None:
    file = of_message(TO_SG, channel="SG", to=("SG", "TH"))
    assert verify(file, case().first.hash()).message.id == "TH-ALERT-2027-000002"


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        (alert("TH-ALERT-2027-000002", tlp="RED"), {}),  # [F9] names nobody
        (alert("TH-ALERT-2027-000002", passport="X"), {}),
        (receipt(bytes(32), member="TH"), {}),
        (alert("TH-ALERT-2027-000002", status="exercise"), {}),
        (alert("VN-ALERT-2027-000002"), {}),
        (alert("VN-ALERT-2027-000002", issuer=OF_TH), {}),
        (alert("TH-ALERT-2027-000002", issuer=OF_TH | {"member": "SG"}), {}),  # it would be proved as from Singapore
        (TO_SG, {}),
        (TO_SG, {"channel": "VN", "to": ("TH", "VN")}),
    ],
)
def test_a_message_that_is_not(text: bytes, terms: dict[str, Any]) -> None:
    assert step(of_message(text, **terms)) == "V8"


def test_a_message_of_a_kind_that_its_list_does_not_permit() -> None:
    rows = [member_row(actor(code)) for code in ("KH", "SG", "VN")]
    rows.insert(2, member_row(TH, publish=["trend"]))
    lists = case().first.after(members=rows)
    assert step(of_message(MINE, lists)) == "V8"


# -- [V9] the receipts


@pytest.mark.parametrize(
    "text",
    [
        alert("SG-ALERT-2027-000001", audience={"members": ["TH"]}),
        json.dumps({"kind": "receipt"}).encode(),
        receipt(case().name, status="exercise"),
        receipt(case().name, member="VN"),
        receipt(case().name, 0),
        receipt(bytes(32)),
    ],
)
def test_a_receipt_that_is_none(text: bytes) -> None:
    each = carried(case().answer, case().answer.craft(text, moves_on=False), 0)
    assert step(files.write(case().evidence._replace(receipts=((text, each),)))) == "V9"


@pytest.mark.parametrize(
    ("at", "is_proved"),
    [
        ("2027-01-15T07:03:00Z", False),  # 57 minutes before the message
        ("2027-01-15T07:54:59Z", False),
        ("2027-01-15T07:55:00Z", True),  # clocks of two members may differ by so much
        ("2027-01-15T08:05:00Z", True),
        ("2027-01-15T08:05:01Z", False),  # after its own frame
    ],
)
def test_the_time_that_a_receipt_names(at: str, is_proved: bool) -> None:
    text = receipt(case().name, 1, stage="acting", role="duty-officer", at=at)
    each = carried(case().answer, case().answer.craft(text, moves_on=False), 0)
    file = files.write(case().evidence._replace(receipts=((text, each),)))
    if is_proved:
        assert case().verify(file).receipts[0].receipt.at == at
    else:
        assert step(file) == "V9"


@pytest.mark.parametrize(("member", "is_proved"), [("SG", True), ("VN", False)])
def test_a_receipt_of_a_member_that_the_frame_was_not_sealed_to(member: str, is_proved: bool) -> None:
    """Before, a member that could not open the message was shown as having it, by its own word alone."""
    to = tuple(sorted(("TH", member)))
    answer = craft_epoch(actor(member), case().lists, channel="TH", to=to, not_before=NOW)
    file = of_realm(answer, "receipts", receipt(case().name, member=member))
    if is_proved:
        assert [one.receipt.member for one in case().verify(file).receipts] == [member]
    else:
        assert step(file) == "V9"
        with pytest.raises(evidence_reader.Wrong, match="V9"):
            evidence_reader.judge(file, case().first.hash())


def test_a_time_before_its_frame_is_the_word_of_who_said_it() -> None:
    text = receipt(case().name, 1, stage="acting", role="duty-officer")
    times = (NOW + 5 * limits.MINUTE, NOW + 6 * limits.MINUTE)
    late = [carried(case().answer, case().answer.craft(text, moves_on=False, ts=ts), 0) for ts in times]
    proved = [case().verify(files.write(case().evidence._replace(receipts=((text, one),)))) for one in late]
    assert [is_late(each.receipts[0]) for each in proved] == [False, True]


@pytest.mark.parametrize("late", [0, 1_000])
def test_times_that_contradict_each_other_are_named(late: int) -> None:
    """Nobody had in February a list of May, and no frame has a text of later: by more than clocks may differ."""
    sent = json.loads(MINE)["sent"]
    early = milliseconds(sent) - 5 * limits.MINUTE - late
    sending = craft_epoch(TH, case().lists, not_before=early)
    first = named(of_epoch(sending, ts=early))
    times = [(each.first.values["at"], each.second.values["at"]) for each in first if each.name == "sent-later"]
    assert times == ([(sent, instant(early))] if late else [])
    issued, version = case().lists.issued, case().lists.version
    begin = issued - 5 * limits.MINUTE - late
    second = named(of_epoch(craft_epoch(TH, case().lists, not_before=begin), ts=NOW))
    lists = [(each.first.values["at"], each.second.values["at"]) for each in second if each.name == "list-later"]
    assert lists == ([(instant(begin), instant(issued))] if late else [])
    assert [each.second.values["list"] for each in second if each.name == "list-later"] == [version] * len(lists)
    assert named(case().file) == []


def named(file: bytes) -> list[Contradiction]:
    return contradictions(verify(file, case().first.hash()))


# -- one realm


def of_realm(sending: Sending, name: str, text: bytes) -> bytes:
    """The case with one receipt (or later revision) in an epoch of its own."""
    each = carried(sending, sending.craft(text, moves_on=False), 0)
    epochs = tuple(sorted((case().sending.opened.data, sending.opened.data)))
    return files.write(case().evidence._replace(**{"receipts": (), "epochs": epochs, name: ((text, each),)}))  # type: ignore[arg-type]  # its fields, by name


@pytest.mark.parametrize(
    ("realm", "stated", "is_proved"),
    [("actual", "actual", True), ("exercise", "exercise", False), ("exercise", "actual", False)],
)
def test_a_receipt_of_another_realm_proves_nothing(realm: str, stated: str, is_proved: bool) -> None:
    """Neither one that states the other realm, nor one that states the message's in an epoch of the other."""
    answer = craft_epoch(actor("SG"), case().lists, channel="TH", realm=realm, not_before=NOW)
    file = of_realm(answer, "receipts", receipt(case().name, status=stated))
    if is_proved:
        assert [one.receipt.member for one in case().verify(file).receipts] == ["SG"]
    else:
        assert step(file) == "V9"


@pytest.mark.parametrize(("realm", "is_proved"), [("actual", True), ("exercise", False)])
def test_a_later_revision_of_another_realm_replaces_nothing(realm: str, is_proved: bool) -> None:
    text = json.dumps(json.loads(MINE) | {"rev": 2, "action": "update", "status": realm}).encode()
    file = of_realm(craft_epoch(TH, case().lists, realm=realm, not_before=NOW), "later", text)
    if is_proved:
        assert [one.message.rev for one in case().verify(file).later] == [2]
    else:
        assert step(file) == "V8"


@pytest.mark.parametrize(("rev", "action", "is_proved"), [(2, "update", True), (1, "new", False)])
def test_another_text_of_the_same_revision_is_no_later_one(rev: int, action: str, is_proved: bool) -> None:
    severity = "minor" if json.loads(MINE)["severity"] == "severe" else "severe"
    text = json.dumps(json.loads(MINE) | {"rev": rev, "action": action, "severity": severity}).encode()
    file = of_realm(craft_epoch(TH, case().lists, not_before=NOW), "later", text)
    if is_proved:
        assert [one.message.rev for one in case().verify(file).later] == [2]
    else:
        assert step(file) == "V8"
