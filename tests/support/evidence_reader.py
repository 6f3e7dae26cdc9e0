"""A second reader of evidence and of exported logs, written from docs/evidence.md alone: nothing here is the gateway's.

    python tests/support/evidence_reader.py FILE PIN        a file of evidence, the pin in hex
    python tests/support/evidence_reader.py LOG             an exported log

It needs hashlib, an Ed25519 (here of `cryptography`, which is another library than the gateway's) and msgpack. It
prints what is proved, or the number of the check that failed, and exits 1. That a message keeps to the schemas of its
kind is any JSON Schema validator's work (schemas/v1) and is left to one.
"""

import hashlib
import json
import re
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MINUTES_5, MINUTES_10, HOURS_24 = 300_000, 600_000, 86_400_000
SAME = ("id", "kind", "status")  # of a message and its later revisions
WRAP, EPOCH_MOST, EPOCH_MOST_A_MEMBER = 1168, 4096, 1200


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


# -- forms: int, str, a number of bytes, [each], (in this order), {one of these}


LIST = (str, str, int, int, int, 32, int, [(16, 32, str)],
        [(str, str, {"active", "suspended"}, [(16, 32, int, int, {None, int})], [str], [str])])  # fmt: skip
REVOKE = (str, str, 16, int)
HEAD = (32, int, 32, 64)
FAULTS = {"disk", "clock", "store", "trust", "bundle"}
BEAT = ([HEAD], [HEAD], int, 32, 32, 16, [FAULTS])
EPOCH = (str, str, {"actual", "exercise"}, str, str, int, int, int, 32, 32, 32, 32, int, 32, [(str, 16)])


def fits(value: Any, form: Any) -> bool:
    if isinstance(form, tuple):
        return isinstance(value, list) and len(value) == len(form) and all(map(fits, value, form))
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(each, form[0]) for each in value)
    if isinstance(form, set):
        return any(value == one if one is None or isinstance(one, str) else fits(value, one) for one in form)
    if form is int:
        return type(value) is int and 0 <= value < 2**53
    return isinstance(value, str) if form is str else isinstance(value, bytes) and len(value) == form


def unpacked(step: str, raw: bytes, form: Any) -> list[Any]:
    try:
        value = msgspec.msgpack.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Wrong(step) from None
    need(step, fits(value, form))
    return value  # type: ignore[no-any-return]  # JSON, of which the schema says the type


def is_member(code: str) -> bool:
    return re.fullmatch("[A-Z]{2}", code) is not None


# -- the file


def parts_of(data: bytes) -> list[tuple[int, bytes]]:
    """[V1] but for the orders."""
    need("V1", data[:4] == b"SUV1")
    parts: list[tuple[int, bytes]] = []
    at = 4
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


def groups_of(parts: list[tuple[int, bytes]]) -> list[tuple[int, bytes, bytes, bytes, bytes]]:
    """[V1] the orders; (4, 8, 10 or 13, the content, place and salt, leaves, frame) of each frame."""
    kinds = bytes(kind for kind, _ in parts)
    form = rb"\x01+\x02*\x03+\x04(\x05\x06\x07)+(\x08\x05\x06\x07)*(\x0a\x05\x06\x07)*(\x0d\x05\x06\x07)*\x0c*\x0b*"
    need("V1", re.fullmatch(form, kinds))
    groups, about = [], (4, b"")
    for at, (kind, content) in enumerate(parts):
        about = (kind, content) if kind in (4, 8, 10, 13) else about
        if kind == 5:
            groups.append((*about, content, parts[at + 1][1], parts[at + 2][1]))
    need("V1", all(len(group[2]) == 18 and len(group[3]) % 32 == 0 and len(group[3]) <= 32 * 255 for group in groups))
    ordered = [[content for kind, content in parts if kind == wanted] for wanted in (2, 3, 8, 10, 11, 12, 13)]
    ordered.append([frame for kind, _, _, _, frame in groups if kind == 4])
    need("V1", all(each == sorted(set(each)) for each in ordered))
    return groups


