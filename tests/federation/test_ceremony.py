"""The ceremony: what drafts become, what a signature is worth, and what hostile files meet."""

import base64
import json
from collections.abc import Callable, Sequence

import msgspec
import pytest

from suar.federation import ceremony
from suar.federation.ceremony import Rights
from suar.federation.request import (
    Body,
    IdentityWindow,
    Nats,
    Request,
    Tls,
    make_request,
    read_request,
    write_request,
)
from suar.federation.root import RootPublic, read_root, write_root
from suar.federation.summary import changes, list_summary, list_text
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.limits import DAY
from suar.protocol.base.primitives import ZERO32, hash_, kid, public_of, sign, signing_key
from suar.protocol.trust import trustlist
from suar.protocol.trust.trustlist import SignedList, TrustList

NOW = 1_800_000_000_000
NKEY = "U" + "A" * 55


def seed(name: str) -> bytes:
    return hash_("kid", name.encode())


def root(name: str) -> trustlist.Root:
    return ceremony.root_of(name, public_of(seed(name)))


def request(code: str, name: str = "A State", key: str = "", endorser: str = "", federation: str = "asean") -> Request:
    own = seed(key or code)
    window = IdentityWindow(public_of(own).hex(), NOW, NOW + 400 * DAY)
    body = Body(code, name, federation, window, Nats(code.lower(), {"link": NKEY}))
    earlier = (public_of(seed(endorser)), seed(endorser)) if endorser else None
    return make_request(body, own, earlier)


def founded(*codes: str, roots: Sequence[str] = "abc", threshold: int = 2) -> TrustList:
    content = ceremony.found_federation("asean", [root(name) for name in roots], threshold, [], NOW, 180)
    for code in codes:
        content = ceremony.add(content, request(code), Rights(), compared=False)
    return content


def sign_by(
    content: TrustList, names: str, before: TrustList | None = None
) -> tuple[SignedList, list[tuple[str, SignedList]]]:
    draft = ceremony.parse(ceremony.draft(content), "the draft")
    signed = [ceremony.sign(draft, content, seed(name), before) for name in names]
    return draft, [(name, ceremony.parse(data, name)) for name, data in zip(names, signed, strict=True)]


def made(content: TrustList, names: str, before: TrustList | None = None) -> bytes:
    draft, files = sign_by(content, names, before)
    merged = ceremony.merge(draft, files, before)
    assert ceremony.missing_signatures(merged, content, before) == (0, 0)
    return trustlist.assemble(merged.raw, merged.signatures)


def next_of(data: bytes, now: int = NOW + DAY, days: int = 180) -> TrustList:
    signed = ceremony.parse(data, "the list")
    return ceremony.next_list(signed, ceremony.content_of(signed, "the list"), now, days)


# -- what drafts become


def test_found_is_version_one_with_members_in_order() -> None:
    content = founded("TH", "SG", "ID")
    assert (content.version, content.prev, content.expires) == (1, ZERO32, NOW + 180 * DAY)
    assert [member.code for member in content.members] == ["ID", "SG", "TH"]
    assert all(member.publish == ["*"] and member.read == ["*"] for member in content.members)


def test_a_whole_life_is_accepted_by_a_gateway() -> None:
    lists = [made(founded("TH", "SG"), "ab")]
    first_key = kid(public_of(seed("TH"))).hex()
    steps: list[Callable[[TrustList], TrustList]] = [
        lambda c: ceremony.add(c, request("XA", "Secretariat"), Rights(["alert"], ["trend", "alert"]), compared=False),
        lambda c: ceremony.set_status(c, "SG", "suspended"),
        lambda c: ceremony.set_status(c, "SG", "active"),
        lambda c: ceremony.add(c, request("TH", key="TH2", endorser="TH"), Rights(), compared=False),
        lambda c: ceremony.revoke(c, first_key[:8], NOW + 5 * DAY),
    ]
    for day, step in enumerate(steps, 1):
        lists.append(made(step(next_of(lists[-1], NOW + day * DAY)), "bc"))
    store = ceremony.verify(lists, NOW + 6 * DAY, pin=ceremony.parse(lists[0], "").hash)
    assert store.version == 6
    assert store.active_members() == ["SG", "TH", "XA"]
    newcomer, rotated = store.member("XA"), store.member("TH")
    assert newcomer is not None
    assert rotated is not None
    assert (newcomer.publish, newcomer.read) == (["alert"], ["alert", "trend"])
    assert [key.revoked_at is None for key in rotated.keys] == [False, True]


