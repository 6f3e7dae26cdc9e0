"""A second reader of evidence, written from docs/evidence.md and docs/protocol.md with nothing of the gateway's code.

It shares the test's keys and files, and no function: msgpack, hashlib and an Ed25519 of another library's making.
"""

import hashlib
import json
import random
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from evidence_case import Case, forged

from suar.protocol import evidence as files
from suar.protocol.evidence import Unproved
from suar.protocol.proof import verify

GOLDEN = Path(__file__).parent.parent / "data/message.evidence"


class Wrong(Exception):  # noqa: N818 - a finding
    """A check failed; its number."""


def need(step: str, holds: object) -> None:
    if not holds:
        raise Wrong(step)


def label(realm: str, name: str) -> bytes:
    return ({"actual": "suar/1/", "exercise": "suar/1x/"}[realm] + name).encode().ljust(16, b"\0")


def H(name: str, data: bytes, realm: str = "actual") -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=label(realm, name)).digest()


def signed(name: str, key: bytes, digest: bytes, signature: bytes, realm: str = "actual") -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, label(realm, name) + digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def parts_of(data: bytes) -> list[tuple[int, bytes]]:
    """[V1]"""
    need("V1", data[:4] == b"SUV1")
    parts, at = [], 4
    while not parts or parts[-1][0] != 9:
        need("V1", at + 5 <= len(data))
        kind, length = struct.unpack_from(">BI", data, at)
        end = at + 5 + length
        need("V1", end + 8 <= len(data))
        sum8 = H("part", struct.pack(">I", len(parts)) + data[at:end])[:8]
        need("V1", sum8 == data[end : end + 8])
        need("V1", kind != 9 or data[at + 5 : end] == H("evidence", data[:at]))
        parts.append((kind, data[at + 5 : end]))
        at = end + 8
    need("V1", at == len(data))
    return parts[:-1]


def judge(data: bytes, pin: bytes) -> list[tuple[str, str]]:
    """(member, stage) of each receipt; raises Wrong."""
    parts = parts_of(data)
    of = {kind: [content for this, content in parts if this == kind] for kind in range(1, 9)}
    need(
        "V1", re.fullmatch(rb"\x01+\x02*\x03+\x04(\x05\x06\x07)+(\x08\x05\x06\x07)*", bytes(kind for kind, _ in parts))
    )
    need("V1", all(of[kind] == sorted(set(of[kind])) for kind in (2, 3, 8)))
    lists = trust(of[1], pin)
    revoked = {revoke[4:20] for revoke in of[2]}
    keys = {key[0]: (member, key) for one in lists.values() for member in one[8] for key in member[3]}
    for revoke in of[2]:
        need("V3", revoke[4:20] in keys)
        need("V3", signed("revoke", keys[revoke[4:20]][1][1], H("revoke", revoke[84:]), revoke[20:84]))
    known = dict(epoch(data, lists, keys) for data in of[3])
    groups, text = [], b""
    for at, (kind, content) in enumerate(parts):
        text = content if kind in (4, 8) else text
        if kind == 5:
            groups.append((text, *carried(known, text, content, parts[at + 1][1], parts[at + 2][1])))
    carriers = [group for group in groups if group[0] == of[4][0]]
    value = json.loads(of[4][0])
    for _, raw, _, _ in carriers:
        need("V8", value["id"][:2] == raw[3] and value["status"] == raw[2])
        need("V5", raw[15] not in revoked)
    named = {(digest.hex(), place) for _, _, digest, place in carriers}
    return [said(json.loads(group[0]), group[1], value, named) for group in groups if group not in carriers]


def trust(objects: list[bytes], pin: bytes) -> dict[int, list[Any]]:
    """[V2]"""
    lists: dict[int, list[Any]] = {}
    hashes, before = [], None
    for data in objects:
        need("V2", data[:4] == b"SUT1" and len(data) > 5 + 80 * data[4])
        end = 5 + 80 * data[4]
        raw = data[end:]
        one = msgspec.msgpack.decode(raw)
        own = {root[0]: root[1] for root in one[7]}
        roots = own | ({root[0]: root[1] for root in before[7]} if before else {})
        valid = {data[at : at + 16] for at in range(5, end, 80)}
        for at in range(5, end, 80):
            need("V2", data[at : at + 16] in roots)
            need("V2", signed("trust", roots[data[at : at + 16]], H("trust", raw), data[at + 16 : at + 80]))
        need("V2", len(valid & set(own)) >= one[6])
        if before:
            need("V2", len(valid & {root[0] for root in before[7]}) >= before[6])
            need("V2", one[2] == before[2] + 1 and one[5] == hashes[-1] and one[1] == before[1])
        hashes.append(H("trust", raw))
        lists[one[2]] = before = [*one, hashes[-1]]
    need("V2", pin in hashes)
    return lists


