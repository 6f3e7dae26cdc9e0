"""A second reader of the files beside the bus, made from docs/ceremony.md and docs/evidence.md alone.

It shares no code with the gateway: json, msgpack and libsodium's Ed25519 are all that it uses.
"""

import base64
import hashlib
import json
import re
from typing import Any

import msgspec
from nacl import bindings
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import VerifyKey


class Refused(Exception):  # noqa: N818 - the verdict on a file
    """The file is refused."""


def want(holds: object) -> None:
    if not holds:
        raise Refused


def label(name: str) -> bytes:
    return b"suar/1/" + name.encode() + bytes(9 - len(name))


def hashed(name: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=label(name)).digest()


def kid(key: bytes) -> bytes:
    return hashed("kid", key)[:16]


def is_signed(name: str, key: bytes, data: bytes, mark: bytes) -> bool:
    try:
        VerifyKey(key).verify(label(name) + hashed(name, data), mark)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return True


def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
    want(len({name for name, _ in found}) == len(found))
    return dict(found)


def loaded(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
    except ValueError:
        raise Refused from None


def has(value: Any, *names: str) -> None:
    want(isinstance(value, dict) and list(value) == list(names))


def form(text: Any, pattern: str) -> None:
    want(isinstance(text, str) and re.fullmatch(pattern, text))


def in_base64(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise Refused from None


# -- the files, each: bytes -> what it says; Refused


def request(data: bytes) -> dict[str, Any]:
    want(len(data) <= 16 * 1024)
    file = loaded(data)
    has(file, "format", "request", "signature", "endorsement")
    want(file["format"] == "suar-request/1")
    body = file["request"]
    has(body, "member", "name", "federation", "identity", "nats")
    form(body["member"], "[A-Z]{2}")
    form(body["name"], r"[^\x00-\x1f\x7f]{1,120}")
    form(body["federation"], r"[^\x00-\x1f\x7f]{0,64}")
    identity, nats = body["identity"], body["nats"]
    has(identity, "public", "not_before", "not_after")
    form(identity["public"], "[0-9a-f]{64}")
    want(all(type(identity[name]) is int and identity[name] >= 0 for name in ("not_before", "not_after")))
    want(identity["not_before"] < identity["not_after"])
    has(nats, "server_name", "nkeys", "tls")
    form(nats["server_name"], "[a-z0-9][a-z0-9_-]{0,31}")
    for role, nkey in nats["nkeys"].items():
        form(role, "[a-z_]{1,32}")
        form(nkey, "U[A-Z2-7]{55}")
    has(nats["tls"], "cert_file", "key_file", "ca_file")
    for name in nats["tls"].values():
        form(name, r'[^"\\\x00-\x1f\x7f]{1,255}')
    want(json.dumps(file, ensure_ascii=False, indent=1).encode() + b"\n" == data)
    key = bytes.fromhex(identity["public"])
    signed = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    want(bindings.crypto_core_ed25519_is_valid_point(key))
    want(is_signed("request", key, signed, in_base64(file["signature"])))
    mark = file["endorsement"]
    if mark is not None:
        has(mark, "kid", "signature")
    return {"member": body["member"], "kid": kid(key).hex(), "endorsed_by": mark["kid"] if mark else None}


def root_public(data: bytes) -> dict[str, Any]:
    file = loaded(data)
    want(isinstance(file, dict) and set(file) == {"format", "holder", "kid", "public"})
    form(file["public"], "[0-9a-f]{64}")
    key = bytes.fromhex(file["public"])
    want(file["format"] == "suar-root-public/1" and kid(key).hex() == file["kid"])
    want(bindings.crypto_core_ed25519_is_valid_point(key))
    return {"holder": file["holder"], "kid": file["kid"]}


def split_file(data: bytes) -> tuple[dict[bytes, bytes], bytes]:
    want(data[:4] == b"SUT1" and len(data) > 5 + 80 * data[4])
    marks = [data[at : at + 80] for at in range(5, 5 + 80 * data[4], 80)]
    found = {mark[:16]: mark[16:] for mark in marks}
    want(len(found) == len(marks))
    return found, data[5 + 80 * data[4] :]


def trust(raw: bytes) -> tuple[int, dict[bytes, bytes]]:
    fields = msgspec.msgpack.decode(raw)
    return fields[6], {name: key for name, key, _ in fields[7]}


def merge(files: list[bytes], before: bytes | None) -> dict[str, Any]:
    _, raw = split_file(files[0])
    threshold, own = trust(raw)
    earlier_threshold, earlier = trust(split_file(before)[1]) if before else (0, {})
    found: dict[bytes, bytes] = {}
    for file in files:
        marks, signed = split_file(file)
        want(signed == raw)
        for name, mark in marks.items():
            key = own.get(name) or earlier.get(name)
            want(key is not None and is_signed("trust", key, raw, mark))
        found |= marks
    want(len(found.keys() & own.keys()) >= threshold and len(found.keys() & earlier.keys()) >= earlier_threshold)
    made = b"SUT1" + bytes([len(found)]) + b"".join(name + found[name] for name in sorted(found)) + raw
    return {"list": base64.b64encode(made).decode()}


def refusal_note(data: bytes) -> dict[str, Any]:
    text = data.decode()
    want(len(text) <= 200 and re.fullmatch("frames( [0-9]{1,5}-[0-9]{1,5})+", text))
    ranges = [[int(number) for number in word.split("-")] for word in text.split(" ")[1:]]
    want(all(first <= last for first, last in ranges))
    return {"ranges": ranges}


def question(data: bytes) -> dict[str, Any]:
    value = loaded(data)
    has(value, "asked", "frames")
    span, end = value["asked"], value["frames"]
    has(span, "epoch", "first", "last")
    first, last = span["first"], span["last"]
    want(all(type(number) is int and 0 <= number <= 65535 for number in (first, last)) and first <= last)
    want(re.fullmatch("[0-9a-f]{64}", span["epoch"]))
    beyond = [[max(first, end), last]] if last >= end and last != 65535 else []
    return {"epoch": True, "frames": list(range(first, min(last + 1, end))), "refused": beyond}


def audit_log(data: bytes) -> dict[str, Any]:
    title, *lines = [loaded(line) for line in data.splitlines()]
    has(title, "audit", "federation", "member")
    want(title["audit"] in ("suar-audit/1", "suar-audit/2"))
    more = ("salt",) if title["audit"] == "suar-audit/2" else ()
    count, last, signed, kids, leaves = 0, bytes(32), 0, list[str](), list[bytes]()
    for line in lines:
        if "head" in line:
            root = ("root",) if more and "root" in line else ()
            has(line, "head", "at", "hash", "key", "signature", *root)
            want(line["head"] == count and line["hash"] == last.hex())
            key = by_key(title, line)
            want(not root or line["root"] == tree(leaves).hex())
            signed, kids = count, [*kids, kid(key).hex()] if kid(key).hex() not in kids else kids
        else:
            has(line, "n", "at", "who", "what", "about", "hash", *more)
            count += 1
            last = hashed("audit", last + act(line))
            want(line["n"] == count and line["hash"] == last.hex())
            leaves += [leaf(line)] if more else []
    return {"lines": count, "signed": signed, "kids": kids}


def act(line: dict[str, Any]) -> bytes:
    return msgspec.msgpack.encode([line[name] for name in ("n", "at", "who", "what", "about")])


def leaf(line: dict[str, Any]) -> bytes:
    want(isinstance(line["salt"], str) and re.fullmatch("[0-9a-f]{32}", line["salt"]))
    return hashlib.sha256(b"\0" + bytes.fromhex(line["salt"]) + act(line)).digest()


def tree(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def by_key(title: dict[str, Any], head: dict[str, Any]) -> bytes:
    """The key of a head whose signature is valid."""
    version, more = ("suar-audit/2", [bytes.fromhex(head["root"])]) if "root" in head else ("suar-audit/1", [])
    raw = [version, title["federation"], title["member"], head["head"], head["at"], bytes.fromhex(head["hash"]), *more]
    key = bytes.fromhex(head["key"])
    want(is_signed("head", key, msgspec.msgpack.encode(raw), bytes.fromhex(head["signature"])))
    return key


def audit_line(data: bytes) -> dict[str, Any]:
    line = loaded(data)
    has(line, "audit-line", "federation", "member", "n", "at", "who", "what", "about", "salt", "path", "head")
    want(line["audit-line"] == "suar-audit-line/1")
    head = line["head"]
    has(head, "head", "at", "hash", "key", "signature", "root")
    key = by_key(line, head)
    path = [bytes.fromhex(each) for each in line["path"]]
    want(0 < line["n"] <= head["head"])
    want(climb(leaf(line), line["n"] - 1, head["head"], path).hex() == head["root"])
    return {"n": line["n"], "lines": head["head"], "kid": kid(key).hex()}


def climb(found: bytes, at: int, size: int, path: list[bytes]) -> bytes:
    """The root over a leaf: by the halves that RFC 6962 splits a list into, from the last sibling down."""
    if size == 1:
        want(not path)
        return found
    want(path)
    split = 1 << (size - 1).bit_length() - 1
    is_left = at < split
    below = climb(found, at if is_left else at - split, split if is_left else size - split, path[:-1])
    both = below + path[-1] if is_left else path[-1] + below
    return hashlib.sha256(b"\1" + both).digest()
