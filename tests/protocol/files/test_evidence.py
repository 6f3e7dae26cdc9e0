"""A file of evidence: what it proves, that no altered one proves anything, and what it does not give away."""

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from protocol.files.evidence_case import BEFORE, LATER, MINE, Case, carried, forged, receipt
from suar.protocol.base import limits
from suar.protocol.base.primitives import CryptoError, frame_key, leaf, unseal
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import EPOCH, FRAME, LEAVES, LIST, MESSAGE, PLACE, RECEIPT, REVOKE, Unproved
from suar.protocol.files.proof import verify
from suar.protocol.transport import frame as frames
from suar.protocol.transport.frame import open_content
from support.damage import damaged
from support.evidence_file import split
from support.kit import NOW, actor, alert, craft_epoch, key_row, make_revoke, member_row, seed

ALTERATIONS = 1_000


@cache
def case() -> Case:
    return Case()


def refusal(file: bytes, pin: bytes | None = None) -> Unproved:
    with pytest.raises(Unproved) as caught:
        verify(file, pin or case().first.hash())
    return caught.value


def test_a_file_proves_the_message_and_its_receipts() -> None:
    proved = case().verify()
    assert proved.data == MINE
    assert (proved.message.id, proved.origin.code, proved.pinned) == ("TH-ALERT-2027-000002", "TH", 1)
    assert [(each.hash, each.content_index, each.parsed.count) for each in proved.frames] == [(case().name, 1, 3)]
    stated = {(one.receipt.member, one.receipt.stage, one.is_proved) for one in proved.receipts}
    assert stated == {("SG", "stored", True), ("SG", "acting", True)}


def test_the_pin_may_be_of_any_list_in_the_file() -> None:
    assert verify(case().file, case().lists.hash()).pinned == 2
    other = refusal(case().file, bytes(32))
    assert (other.step, other.part) == ("V2", "the trust lists")


def test_one_content_has_one_file() -> None:
    it = case().evidence
    turned = it._replace(epochs=it.epochs[::-1], receipts=it.receipts[::-1] + it.receipts, revokes=it.revokes * 2)
    assert files.write(turned) == case().file == files.write(files.read(case().file))


def test_an_exercise_proves_itself_as_one() -> None:
    lists = case().lists
    sending = craft_epoch(actor("TH"), lists, realm="exercise")
    text = alert("TH-ALERT-2027-000009", status="exercise")
    each = carried(sending, sending.frame(text), 0)
    it = case().evidence._replace(epochs=(sending.opened.data,), message=text, carriers=(each,), receipts=())
    assert case().verify(files.write(it)).message.status == "exercise"


# -- nothing altered proves anything


def test_a_thousand_random_alterations_are_refused() -> None:
    rng, file = random.Random(5), case().file
    for _ in range(ALTERATIONS):
        altered = damaged(rng, file)
        found = refusal(altered)
        assert found.part
        assert found.text