def judge(data: bytes, pin: bytes) -> list[tuple[str, str]]:
    """(member, stage) of each receipt that is proved; raises Wrong."""
    parts = parts_of(data)
    groups = groups_of(parts)
    of = {wanted: [content for kind, content in parts if kind == wanted] for wanted in (1, 2, 3, 4, 11, 12)}
    lists = trust(of[1], pin)
    keys = {key[0]: (row[0], key[1]) for one in lists.values() for row in one[8] for key in row[3]}
    revoked = revokes(of[2], keys, lists)
    known = {
        id_: as_listed(each, raw, lists) for each, (id_, raw) in [(each, epoch(each, lists, keys)) for each in of[3]]
    }
    found = [(kind, content, *carried(known, kind, content, *rest)) for kind, content, *rest in groups]
    values = {(1, each[3]) for each in found} | {(2, H("revoke", each[84:])) for each in of[2]}
    values |= {(4, one[9]) for one in lists.values()} | {(5, line(each)) for each in of[12]}
    stamps = [stamp(each, values, keys) for each in of[11]]
    value = json.loads(of[4][0])
    revoked |= {key[0] for one in lists.values() for row in one[8] for key in row[3] if key[4] is not None}
    revoked |= keys.keys() - {key[0] for row in lists[max(lists)][8] for key in row[3]}
    for raw in (raw for kind, _, raw, *_ in found if kind == 4):
        check_contents(value, raw, lists[raw[7]])
    need("V8", [raw for kind, _, raw, *_ in found if kind == 4 and raw[15] not in revoked])
    named = {(digest.hex(), index) for kind, _, _, digest, index, _ in found if kind == 4}
    to = {digest.hex(): {row[0] for row in raw[14]} for kind, _, raw, digest, *_ in found if kind == 4}
    for text, raw in ((text, raw) for kind, text, raw, *_ in found if kind == 10):
        later = json.loads(text)
        check_contents(later, raw, lists[raw[7]])
        need("V8", [later[name] for name in SAME] == [value[name] for name in SAME])
        need("V8", later["rev"] > value["rev"])
    receipts = [
        (raw, judged(json.loads(text), raw, value, named, ts, to)) for kind, text, raw, _, _, ts in found if kind == 8
    ]
    for text, raw, ts in ((text, raw, ts) for kind, text, raw, _, _, ts in found if kind == 13):
        frames = [(group[4], each) for group, each in zip(groups, found, strict=True) if group[0] == 4]
        need("V12", raw[3] != value["id"][:2] and raw[4] == "all" and raw[2] == "actual")
        need("V12", any(has_head(text, ts, frame, each[2], each[5]) for frame, each in frames))
    for each in of[12]:
        about = msgspec.msgpack.decode(each[32:])[4].split(" ")
        said_of = [value["id"], str(value["rev"]), hashlib.blake2b(of[4][0], digest_size=32).hexdigest()]
        need("V10", about in (said_of, said_of[:2]))
        need("V10", [kid for about, kid in stamps if about == (5, line(each)) and keys[kid][0] == value["id"][:2]])
    return [words for raw, words in receipts if raw[15] not in revoked]


