"""[V10] Tokens of which everything is signed rightly and one thing is not as RFC 3161 has it: no time by any reader.

Each is judged by the gateway, by the second reader (tests/evidence_tokens.mjs) and by `openssl ts -verify`.
"""

import json
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import Certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from suar.protocol.files.stamps import Authority, judge_unnamed
from support.executables import NODE, OPENSSL, require
from support.forged_tokens import (
    DATA,
    EARLIER,
    SHA1,
    SHA3,
    SHA512,
    STAMPING,
    V2,
    Forger,
    Kind,
    attribute,
    der,
    number,
    oid,
    sequence,
)

TOKENS = Path(__file__).parents[2] / "evidence_tokens.mjs"
TEXT = b"a manifest"
SCRIPT = """
import { readFileSync } from "node:fs";
const { judgeToken, rootsOf } = await import(process.argv[1]);
const [said, roots] = [readFileSync(process.argv[2]), rootsOf(readFileSync(process.argv[3]))];
const whys = (token) => [judgeToken(token, said, roots).why ?? "", judgeToken(token, said, null).why];
console.log(JSON.stringify(process.argv.slice(4).map((file) => whys(readFileSync(file)))));
"""


@cache
def forger() -> Forger:
    return Forger()


@cache
def other() -> Certificate:
    """Another certificate of the same authority for the same key."""
    return forger().certificate()


def made(*ess: bytes, **changes: Any) -> bytes:
    return forger().token(TEXT, *ess, **changes)


def by(**kind: Any) -> bytes:
    certificate = forger().certificate(Kind(**kind))
    return made(signer=certificate, held=(certificate,))


def named(*certificates: Certificate, **how: Any) -> bytes:
    """The attribute of version 2."""
    return forger().v2(*(forger().named(each, **how) for each in certificates or (forger().signer,)))


def named_by_sha1(**how: Any) -> bytes:
    return forger().v1(forger().named(is_v1=True, **how))


def authority(certificate: Certificate) -> bytes:
    """The field `tsa` of a statement."""
    return der(0xA0, der(0xA4, certificate.subject.public_bytes()))


def twice() -> bytes:
    values = [sequence(sequence(forger().named(each))) for each in (forger().signer, other())]
    return attribute(V2, *values)


