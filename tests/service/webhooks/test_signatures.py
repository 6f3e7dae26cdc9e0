"""What is signed is verified by npm's `standardwebhooks`; during a rotation by either secret."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from suar.protocol.base import limits
from support import npm
from support.executables import NODE
from support.hooked import Hooked, hooked_of
from support.kit import urgent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

VERIFY = """
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { secret, requests, now } = JSON.parse(readFileSync(0, "utf8"));
Date.now = () => now;
const verified = requests.map(({ headers, body }) => {
  try {
    return new Webhook(secret).verify(body, headers).id;
  } catch (error) {
    return error.constructor.name;
  }
});
console.log(JSON.stringify(verified));
"""


@pytest_asyncio.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[Hooked]:
    async with hooked_of(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, and the program that asks it."""
    made = npm.packages(tmp_path_factory.mktemp("npm"))
    (made / "verify.mjs").write_text(VERIFY)
    return made


def verified(packages: Path, secret: str, requests: list[dict[str, Any]], now: int) -> list[str]:
    """What the library says of each request: the id of its event, or the error."""
    request = json.dumps({"secret": secret, "requests": requests, "now": now})
    done = subprocess.run(
        [NODE, "verify.mjs"], cwd=packages, input=request, capture_output=True, text=True, timeout=60, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.slow
async def test_a_request_is_genuine_and_every_change_of_it_is_not(hooked: Hooked, packages: Path) -> None:
    await hooked.register()
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    [got] = hooked.to.got
    now = hooked.desk.kit.now
    assert verified(packages, hooked.secret, [got], now) == [got["headers"]["webhook-id"]]
    forged = [
        got | {"body": got["body"].replace("alert", "trend")},
        *(got | {"headers": got["headers"] | {name: "1"}} for name in ("webhook-id", "webhook-timestamp")),
    ]
    wrong = "WebhookVerificationError"
    assert verified(packages, hooked.secret, forged, now) == [wrong] * 3
    assert verified(packages, hooked.secret, [got], now + 10 * limits.MINUTE) == [wrong]


async def test_for_a_day_after_a_rotation_both_secrets_sign(hooked: Hooked, packages: Path) -> None:
    await hooked.register()
    rotated = await hooked.post("webhook/rotate")
    old, new = hooked.secret, rotated["webhook_secret"]
    assert old != new
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    await hooked.desk.receive(urgent(2))
    await hooked.later(limits.DAY)
    ids = hooked.ids
    times = [int(each["headers"]["webhook-timestamp"]) * 1000 for each in hooked.to.got]
    wrong = "WebhookVerificationError"
    for secret, verdicts in ((old, [ids[0], wrong]), (new, ids)):
        found = [verified(packages, secret, [got], at)[0] for got, at in zip(hooked.to.got, times, strict=True)]
        assert found == verdicts
    assert [each["headers"]["webhook-signature"].count("v1,") for each in hooked.to.got] == [2, 1]