def trust(objects: list[bytes], pin: bytes) -> dict[int, list[Any]]:
    """[V2]; the lists by version, each with its hash behind its fields."""
    lists: dict[int, list[Any]] = {}
    before: list[Any] = []
    ever_revoked: set[bytes] = set()
    for data in objects:
        need("V2", len(data) <= 2**18 and data[:4] == b"SUT1" and 1 <= data[4] <= 32 and len(data) > 5 + 80 * data[4])
        end = 5 + 80 * data[4]
        raw = data[end:]
        one = unpacked("V2", raw, LIST)
        need("V2", all(is_member(row[0]) for row in one[8]))
        digest, own = H("trust", raw), {root[0]: root[1] for root in one[7]}
        roots = own | ({root[0]: root[1] for root in before[7]} if before else {})
        each = [(data[at : at + 16], data[at + 16 : at + 80]) for at in range(5, end, 80)]
        valid = {kid for kid, _ in each}
        need("V2", len(valid) == len(each))
        for kid, signature in each:
            need("V2", kid in roots and signed("trust", roots[kid], digest, signature))
        need("V2", len(valid & set(own)) >= one[6] and one[6] >= 2 and 2 * one[6] > len(own) >= one[6])
        need("V2", one[0] == "suar-trust/1" and one[3] < one[4] <= one[3] + 400 * HOURS_24)
        if before:
            need("V2", len(valid & {root[0] for root in before[7]}) >= before[6])
            need("V2", one[1] == before[1] and one[2] == before[2] + 1 and one[5] == before[9] and one[3] >= before[3])
        codes = [row[0] for row in one[8]]
        held = [(key[0], key[1]) for row in one[8] for key in row[3]] + list(own.items())
        need("V2", codes == sorted(set(codes)) and len({key for _, key in held}) == len(held))
        need("V2", all(H("kid", key)[:16] == kid for kid, key in held))
        need("V2", not [key for row in one[8] for key in row[3] if key[4] is None and key[0] in ever_revoked])
        ever_revoked |= {key[0] for row in one[8] for key in row[3] if key[4] is not None}
        lists[one[2]] = before = [*one, digest]
    need("V2", pin in [one[9] for one in lists.values()])
    return lists


def revokes(objects: list[bytes], keys: dict[bytes, tuple[str, bytes]], lists: dict[int, list[Any]]) -> set[bytes]:
    """[V3]; the kids that are revoked."""
    names = [data[4:20] for data in objects]
    need("V3", len(set(names)) == len(names))
    for data, kid in zip(objects, names, strict=True):
        need("V3", len(data) <= 1024 and data[:4] == b"SUR1" and kid in keys)
        magic, federation, inner, _ = unpacked("V3", data[84:], REVOKE)
        federations = {one[1] for one in lists.values()}
        need("V3", magic == "suar-revoke/1" and {federation} == federations and inner == kid)
        need("V3", signed("revoke", keys[kid][1], H("revoke", data[84:]), data[20:84]))
    return set(names)


def epoch(data: bytes, lists: dict[int, list[Any]], keys: dict[bytes, Any]) -> tuple[bytes, list[Any]]:
    """[V4]; its id, and its fields with the signer's kid behind them."""
    most = max(len(one[8]) for one in lists.values())
    need("V4", len(data) <= EPOCH_MOST + EPOCH_MOST_A_MEMBER * most and data[:4] == b"SUE1" and data[4:20] in keys)
    kid, length = data[4:20], int.from_bytes(data[84:88], "big")
    raw = unpacked("V4", data[88 : 88 + length], EPOCH)
    magic, federation, realm, sender, channel = raw[:5]
    need("V4", magic == "suar-epoch/1" and (channel == "all" or is_member(channel)))
    id_ = H("epoch", data[84:], realm)
    need("V4", signed("epoch", keys[kid][1], H("epoch", id_, realm), data[20:84], realm))
    need("V4", sender == keys[kid][0] and {federation} == {one[1] for one in lists.values()})
    return id_, [*raw, kid]


def as_listed(data: bytes, fields: list[Any], lists: dict[int, list[Any]]) -> list[Any]:
    """[V5]; the same fields."""
    _, _, _, sender, channel, begin, end, version, named_hash, *_, recipients, kid = fields
    named, after = lists.get(version), lists.get(version + 1)
    need("V5", named is not None and named[9] == named_hash)
    assert named is not None
    need("V5", after is None or begin <= after[3] + MINUTES_10)
    rows = {row[0]: row for row in named[8]}
    key = next((one for one in rows[sender][3] if one[0] == kid), None) if sender in rows else None
    need("V5", key and rows[sender][2] == "active")
    assert key is not None
    need("V5", key[4] is None and key[2] <= begin < key[3])
    need("V5", 0 < end - begin <= HOURS_24 and end <= key[3])
    codes = [code for code, _ in recipients]
    active = {code for code, row in rows.items() if row[2] == "active"}
    need("V5", channel == "all" or channel in active - {sender})
    allowed = (active if channel == "all" else active & {channel}) | {sender}
    need("V5", codes == sorted(set(codes)) and set(codes) <= allowed)
    need("V5", len(data) - 88 - int.from_bytes(data[84:88], "big") == WRAP * len(codes))
    return fields


