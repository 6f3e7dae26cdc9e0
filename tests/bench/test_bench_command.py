"""`suar bench ... --json` on the smallest settings: the shape that programs rely on, and every ratio by its name."""

import json
from typing import Any

import pytest

from support import warm

pytestmark = pytest.mark.slow

SEAL = {"seal_vs_bare_batch1", "seal_batch64_vs_batch1", "seal_200_vs_10_recipients"}
OPEN = {"open_vs_bare_batch1", "admission_per_s_batch1", "admission_per_s_batch64"}
E2E = {"e2e_vs_plain_nats", "e2e_p99_vs_plain_nats", "rss_growth"}


def bench(*args: str) -> warm.Ended:
    """`suar bench ... --quick` as a process of its own: it forks gateways."""
    done = warm.run("suar", "bench", *args, "--quick", timeout=280)
    assert done.code == 0, done.err
    return done


def measured(*args: str) -> dict[str, Any]:
    done = bench(*args, "--json")
    document: dict[str, Any] = json.loads(done.out)
    assert set(document) >= {"machine", "versions", "settings", "rows", "ratios"}
    assert document["settings"]["repeats"] == 1
    assert all(row["name"] for row in document["rows"])
    assert all(value > 0 for value in document["ratios"].values())
    return document


@pytest.mark.parametrize(("command", "ratios"), [("seal", SEAL), ("open", OPEN)])
def test_one_process(command: str, ratios: set[str]) -> None:
    document = measured(command, "--messages", "200")
    assert ratios <= set(document["ratios"])
    assert document["settings"]["messages"] == 200


def test_end_to_end() -> None:
    document = measured("e2e", "--messages", "200", "--only", "always-2", "--memory", "400")
    assert set(document["ratios"]) >= E2E
    rows = {row["name"]: row for row in document["rows"]}
    cost = {"messages_per_s", "cpu_us_sender", "cpu_us_receiver", "cpu_us_servers"}
    assert cost <= set(rows["plain always-2"])
    assert cost | {"messages_per_s_receipts", "cpu_us_sending"} <= set(rows["suar always-2"])
    assert {"p50_ms", "p95_ms", "p99_ms"} <= set(rows["plain always-2 at 100/s"])
    assert {"p50_ms", "p95_ms", "p99_ms", "p99_receipts_ms"} <= set(rows["suar always-2 at 100/s"])
    single = rows["suar always-2 single POST at 100/s"]
    assert {"p50_ms", "p99_ms", "p99_receipts_ms", "cpu_us_sender", "cpu_us_receiver"} <= set(single)
    assert single["cpu_us_sender"] > 0
    assert sum("/s" in name for name in rows) == 5  # both at half of the maximum as well


def test_catching_up() -> None:
    document = measured("catchup", "--messages", "600")
    assert "catchup_vs_plain_nats" in document["ratios"]
    assert [row["count"] for row in document["rows"]] == [600] * 4
    assert document["ratios"]["urgent_place"] == 1  # composed last, admitted first
    assert {"list_ms", "feed_ms", "feed_events_per_s", "rss_growth"} <= set(document["rows"][3])


def test_receipts() -> None:
    """On so few messages the shares mean nothing; that the messages cost something does."""
    document = json.loads(bench("receipts", "--messages", "200", "--json").out)
    assert set(document["ratios"]) >= {"receipts_vs_messages_bytes", "receipts_vs_messages_cpu"}
    rows = {row["name"]: row for row in document["rows"]}
    assert rows["messages full speed"]["bytes_on_links"] > 3 * 1024
    assert rows["messages full speed"]["cpu_us"] > 0
    assert rows["receipts full speed"]["bytes_on_links"] > 0


def test_table_for_people() -> None:
    done = bench("open", "--messages", "200")
    assert "open_vs_bare_batch1" in done.out
    assert "repeat 1 of 1" in done.err
    assert "repeat" not in done.out.replace("repeats", "")
