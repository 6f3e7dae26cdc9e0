"""`suar federation sign|merge|show|verify`: a key holder signs offline, anyone can merge and verify."""

from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from suar.cli.base.common import (
    Hash,
    PathType,
    command,
    emit,
    json_option,
    now_option,
    passphrase_option,
    print_notice,
    read_passphrase,
)
from suar.cli.base.terminal import visible
from suar.cli.federation.draft import Before, load
from suar.federation import ceremony, summary
from suar.federation.request import Request, read_request
from suar.federation.root import read_root
from suar.files import PUBLIC, atomic_write, read
from suar.protocol.base.errors import Fault
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import assemble

_from = click.option(
    "--from", "before", type=PathType, help="The previous list; the changes are displayed and the chain is checked."
)


@command("sign", example="suar federation sign 2.draft --key th-root --from 1.list -o 2.th.sig")
@click.argument("draft", type=PathType)
@click.option("--key", type=PathType, required=True, help="The encrypted root key.")
@_from
@click.option("-o", "--output", type=PathType, required=True, help="The file for the signature.")
@passphrase_option
def sign(draft: Path, key: Path, before: Path | None, output: Path, passphrase_file: Path | None) -> None:
    """Sign DRAFT with one root key, after displaying its contents and, with --from, its changes."""
    from suar.service.settings.root_key import open_root

    signed, content = load(draft)
    earlier = _earlier(before, Before(signed, content))
    print_notice(summary.list_text(summary.list_summary(signed, content)))
    if earlier:
        for line in summary.changes(earlier.content, content) or ["nothing but the dates changes"]:
            print_notice(summary.printable(line))
    holder, seed = open_root(key, read_passphrase(passphrase_file, of=f"the root key {key}"))
    data = ceremony.sign(signed, content, seed, earlier.content if earlier else None)
    atomic_write(output, data, PUBLIC)
    print_notice(f"{summary.printable(holder)} signed list {content.version}: wrote {output}")


@command("merge", example="suar federation merge 2.draft 2.th.sig 2.sg.sig -o 2.list")
@click.argument("draft", type=PathType)
@click.argument("signatures", type=PathType, nargs=-1, required=True, metavar="SIG...")
@_from
@click.option("-o", "--output", type=PathType, required=True, help="The file for the list.")
@now_option
def merge(draft: Path, signatures: tuple[Path, ...], before: Path | None, output: Path, now: int) -> None:
    """Create the trust list from DRAFT and its signatures, and print its pin.

    Each signature is verified, and nothing is written while signatures are missing. If the root keys change, the list
    needs the signatures of its own root keys and of those of the previous list (--from).
    """
    first, content = load(draft)
    earlier = _earlier(before, Before(first, content))
    merged = ceremony.merge(
        first, [(str(path), load(path).signed) for path in signatures], earlier.content if earlier else None
    )
    wanting = ceremony.missing_signatures(merged, content, earlier.content if earlier else None)
    if any(wanting):
        who = f"{wanting.own} of its own roots" + (f", {wanting.before} of the roots before" if earlier else "")
        raise Fault(f"signatures are missing: {who}", "let more key holders sign the draft with `suar federation sign`")
    data = assemble(merged.raw, merged.signatures)
    ceremony.verify([data], now, before=_data(before))
    atomic_write(output, data, PUBLIC)
    print_notice(f"wrote {output}: list {content.version} with {len(merged.signatures)} signatures")
    print_notice(f"its pin, to be compared by telephone: {summary.fingerprint(merged.hash)}")
    click.echo(merged.hash.hex())


@command("show", example="suar federation show 1.list")
@click.argument("file", type=PathType)
@click.option("--plan", is_flag=True, help="Print the entry of a request for the NATS plan.")
@json_option
def show(file: Path, plan: bool, as_json: bool) -> None:
    """Print a draft, a signature, a trust list, a member's request or a public root key."""
    data = read(file, "the file")
    if plan:
        click.echo(visible(summary.plan_entry(read_request(data, str(file)))))
    elif not data.lstrip().startswith(b"{"):
        facts = summary.list_summary(*load(file))
        emit(facts, as_json, lambda: summary.list_text(facts))
    else:
        facts = _json_file(data, str(file))
        text = summary.root_text if facts["file"] == "root" else summary.request_text
        emit(facts, as_json, lambda: text(facts))


@command("verify", example="suar federation verify 1.list 2.list --pin 9c1f...")
@click.argument("lists", type=PathType, nargs=-1, required=True, metavar="LIST...")
@click.option("--from", "before", type=PathType, help="The list before the first given list.")
@click.option("--pin", type=Hash(), help="The pin of the first list.")
@now_option
@json_option
def verify(lists: tuple[Path, ...], before: Path | None, pin: bytes | None, now: int, as_json: bool) -> None:
    """Verify trust lists as a gateway does: the first by --pin or --from, each further one by the list before it.

    Without --pin and --from, the first list is checked on its own. It can then be valid and still belong to another
    federation, so compare its pin.
    """
    data = [read(path, "the list") for path in lists]
    for path, one in zip(lists, data, strict=True):
        ceremony.content_of(ceremony.parse(one, str(path)), str(path))
    store = ceremony.verify(data, now, pin=pin, before=_data(before))
    facts = _judged(store, now, anchored=bool(pin or before))
    emit(facts if as_json else {**facts, "pin": summary.grouped(facts["pin"])}, as_json)


def _earlier(path: Path | None, draft: Before) -> Before | None:
    """Return the list of `--from`, once the draft follows it."""
    if path is None:
        return None
    earlier = load(path)
    if not earlier.signed.signatures:
        raise Fault(f"{path} is a draft", "give the list before, which is signed")
    ceremony.accepted_content(earlier.signed, earlier.content, str(path))
    if draft.content.prev != earlier.signed.hash or draft.content.version != earlier.content.version + 1:
        raise Fault(f"the draft does not follow {path}", "give the list that it was drafted --from")
    return earlier


def _data(path: Path | None) -> bytes | None:
    return read(path, "the list before") if path else None


def _json_file(data: bytes, what: str) -> dict[str, Any]:
    if b'"suar-root-public/1"' in data:
        root: dict[str, Any] = {"file": "root", **msgspec.to_builtins(read_root(data, what))}
        return root
    request: Request = read_request(data, what)
    return summary.request_summary(request)


def _judged(store: TrustStore, now: int, *, anchored: bool) -> dict[str, Any]:
    expires = store.history[store.version].list.expires
    return {
        "verdict": "valid" if anchored else "valid, not anchored: compare the pin",
        "federation": store.federation,
        "version": store.version,
        "pin": store.hash.hex(),
        "members": store.active_members(),
        "expires": summary.time_text(expires),
        "days_left": summary.days_left(expires, now),
    }
