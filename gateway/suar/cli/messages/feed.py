"""`suar feed`: received messages as a stream of CloudEvents 1.0 documents, each with the position to resume from."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base.client import TIMEOUT, Address, Problem, address_of, running
from suar.cli.base.common import MemberCode, command, kind_option, print_notice, state_option, status_option
from suar.cli.base.terminal import escaped
from suar.protocol.base.errors import Fault
from suar.sse import Event, events

PATH: Final = "/v1/feed"
SILENCE: Final = 60.0  # seconds without the gateway's comment, which is sent every 15
RETRY: Final = 1.0


class Broken(Exception):  # noqa: N818 - not an error: with --follow it goes on
    """The gateway ended the connection in the middle."""


@command("feed", example="suar feed --kind alert --follow --state th")
@click.option("--agency", help="Only what this agency may read, with expiries.")
@kind_option
@click.option("--from", "origin", type=MemberCode(), help="Only messages of this member.")
@status_option("included")
@click.option("--own", is_flag=True, help="Include the messages that this gateway published.")
@click.option(
    "--after", metavar="PLACE", help="Continue after this position: the `place` of the last line that was printed."
)
@click.option("--new", is_flag=True, help="Start with new messages only.")
@click.option(
    "--follow",
    is_flag=True,
    help="Continue with new messages as they arrive, across restarts of the gateway, until Ctrl-C.",
)
@state_option
@click.option(
    "--json", is_flag=True, expose_value=False, help="Accepted for consistency; the output is always JSON lines."
)
def feed(
    agency: str | None, kind: str | None, origin: str | None, status: str, own: bool, after: str | None, new: bool,
    follow: bool, state: Path,
) -> None:  # fmt: skip
    """Print the messages that may be read as CloudEvents, one JSON document per line, the most urgent first.

    Each document has its position in the feed in the field `place`. Continuing with --after omits nothing and prints
    nothing twice.
    """
    selection = {"agency": agency, "kind": kind, "origin": origin}
    params = {name: value for name, value in selection.items() if value}
    params |= {"follow": str(follow).lower()} | ({"own": "true"} if own else {})
    params |= {} if status == "actual" and agency else {"status": status}  # an agency's own default is its realm
    position, begin = after, "now" if new else "beginning"
    is_waiting, began = False, False
    while True:
        try:
            address = _address(state, is_first=not began)
            for event in _events(address, params | ({"after": position} if position else {"from": begin})):
                began, position, is_waiting = True, event.position or position, False
                if event.data:
                    click.echo(escaped(f'{event.data[:-1]},"place":"{event.position}"}}'.encode()))
            if not follow:
                return
        except Broken as broken:
            if not follow:
                hint = f"go on with --after {position}" if position else "try again"
                raise Fault(f"the stream broke off: {broken}", hint) from None
            if not is_waiting:
                print_notice("the gateway went away; waiting for it")
            is_waiting = True
        time.sleep(RETRY)


def _address(state: Path, *, is_first: bool) -> Address:
    """Return the address of the running gateway. Raises Fault when there is none at first, Broken later."""
    address = address_of(state) if is_first else running(state)
    if address is None:
        raise Broken("no gateway runs")
    return address


def _events(address: Address, params: dict[str, str]) -> Iterator[Event]:
    """Yield one connection's events, to its end. Raises Problem, Broken."""
    import httpx
    import msgspec

    headers = {"Authorization": f"Bearer {address.token}", "Accept": "text/event-stream"}
    timeout = httpx.Timeout(TIMEOUT, read=SILENCE)
    try:
        with (
            httpx.Client(base_url=address.url, timeout=timeout, trust_env=False) as client,
            client.stream("GET", PATH, params=params, headers=headers) as response,
        ):
            if response.status_code >= 500:  # it starts, or its disk is full
                raise Broken(f"the gateway answered {response.status_code}")
            if response.status_code >= 400:
                body = _decoded(response.read(), msgspec.json.decode)
                raise Problem(response.status_code, body)
            yield from events(response.iter_lines())
    except httpx.HTTPError as error:
        raise Broken(type(error).__name__) from None


def _decoded(content: bytes, decode: Any) -> dict[str, Any]:
    try:
        body = decode(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
