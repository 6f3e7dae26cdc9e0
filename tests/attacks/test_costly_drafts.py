"""Who may publish hands in drafts that are as costly to check as any can be, and the gateway is silent meanwhile.

The attacker holds a token of scope publish. One draft of 498 kB with 2,450 citations kept the core's thread for 21 s,
and suggestions for 190 unknown fields did the same, so nothing was received, sealed or said. Now lists and texts have
a maximum, suggestions are few and short, drafts are checked on threads of their own in turn, and calls are charged by
cost. A title of 120,000 combining marks stopped every thread for a minute while it was normalised; the marks are
sorted before that now.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from suar.protocol.base.limits import MESSAGE_BYTES_MAX
from support.hostile_drafts import citations, costly, draft, marks, unknown_fields, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.demos import Running

PARALLEL = 24
"""Hostile checks in flight: a second of a processor each."""
TOKENS, COSTLY, LARGE = 5, 2, 8
"""Tokens, and the drafts that the holder of each has checked at once: fifty together."""
CHEAP = 8.0
"""Seconds of a processor that refusing the drafts of before may take together; they took forty."""


def seconds(pid: int) -> float:
    """The time of a processor that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def calling(member: dict[str, Any], scope: str) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {member['tokens'][scope]}"}
    return httpx.Client(base_url=member["gateway"]["http"], headers=bearer, trust_env=False, timeout=120)


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_drafts_of_before_are_refused_for_little(demo: Running) -> None:
    vn = demo.content["members"][2]  # not SG: the other attack spends what its token may
    before = seconds(vn["gateway"]["pid"])
    with calling(vn, "publish") as client:
        law = client.post("/v1/messages/check", content=written(citations(vn["code"]))).json()
        assert [(each["code"], each["path"]) for each in law["reasons"]] == [("E-MESSAGE-FIELD", "$.amends")]
        lines = b"\n".join([written(unknown_fields(vn["code"]))] * 20)
        answers = client.post("/v1/messages/batch", content=lines).text.splitlines()
        assert len(answers) == 20
        assert all('"verdict":"refused"' in line for line in answers)
    assert seconds(vn["gateway"]["pid"]) - before < CHEAP


def test_marks_without_end_are_normalised_for_little(demo: Running) -> None:
    th = demo.content["members"][1]
    before = seconds(th["gateway"]["pid"])
    with calling(th, "publish") as client:
        answer = client.post("/v1/messages/check", content=written(marks(th["code"]))).json()
        assert ("E-MESSAGE-FIELD", "$.text[0].title") in [(each["code"], each["path"]) for each in answer["reasons"]]
    assert seconds(th["gateway"]["pid"]) - before < CHEAP


def test_a_message_is_received_and_one_published_while_hostile_drafts_are_checked(demo: Running) -> None:
    sg, th, _ = demo.content["members"]
    with (
        ThreadPoolExecutor(PARALLEL) as threads,
        calling(sg, "publish") as hostile,
        calling(sg, "read") as reader,
        calling(th, "publish") as honest,
    ):
        drafts = [written(costly(sg["code"], 1_000 * turn)) for turn in range(PARALLEL)]
        checks = [threads.submit(hostile.post, "/v1/messages/check", content=data) for data in drafts]
        eventually(lambda: any(check.done() for check in checks))
        id_ = honest.post("/v1/messages", content=written(draft("alert-new-route", th["code"]))).json()["id"]
        eventually(lambda: reader.get(f"/v1/messages/{id_}").status_code == 200)
        assert reader.get("/healthz").status_code == 200
        assert reader.get("/readyz").status_code == 200
        waiting = [check for check in checks if not check.done()]
        assert waiting, "it was received only when every hostile draft had its answer"
        for check in checks:
            assert check.result().json()["verdict"] == "refuse"
        again = hostile.post("/v1/messages/check", content=drafts[0])
        assert (again.status_code, again.json()["code"]) == (429, "E-HTTP-RATE")
        assert int(again.headers["retry-after"]) > 1


def token_of(member: dict[str, Any], name: str) -> httpx.Client:
    """A client with another token of scope publish."""
    local = json.loads((Path(member["state"]) / "gateway.json").read_text())["token"]
    client = httpx.Client(base_url=member["gateway"]["http"], trust_env=False, timeout=120)
    body = {"name": name, "scopes": ["publish"]}
    made = client.post("/v1/tokens", json=body, headers={"Authorization": f"Bearer {local}"})
    assert made.status_code == 201, made.text
    client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    return client


def test_an_alert_is_published_at_the_gateway_that_checks_fifty_of_the_largest_drafts_of_others(demo: Running) -> None:
    """Before it are the check that runs and one of each other token, however many those have handed in, although all
    tokens that the operator made are one caller."""
    th = demo.content["members"][1]
    hostile, honest = [token_of(th, f"program-{number}") for number in range(TOKENS)], token_of(th, "officer")
    plain = written(draft("alert-new-route", th["code"]))
    largest = plain + b" " * (MESSAGE_BYTES_MAX - len(plain))
    with ThreadPoolExecutor(TOKENS * (COSTLY + LARGE)) as threads:
        costly_ones, large_ones = list[Any](), list[Any]()
        for number, client in enumerate(hostile):
            for turn in range(COSTLY):
                data = written(costly(th["code"], 100_000 + 1_000 * (COSTLY * number + turn)))
                costly_ones.append(threads.submit(client.post, "/v1/messages/check", content=data))
            for _ in range(LARGE):
                large_ones.append(threads.submit(client.post, "/v1/messages/check", content=largest))
        eventually(lambda: any(check.done() for check in costly_ones))
        before = sum(check.done() for check in costly_ones)
        answer = honest.post("/v1/messages", content=written(draft("alert-new-route", th["code"], severity="minor")))
        after = sum(check.done() for check in costly_ones)
        assert answer.status_code == 201, answer.text
        assert after - before <= TOKENS + 2, "one of each, the one that ran, and one whose answer was on its way"
        assert {check.result().status_code for check in costly_ones} == {200}
        assert {check.result().status_code for check in large_ones} <= {200, 429}
        too_large = honest.post("/v1/messages/check", content=largest + b" ")
        assert too_large.status_code == 413 or too_large.json()["verdict"] == "refuse"
    for client in (*hostile, honest):
        client.close()