SOUND: dict[str, Callable[[], bytes]] = {
    "SHA-256": made,
    "SHA-1": lambda: made(named_by_sha1()),
    "SHA-512": lambda: made(named(function=SHA512)),
    "version 2 with SHA-1": lambda: made(named(function=SHA1)),
    "SHA-3": lambda: made(named(function=SHA3)),
    "both attributes": lambda: made(named_by_sha1(), named()),
    "with its issuer and number": lambda: made(named(has_serial=True)),
    "with its root, in the token": lambda: made(
        named(forger().signer, forger().root), held=(forger().signer, forger().root)
    ),
    "with its root, of the verifier": lambda: made(named(forger().signer, forger().root)),
    "its authority": lambda: made(more=(authority(forger().signer),)),
    "a number for once": lambda: made(more=(number(99),)),
    "commits to contents": lambda: by(usages=("content_commitment",)),
    "no key usage": lambda: by(usages=()),
}
NOT_NAMED: dict[str, Callable[[], bytes]] = {
    "none": lambda: made(b""),
    "another hash": lambda: made(named(digest=bytes(32))),
    "another certificate of the key": lambda: made(named(other())),
    "another hash by SHA-1": lambda: made(named_by_sha1(digest=bytes(20))),
    "one of two attributes": lambda: made(named_by_sha1(digest=bytes(20)), named()),
    "the other of two attributes": lambda: made(named_by_sha1(), named(other())),
    "no certificate in it": lambda: made(forger().v2()),
    "the root first": lambda: made(named(forger().root, forger().signer), held=(forger().signer, forger().root)),
    "another first": lambda: made(named(other(), forger().signer), held=(forger().signer, other())),
    "another number": lambda: made(named(serial=5)),
    "another issuer": lambda: made(named(issuer=forger().signer.subject)),
    "another number by SHA-1": lambda: made(named_by_sha1(serial=5)),
    "the attribute twice": lambda: made(named(), named(other())),
    "two values": lambda: made(twice()),
    "no value": lambda: made(attribute(V2)),
    "another authority": lambda: made(more=(authority(forger().root),)),
    "another digest": lambda: made(digest=bytes(32)),
    "another kind of content": lambda: made(content_type=DATA),
    "no kind of content": lambda: made(content_type=""),
}
BY_SOMEBODY_ELSE: dict[str, Callable[[], bytes]] = {
    "two purposes": lambda: by(purposes=(STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)),
    "a purpose that is not critical": lambda: by(is_critical=False),
    "no purpose": lambda: by(purposes=None),
    "another purpose": lambda: by(purposes=(ExtendedKeyUsageOID.CODE_SIGNING,)),
    "a key for encipherment": lambda: by(usages=("key_encipherment",)),
    "a key for both": lambda: by(usages=("digital_signature", "key_encipherment")),
    "a certificate that had ended": lambda: by(begin=EARLIER[0], end=EARLIER[1]),
    "two signers": lambda: made(signers=2),
    "no certificate": lambda: made(held=()),
}
NO_TOKEN: dict[str, Callable[[], bytes]] = {
    "another imprint": lambda: forger().token(b"another"),
    "no statement": lambda: made(kind=DATA, content_type=DATA),
    "another version": lambda: made(version=2),
}
# which are refused only once the verifier names the authority, since the certificates above are then known
AFTER: dict[str, Callable[[], bytes]] = {
    "another in the token, as a second": lambda: made(
        named(forger().signer, other()), held=(forger().signer, other())
    ),
    "an unknown one as a second": lambda: made(
        forger().v2(forger().named(), forger().named(digest=bytes(32)))
    ),
}  # fmt: skip
# RFC 5652 demands the kind, at which openssl does not look, and one value, of which openssl takes the first
STRICTER = (
    "another kind of content", "no kind of content", "the attribute twice", "two values",
)  # fmt: skip
EXTENSION = der(0xA1, sequence(oid("1.2.3.9"), der(4, b"\x05\x00")))


@pytest.mark.parametrize(
    ("cases", "why", "unnamed"),
    [
        (SOUND, "", "unknown"), (NOT_NAMED, "broken", "broken"), (AFTER, "broken", "unknown"),
        (BY_SOMEBODY_ELSE, "unknown", "unknown"), (NO_TOKEN, "other", "other"),
    ],
    ids=["sound", "not named", "not above", "by somebody else", "no token"],
)  # fmt: skip
def test_a_token_gives_a_time_where_openssl_takes_it(
    tmp_path: Path, cases: dict[str, Callable[[], bytes]], why: str, unnamed: str
) -> None:
    """Before, one whose attributes name no certificate, or another one of the same key, gave its time."""
    ca, text = tmp_path / "ca.pem", tmp_path / "text"
    ca.write_bytes(forger().ca)
    text.write_bytes(TEXT)
    verifier, files = Authority(forger().ca), list[Path]()
    for n, (name, make) in enumerate(cases.items()):
        token = make()
        files.append(tmp_path / f"{n}.tst")
        files[-1].write_bytes(token)
        assert (verifier.judge(token, TEXT).why, judge_unnamed(token, TEXT).why) == (why, unnamed), name
        assert name in STRICTER or verify_by_openssl(files[-1], text, ca) == (not why), name
    require(NODE, "nodejs")
    called = [NODE, "--input-type=module", "-e", SCRIPT, TOKENS.as_uri(), str(text), str(ca), *map(str, files)]
    done = subprocess.run(called, check=False, capture_output=True, text=True, timeout=240)
    assert done.stderr == "", done.stderr
    assert dict(zip(cases, json.loads(done.stdout), strict=True)) == {name: [why, unnamed] for name in cases}


def test_what_else_a_statement_has_refuses_nothing() -> None:
    assert Authority(forger().ca).judge(made(more=(EXTENSION,)), TEXT).moment is not None


def verify_by_openssl(token: Path, text: Path, ca: Path) -> bool:
    require(OPENSSL, "openssl")
    verify = [OPENSSL, "ts", "-verify", "-data", str(text), "-in", str(token), "-token_in", "-CAfile", str(ca)]
    return subprocess.run(verify, check=False, capture_output=True, timeout=60).returncode == 0