def carried(
    known: dict[bytes, list[Any]], kind: int, text: bytes, salted_index: bytes, leaves: bytes, frame: bytes
) -> tuple[list[Any], bytes, int, int]:
    """[V6] [V7]; the epoch, the frame's hash, the place, the frame's time."""
    need("V6", 456 <= len(frame) <= 786_432 and (len(frame) - 200) % 256 == 0)
    need("V6", frame[:4] == b"SUF1" and frame[4:36] in known)
    raw = known[frame[4:36]]
    realm, digest = raw[2], H("frame", frame[:-64], raw[2])
    need("V6", signed("frame", raw[9], digest, frame[-64:], realm))
    ts, count, flags = struct.unpack_from(">QHH", frame, 44)
    need("V6", count <= 256 and flags <= 1 and raw[5] - MINUTES_5 <= ts <= raw[6] + MINUTES_5)
    at, salt = int.from_bytes(salted_index[:2], "big"), salted_index[2:]
    need("V7", kind != 13 or count == 0)
    contents = 1 if kind == 13 else count
    need("V7", len(leaves) == 32 * (contents - 1) and at < contents)
    own = hashlib.blake2b(text, digest_size=32, key=salt, person=label(realm, "leaf")).digest()
    need("V7", H("root", leaves[: 32 * at] + own + leaves[32 * at :], realm) == frame[88:120])
    return raw, digest, at, ts


def check_contents(value: dict[str, Any], raw: list[Any], named: list[Any]) -> None:
    """[V8] what binds the message to its frame."""
    rights = next(row[4] for row in named[8] if row[0] == raw[3])
    need("V8", value["kind"] != "receipt" and value["id"][:2] == raw[3] and value["status"] == raw[2])
    need("V8", value["issuer"]["member"] == raw[3])
    need("V8", "*" in rights or value["kind"] in rights)
    need("V8", value["audience"]["members"] == "all" or raw[4] in value["audience"]["members"])


def time_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def judged(
    value: dict[str, Any], raw: list[Any], message: dict[str, Any], named: set[tuple[str, int]], sealed: int,
    to: dict[str, set[str]],
) -> tuple[str, str]:  # fmt: skip
    """[V9]; `to`: the recipients by the hash of each frame"""
    need("V9", value["kind"] == "receipt" and value["member"] == raw[3] and value["status"] == raw[2])
    need("V9", raw[4] == message["id"][:2] and value["status"] == message["status"])
    about = {(entry.get("frame"), index) for entry in value["of"] for _, index in named
             if index in entry.get("messages", [index])}  # fmt: skip
    need("V9", any(value["member"] in to[frame] for frame, _ in about & named))
    need("V9", time_of(message["sent"]) - MINUTES_5 <= time_of(value["at"]) <= sealed + MINUTES_5)
    return value["member"], value["stage"]


def has_head(text: bytes, at: int, frame: bytes, raw: list[Any], ts: int) -> bool:
    """[V12] whether a heartbeat of the time `at` names a head of the frame's number in its epoch, or a later one.

    Whom it shows as a witness is not printed here, so that it is not asked whether it is this frame or follows it.
    """
    need("V12", len(text) <= 65_536)
    heads = unpacked("V12", text, (*BEAT, 32) if text[:1] == b"\x98" else BEAT)[1]
    seq = int.from_bytes(frame[36:44], "big")
    return at >= ts - MINUTES_5 and any(
        id_ == frame[4:36] and count > seq and signed("frame", raw[9], digest, signature, raw[2])
        for id_, count, digest, signature in heads
    )  # fmt: skip


