"""Commands against two real gateways that exchange messages over real NATS servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from support.commands import Ended, Suar
from support.gateways import Federation, draft, eventually, running

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("two"), "SG", "TH") as federation:
        yield federation


async def run(suar: Suar, federation: Federation, code: str, *arguments: str) -> Ended:
    """A command on a member's state folder, while this loop goes on."""
    return await asyncio.to_thread(suar, *arguments, "--state", str(federation[code].folder))


async def publish(suar: Suar, federation: Federation, message: dict[str, Any], *flags: str) -> str:
    path = federation.folder / f"{message['text'][0]['title']}.json"
    path.write_text(json.dumps(message))
    ended = await run(suar, federation, "TH", "publish", str(path), *flags)
    assert ended.code == 0, ended.err
    return ended.out.strip()


async def test_from_publishing_to_the_receipt(two: Federation, suar: Suar) -> None:
    id_ = await publish(suar, two, draft("from desk to desk"))
    followed = await run(suar, two, "TH", "deliveries", id_, "--follow", "--json")
    last = json.loads(followed.out.splitlines()[-1])
    assert last["members"]["SG"]["state"] == "stored"
    assert last["members"]["SG"]["stored"]
    inbox = await run(suar, two, "SG", "inbox", "--from", "TH", "--json")
    [row] = [row for row in map(json.loads, inbox.out.splitlines()) if row["id"] == id_]
    assert {name: row[name] for name in ("rev", "kind", "origin", "status", "action", "tlp", "title", "state")} == {
        "rev": 1, "kind": "alert", "origin": "TH", "status": "actual", "action": "new", "tlp": "AMBER",
        "title": "from desk to desk", "state": "current",
    }  # fmt: skip
    shown = json.loads((await run(suar, two, "SG", "show", id_, "--json")).out)
    assert shown["message"]["issuer"]["member"] == "TH"
    assert len(shown["frame_hash"]) == 64
    assert [link["rev"] for link in shown["chain"]] == [1]


async def test_an_exercise_stays_one(two: Federation, suar: Suar) -> None:
    id_ = await publish(suar, two, draft("only an exercise"), "--exercise")
    await two.stored_everywhere("TH", id_)
    listed = await run(suar, two, "SG", "inbox", "--status", "exercise", "--json")
    assert id_ in [json.loads(line)["id"] for line in listed.out.splitlines()]
    actual = await run(suar, two, "SG", "inbox", "--status", "actual", "--json")
    assert id_ not in [json.loads(line)["id"] for line in actual.out.splitlines()]


@pytest.mark.sqlite  # a check warns of a database without a synchronous replica
async def test_a_healthy_federation_is_well_in_every_form(two: Federation, suar: Suar) -> None:
    async def is_well() -> bool:
        return (await run(suar, two, "TH", "check")).code == 0

    await eventually(is_well, 120, two["TH"].words)
    assert (await run(suar, two, "TH", "doctor")).code == 0
    nagios = await run(suar, two, "TH", "check", "--format", "nagios")
    assert nagios.out.startswith("SUAR OK - all checks are well")
    found = json.loads((await run(suar, two, "TH", "check", "--json")).out)
    assert {check["entity"] for check in found["checks"] if check["id"] == "streams-present"} == {
        "INBOX_TH",
        "OUTBOX_TH",
    }


async def test_metrics_of_both_sides(two: Federation, suar: Suar) -> None:
    id_ = await publish(suar, two, draft("counted"))
    await two.stored_everywhere("TH", id_)
    sent, received = await _metrics(two, "TH"), await _metrics(two, "SG")
    assert sent["suar_messages_published_total", "alert", "actual"] >= 1
    assert sent["suar_frames_sent_total",] >= 1
    assert sent["suar_receipt_seconds_count", "SG", "stored"] >= 1
    assert sent["suar_peer_up", "SG"] == 1
    assert received["suar_messages_received_total", "TH", "alert", "actual"] >= 1
    assert received["suar_delivery_seconds_count", "TH", "alert"] >= 1
    assert received["suar_trust_version",] == 1


async def test_keys_and_trust(two: Federation, suar: Suar) -> None:
    before = json.loads((await run(suar, two, "TH", "keys", "show", "--json")).out)
    rotated = await run(suar, two, "TH", "keys", "rotate", "--json")
    assert rotated.code == 0, rotated.err
    after = json.loads((await run(suar, two, "TH", "keys", "show", "--json")).out)
    assert {key["key"] for key in after} == {"identity", "bundle"}
    assert before != after
    trust = json.loads((await run(suar, two, "TH", "trust", "show", "--json")).out)
    assert (trust["version"], trust["days_left"]) == (1, 179)


async def test_a_batch_of_many_is_stored_at_the_other_side(two: Federation) -> None:
    ids = await two["TH"].publish(*[draft(f"batch {number}") for number in range(300)])
    assert len(set(ids)) == 300
    await two.stored_everywhere("TH", ids[0], ids[-1])


async def _metrics(federation: Federation, code: str) -> dict[tuple[str, ...], float]:
    page = (await federation[code].call("GET", "/metrics")).text
    labels = ("origin", "member", "kind", "stage", "code", "realm")
    return {
        (sample.name, *(sample.labels[label] for label in labels if label in sample.labels)): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


async def test_the_folder_of_states_is_private(two: Federation) -> None:
    assert _open_to_others(two["TH"].folder) <= {"TH.request.json", "gateway.log", "passphrase"}


def _open_to_others(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.stat().st_mode & 0o077}
