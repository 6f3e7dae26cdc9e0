"""A trust list as text and as JSON, for key holders before signing and for anyone afterwards."""

from collections.abc import Iterable
from typing import Any

from suar.federation.request import Request
from suar.protocol.base.instants import instant
from suar.protocol.base.limits import DAY
from suar.protocol.base.primitives import is_signed
from suar.protocol.trust.trustlist import Key, Member, SignedList, TrustList


def changes(before: TrustList | None, after: TrustList) -> list[str]:
    """Return what a list changes against the list before, one line for each change."""
    old = {member.code: member for member in before.members} if before else {}
    new = {member.code: member for member in after.members}
    lines = [f"- {code} leaves the list" for code in old if code not in new]
    for code, member in new.items():
        lines += _member_changes(old.get(code), member)
    if before:
        lines += _root_changes(before, after)
    return lines


def fingerprint(name: bytes) -> str:
    """Return a kid or hash in groups of four digits, for reading it over a telephone."""
    return grouped(name.hex())


def grouped(digits: str) -> str:
    """Return hexadecimal digits in groups of four, as every command prints and accepts them."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def time_text(ms: int) -> str:
    """Return a time in ms in RFC 3339, or the number if no calendar date exists."""
    try:
        return instant(ms)
    except (ValueError, OverflowError, OSError):
        return str(ms)


def printable(text: str) -> str:
    """Return text of a file without characters that could control a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def list_summary(signed: SignedList, content: TrustList) -> dict[str, Any]:
    """Return a draft, signature or list for `show --json`: `file` states which, `pin` is H("trust", raw)."""
    roots = [_root_summary(signed, content, i) for i in range(len(content.roots))]
    valid = sum(root["signed"] is True for root in roots)
    strangers = sum(s.kid not in {root.kid for root in content.roots} for s in signed.signatures)
    complete = valid >= content.threshold
    return {
        "file": "list" if complete else "signature" if signed.signatures else "draft",
        "federation": content.federation,
        "version": content.version,
        "pin": signed.hash.hex(),
        "prev": content.prev.hex(),
        "issued": time_text(content.issued),
        "expires": time_text(content.expires),
        "threshold": content.threshold,
        "signatures": valid,
        "other_signatures": strangers,
        "roots": roots,
        "members": [_member_summary(member) for member in content.members],
    }


def list_text(summary: dict[str, Any]) -> str:
    """Return `list_summary` as text for a person."""
    others = f", {summary['other_signatures']} by others" if summary["other_signatures"] else ""
    lines = [
        f"{summary['file']}: trust list {summary['version']} of federation {printable(summary['federation'])}",
        f"signed   {summary['signatures']} of {len(summary['roots'])} roots, {summary['threshold']} needed{others}",
        f"issued   {summary['issued']}",
        f"expires  {summary['expires']}",
        f"prev     {grouped(summary['prev'])}",
        f"pin      {grouped(summary['pin'])}",
        "roots",
    ]
    marks = {True: "signed", False: "SIGNATURE NOT VALID", None: ""}
    lines += [
        f"  {grouped(r['kid'])}  {printable(r['holder'])}  {marks[r['signed']]}".rstrip() for r in summary["roots"]
    ]
    lines.append("members")
    for member in summary["members"]:
        rights = f"publish {_words(member['publish'])}, read {_words(member['read'])}"
        lines.append(f"  {member['code']}  {member['status']:9}  {printable(member['name'])}  ({rights})")
        lines += [f"      {_key_text(key)}" for key in member["keys"]]
    return "\n".join(lines)


def request_summary(request: Request) -> dict[str, Any]:
    """Return a request for `show --json`."""
    body = request.request
    return {
        "file": "request",
        "member": body.member,
        "name": body.name,
        "federation": body.federation,
        "fingerprint": body.kid.hex(),
        "not_before": time_text(body.identity.not_before),
        "not_after": time_text(body.identity.not_after),
        "endorsed_by": request.endorsement.kid if request.endorsement else None,
        "nkeys": body.nats.nkeys,
    }


