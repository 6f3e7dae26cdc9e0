"""Pain 3, an audience leaks or silently withholds: keys in signed epochs decide who opens, and it is said before."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ACTUAL, CryptoError, KemKey, frame_key, unseal
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.service.publish import accepting, checking, sealing
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import MEMBERS, ListMaker, Receiver, actor, make_bundle, member_row

OTHERS = tuple(code for code in MEMBERS if code != "TH")
STRANGERS = ("MY", "XA")  # keys of a member that is none, and of whoever runs the hub
EXPIRES = "2027-01-30T00:00:00Z"
TLP = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


class Case(NamedTuple):
    """Rights to read by member, who has no key, and the audiences of what TH publishes, with TLP and realm."""

    reads: tuple[tuple[str, ...], ...]
    keyless: frozenset[str]
    messages: tuple[tuple[tuple[str, ...] | str, str, str], ...]


audiences = st.one_of(st.just("all"), st.sets(st.sampled_from(OTHERS), min_size=1).map(lambda it: tuple(sorted(it))))
cases = st.builds(
    Case,
    st.tuples(*(st.sampled_from((("*",), ("*",), ("alert",), ("trend",))) for _ in OTHERS)),
    st.frozensets(st.sampled_from(OTHERS), max_size=1),
    st.lists(st.tuples(audiences, st.sampled_from(TLP), st.sampled_from((ACTUAL, "exercise"))), min_size=1, max_size=5)
    .map(tuple),
)  # fmt: skip
examples = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def publisher(case: Case) -> Iterator[CoreKit]:
    rows = [member_row(actor(code), read=list(reads)) for code, reads in zip(OTHERS, case.reads, strict=True)]
    rows.append(member_row(actor("TH")))
    with tempfile.TemporaryDirectory() as folder:
        kit = CoreKit(Path(folder) / "th", "TH", ListMaker(members=sorted(rows)))
        kit.receive(*(bundle_of(actor(code)) for code in OTHERS if code not in case.keyless))
        trust_sync.rotate_bundle(kit.core)
        yield kit
        kit.close()


def written(n: int, audience: tuple[str, ...] | str, tlp: str) -> bytes:
    body = draft(f"secret number {n}", audience if audience == "all" else list(audience), expires=EXPIRES, tlp=tlp)
    return json.dumps(body).encode()


def publish(kit: CoreKit, case: Case) -> list[tuple[set[str], str]]:
    """(who the check said can open it, the text) of each that is published; refused ones name nobody."""
    found = []
    for n, (audience, tlp, realm) in enumerate(case.messages):
        body = written(n, audience, tlp)
        checked = checking.check(kit.core, body, realm)
        [verdict] = accepting.accept(kit.core, [(body, None)], realm=realm, token="desk")
        assert (verdict.verdict == "published") == (checked["verdict"] == "pass"), (verdict, checked)
        if verdict.verdict == "published":
            who = {row["member"] for row in checked["readers"] if row["may_open"] and row["has_key"]}
            found.append((who, f"secret number {n}"))
    return found


def traffic(kit: CoreKit) -> list[tuple[str, bytes]]:
    """All that the hub sees of it."""
    while sealing.seal_queued(kit.core):
        pass
    rows = sealing.next_to_publish(kit.core, 500)
    sealing.mark_published(kit.core, rows)
    return [(subjects.hub("TH", row.subject), row.data) for row in rows]


def opens(seen: list[tuple[str, bytes]], keys: KemKey) -> bytes:
    """Everything that a KEM key opens of the traffic, whatever wrap it is tried on and under whatever name."""
    found = b""
    for subject, data in seen:
        if data[:4] != b"SUE1":
            continue
        realm = ACTUAL if subject.split(".")[3] == "a" else "exercise"
        verified = epochs.verify_signature(epochs.parse(data, 64), actor("TH").public, realm)
        for index in range(len(verified.wraps) // limits.WRAP_BYTES):
            for name in [recipient.kid for recipient in verified.epoch.recipients]:
                try:
                    secret = epochs.unwrap(verified.epoch, verified.raw, verified.wrap(index), keys, name)
                except Refused:
                    continue
                found += _contents(seen, secret, realm)
    return found


def _contents(seen: list[tuple[str, bytes]], secret: bytes, realm: str) -> bytes:
    found = b""
    for data in (data for _, data in seen if data[:4] == b"SUF1"):
        try:
            found += b"".join(frames.open_content(frames.parse(data), secret, realm))
        except Refused:
            continue
    return found


@given(cases)
@examples
def test_pain_03_no_key_outside_the_audience_opens_anything(case: Case) -> None:
    """And each inside opens exactly what is for it: nothing is withheld in silence, and the check said so by name."""
    with publisher(case) as kit:
        verdict = publish(kit, case)
        seen = traffic(kit)
        for code in (*OTHERS, *STRANGERS):
            found = opens(seen, KemKey(actor(code).kem_seed))
            for who, text in verdict:
                assert (text.encode() in found) == (code in who), (code, text)
            receiver = Receiver(code, kit.lists).trust()
            receiver.receive_bundle(actor("TH"), make_bundle(actor("TH")))
            accepted = [item.message for subject, data in seen for item in receiver.receive(subject, data).messages]
            titles = {message.text[0].title for message in accepted}  # type: ignore[union-attr]  # published messages, not receipts
            assert titles == {text for who, text in verdict if code in who}
        assert {code for who, _ in verdict for code in who}.isdisjoint(case.keyless)


@given(cases)
@settings(examples, max_examples=6)
def test_pain_03_a_hub_with_all_traffic_opens_nothing(case: Case) -> None:
    """It tries all bytes that it ever saw, wherever they stand, as an epoch's secret and as a frame's key."""
    with publisher(case) as kit:
        verdict = publish(kit, case)
        seen = traffic(kit)
    everything = [data for _, data in seen]
    assert not [text for _, text in verdict if any(text.encode() in data for data in everything)]
    parts = [data[:5_000] for data in everything if data[:4] in (b"SUE1", b"SUF1")]
    frame = next((data for data in everything if data[:4] == b"SUF1"), None)
    if frame is None:
        return
    header, cipher = frame[: limits.FRAME_HEADER], frame[limits.FRAME_HEADER : -limits.FRAME_SIGNATURE]
    windows = {part[at : at + 32] for part in parts for at in range(len(part) - 32)}
    assert not [window for window in windows if _is_key(window, header, cipher)]


def _is_key(window: bytes, header: bytes, cipher: bytes) -> bool:
    for key in (window, *(bytes(frame_key(realm, window, header)) for realm in (ACTUAL, "exercise"))):
        try:
            unseal(key, cipher, header)
        except CryptoError:
            continue
        return True
    return False


@pytest.mark.parametrize(
    ("audience", "code"), [([], "E-MESSAGE-FIELD"), (["TH"], "E-AUDIENCE-EMPTY"), (["MY"], "E-AUDIENCE-EMPTY")]
)
def test_pain_03_an_audience_of_nobody_is_refused(audience: list[str], code: str) -> None:
    with publisher(Case((("*",),) * 3, frozenset(), ())) as kit:
        body = json.dumps(draft("for nobody", audience, expires=EXPIRES)).encode()
        [verdict] = accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="desk")
        assert (verdict.verdict, [reason.code for reason in verdict.reasons]) == ("refused", [code])
        assert not traffic_of_messages(kit)


def traffic_of_messages(kit: CoreKit) -> list[Any]:
    return [data for _, data in traffic(kit) if data[:4] == b"SUF1" and int.from_bytes(data[52:54], "big")]
