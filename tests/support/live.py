"""What tests of a running federation share: commands in processes of their own, and waiting for what is shown."""

import os
from typing import Any, Final

from support import warm
from support.gateways import Running, eventually
from support.patience import PATIENCE
from support.warm import Ended

SOON: Final = PATIENCE


async def suar(gateway: Running, *arguments: str) -> Ended:
    """A command of that member, in a process of its own."""
    env = {**os.environ, "COLUMNS": "200"}
    return await warm.run_async("suar", *arguments, "--state", gateway.folder, env=env)


async def titled(gateway: Running, *titles: str) -> None:
    async def there() -> bool:
        return set(titles) <= set(await gateway.titles())

    await eventually(there, SOON, gateway.words)


async def peer(gateway: Running, member: str) -> dict[str, Any]:
    return next(each for each in await gateway.get("/v1/peers") if each["member"] == member)


async def until(gateway: Running, member: str, *, within: float = SOON, **wanted: Any) -> dict[str, Any]:
    """The member's line once it says so."""
    found: dict[str, Any] = {}

    async def is_so() -> bool:
        found.update(await peer(gateway, member))
        flat = {**found, **{f"frames_{name}": count for name, count in found["frames"].items()}}
        return all(flat[name] == value for name, value in wanted.items())

    await eventually(is_so, within, gateway.words)
    return found