Named = tuple[bytes, int, bytes]  # an epoch, the number of a frame in it, the frame's hash


def one_is_other(first: set[Named], second: set[Named]) -> bool:
    """Whether one number has two hashes."""
    return any(a[:2] == b[:2] and a[2] != b[2] for a in first for b in second)


def one_is_moved(first: set[Named], second: set[Named]) -> bool:
    """Whether one hash has two numbers."""
    return any(a[0] == b[0] and a[2] == b[2] and a[1] != b[1] for a in first for b in second)


def differing(data: bytes, pin: bytes) -> set[str]:
    """Which contradictions between frames, next epochs and heads a file has that is proved, and in which no key is
    revoked: `one-number`, `chain-broken`, `end-differs`, `two-ends`, `head-differs`.
    """
    judge(data, pin)
    parts = parts_of(data)
    groups = groups_of(parts)
    epochs: dict[bytes, tuple[Any, ...]] = {}  # sender's key, realm, sender, channel; the end of the one before
    for one in (one for kind, one in parts if kind == 3):
        raw = unpacked("V4", one[88 : 88 + int.from_bytes(one[84:88], "big")], EPOCH)
        epochs[H("epoch", one[84:], raw[2])] = (one[4:20], *raw[2:5], raw[9], tuple(raw[11:14]))
    frames = {H("frame", one[4][:-64], epochs[one[4][4:36]][1]): one[4] for one in groups}
    numbers = {name: int.from_bytes(one[36:44], "big") for name, one in frames.items()}
    own = {(one[4:36], numbers[name] + 1, name) for name, one in frames.items()}
    before = {(one[4:36], numbers[name], one[56:88]) for name, one in frames.items()}
    next_ones = [epochs[id_] for id_ in {one[4:36] for one in frames.values()}]
    named = {one[4:36] for one in frames.values()}
    ends: set[Named] = {one[5] for one in next_ones if one[5][0] in named and epochs[one[5][0]][:4] == one[:4]}
    found = {
        "one-number": one_is_other(own, own),
        "chain-broken": one_is_other(before, own) or any(n == 0 and id_ != name for id_, n, name in before),
        "end-differs": one_is_other(ends, own) or is_beyond(ends, own),
        "two-ends": any(a[0] == b[0] and a != b for a in ends for b in ends),
    }
    stated = own | {one for one in before if one[1]}
    seen: set[Named] = set()
    for head in heads_in(groups, epochs):
        if one_is_other({head}, stated) or one_is_moved({head}, stated):
            found["head-differs"] = True
        elif one_is_other({head}, ends) or one_is_moved({head}, ends) or is_beyond(ends, {head}):
            found["end-differs"] = True
        elif one_is_other({head}, seen) or one_is_moved({head}, seen):
            found["head-differs"] = True
        seen.add(head)
    return {name for name, is_so in found.items() if is_so}


def is_beyond(ends: set[Named], frames: set[Named]) -> bool:
    """Whether a frame has a higher number than its epoch ended with."""
    return any(end[0] == one[0] and one[1] > end[1] for end in ends for one in frames)


def heads_in(groups: list[tuple[int, bytes, bytes, bytes, bytes]], epochs: dict[bytes, tuple[Any, ...]]) -> list[Named]:
    """The heads of epochs of the message that heartbeats name, signed by their epoch, from the message's frame on."""
    frames = [one[4] for one in groups if one[0] == 4]
    found = []
    for text in (one[1] for one in groups if one[0] == 13):
        for id_, count, name, signature in unpacked("V12", text, (*BEAT, 32) if text[:1] == b"\x98" else BEAT)[1]:
            about = [one for one in frames if one[4:36] == id_ and count > int.from_bytes(one[36:44], "big")]
            if about and signed("frame", epochs[id_][4], name, signature, epochs[id_][1]):
                found.append((id_, count, name))
    return found


def line(content: bytes) -> bytes:
    """[V10] the hash of a line of the audit."""
    act = unpacked("V10", content[32:], (int, int, str, str, str))
    need("V10", len(content) > 32 and msgspec.msgpack.encode(act) == content[32:])
    return H("audit", content)