def test_a_draft_changed_again_keeps_its_version() -> None:
    first = made(founded("TH", "SG"), "ab")
    once = ceremony.draft(ceremony.set_status(next_of(first), "SG", "suspended"))
    twice = ceremony.revoke(next_of(once), kid(public_of(seed("SG"))).hex(), NOW)
    assert (twice.version, twice.prev) == (2, ceremony.parse(first, "").hash)
    ceremony.verify([first, made(twice, "ab")], NOW + DAY)


def test_roots_change_by_old_and_new_together() -> None:
    before = founded("TH")
    first = made(before, "ab")
    content = ceremony.renew(next_of(first), [root(name) for name in "bxe"], None)
    draft, files = sign_by(content, "abx", before)
    ceremony.verify([first, made(content, "abx", before)], NOW + DAY)
    new_only = ceremony.merge(draft, files[1:], before)  # b and x: enough of the new, one of the old
    assert ceremony.missing_signatures(new_only, content, before) == (0, 1)
    old_only = ceremony.merge(draft, files[:2], before)
    assert ceremony.missing_signatures(old_only, content, before) == (1, 0)


def test_an_issue_date_never_runs_backwards() -> None:
    first = made(founded("TH"), "ab")
    assert next_of(first, NOW - DAY).issued == NOW


def test_changes_name_what_is_signed() -> None:
    before = founded("TH", "SG")
    after = ceremony.set_status(before, "SG", "suspended")
    after = ceremony.revoke(after, kid(public_of(seed("TH"))).hex(), NOW)
    after = ceremony.add(after, request("XA"), Rights(), compared=False)
    after = ceremony.renew(after, [root(name) for name in "abx"], 3)
    assert [line[:12] for line in changes(before, after)] == [
        "! SG status:",
        "! TH key " + kid(public_of(seed("TH"))).hex()[:3],
        "+ XA A State",
        "- root c, " + kid(public_of(seed("c"))).hex()[:2],
        "+ root x, " + kid(public_of(seed("x"))).hex()[:2],
        "! threshold:",
    ]


# -- hostile and mistaken


def test_one_key_signing_twice_is_one_signature() -> None:
    content = founded("TH")
    draft, files = sign_by(content, "aa")
    merged = ceremony.merge(draft, files, None)
    assert len(merged.signatures) == 1
    assert ceremony.missing_signatures(merged, content, None) == (1, 0)


def test_a_stranger_cannot_sign_nor_be_merged() -> None:
    content = founded("TH")
    draft = ceremony.parse(ceremony.draft(content), "the draft")
    with pytest.raises(Fault, match="no root of the draft"):
        ceremony.sign(draft, content, seed("x"), None)
    stranger = SignedList.of((trustlist.sign_list(draft.raw, seed("x"), public_of(seed("x"))),), draft.raw)
    with pytest.raises(Fault, match=r"x\.sig is signed by no root"):
        ceremony.merge(draft, [("x.sig", stranger)], None)


def test_a_signature_of_another_text_is_reported_by_file() -> None:
    draft, _ = sign_by(founded("TH"), "a")
    _, other = sign_by(founded("TH", "SG"), "b")
    with pytest.raises(Fault, match="b signs another list"):
        ceremony.merge(draft, other, None)
    forged = SignedList.of((trustlist.Signature(root("b").kid, other[0][1].signatures[0].signature),), draft.raw)
    with pytest.raises(Fault, match="b has a signature that is not valid"):
        ceremony.merge(draft, [("b", forged)], None)


def test_a_list_follows_only_what_was_signed_by_enough() -> None:
    content = founded("TH")
    draft, files = sign_by(content, "a")
    ceremony.accepted_content(draft, content, "the draft")
    with pytest.raises(Fault, match="1 of 2 signatures"):
        ceremony.accepted_content(files[0][1], content, "a.sig")


def test_verify_judges_as_a_gateway() -> None:
    first = made(founded("TH"), "ab")
    second = made(ceremony.renew(next_of(first), None, None), "ab")
    with pytest.raises(Refused) as caught:
        ceremony.verify([first], NOW, pin=bytes(32))
    assert caught.value.code == "E-TRUST-PIN"
    with pytest.raises(Refused) as caught:
        ceremony.verify([first], NOW + DAY, before=second)
    assert caught.value.code == "E-TRUST-ROLLBACK"
    assert ceremony.verify([second], NOW + DAY, before=first).version == 2


