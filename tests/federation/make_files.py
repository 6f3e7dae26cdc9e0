"""Makes schemas/files: `PYTHONPATH=tests python -m federation.make_files`.

Keys come from published seeds, so the bytes never change.
What is expected of each is written by hand, from docs/ceremony.md; nothing here asks the code under test.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from nacl.signing import SigningKey

FOLDER: Final = Path(__file__).parents[2] / "schemas" / "files"
T: Final = 1_800_000_000_000
DAY: Final = 86_400_000
SEEDS: Final = "every key is derived from a published seed: SHA-256 of 'suar test seed <name>'; test keys only"
NKEY: Final = "U" + "A" * 55
Made = Iterator[dict[str, Any]]


def seed(name: str) -> bytes:
    return hashlib.sha256(f"suar test seed {name}".encode()).digest()


def key(name: str) -> SigningKey:
    return SigningKey(seed(name))


def public(name: str) -> bytes:
    return bytes(key(name).verify_key)


def label(name: str) -> bytes:
    return f"suar/1/{name}".encode().ljust(16, b"\0")


def hashed(name: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32, person=label(name)).digest()


def kid(name: str) -> bytes:
    return hashed("kid", public(name))[:16]


def signed(name: str, signer: str, data: bytes) -> bytes:
    return key(signer).sign(label(name) + hashed(name, data)).signature


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# -- requests


def body(**changes: Any) -> dict[str, Any]:
    of = {
        "member": "TH",
        "name": "Thailand",
        "federation": "asean-test",
        "identity": {"public": public("TH identity").hex(), "not_before": T, "not_after": T + 400 * DAY},
        "nats": {
            "server_name": "th",
            "nkeys": {"gateway": NKEY, "link": NKEY},
            "tls": {"cert_file": "leaf.crt", "key_file": "leaf.key", "ca_file": "leaf-ca.crt"},
        },
    }
    return {**of, **changes}


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def request(of: dict[str, Any], *, signer: str = "TH identity", endorser: str | None = None) -> dict[str, Any]:
    mark = (
        {"kid": kid(endorser).hex(), "signature": b64(signed("request", endorser, compact(of)))} if endorser else None
    )
    return {
        "format": "suar-request/1",
        "request": of,
        "signature": b64(signed("request", signer, compact(of))),
        "endorsement": mark,
    }


def filed(value: Any, indent: int = 1) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode() + b"\n"


def requests() -> Made:
    def case(name: str, note: str, data: bytes, result: Any) -> dict[str, Any]:
        return {"name": f"request-{name}", "form": "request", "note": note, "input": b64(data), "result": result}

    good = {"member": "TH", "kid": kid("TH identity").hex(), "endorsed_by": None}
    yield case("of-a-first-key", "a member's first request", filed(request(body())), good)
    named = body(name='ราชอาณาจักรไทย "TH"', federation="")
    yield case(
        "with-a-name-in-thai", "text is UTF-8, only what JSON must escape is escaped", filed(request(named)), good
    )
    endorsed = request(body(), endorser="TH old identity")
    result = {**good, "endorsed_by": kid("TH old identity").hex()}
    yield case("endorsed", "a further key, endorsed by an earlier one", filed(endorsed), result)
    changed = {**request(body()), "request": body(name="Atlantis")}
    yield case("changed-after-signing", "the name is not the one that was signed", filed(changed), None)
    yield case(
        "signed-by-another-key", "by a key that it does not name", filed(request(body(), signer="SG identity")), None
    )
    yield case(
        "with-two-blanks-of-indentation", "another form of the same JSON", filed(request(body()), indent=2), None
    )
    yield case("without-its-last-line-end", "one byte less", filed(request(body()))[:-1], None)
    more = {**request(body()), "comment": "x"}
    yield case("with-one-field-more", "a field that the form does not have", filed(more), None)
    turned = dict(reversed(request(body()).items()))
    yield case("with-its-fields-in-another-order", "the same fields, the last one first", filed(turned), None)
    lower = body(member="th")
    yield case("of-a-code-in-lower-case", "codes are capital letters", filed(request(lower)), None)
    window = {**body()["identity"], "not_after": T}
    yield case("whose-window-is-empty", "not_after is not_before", filed(request(body(identity=window))), None)
    quoted = body(nats={**body()["nats"], "server_name": 'th"\n[hub]'})
    yield case("that-writes-into-the-plan", "a server's name with a line end", filed(request(quoted)), None)
    torn = {**body()["identity"], "public": "00" * 32}
    yield case(
        "of-a-key-of-low-order",
        "the key is no point of the prime-order group",
        filed(request(body(identity=torn))),
        None,
    )


def roots() -> Made:
    good = {
        "format": "suar-root-public/1",
        "holder": "Attorney General",
        "kid": kid("root A").hex(),
        "public": public("root A").hex(),
    }
    result = {"holder": "Attorney General", "kid": kid("root A").hex()}

    def case(name: str, note: str, data: bytes, result: Any) -> dict[str, Any]:
        return {
            "name": f"root-public-{name}",
            "form": "root-public",
            "note": note,
            "input": b64(data),
            "result": result,
        }

    yield case("as-written", "the form that is written here", filed(good), result)
    yield case("in-one-line", "white space does not matter", compact(good), result)
    yield case("with-the-kid-of-another-key", "kid and key disagree", filed({**good, "kid": kid("root B").hex()}), None)
    yield case("with-one-field-more", "a field that the form does not have", filed({**good, "more": 1}), None)


# -- ceremony


def trust_raw(version: int = 1, prev: bytes = bytes(32), holders: str = "ABC", threshold: int = 2) -> bytes:
    members = [
        [
            code,
            name,
            "active",
            [[kid(f"{code} identity"), public(f"{code} identity"), T, T + 400 * DAY, None]],
            ["*"],
            ["*"],
        ]
        for code, name in (("SG", "Singapore"), ("TH", "Thailand"))
    ]
    listed = [[kid(f"root {holder}"), public(f"root {holder}"), holder] for holder in holders]
    return msgspec.msgpack.encode(
        ["suar-trust/1", "asean-test", version, T, T + 180 * DAY, prev, threshold, listed, members]
    )


def trust_object(raw: bytes, *signers: str, spoil: bool = False) -> bytes:
    marks = [(kid(f"root {name}"), signed("trust", f"root {name}", raw)) for name in signers]
    if spoil:
        marks = [(name, mark[:-1] + bytes([mark[-1] ^ 1])) for name, mark in marks]
    return b"SUT1" + bytes([len(marks)]) + b"".join(name + mark for name, mark in marks) + raw


def ordered(raw: bytes, signers: str) -> bytes:
    return trust_object(raw, *sorted(signers, key=lambda name: kid(f"root {name}")))


def merges() -> Made:
    raw, other = trust_raw(), trust_raw(threshold=3)
    draft = trust_object(raw)

    def case(
        name: str, note: str, files: list[bytes], result: bytes | None, before: bytes | None = None
    ) -> dict[str, Any]:
        return {
            "name": f"merge-{name}", "form": "merge", "note": note, "input": [b64(file) for file in files],
            "before": b64(before) if before else None, "result": {"list": b64(result)} if result else None,
        }  # fmt: skip

    a, b, c = (trust_object(raw, name) for name in "ABC")
    yield case(
        "of-two-signatures",
        "two of three roots, ascending by kid whatever their order",
        [draft, b, a],
        ordered(raw, "AB"),
    )
    yield case("of-three-signatures", "more than the threshold", [draft, c, a, b], ordered(raw, "ABC"))
    yield case("of-one-signature", "the threshold is two", [draft, a], None)
    yield case("of-one-root-twice", "two signatures of one root are one", [draft, a, a], None)
    yield case(
        "of-a-file-with-two-signatures",
        "a signature file may hold several",
        [draft, trust_object(raw, "A", "C")],
        ordered(raw, "AC"),
    )
    yield case(
        "of-a-signature-of-another-draft",
        "the second file signs another raw",
        [draft, a, trust_object(other, "B")],
        None,
    )
    yield case(
        "of-an-invalid-signature",
        "one bit of the second is flipped",
        [draft, a, b, trust_object(raw, "C", spoil=True)],
        None,
    )
    yield case("of-a-stranger-s-signature", "by a key that is no root", [draft, a, b, trust_object(raw, "X")], None)
    first = ordered(raw, "AB")
    new = trust_raw(2, hashed("trust", raw), "BDE")
    signed_by = [trust_object(new, name) for name in "ABD"]
    yield case(
        "that-replaces-roots",
        "two of the roots before and two of its own",
        [trust_object(new), *signed_by],
        ordered(new, "ABD"),
        first,
    )
    yield case(
        "that-replaces-roots-without-the-old-ones",
        "two of its own and one of the roots before",
        [trust_object(new), *signed_by[1:]],
        None,
        first,
    )


# -- the note of a refusal, the audit log


def notes() -> Made:
    def case(name: str, note: str, text: str, ranges: list[list[int]] | None) -> dict[str, Any]:
        result = {"ranges": ranges} if ranges else None
        return {
            "name": f"refusal-note-{name}",
            "form": "refusal-note",
            "note": note,
            "input": b64(text.encode()),
            "result": result,
        }

    yield case("of-two-ranges", "both ends included", "frames 3-7 9-9", [[3, 7], [9, 9]])
    yield case("of-a-whole-epoch", "numbers go up to 65535", "frames 0-65535", [[0, 65535]])
    yield case("that-is-a-sentence", "an ordinary refusal", "the disk is full", None)
    yield case("without-a-range", "at least one", "frames", None)
    yield case("with-two-blanks", "one blank before each range", "frames  3-7", None)
    yield case("with-a-range-backwards", "first is not above last", "frames 7-3", None)
    yield case("with-a-line-end", "nothing follows the last range", "frames 3-7\n", None)
    yield case("with-six-digits", "a number has at most five digits", "frames 0-100000", None)
    yield case("in-other-digits", "decimal digits of ASCII alone", "frames ๓-๗", None)


# -- the question for frames


def questions() -> Made:
    epoch = "ab" * 32

    def case(name: str, note: str, request: dict[str, Any], result: dict[str, Any] | None) -> dict[str, Any]:
        data = compact({"asked": request, "frames": 4})
        return {"name": f"question-{name}", "form": "question", "note": note, "input": b64(data), "result": result}

    def sent(*frames: int, refused: tuple[tuple[int, int], ...] = ()) -> dict[str, Any]:
        return {"epoch": True, "frames": list(frames), "refused": [list(span) for span in refused]}

    def span(first: Any, last: Any) -> dict[str, Any]:
        return {"epoch": epoch, "first": first, "last": last}

    yield case("of-the-number-65535-alone", "the epoch's object, and no refusal", span(65535, 65535), sent())
    yield case("of-a-whole-epoch", "its end need not be known", span(0, 65535), sent(0, 1, 2, 3))
    yield case("to-the-end", "the numbers that the origin used", span(2, 65535), sent(2, 3))
    yield case("behind-the-end-to-the-end", "the origin used none of them", span(4, 65535), sent())
    yield case("of-two-frames", "both ends included", span(1, 2), sent(1, 2))
    yield case("past-the-end", "65,534 is a frame as any other", span(3, 65534), sent(3, refused=((4, 65534),)))
    yield case("backwards", "first is not above last", span(3, 2), None)
    yield case("of-the-number-65536", "numbers end with 65535", span(65536, 65536), None)
    yield case("without-its-end", "last is always there", {"epoch": epoch, "first": 65535}, None)
    yield case("with-a-number-in-quotes", "numbers are integers", span("65535", "65535"), None)
    yield case("of-messages", "a range has no messages", {**span(0, 1), "messages": [0]}, None)


ACTS: Final = (
    ("focal point", "publish", "TH-ALERT-2027-000001 1"),
    ("operator", "token add", "health"),
    ("gateway", "rotate", ""),
)


def audit_lines(count: int = 3, **head: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"audit": "suar-audit/1", "federation": "asean-test", "member": "TH"}]
    last = bytes(32)
    for n, (who, what, about) in enumerate(ACTS[:count], 1):
        at = T + n * 1000
        last = hashed("audit", last + msgspec.msgpack.encode([n, at, who, what, about]))
        lines.append({"n": n, "at": at, "who": who, "what": what, "about": about, "hash": last.hex()})
    at, signer = T + 60_000, head.pop("signer", "TH identity")
    raw = msgspec.msgpack.encode(["suar-audit/1", head.pop("federation", "asean-test"), "TH", count, at, last])
    mark = signed("head", signer, raw)
    lines.append(
        {"head": count, "at": at, "hash": last.hex(), "key": public("TH identity").hex(), "signature": mark.hex()}
    )
    return lines


def logs() -> Made:
    def case(name: str, note: str, lines: list[dict[str, Any]], signed_to: int | None) -> dict[str, Any]:
        acts = sum("n" in line for line in lines)
        result = (
            None
            if signed_to is None
            else {"lines": acts, "signed": signed_to, "kids": [kid("TH identity").hex()] * bool(signed_to)}
        )
        data = b"".join(compact(line) + b"\n" for line in lines)
        return {"name": f"audit-log-{name}", "form": "audit-log", "note": note, "input": b64(data), "result": result}

    whole = audit_lines()
    yield case("of-three-acts", "a chain of three, signed at its end", whole, 3)
    yield case("without-a-head", "a chain that nobody signed yet", whole[:-1], 0)
    yield case(
        "with-an-act-altered", "another name in `who`", [*whole[:2], {**whole[2], "who": "nobody"}, *whole[3:]], None
    )
    yield case("with-an-act-removed", "the second of three", [*whole[:2], *whole[3:]], None)
    yield case("with-two-acts-exchanged", "the second and the third", [*whole[:2], whole[3], whole[2], whole[4]], None)
    forged = audit_lines(signer="SG identity")
    yield case("with-a-head-of-another-key", "the signature is not by the key that it names", forged, None)
    yield case(
        "with-a-head-of-another-federation", "the signature is about another log", audit_lines(federation="other"), None
    )
    yield case(
        "with-one-field-more",
        "a field that the form does not have",
        [whole[0], {**whole[1], "ip": "::1"}, *whole[2:]],
        None,
    )
    yield case(
        "whose-head-stands-too-early",
        "it signs line 3 where line 2 is the last",
        [*whole[:3], whole[4], whole[3]],
        None,
    )


# -- suar-audit/2: a tree beside the chain, and one line of it alone


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def packed(line: dict[str, Any]) -> bytes:
    return msgspec.msgpack.encode([line[name] for name in ("n", "at", "who", "what", "about")])


def tree_lines(count: int = 3, salt: str = "", **head: Any) -> tuple[list[dict[str, Any]], list[bytes]]:
    """A log of suar-audit/2 with a head at its end, and its leaves; `salt` is written for that of line 2."""
    lines = audit_lines(count)
    lines[0]["audit"] = "suar-audit/2"
    salts = [seed(f"salt of line {n}")[:16] for n in range(1, count + 1)]
    leaves = [sha(b"\0" + each + packed(line)) for each, line in zip(salts, lines[1:-1], strict=True)]
    for each, line in zip(salts, lines[1:-1], strict=True):
        line["salt"] = salt if salt and line["n"] == 2 else each.hex()
    found = lines[-1]
    root = head.get("root", sha(b"\1" + sha(b"\1" + leaves[0] + leaves[1]) + leaves[2]))
    raw = ["suar-audit/2", "asean-test", "TH", count, found["at"], bytes.fromhex(found["hash"]), root]
    found["signature"] = signed("head", head.get("signer", "TH identity"), msgspec.msgpack.encode(raw)).hex()
    found["root"] = root.hex()
    return lines, leaves


def trees() -> Made:
    def case(name: str, note: str, lines: list[dict[str, Any]], signed_to: int | None) -> dict[str, Any]:
        found = {"lines": 3, "signed": signed_to, "kids": [kid("TH identity").hex()]}
        data = b"".join(compact(line) + b"\n" for line in lines)
        result = None if signed_to is None else found
        return {"name": f"audit-log-{name}", "form": "audit-log", "note": note, "input": b64(data), "result": result}

    whole, _ = tree_lines()
    older = audit_lines()[-1]
    yield case("with-a-tree", "a chain of three, whose head signs the root too", whole, 3)
    yield case("with-a-tree-and-an-older-head", "a head of suar-audit/1 stays valid", [*whole, older], 3)
    yield case("with-the-root-of-other-lines", "a signed root of other leaves", tree_lines(root=sha(b""))[0], None)
    yield case(
        "with-another-salt", "the salt of line 2 is not the one of the tree", tree_lines(salt="ab" * 16)[0], None
    )
    yield case("with-a-salt-of-15-bytes", "a salt has 16 bytes", tree_lines(salt="ab" * 15)[0], None)
    bare = {name: value for name, value in whole[1].items() if name != "salt"}
    yield case("with-a-tree-and-a-line-without-salt", "every line has one", [whole[0], bare, *whole[2:]], None)
    yield case("of-suar-audit-1-with-salts", "that form has none", [audit_lines()[0], *whole[1:-1], older], None)
    stripped = {name: value for name, value in whole[-1].items() if name != "root"}
    yield case("with-its-root-taken-away", "the signature covers it", [*whole[:-1], stripped], None)


def shown_line(**changes: Any) -> dict[str, Any]:
    """Line 2 of three, alone."""
    lines, leaves = tree_lines()
    line = {"audit-line": "suar-audit-line/1", "federation": "asean-test", "member": "TH", **lines[2]}
    del line["hash"]
    line["path"] = [leaves[0].hex(), leaves[2].hex()]
    return {**line, "head": lines[-1], **changes}


def alone() -> Made:
    def case(name: str, note: str, line: dict[str, Any], *, is_taken: bool = False) -> dict[str, Any]:
        found = {"n": 2, "lines": 3, "kid": kid("TH identity").hex()}
        result, data = (found if is_taken else None), compact(line) + b"\n"
        return {"name": f"audit-line-{name}", "form": "audit-line", "note": note, "input": b64(data), "result": result}

    whole = shown_line()
    yield case("alone", "line 2 of three, without the others", whole, is_taken=True)
    yield case("altered", "another name in `who`", {**whole, "who": "nobody"})
    yield case("with-another-salt", "the leaf is another one", {**whole, "salt": "ab" * 16})
    yield case("with-another-number", "line 1 has another path", {**whole, "n": 1})
    yield case(
        "with-its-path-turned", "the siblings stand from the leaf to the root", {**whole, "path": whole["path"][::-1]}
    )
    yield case("with-a-path-cut-off", "it leads to no root of three leaves", {**whole, "path": whole["path"][:1]})
    yield case("with-a-longer-path", "it leads past the root", {**whole, "path": [*whole["path"], "00" * 32]})
    yield case("of-another-member", "the head is about another log", {**whole, "member": "VN"})
    older = audit_lines()[-1]
    yield case("under-an-older-head", "a head of suar-audit/1 signs no tree", {**whole, "head": older})
    forged = tree_lines(signer="SG identity")[0][-1]
    yield case(
        "under-a-head-of-another-key", "the signature is not by the key that it names", {**whole, "head": forged}
    )
    yield case("with-one-field-more", "a field that the form does not have", {**whole, "ip": "::1"})


CASES: Final[tuple[Callable[[], Made], ...]] = (requests, roots, merges, notes, questions, logs, trees, alone)


def vectors() -> dict[str, bytes]:
    """File name to bytes, of every vector."""
    made = [{**case, "seeds": SEEDS} for cases in CASES for case in cases()]
    return {f"{case['name']}.json": compact(case) + b"\n" for case in made}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in vectors().items():
        (FOLDER / name).write_bytes(data)
