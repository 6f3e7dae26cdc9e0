"""`suar federation tls request|sign`: the certificates of the leaf links."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from suar.cli.base.common import MemberCode, PathType, command, group, now_ms, print_notice, read_passphrase
from suar.cli.base.lazy import Table
from suar.files import PUBLIC, atomic_write, private_folder, read
from suar.protocol.base.errors import Fault
from suar.protocol.base.limits import DAY
from suar.protocol.base.link_names import LETTERS, HubLink

if TYPE_CHECKING:
    from suar.federation.plan import Plan

COMMANDS: Final[Table] = {
    "request": ("suar.cli.federation.tls:request", "make a key and the request for its certificate"),
    "sign": ("suar.cli.federation.tls:sign", "make a certificate of a request, with the authority's key"),
}
_member = click.option("--member", "code", type=MemberCode(), help="Of this member's national server.")
_hub = click.option("--hub", "is_hub", is_flag=True, help="Of the hub.")
_plan = click.option(
    "--plan", "plan_file", type=PathType, envvar="SUAR_NATS_PLAN",
    help="With --hub: the plan, whose leaf_urls the certificate is for. With --member: a copy of the certificate is "
    "kept in certificates/ beside it, for the hub's watchdog. Else SUAR_NATS_PLAN.",
)  # fmt: skip


@group("tls", COMMANDS, example="suar federation tls request --member TH -o th-link")
def tls() -> None:
    """Certificates of the leaf links. A key stays on the machine that uses it."""


@command("request", example="suar federation tls request --member TH -o th-link")
@_hub
@_member
@click.option("-o", "--output", type=PathType, required=True, help="A new folder for leaf.key and leaf.csr.")
def request(is_hub: bool, code: str | None, output: Path) -> None:
    """Make leaf.key, which stays here, and leaf.csr, which is sent to the operator of the hub.

    Do this on the machine of the NATS server, again for every certificate. The fingerprint that it prints is compared
    by telephone.
    """
    from suar.federation.links.link_certificate import LinkRequest, make_request
    from suar.federation.summary import fingerprint

    key, data = make_request(_name(is_hub, code))
    private_folder(output)
    atomic_write(output / "leaf.key", key, replace=False)
    atomic_write(output / "leaf.csr", data, PUBLIC, replace=False)
    print_notice(
        f"wrote {output / 'leaf.key'} (it stays here) and {output / 'leaf.csr'} (send it to the hub's operator)"
    )
    click.echo(fingerprint(LinkRequest(data).fingerprint))


@command("sign", example="suar federation tls sign th.csr --member TH --ca leaf-ca.crt --ca-key leaf-ca.key -o th.crt")
@click.argument("csr", type=PathType)
@_hub
@click.option("--line", type=click.Choice(LETTERS), help="With --hub, where the plan has two: which of them.")
@_member
@_plan
@click.option("--ca", type=PathType, required=True, help="The authority's certificate.")
@click.option("--ca-key", type=PathType, required=True, help="The authority's key.")
@click.option(
    "--passphrase-file", type=PathType, help="A file with the passphrase of the authority's key, if it has one."
)
@click.option("--days", type=click.IntRange(1, 400), default=400, show_default=True, help="How long it lasts.")
@click.option("-o", "--output", type=PathType, required=True, help="The certificate to write.")
def sign(
    csr: Path, is_hub: bool, line: str | None, code: str | None, plan_file: Path | None, ca: Path, ca_key: Path,
    passphrase_file: Path | None, days: int, output: Path,
) -> None:  # fmt: skip
    """Make the certificate of the request CSR: of a member, or of the hub.

    Compare the fingerprint with the sender of the request before you return the certificate.
    """
    from suar.federation.links.link_certificate import LinkAuthority, LinkRequest, expiry_of
    from suar.federation.summary import fingerprint

    name = _name(is_hub, code)
    hosts = _hosts(_load(plan_file).at(HubLink(line or ""))) if is_hub else ()
    copy = _copy_of(plan_file, name) if plan_file is not None and not is_hub else None
    password = bytes(read_passphrase(passphrase_file, of=f"the key {ca_key}")) if passphrase_file else None
    authority = LinkAuthority(read(ca, "the authority's certificate"), read(ca_key, "the authority's key"), password)
    request, now = LinkRequest(read(csr, "the request")), now_ms()
    data = authority.sign(request, name, hosts, now, days)
    for path in (output,) if copy is None else (copy, output):
        atomic_write(path, data, PUBLIC)
    valid = round((expiry_of(data) - now) / DAY)  # valid from a little before now, for clocks that are behind
    print_notice(f"wrote {output}: {name}, {valid} days; compare the fingerprint by telephone")
    click.echo(fingerprint(request.fingerprint))


def _name(is_hub: bool, code: str | None) -> str:
    from suar.federation.links.link_certificate import HUB

    if is_hub == (code is not None):
        raise click.UsageError("give either --hub or --member CC")
    return code.lower() if code else HUB


def _copy_of(plan_file: Path, name: str) -> Path:
    """Return where the hub keeps the certificate of a member, in a folder that is there. Raises Fault before anything
    is signed.
    """
    from suar.federation.links.link_certificate import signed_path

    _load(plan_file)
    found = signed_path(plan_file, name)
    try:
        found.parent.mkdir(exist_ok=True)
    except FileExistsError:
        raise Fault(
            f"{found.parent} is no folder", "move it away: the certificates of members are kept there"
        ) from None
    return found


def _load(plan_file: Path | None) -> "Plan":
    from suar.federation import plan

    if plan_file is None:
        raise click.UsageError("missing option '--plan'")
    return plan.load(plan_file)


def _hosts(plan: "Plan") -> tuple[str, ...]:
    """Return the hosts that members dial."""
    hosts = [address.rpartition(":")[0] for address in plan.hub.leaf_urls or (plan.hub.leaf,)]
    if not all(hosts) or {"0.0.0.0", "[::]", "::"} & set(hosts):  # noqa: S104 - nothing is bound here
        raise Fault("the plan does not say which host members dial", "set leaf_urls under [hub]")
    return tuple(dict.fromkeys(hosts))