@pytest.mark.parametrize(
    ("roots", "threshold"),
    [pytest.param("abc", 1, id="one"), pytest.param("abcd", 2, id="half"), pytest.param("ab", 3, id="more than all")],
)
def test_a_threshold_is_a_majority(roots: str, threshold: int) -> None:
    with pytest.raises(Fault, match="is no threshold"):
        ceremony.draft(founded("TH", roots=roots, threshold=threshold))


def test_a_key_is_in_a_list_once() -> None:
    with pytest.raises(Fault, match="one key stands in the list twice"):
        ceremony.draft(founded("TH", roots="aab"))
    content = ceremony.add(founded("TH"), request("SG", key="TH"), Rights(), compared=False)
    with pytest.raises(Fault, match="one key stands in the list twice"):
        ceremony.draft(content)
    with pytest.raises(Fault, match="one key stands in the list twice"):
        ceremony.draft(ceremony.add(founded("TH"), request("SG", key="a"), Rights(), compared=False))


def test_a_further_key_wants_an_endorsement_or_a_call() -> None:
    content = founded("TH", "SG")
    for stolen in (
        request("TH", key="TH2"),
        request("TH", key="TH2", endorser="SG"),
        request("TH", key="TH2", endorser="x"),
    ):
        with pytest.raises(Fault, match="no key of TH endorses"):
            ceremony.add(content, stolen, Rights(), compared=False)
    changed = ceremony.add(content, request("TH", key="TH2"), Rights(["alert"]), compared=True)
    member = changed.member("TH")
    assert member is not None
    assert (len(member.keys), member.publish, member.read) == (2, ["alert"], ["*"])


def test_a_revoked_key_endorses_nothing() -> None:
    content = ceremony.revoke(founded("TH"), kid(public_of(seed("TH"))).hex(), NOW)
    with pytest.raises(Fault, match="no key of TH endorses"):
        ceremony.add(content, request("TH", key="TH2", endorser="TH"), Rights(), compared=False)


def test_a_request_for_another_federation_is_refused() -> None:
    with pytest.raises(Fault, match="is for elsewhere"):
        ceremony.add(founded("TH"), request("SG", federation="elsewhere"), Rights(), compared=False)
    ceremony.add(founded("TH"), request("SG", federation=""), Rights(), compared=False)


@pytest.mark.parametrize("kinds", [["rumour"], ["*", "alert"]])
def test_rights_name_kinds(kinds: list[str]) -> None:
    with pytest.raises(Fault, match="no kind of message"):
        ceremony.add(founded(), request("TH"), Rights(kinds), compared=False)


def test_mistaken_names_are_reported() -> None:
    content = founded("TH")
    for attempt, words in (
        (lambda: ceremony.set_status(content, "SG", "suspended"), "no member SG"),
        (lambda: ceremony.set_status(content, "TH", "active"), "TH is active already"),
        (lambda: ceremony.revoke(content, "00000000", NOW), "0 keys start with"),
        (lambda: ceremony.revoke(content, "0", NOW), "8 digits or more"),
        (lambda: ceremony.add(content, request("TH"), Rights(), compared=False), "has this key already"),
        (lambda: ceremony.found_federation("", [], 2, [], NOW, 180), "1 to 64 characters"),
        (
            lambda: ceremony.draft(ceremony.found_federation("f", [root(n) for n in "abc"], 2, [], NOW, 401)),
            "1 to 400 days",
        ),
    ):
        with pytest.raises(Fault, match=words) as caught:
            attempt()
        assert caught.value.hint


# -- requests


