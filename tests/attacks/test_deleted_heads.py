"""Somebody who can write the store of a running gateway makes the audit anew from a line on and deletes every signed
head; what was exported before is gone too. Before, nothing outside that machine could show it.

Now each heartbeat commits the member to the end of its log (`bus.commit_audit`), the others keep one an hour, and any
of them shows that the log is another one.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from attacks.test_rewritten_audit import pages
from suar.protocol.base import limits
from suar.protocol.files import auditlog, commitments
from support import warm
from support.audit_log import rewrite
from support.demos import Running, environment, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def committing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demo whose members commit to their logs."""
    with running(tmp_path_factory.mktemp("committing"), SUAR_BUS__COMMIT_AUDIT="true") as made:
        yield made


def operator(member: dict[str, Any]) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {member['tokens']['operate']}"}
    return httpx.Client(base_url=member["gateway"]["http"], headers=bearer, trust_env=False, timeout=120)


def kept_by(peer: dict[str, Any], code: str, within: float = 120) -> list[dict[str, Any]]:
    """The file of commitments of a member, once the peer has one."""
    deadline = time.monotonic() + within
    with operator(peer) as client:
        while True:
            page = client.get("/v1/audit/commitments", params={"member": code}).json()
            if page["commitments"]:
                return [page["title"], *page["commitments"]]
            assert time.monotonic() < deadline, "no heartbeat committed to anything"
            time.sleep(0.2)


def log_of(client: httpx.Client) -> list[dict[str, Any]]:
    title = client.get("/v1/audit").json()["title"]
    lines, heads = pages(client)
    signed = {head["head"]: head for head in heads}
    return [title, *(each for line in lines for each in (line, signed.get(line["n"])) if each is not None)]


def of_hour_before(
    title: commitments.Title, kept: commitments.Commitment, salt: commitments.DaySalt, n: int, digests: list[bytes]
) -> dict[str, Any]:
    """The commitment to line `n` that a heartbeat an hour before the kept one would have had."""
    at = kept.at - limits.HOUR
    opening = commitments.salt_of(salt, commitments.day_of(at)).salt
    made = commitments.commit(opening, title.federation, title.member, at, n, digests[n - 1])
    return {"at": at, "commitment": made.hex()}


def test_a_peer_shows_that_a_log_was_made_again(committing: Running, tmp_path: Path) -> None:
    peer, attacked = committing.content["members"][0], committing.content["members"][2]
    env = environment(tmp_path)

    def suar(*arguments: object) -> warm.Ended:
        return warm.run("suar", *arguments, env=env)

    def written(name: str, documents: list[dict[str, Any]]) -> Path:
        (tmp_path / name).write_text("".join(json.dumps(each) + "\n" for each in documents))
        return tmp_path / name

    kept = written("kept", kept_by(peer, attacked["code"]))
    salt = suar("audit", "salt", "--state", attacked["state"])
    assert salt.code == 0, salt.err
    opening = ("--commitments", kept, "--salt", salt.out.strip())
    with operator(attacked) as client:
        before = written("before.jsonl", log_of(client))
        sound = suar("audit", "verify", before, *opening)
        assert "1 commitments are to lines of it" in sound.out, sound.err
        acts = [json.loads(line) for line in before.read_text().splitlines()]
        digests = [bytes.fromhex(act["hash"]) for act in acts if "n" in act]
        title, each, _ = commitments.read(kept.read_bytes().splitlines())
        log = auditlog.Title(audit="suar-audit/2", federation=title.federation, member=title.member)
        n = commitments.judge(log, digests, title, each, commitments.read_salt(salt.out))[0].n or 0
        assert n > 1, "the first heartbeat commits to more than the first line"
        earlier = of_hour_before(title, each[0], commitments.read_salt(salt.out), n - 1, digests)
        two = written("two", [*map(json.loads, kept.read_text().splitlines()), earlier])
        both = suar("audit", "verify", before, "--commitments", two, *opening[2:])
        assert "2 commitments are to lines of it" in both.out, both.err
        rewrite(Path(attacked["state"]), n)
        forged = [document for document in log_of(client) if "head" not in document]
    alone = written("forged.jsonl", forged)
    by_itself = suar("audit", "verify", alone)
    assert (by_itself.code, "nothing shows whose key" in by_itself.err) == (1, True), "by itself it shows nothing"
    doubted = suar("audit", "verify", alone, *opening)
    assert doubted.code == 1
    assert f"no commitment of the file of {peer['code']}, which nobody signed, opens with this salt" in doubted.err
    shown = suar("audit", "verify", alone, "--commitments", two, *opening[2:])
    assert (shown.code, "that is to no line of the log" in shown.err) == (1, True), shown.err
    assert f"of line {n - 1}" in shown.err, "one of before the rewritten line still opens"
    with operator(peer) as client:
        assert client.get("/readyz").status_code == 200
