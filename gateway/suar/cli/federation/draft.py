"""`suar federation found|add|suspend|return|revoke|renew`: each writes a draft; no key is needed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import rich_click as click

from suar.cli.base.common import F, MemberCode, PathType, command, now_option, print_notice
from suar.federation import ceremony
from suar.federation.ceremony import Rights
from suar.federation.request import Request, read_request
from suar.federation.root import read_root
from suar.federation.summary import changes, fingerprint, printable
from suar.files import PUBLIC, atomic_write, read
from suar.profiles import profiles
from suar.protocol.trust.trustlist import Root, SignedList, TrustList


class Before(NamedTuple):
    """The file of `--from`."""

    signed: SignedList
    content: TrustList


def _split(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


_output = click.option("-o", "--output", type=PathType, required=True, help="The file for the draft.")
_days = click.option(
    "--days",
    type=click.IntRange(1, 400),
    default=lambda: profiles().lifetimes.trust_list_days,
    show_default="180",
    help="The number of days for which the list is valid.",
)
_before = click.option(
    "--from", "before", type=PathType, required=True, help="The previous list, or a draft that is not signed yet."
)
_change = _options(_before, _output, _days, now_option)
_members = _options(
    click.option(
        "--member",
        "first",
        type=PathType,
        multiple=True,
        required=True,
        help="A member's request; further requests may follow as arguments.",
    ),
    click.argument("more", type=PathType, nargs=-1, metavar="[FILE]..."),
    click.option(
        "--publish",
        callback=_split,
        help="The kinds that these members may publish, separated by commas. Default: all (*).",
    ),
    click.option(
        "--read",
        "reads",
        callback=_split,
        help="The kinds that these members may read, separated by commas. Default: all (*).",
    ),
)


@command(
    "found",
    example="suar federation found --name asean --roots a.pub,b.pub,c.pub --threshold 2 --member *.json -o 1.draft",
)
@click.option("--name", required=True, help="The federation's name; every signature includes it.")
@click.option("--roots", callback=_split, required=True, help="The files of the public root keys, separated by commas.")
@click.option(
    "--threshold",
    type=int,
    required=True,
    help="The number of signatures that a list needs: a majority, and at least two.",
)
@_members
@_output
@_days
@now_option
def found(
    name: str,
    roots: list[str],
    threshold: int,
    first: tuple[Path, ...],
    more: tuple[Path, ...],
    publish: list[str] | None,
    reads: list[str] | None,
    output: Path,
    days: int,
    now: int,
) -> None:
    """Draft the first trust list of a federation from the key holders' public keys and the members' requests."""
    rights = Rights(publish, reads)
    content = ceremony.found_federation(name, _roots(roots), threshold, [], now, days)
    for request in _requests((*first, *more)):
        content = ceremony.add(content, request, rights, compared=False)
    _write(output, content, None)


@command("add", example="suar federation add --from 1.list --member XA.request.json -o 2.draft")
@_members
@click.option(
    "--compared",
    is_flag=True,
    help="Confirm that a further key, which no key of the member endorses, was compared by telephone.",
)
@_change
def add(
    first: tuple[Path, ...],
    more: tuple[Path, ...],
    publish: list[str] | None,
    reads: list[str] | None,
    compared: bool,
    before: Path,
    output: Path,
    days: int,
    now: int,
) -> None:
    """Draft the next trust list with new members, or with a further key of an existing member."""
    earlier, content = _next(before, now, days)
    for request in _requests((*first, *more)):
        content = ceremony.add(content, request, Rights(publish, reads), compared=compared)
    _write(output, content, earlier)


@command("suspend", example="suar federation suspend MM --from 2.list -o 3.draft")
@click.argument("member", type=MemberCode())
@_change
def suspend(member: str, before: Path, output: Path, days: int, now: int) -> None:
    """Draft the next trust list with MEMBER suspended: its messages are refused, and nothing is encrypted to it."""
    earlier, content = _next(before, now, days)
    _write(output, ceremony.set_status(content, member, "suspended"), earlier)


@command("return", example="suar federation return MM --from 3.list -o 4.draft")
@click.argument("member", type=MemberCode())
@_change
def return_(member: str, before: Path, output: Path, days: int, now: int) -> None:
    """Draft the next trust list with the suspended member MEMBER active again."""
    earlier, content = _next(before, now, days)
    _write(output, ceremony.set_status(content, member, "active"), earlier)


@command("revoke", example="suar federation revoke 5f0c2a91 --from 2.list -o 3.draft")
@click.argument("kid")
@_change
def revoke(kid: str, before: Path, output: Path, days: int, now: int) -> None:
    """Draft the next trust list with the identity key KID (or its first 8 digits) revoked permanently."""
    earlier, content = _next(before, now, days)
    _write(output, ceremony.revoke(content, kid, now), earlier)


@command("renew", example="suar federation renew --from 3.list --days 180 -o 4.draft")
@click.option(
    "--roots",
    callback=_split,
    help="The files of the new root keys, separated by commas; the old root keys must also sign this list.",
)
@click.option("--threshold", type=int, help="The new number of signatures that a list needs.")
@_change
def renew(roots: list[str] | None, threshold: int | None, before: Path, output: Path, days: int, now: int) -> None:
    """Draft the next trust list with new dates and, if given, other root keys or another threshold."""
    earlier, content = _next(before, now, days)
    _write(output, ceremony.renew(content, None if roots is None else _roots(roots), threshold), earlier)


def load(path: Path) -> Before:
    """Return the draft, signature or list of a file."""
    signed = ceremony.parse(read(path, "the file"), str(path))
    return Before(signed, ceremony.content_of(signed, str(path)))


def _next(path: Path, now: int, days: int) -> tuple[TrustList | None, TrustList]:
    before = load(path)
    ceremony.accepted_content(before.signed, before.content, str(path))
    return before.content, ceremony.next_list(before.signed, before.content, now, days)


def _requests(paths: Sequence[Path]) -> list[Request]:
    return [read_request(read(path, "the request"), str(path)) for path in paths]


def _roots(names: Sequence[str]) -> list[Root]:
    files = [read_root(read(Path(name), "the public root key"), name) for name in names]
    return [ceremony.root_of(file.holder, bytes.fromhex(file.public)) for file in files]


def _write(output: Path, content: TrustList, before: TrustList | None) -> None:
    """Write the draft, and print on stderr what changed and the pin in groups, for the person who drafts it."""
    data = ceremony.draft(content)
    atomic_write(output, data, PUBLIC)
    for line in changes(before, content):
        print_notice(printable(line))
    pin = ceremony.parse(data, str(output)).hash
    print_notice(
        f"wrote {output}: draft of list {content.version}; each key holder signs it with `suar federation sign`"
    )
    print_notice(f"its pin, to be compared by telephone: {fingerprint(pin)}")
    click.echo(pin.hex())
