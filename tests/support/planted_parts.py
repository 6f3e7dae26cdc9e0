"""A health check and an API route that do not exist, planted in a copy: one module each.

Run as a program in the copy, it asks for them everywhere and prints what it found as JSON.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

CHECK = '''\
"""Whether copies of the state folder are made."""

from suar.observe.checks.finding import SELF, Found, check
from suar.observe.numbers import Numbers


@check("copies", order=125, step="make one: `suar backup`", because=("store",))
def copies(numbers: Numbers, _: int) -> Found:
    """Whether a copy of the state folder was made."""
    if numbers.backup_at is None:
        yield "warning", SELF, "no copy of the state folder was ever made", "make one: `suar backup`"
    else:
        yield "ok", SELF, "a copy of the state folder was made", ""
'''
ROUTE = '''\
"""The call that says whose gateway this is."""

from typing import Any, Final

from litestar import Request, Response, get

from suar.api.http.access import context_of, scope
from suar.api.http.problems import answer
from suar.service.access.tokens import TokenInfo


@get("/v1/whose", opt=scope("monitor"))
async def whose(request: Request[TokenInfo, None, Any]) -> Response[bytes]:
    """Whose gateway this is."""
    return answer({"member": context_of(request).gateway.member})


@get("/v1/forgotten")
async def forgotten(request: Request[TokenInfo, None, Any]) -> Response[bytes]:
    """A call whose author forgot its scope."""
    return answer({"member": context_of(request).gateway.member})


HANDLERS: Final = (whose, forgotten)
'''


def plant(copy: Path) -> None:
    """Write the two modules."""
    (copy / "gateway/suar/observe/checks/copies.py").write_text(CHECK, "utf-8")
    (copy / "gateway/suar/api/calls/whose.py").write_text(ROUTE, "utf-8")


def of_the_check() -> dict[str, Any]:
    """What is not asked over HTTP."""
    from click.testing import CliRunner

    from suar.cli.main import cli
    from suar.observe.checks import every
    from support import healthy

    bad = every.run(healthy.numbers(backup_at=None, is_store_failing=True), 30_000)
    alone = every.run(healthy.numbers(backup_at=None), 30_000)
    shown = {
        name: CliRunner().invoke(cli, [name, "--state", "nowhere", *more]).output
        for name, *more in (("check", "--json"), ("doctor",))
    }
    return {
        "ids": every.IDS,
        "status": [[each.status, each.next] for each in alone if each.id == "copies"],
        "because": {each.id: each.because for each in every.folded(bad)}["copies"],
        "alone": {each.id: each.because for each in every.folded(alone)}["copies"],
        "check": shown["check"],
        "doctor": CliRunner().invoke(cli, ["doctor", "--json", "--state", "nowhere"]).output,
    }


async def of_the_api() -> dict[str, Any]:
    """What a server answers, to the holder of each scope and to nobody."""
    import httpx

    from support.fake_gateway import running_gateway, served, tokens
    from support.patience import PATIENCE, PLAIN

    with (
        tempfile.TemporaryDirectory() as folder,
        running_gateway(Path(folder), SUAR_HTTP__CALLS_A_SECOND="100000") as gateway,
    ):
        held = await tokens(gateway)
        async with (
            served(gateway) as url,
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE, verify=PLAIN) as client,
        ):

            async def ask(path: str, scope: str) -> httpx.Response:
                return await client.get(path, headers={"Authorization": f"Bearer {held[scope]}"})

            document = (await client.get("/schema/openapi.json")).json()
            return {
                "whose": {scope: (await ask("/v1/whose", scope)).status_code for scope in held},
                "forgotten": {scope: (await ask("/v1/forgotten", scope)).status_code for scope in held},
                "nobody": (await client.get("/v1/whose")).status_code,
                "says": (await ask("/v1/whose", "monitor")).json(),
                "document": document["paths"]["/v1/whose"]["get"]["summary"],
                "checks": (await ask("/v1/checks", "monitor")).json(),
                "metrics": (await ask("/metrics", "monitor")).text,
            }


def of_the_pages(copy: Path) -> dict[str, str]:
    """The documents whose tables have them."""
    from support import pages

    pages.main(copy)
    return {name: (copy / f"docs/{name}").read_text("utf-8") for name in ("operators.md", "why.md")}


if __name__ == "__main__":
    api = asyncio.run(of_the_api())
    print(json.dumps({"check": of_the_check(), "api": api, "pages": of_the_pages(Path(sys.argv[1]))}))