def request_text(facts: dict[str, Any]) -> str:
    """Return `request_summary` as text for a person."""
    lines = [
        f"request of {facts['member']}, {printable(facts['name'])}, to federation {printable(facts['federation'])}",
        f"fingerprint  {grouped(facts['fingerprint'])}",
        f"key valid    {facts['not_before']} to {facts['not_after']}",
    ]
    if facts["endorsed_by"]:
        lines.append(f"endorsed by  {grouped(facts['endorsed_by'])}")
    return "\n".join([*lines, "NATS users", *(f"  {user:10}  {key}" for user, key in facts["nkeys"].items())])


def root_text(facts: dict[str, Any]) -> str:
    """Return the public file of a root key as text for a person."""
    lines = [f"public root key of {printable(facts['holder'])}", f"fingerprint  {grouped(facts['kid'])}"]
    return "\n".join([*lines, f"public key   {grouped(facts['public'])}"])


def plan_entry(request: Request) -> str:
    """Return the member's `[[members]]` entry of the NATS plan: its nkeys, and addresses for the operator to set."""
    body = request.request
    low, tls = body.nats.server_name, body.nats.tls
    nkeys = "".join(f'{user} = "{public}"\n' for user, public in body.nats.nkeys.items())
    return f"""\
[[members]]
code = "{body.member}"
client = "127.0.0.1:4222"
monitor_port = 8222
store_dir = "/var/lib/nats/{low}"
{nkeys}
[members.tls]
cert_file = "{tls.cert_file}"
key_file = "{tls.key_file}"
ca_file = "{tls.ca_file}"
"""


def days_left(expires: int, now: int) -> int:
    """Return the whole days until a list expires; negative afterwards."""
    return (expires - now) // DAY


def _root_summary(signed: SignedList, content: TrustList, index: int) -> dict[str, Any]:
    root = content.roots[index]
    mark = next((s.signature for s in signed.signatures if s.kid == root.kid), None)
    state = None if mark is None else is_signed("trust", root.public, signed.raw, mark)
    return {"kid": root.kid.hex(), "holder": root.holder, "public": root.public.hex(), "signed": state}


def _member_summary(member: Member) -> dict[str, Any]:
    keys: Iterable[Key] = member.keys
    return {
        "code": member.code,
        "name": member.name,
        "status": member.status,
        "publish": member.publish,
        "read": member.read,
        "keys": [
            {
                "kid": key.kid.hex(),
                "not_before": time_text(key.not_before),
                "not_after": time_text(key.not_after),
                "revoked_at": None if key.revoked_at is None else time_text(key.revoked_at),
            }
            for key in keys
        ],
    }


def _key_text(key: dict[str, Any]) -> str:
    revoked = f"  REVOKED {key['revoked_at']}" if key["revoked_at"] else ""
    return f"{grouped(key['kid'])}  {key['not_before']} to {key['not_after']}{revoked}"


def _member_changes(old: Member | None, new: Member) -> list[str]:
    if old is None:
        return [f"+ {new.code} {new.name}, key {fingerprint(new.keys[0].kid)}"]
    known = {key.kid: key for key in old.keys}
    lines = [f"+ {new.code} key {fingerprint(key.kid)}" for key in new.keys if key.kid not in known]
    lines += [f"- {new.code} key {fingerprint(name)}" for name in known if name not in {key.kid for key in new.keys}]
    lines += [
        f"! {new.code} key {fingerprint(key.kid)} is revoked"
        for key in new.keys
        if key.revoked_at is not None and (key.kid not in known or known[key.kid].revoked_at is None)
    ]
    for field in ("status", "name", "publish", "read"):
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            lines.append(f"! {new.code} {field}: {_words(was)} -> {_words(now)}")
    return lines


def _root_changes(before: TrustList, after: TrustList) -> list[str]:
    old, new = ({root.kid: root for root in content.roots} for content in (before, after))
    lines = [f"- root {root.holder}, {fingerprint(name)}" for name, root in old.items() if name not in new]
    lines += [f"+ root {root.holder}, {fingerprint(name)}" for name, root in new.items() if name not in old]
    if before.threshold != after.threshold:
        lines.append(f"! threshold: {before.threshold} -> {after.threshold}")
    return lines


def _words(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value) or "nothing"
