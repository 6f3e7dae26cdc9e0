"""Somebody who can write the store of a running gateway puts another's name into the audit, makes the chain anew behind
it and deletes the heads. Before, the gateway signed the forgery within a minute.

Now it signs only what goes on from the line that it signed last, which the keyring has; the check audit-signed is
critical, and the other members notice nothing.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.audit_log import rewrite
from support.patience import PATIENCE

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential


def pages(client: httpx.Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    lines, heads, after, more = [], [], 0, True
    while more:
        page = client.get("/v1/audit", params={"after": after}).json()
        lines += page["lines"]
        heads += page["heads"]
        more = len(page["lines"]) == 1000
        after = lines[-1]["n"]
    return lines, heads


def audit_check(client: httpx.Client) -> dict[str, Any]:
    checks = client.get("/v1/checks").json()["checks"]
    return next(check for check in checks if check["id"] == "audit-signed")


def test_a_forged_audit_is_not_signed(demo: Running) -> None:
    member = demo.content["members"][2]
    bearer = {"Authorization": f"Bearer {member['tokens']['operate']}"}
    with httpx.Client(base_url=member["gateway"]["http"], headers=bearer, trust_env=False, timeout=120) as client:
        lines, heads = pages(client)
        assert heads[-1]["head"] > 3, "signed, since it was read"
        assert audit_check(client)["status"] == "ok"
        rewrite(Path(member["state"]), 3)
        deadline = time.monotonic() + PATIENCE
        while audit_check(client)["status"] != "critical":
            assert time.monotonic() < deadline, "the gateway has not noticed"
            time.sleep(0.2)
        lines, heads = pages(client)
        assert [line["who"] for line in lines if line["n"] == 3] == ["somebody-else"]
        assert heads == [], "no head of ours stands behind it"
        assert client.get("/readyz").status_code == 200
    log = (Path(member["state"]) / "gateway.log").read_text().splitlines()
    assert [line for line in log if line.startswith("{") and json.loads(line)["event"] == "audit_altered"]
    other = demo.content["members"][0]
    with httpx.Client(base_url=other["gateway"]["http"], trust_env=False, timeout=PATIENCE) as client:
        assert client.get("/readyz").status_code == 200