def test_every_altered_byte_is_found_in_its_part() -> None:
    file, at = case().file, 4
    for index, (kind, content) in enumerate(split(file), 1):
        length = 5 + len(content) + 8
        for offset in {0, 1, 4, 5, length // 2, length - 1} - ({5} if not content else set()):
            altered = bytearray(file)
            altered[at + offset] ^= 0x10
            found = refusal(bytes(altered))
            assert found.step == "V1"
            assert found.part.startswith(f"part {index} ("), (kind, offset, found)
        at += length


def test_a_thousand_forgeries_with_right_sums_are_refused() -> None:
    """But for what makes another true file: a Revoke or a receipt left out, or receipts in another order."""
    rng, parts, refused = random.Random(7), split(case().file), 0
    while refused < ALTERATIONS:
        made = forged(rng, parts)
        if made == parts or _is_true(made):
            continue
        found = refusal(files.assemble(made))
        assert found.step in {f"V{n}" for n in range(1, 10)}
        refused += 1


def _is_true(made: list[tuple[int, bytes]]) -> bool:
    """Whether only a Revoke is gone: what is left is as it was signed."""
    return made == [part for part in split(case().file) if part[0] != REVOKE]


@pytest.mark.parametrize(
    ("kind", "step"),
    [(LIST, "V2"), (REVOKE, "V3"), (EPOCH, "V4"), (MESSAGE, "V7"), (PLACE, "V7"), (LEAVES, "V7"), (FRAME, "V6"),
     (RECEIPT, "V7")],
)  # fmt: skip
def test_each_part_hangs_on_a_signature(kind: int, step: str) -> None:
    parts = split(case().file)
    at = next(index for index, part in enumerate(parts) if part[0] == kind)
    content = bytearray(parts[at][1])
    content[-1] ^= 1
    parts[at] = kind, bytes(content)
    assert refusal(files.assemble(parts)).step == step


def test_from_any_bytes_a_finding_and_no_other_exception() -> None:
    rng = random.Random(11)
    for _ in range(300):
        refusal(b"SUV1" + rng.randbytes(rng.randrange(200)))
        kinds = [rng.randint(1, 9) for _ in range(rng.randrange(12))]
        refusal(files.assemble([(kind, rng.randbytes(rng.randrange(300))) for kind in kinds]))


# -- what another member, a stranger or a thief may not make


def _require_unproved(step: str, text: str, **changes: object) -> None:
    made = Case(**changes)
    found = refusal(made.file, made.first.hash())
    assert found.step == step, found
    assert text in found.text, found


def test_another_member_proves_nothing_in_its_name() -> None:
    sending = craft_epoch(actor("VN"), case().lists)
    each = carried(sending, sending.frame(MINE), 0)
    _require_unproved("V8", "not of VN", carriers=(each,), epochs=(sending.opened.data,), receipts=())


def test_a_key_out_of_its_window_proves_nothing() -> None:
    late = craft_epoch(actor("TH"), case().lists, not_before=NOW + 299 * limits.DAY, not_after=NOW + 301 * limits.DAY)
    each = carried(late, late.frame(MINE, ts=NOW + 299 * limits.DAY), 0)
    _require_unproved("V5", "E5", carriers=(each,), epochs=(late.opened.data,), receipts=())


def test_a_suspended_member_proves_nothing() -> None:
    rows = [member_row(actor(code), "suspended" if code == "TH" else "active") for code in ("KH", "SG", "TH", "VN")]
    lists = case().first.after(members=rows)
    sending = craft_epoch(actor("TH"), lists)
    each = carried(sending, sending.frame(MINE), 0)
    signed = (case().first.signed(), lists.signed())
    _require_unproved("V5", "E4", lists=signed, carriers=(each,), epochs=(sending.opened.data,), receipts=())


def test_a_key_that_the_named_list_revoked_proves_nothing() -> None:
    rows = [member_row(actor(code)) for code in ("KH", "SG", "VN")]
    rows.insert(2, member_row(actor("TH"), keys=[key_row(actor("TH"), revoked_at=NOW)]))
    lists = case().first.after(members=rows)
    sending = craft_epoch(actor("TH"), lists)
    each = carried(sending, sending.frame(MINE), 0)
    signed = (case().first.signed(), lists.signed())
    _require_unproved("V5", "E4", lists=signed, carriers=(each,), epochs=(sending.opened.data,), receipts=())


def test_a_revoked_key_proves_neither_message_nor_receipt() -> None:
    _require_unproved("V8", "was revoked", revokes=(make_revoke(actor("TH")),))
    proved = case().verify(Case(revokes=(make_revoke(actor("SG")),)).file)
    assert {one.is_proved for one in proved.receipts} == {False}


def test_a_frame_to_others_than_the_audience_is_reported() -> None:
    text = alert("TH-ALERT-2027-000002", audience={"members": ["SG"]})
    sending = craft_epoch(actor("TH"), case().lists)
    each = carried(sending, sending.frame(text), 0)
    _require_unproved("V8", "audience", message=text, carriers=(each,), epochs=(sending.opened.data,), receipts=())


@pytest.mark.parametrize(
    ("who", "channel", "changes", "text"),
    [
        ("VN", "TH", {}, "did not make it"),  # SG's word in VN's mouth
        ("SG", "VN", {}, "did not make it"),  # said to somebody else
        ("SG", "TH", {"of": [{"frame": "00" * 32}]}, "nothing about this message"),
    ],
)
def test_a_receipt_is_its_members_own_word_on_this_message(
    who: str, channel: str, changes: dict[str, Any], text: str
) -> None:
    sending = craft_epoch(actor(who), case().lists, channel=channel, to=tuple(sorted((who, channel))))
    receipt_bytes = receipt(case().name, **changes)
    receipts = ((receipt_bytes, carried(sending, sending.frame(receipt_bytes), 0)),)
    made = case().evidence._replace(epochs=(case().sending.opened.data, sending.opened.data), receipts=receipts)
    found = refusal(files.write(made))
    assert (found.step, text in found.text) == ("V9", True), found


def test_a_receipt_for_the_neighbour_is_none_for_the_message() -> None:
    receipt_bytes = receipt(case().name, 0, 2)
    sending = craft_epoch(actor("SG"), case().lists, channel="TH", to=("SG", "TH"))
    receipts = ((receipt_bytes, carried(sending, sending.frame(receipt_bytes), 0)),)
    made = case().evidence._replace(epochs=(case().sending.opened.data, sending.opened.data), receipts=receipts)
    assert refusal(files.write(made)).step == "V9"


# -- what it does not give away


def test_the_file_holds_no_neighbour_and_no_key() -> None:
    it, file = case(), case().file
    secret = it.sending.opened.secret
    header = it.frame[: limits.FRAME_HEADER]
    secrets = {
        "epoch secret": bytes(secret), "frame key": bytes(frame_key("actual", secret, header)),
        "signing key": bytes(it.sending.opened.signing)[:32], "identity": actor("TH").identity,
        "kem seed": actor("SG").kem_seed, "root": seed("root A"),
    }  # fmt: skip
    for name, value in secrets.items():
        assert value not in file, name
    assert MINE in file
    for neighbour in (BEFORE, LATER):
        assert neighbour not in file
        words = {b"TH-ALERT-2027-000001", b"TH-ALERT-2027-000003", b"TH-CONTACT-2027-000001", b"TH-CONTACT-2027-000003"}
        assert not [word for word in words if word in file]


def test_no_32_bytes_of_the_file_open_the_frame() -> None:
    """Neither as its key nor as the epoch's secret, wherever in the file they stand; the right key does."""
    it = case()
    parsed, header = frames.parse(it.frame), it.frame[: limits.FRAME_HEADER]
    cipher = it.frame[limits.FRAME_HEADER : -limits.FRAME_SIGNATURE]
    assert open_content(parsed, it.sending.opened.secret, "actual") == [BEFORE, MINE, LATER]

    def opens(make_key: Callable[[bytes], bytes], window: bytes) -> bool:
        try:
            unseal(make_key(window), cipher, header)
        except CryptoError:
            return False
        return True

    own = b"".join(content for kind, content in split(it.file) if kind in (PLACE, LEAVES, MESSAGE, EPOCH))
    for at in range(0, len(own) - 32):
        window = own[at : at + 32]
        assert not opens(lambda key: key, window)
        assert not opens(lambda key: bytes(frame_key("actual", key, header)), window)


def test_the_neighbours_leaves_do_not_confirm_a_guess() -> None:
    """Who knows a neighbour's very text cannot see from its leaf that it is the one: the leaf's salt is not there."""
    it = case()
    each = it.evidence.carriers[0]
    salts = {each.salt, bytes(16), *(one.salt for _, one in it.evidence.receipts)}
    assert all(leaf("actual", salt, BEFORE) not in each.leaves for salt in salts)