def stamp(content: bytes, values: set[tuple[int, bytes]], keys: dict[bytes, tuple[str, bytes]]) -> tuple[Any, bytes]:
    """[V10] what a time stamp is about, and the kid of who signed it; the token is for whoever brings an authority."""
    need("V10", len(content) > 139)
    what, value, salt, algorithm, at, size, kid, signature, count = struct.unpack_from(">B32s16sBII16s64sB", content)
    need("V10", 1 <= what <= 5 and algorithm in (1, 2) and count <= 32)
    function, width = (hashlib.sha256, 32) if algorithm == 1 else (hashlib.sha512, 64)
    need("V10", 0 < len(content) - 139 - width * count <= 32_768)
    need("V10", (what, value) in values)
    found, last = function(b"\0" + bytes([what]) + salt + value).digest(), size - 1
    need("V10", 0 <= at <= last)
    for n in range(count):
        other = content[139 + width * n : 139 + width * (n + 1)]
        need("V10", last)
        if at % 2 or at == last:
            found = function(b"\1" + other + found).digest()
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = function(b"\1" + found + other).digest()
        at, last = at // 2, last // 2
    need("V10", last == 0 and kid in keys)
    statement = b"suar-stamp/1\0" + bytes([algorithm]) + struct.pack(">I", size) + found
    need("V10", signed("stamp", keys[kid][1], H("stamp", statement), signature))
    return (what, value), kid


# -- the audit log


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which no key stands twice."""
    need("audit", len(dict(pairs)) == len(pairs))
    return dict(pairs)


def judge_log(data: bytes) -> tuple[int, int]:
    """(lines, up to which of them a head signs); raises Wrong."""
    title, *records = [json.loads(line, object_pairs_hook=once) for line in data.splitlines()]
    need("audit", set(title) == {"audit", "federation", "member"})
    need("audit", title["audit"] in ("suar-audit/1", "suar-audit/2"))
    more, leaves = {"salt"} if title["audit"] == "suar-audit/2" else set[str](), list[bytes]()
    count, last, heads = 0, bytes(32), 0
    for one in records:
        if "head" in one:
            root = {"root"} & set(one) if more else set[str]()
            need("audit", set(one) == {"head", "at", "hash", "key", "signature"} | root)
            need("audit", one["head"] == count and bytes.fromhex(one["hash"]) == last)
            raw = ["suar-audit/1", title["federation"], title["member"], count, one["at"], last]
            if root:
                raw = ["suar-audit/2", *raw[1:], whole_tree(leaves)]
                need("audit", one["root"] == raw[-1].hex())
            digest = H("head", msgspec.msgpack.encode(raw))
            need("audit", signed("head", bytes.fromhex(one["key"]), digest, bytes.fromhex(one["signature"])))
            heads = count
            continue
        need("audit", set(one) == {"n", "at", "who", "what", "about", "hash"} | more and one["n"] == count + 1)
        act = msgspec.msgpack.encode([one[name] for name in ("n", "at", "who", "what", "about")])
        last, count = H("audit", last + act), count + 1
        need("audit", bytes.fromhex(one["hash"]) == last)
        if more:
            salt = bytes.fromhex(one["salt"])
            need("audit", len(salt) == 16)
            leaves.append(hashlib.sha256(b"\0" + salt + act).digest())
    return count, heads


def whole_tree(leaves: list[bytes]) -> bytes:
    """The root over these (RFC 6962, section 2.1)."""
    need("audit", leaves)
    while len(leaves) > 1:
        pairs = [leaves[at : at + 2] for at in range(0, len(leaves), 2)]
        leaves = [hashlib.sha256(b"\1" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return leaves[0]


def main() -> int:
    data = Path(sys.argv[1]).read_bytes()
    try:
        found = judge(data, bytes.fromhex(sys.argv[2])) if data[:4] == b"SUV1" else judge_log(data)
    except Wrong as wrong:
        print(f"refused: {wrong}")
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
