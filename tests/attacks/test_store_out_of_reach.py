"""The store of a running gateway cannot be read: somebody who can write the file took a table away.

Before, `/metrics` and `/v1/checks` answered 503, just when somebody needed to know, and `/readyz` told whoever reached
the port where the store is. Now both answer with what the store gave last, and say so: `suar_store_up 0`, the check
`store`. `/readyz` gives its reasons to a token of scope monitor. The store stays closed when the table is back: its
schema was altered from outside.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.demos import Running

pytestmark = pytest.mark.essential


def rename(store: Path, name: str, to: str) -> None:
    with closing(sqlite3.connect(store, timeout=120)) as connection:
        connection.execute(f"alter table {name} rename to {to}")
        connection.commit()


def until(client: httpx.Client, path: str, wanted: int) -> httpx.Response:
    deadline = time.monotonic() + 60
    while (answer := client.get(path)).status_code != wanted:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    return answer


@pytest.fixture
def known(member: dict[str, Any]) -> Iterator[httpx.Client]:
    """The member's API, with a token of scope operate, which includes monitor."""
    bearer = {"Authorization": f"Bearer {member['tokens']['operate']}"}
    with httpx.Client(base_url=member["gateway"]["http"], headers=bearer, trust_env=False, timeout=120) as made:
        yield made


def test_what_is_known_is_reported_and_no_stranger_learns_where_the_store_is(
    demo: Running, member: dict[str, Any], client: httpx.Client, known: httpx.Client
) -> None:
    store = Path(member["state"]) / "suar.db"
    assert "suar_store_up 1.0" in known.get("/metrics").text
    rename(store, "alarm", "taken")
    try:
        ready = until(client, "/readyz", 503)
        assert (ready.json()["ready"], ready.json()["reasons"]) == (False, [])
        page = known.get("/metrics")
        found = known.get("/v1/checks")
        assert (page.status_code, found.status_code) == (200, 200)
        assert "suar_store_up 0.0" in page.text
        assert 'suar_peer_up{member="' in page.text
        (check,) = [each for each in found.json()["checks"] if each["id"] == "store"]
        assert (check["status"], "cannot be read" in check["text"]) == ("critical", True)
        reasons = known.get("/readyz").json()["reasons"]
        assert any("altered from outside" in reason for reason in reasons), reasons
        strangers = [client.get(path).text for path in ("/readyz", "/metrics", "/v1/checks", "/healthz")]
        wrong = client.get("/readyz", headers={"Authorization": "Bearer none"})
        assert not any(name in text for text in (*strangers, wrong.text) for name in ("suar.db", member["state"]))
        assert client.get("/healthz").status_code == 200
    finally:
        rename(store, "taken", "alarm")
    assert client.get("/readyz").status_code == 503
    other = demo.content["members"][0]
    with httpx.Client(base_url=other["gateway"]["http"], trust_env=False, timeout=PATIENCE) as others:
        assert others.get("/readyz").status_code == 200