def epoch(data: bytes, lists: dict[int, list[Any]], keys: dict[bytes, Any]) -> tuple[bytes, list[Any]]:
    """[V4] [V5]; its id, and its raw with the signer's kid behind it."""
    need("V4", data[:4] == b"SUE1" and len(data) > 88 and data[4:20] in keys)
    length = int.from_bytes(data[84:88], "big")
    raw = msgspec.msgpack.decode(data[88 : 88 + length])
    id_ = H("epoch", data[84:], raw[2])
    need("V4", signed("epoch", keys[data[4:20]][1][1], H("epoch", id_, raw[2]), data[20:84], raw[2]))
    need("V4", raw[3] == keys[data[4:20]][0][0])
    named = lists.get(raw[7])
    need("V5", named is not None and named[9] == raw[8])
    assert named is not None
    member = next((each for each in named[8] if each[0] == raw[3]), None)
    key = next((each for each in member[3] if each[0] == data[4:20]), None) if member else None
    need("V5", key and member and member[2] == "active" and key[4] is None and key[2] <= raw[5] < key[3])
    assert key is not None
    need("V5", 0 < raw[6] - raw[5] <= 86_400_000 and raw[6] <= key[3])
    need("V5", len(data) - 88 - length == 1168 * len(raw[14]))
    return id_, [*raw, data[4:20]]


def carried(
    known: dict[bytes, list[Any]], text: bytes, place: bytes, leaves: bytes, frame: bytes
) -> tuple[list[Any], bytes, int]:
    """[V6] [V7]; the epoch, the frame's hash, the place."""
    need("V6", len(frame) >= 456 and frame[:4] == b"SUF1" and frame[4:36] in known)
    raw = known[frame[4:36]]
    realm, digest = raw[2], H("frame", frame[:-64], raw[2])
    need("V6", signed("frame", raw[9], digest, frame[-64:], realm))
    ts, count = struct.unpack_from(">QH", frame, 44)
    need("V6", raw[5] - 300_000 <= ts <= raw[6] + 300_000)
    at, salt = int.from_bytes(place[:2], "big"), place[2:]
    need("V7", len(place) == 18 and len(leaves) == 32 * (count - 1) and at < count)
    own = hashlib.blake2b(text, digest_size=32, key=salt, person=label(realm, "leaf")).digest()
    need("V7", H("root", leaves[: 32 * at] + own + leaves[32 * at :], realm) == frame[88:120])
    return raw, digest, at


def said(
    value: dict[str, Any], raw: list[Any], message: dict[str, Any], named: set[tuple[str, int]]
) -> tuple[str, str]:
    """[V9]"""
    need("V9", value["kind"] == "receipt" and value["member"] == raw[3] and value["status"] == raw[2])
    need("V9", raw[4] == message["id"][:2])
    about = {(entry.get("frame"), place) for entry in value["of"] for _, place in named
             if place in entry.get("messages", [place])}  # fmt: skip
    need("V9", about & named)
    return value["member"], value["stage"]


def test_a_second_implementation_reads_the_same() -> None:
    case = Case()
    assert sorted(judge(case.file, case.first.hash())) == [("SG", "acting"), ("SG", "stored")]
    assert len(case.verify().receipts) == 2


def test_both_judge_every_forgery_alike() -> None:
    case, rng = Case(), random.Random(13)
    parts, pin = files.split(case.file), case.first.hash()
    for _ in range(500):
        file = files.assemble(forged(rng, parts))
        assert _passes(judge, file, pin) == _passes(verify, file, pin)


def _passes(judgement: Callable[[bytes, bytes], object], file: bytes, pin: bytes) -> bool:
    try:
        judgement(file, pin)
    except (Wrong, Unproved, ValueError, KeyError, IndexError, TypeError):
        return False
    return True


def test_a_file_of_an_earlier_version_is_read_for_ever() -> None:
    """Made once and committed; its pin is that of the test's first list."""
    file, pin = GOLDEN.read_bytes(), Case().first.hash()
    assert sorted(judge(file, pin)) == [("SG", "acting"), ("SG", "stored")]
    assert verify(file, pin).message.id == "TH-ALERT-2027-000002"
    assert files.write(files.read(file)) == file