def test_a_request_reads_back() -> None:
    for made_ in (request("TH"), request("TH", "ประเทศไทย", key="TH2", endorser="TH")):
        assert read_request(write_request(made_), "the request") == made_


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param('"TH"', '"SG"', "was changed", id="another member"),
        pytest.param('"A State"', '"B State"', "was changed", id="another name"),
        pytest.param(NKEY, "U" + "B" * 55, "was changed", id="another link key"),
        pytest.param('"member":', '"member": "SG",\n  "member":', "was changed", id="a field twice"),
        pytest.param(" ", "", "was changed", id="another form"),
        pytest.param('"name":', '"extra": 1, "name":', "no request", id="a field of no meaning"),
        pytest.param("suar-request/1", "suar-request/2", "no request", id="another version"),
        pytest.param("{", "[", "no request", id="no object"),
    ],
)
def test_a_tampered_request_is_refused(old: str, new: str, words: str) -> None:
    text = write_request(request("TH")).decode()
    assert old in text
    with pytest.raises(Fault, match=words):
        read_request(text.replace(old, new).encode(), "the request")


def test_every_altered_byte_of_a_request_is_refused() -> None:
    data = write_request(request("TH"))
    for offset in range(len(data)):
        altered = bytearray(data)
        altered[offset] ^= 1
        with pytest.raises(Fault):
            read_request(bytes(altered), "the request")


def test_a_request_with_another_key_needs_that_key() -> None:
    body = request("TH").request
    other = msgspec.structs.replace(
        body, identity=msgspec.structs.replace(body.identity, public=public_of(seed("x")).hex())
    )
    stolen = msgspec.structs.replace(request("TH"), request=other)
    with pytest.raises(Fault, match="was changed"):
        read_request(write_request(stolen), "the request")


@pytest.mark.parametrize("name", ["", "x" * 121, "a\nb", "a\n", "\x1b[2J", "\ud800"])
def test_a_name_is_plain_text(name: str) -> None:
    with pytest.raises(Fault, match="cannot stand in a request"):
        request("TH", name)


# -- root files and summaries


def test_a_root_file_names_its_own_key() -> None:
    public = RootPublic.of("A. Holder", public_of(seed("a")))
    assert read_root(write_root(public), "a.pub") == public
    swapped = msgspec.structs.replace(public, public=public_of(seed("b")).hex())
    for data, words in (
        (write_root(swapped), "not its own"),
        (write_root(msgspec.structs.replace(public, public="01" + "00" * 31)), "not its own"),
        (b"{}", "no public root key"),
        (b"\xff", "no public root key"),
    ):
        with pytest.raises(Fault, match=words):
            read_root(data, "a.pub")


def test_a_summary_names_draft_signature_and_list() -> None:
    content = founded("TH")
    draft, files = sign_by(content, "ab")
    whole = ceremony.merge(draft, files, None)
    kinds = [list_summary(signed, content)["file"] for signed in (draft, files[0][1], whole)]
    assert kinds == ["draft", "signature", "list"]
    json.dumps(list_summary(whole, content))


def test_a_summary_steers_no_terminal() -> None:
    evil = msgspec.structs.replace(founded("TH"), federation="a\x1b[2Jb")
    text = list_text(list_summary(SignedList.of((), b""), evil))
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "data", [b"", b"SUT1", b"SUT1\x01", b"SUT1\x00", b"hello", b"SUT1\x00\x93\x01\x02\x03", bytes(300)]
)
def test_what_is_no_list_is_reported(data: bytes) -> None:
    with pytest.raises(Fault) as caught:
        ceremony.content_of(ceremony.parse(data, "the file"), "the file")
    assert caught.value.hint


INTO_THE_PLAN = 'x"\n[[members]]\ncode = "VN"\ngateway = "'


@pytest.mark.parametrize(
    "nats",
    [
        Nats(INTO_THE_PLAN, {"link": NKEY}),
        Nats("th\n", {"link": NKEY}),
        Nats("th", {"link": NKEY, f'x = ""\n[[members]]\n{"x"}': NKEY}),
        Nats("th", {"link": NKEY}, Tls(cert_file=INTO_THE_PLAN)),
        Nats("th", {"link": NKEY}, Tls(ca_file="ca\\")),
    ],
    ids=["server", "line end", "role", "file", "escape"],
)
def test_a_member_writes_nothing_but_its_own_entry_into_the_plan(nats: Nats) -> None:
    """Its request is signed by itself, so that the signature is right says nothing."""
    body = msgspec.structs.replace(request("TH").request, nats=nats)
    signature = sign("request", signing_key(seed("TH")), msgspec.json.encode(body))
    made_ = Request("suar-request/1", body, base64.b64encode(signature).decode())
    with pytest.raises(Fault, match="is no request of a member"):
        read_request(write_request(made_), "the request")
