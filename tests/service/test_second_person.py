"""Two people at one gateway, over its commands and HTTP, in a federation of real processes."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from support import warm
from support.gateways import Federation, Running, draft, eventually, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("federation"), "TH", "VN") as federation:
        yield federation


async def token(gateway: Running, name: str, scopes: str, folder: Path) -> Path:
    """A token of a person in a file, claimed by them with the code that the operator handed over."""
    made = await suar("token", "add", name, "--scope", scopes, "--person", "--json", "--state", str(gateway.folder))
    code = folder / f"{name}.code"
    code.write_text(json.loads(made[1])["claim"])
    ended, out, err = await suar("token", "claim", "--code-file", str(code), "--state", str(gateway.folder))
    assert ended == 0, err
    file = folder / f"{name}.token"
    file.write_text(out)
    return file


async def suar(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """A command in a process of its own."""
    return await warm.run_async("suar", *arguments, env={**os.environ, **environ})


async def publish(gateway: Running, message: dict[str, Any], bearer: str) -> Any:
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    return await gateway.call("POST", "/v1/messages", json.dumps(message).encode(), headers=headers)


async def test_what_is_held_leaves_by_a_second_hand_only(two: Federation, tmp_path: Path) -> None:
    th, vn = two["TH"], two["VN"]
    state = ("--state", str(th.folder))
    desk = (await token(th, "desk", "publish,approve", tmp_path)).read_text().strip()
    chief = await token(th, "chief", "approve", tmp_path)
    answer = await publish(th, draft("Held one", severity="extreme"), desk)
    assert (answer.status_code, answer.json()["verdict"]) == (202, "held")
    id_ = answer.json()["id"]
    assert set((await th.states(id_)).values()) == {"held"}

    code, out, _ = await suar("held", *state)
    assert code == 0
    assert id_ in out
    assert "Held one" in out
    own = await th.call("POST", f"/v1/messages/{id_}/release", headers={"Authorization": f"Bearer {desk}"})
    assert (own.status_code, own.json()["code"]) == (403, "E-SAME-PERSON")

    th.kill()
    th.wait()
    await th.start_and_wait()
    code, _, err = await suar("show", id_, *state)
    assert code == 1
    assert "waits here for a second person" in err
    assert "suar held" in err
    code, out, err = await suar("release", id_, "--token-file", str(chief), *state)
    assert (code, out) == (0, f"{id_} leaves\n"), err
    assert "Severity" in err
    assert '"severity"' not in err, "the message is shown as codes"
    code, out, err = await suar("release", id_, "--token-file", str(chief), *state)
    assert (code, out) == (0, f"{id_} was released before, and is not sent again\n"), err

    async def arrived() -> bool:
        return "Held one" in await vn.titles()

    await eventually(arrived, 120)
    message = (await vn.get(f"/v1/messages/{id_}"))["message"]
    assert message["privacy"] == {"released_by": "approver"}
    code, _, err = await suar("reject", id_, "--reason", "too late", "--token-file", str(chief), *state)
    assert (code, "E-NOT-HELD" in err or "waits" in err) == (1, True)


async def test_what_is_rejected_never_leaves(two: Federation, tmp_path: Path) -> None:
    th, vn = two["TH"], two["VN"]
    state = ("--state", str(th.folder))
    other = (await token(th, "other", "publish", tmp_path)).read_text().strip()
    named = [{"lang": "en", "title": "Rejected one", "summary": "Ask Daw Khin at the tea shop."}]
    answer = await publish(th, draft("", text=named), other)
    id_ = answer.json()["id"]
    no_scope = await th.call("POST", f"/v1/messages/{id_}/release", headers={"Authorization": f"Bearer {other}"})
    assert no_scope.status_code == 403
    code, out, _ = await suar("held", "--json", *state)
    assert code == 0
    assert [row["reasons"][0]["marked"] for row in json.loads(out) if row["id"] == id_] == [["Daw Khin"]]
    code, out, err = await suar("reject", id_, "--reason", "Daw Khin is a witness", *state)
    assert (code, out, "look at: Daw Khin" in err, "the message waits on" in err) == (1, "", True, True), err
    code, out, err = await suar("reject", id_, "--reason", "names a witness", *state)
    assert (code, out) == (0, f"{id_} is rejected\n"), err
    code, _, err = await suar("show", id_, *state)
    assert code == 1
    assert "rejected by this machine and never left: names a witness" in err
    code, out, err = await suar("why", id_, "VN", *state)
    assert (code, out.startswith("rejected-here")) == (0, True)
    assert "this machine: names a witness" in err
    code, out, _ = await suar("deliveries", id_, *state)
    assert "this machine rejected it" in out
    file = tmp_path / "alert.json"
    file.write_text(json.dumps(draft("Of the machine", severity="extreme")))
    code, out, err = await suar("publish", str(file), *state)
    code, out, _ = await suar("held", *state)
    assert "by this machine" in out
    code, _, err = await suar("deliveries", "TH-ALERT-2026-999999", *state)
    assert code == 1
    assert "published here" in err
    assert "openapi" not in err
    code, _, err = await suar("drill", "report", "no-such-drill", *state)
    assert code == 1
    assert "suar drill list" in err
    document = await th.get(f"/v1/messages/{id_}/deliveries")
    assert {member["state"] for member in document["members"].values()} == {"rejected"}
    assert document["rejected"]["reason"] == "names a witness"
    await th.publish(draft("After the rejected one"))

    async def arrived() -> bool:
        return "After the rejected one" in await vn.titles()

    await eventually(arrived, 120)
    assert "Rejected one" not in await vn.titles()
    assert "Khin" not in th.log.read_text()


async def test_a_refusal_marks_the_words_and_logs_none(two: Federation, tmp_path: Path) -> None:
    th = two["TH"]
    file = tmp_path / "alert.json"
    text = [{"lang": "en", "title": "Refused", "summary": "Call 081-234-5678 at night."}]
    file.write_text(json.dumps(draft("", text=text)))
    code, out, _ = await suar("publish", str(file), "--json", "--state", str(th.folder))
    assert code == 1
    assert [reason["marked"] for reason in json.loads(out)["reasons"]] == [["081-234-5678"]]
    code, out, _ = await suar("check-message", str(file), "--json", "--state", str(th.folder))
    assert (code, json.loads(out)["verdict"], json.loads(out)["not_checked"]) == (1, "refuse", [])
    assert "081-234-5678" not in th.log.read_text()
