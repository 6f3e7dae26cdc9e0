"""A hub as it was before each IN had an account of its own, and what its operator does to upgrade it."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from suar.bus import ingest
from suar.bus.connect import Bus
from suar.bus.jsapi import Json
from suar.demo.embedded import servers
from suar.federation import operations
from suar.federation.hub_config import hub_config
from suar.federation.operations import HubSide
from suar.federation.plan import Plan
from suar.files import PUBLIC, atomic_write

_OF_IN = re.compile(r"^  IN_[A-Z]{2} \{.*?^    imports \[\n(.*?)    \]\n  \}\n", re.DOTALL | re.MULTILINE)
_FROM_IN = re.compile(r"^      \{ (?:service|stream): \{ account: IN_.*\n", re.MULTILINE)


def config_of_before(plan: Plan) -> str:
    """The hub's configuration of before: what every member sends arrives in REGION."""
    config = hub_config(plan)
    imports = "".join(_OF_IN.findall(config))
    config = re.sub(r"accounts: \[IN_[A-Z]{2}\]", "accounts: [REGION]", _FROM_IN.sub("", _OF_IN.sub("", config)))
    head, between, tail = config.rpartition("    imports [\n")
    return head + between + imports + tail


@contextlib.contextmanager
def hub_of_before() -> Iterator[None]:
    """What is started and founded inside has each IN in the account of REGION."""

    async def nothing(*_: object) -> None:
        return

    def own(admin: Bus, _: str) -> Bus:
        return admin

    def source(cc: str) -> Json:
        return {"name": f"IN_{cc.upper()}"}

    with contextlib.ExitStack() as stack:
        for module in (servers, operations):
            stack.enter_context(mock.patch.object(module, "hub_config", config_of_before))
        for name, replaced in (("of", own), ("source", source), ("delete", nothing)):
            stack.enter_context(mock.patch.object(ingest, name, replaced))
        yield


async def render_again(hub: HubSide) -> None:
    """The first half of an upgrade: today's configuration, read by the hub. `found` is the second."""
    atomic_write(Path(hub.plan.hub.config_file), hub_config(hub.plan).encode(), PUBLIC)
    await hub.reload()
