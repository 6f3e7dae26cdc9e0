"""Pain 11, an exercise taken for real, in a real federation: lists, renderings, the drill, and a hub that lies."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from suar.cli.main import run
from suar.demo.story.adversary import LyingHub
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Refused
from suar.protocol.base.exercise import BANNER, PREFIX
from suar.protocol.transport import epoch, frame
from support.gateways import Federation, draft, eventually, running

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

OTHERS = ("SG", "VN")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("exercises"), "SG", "TH", "VN") as federation:
        yield federation


async def printed_by(capsys: pytest.CaptureFixture[str], three: Federation, code: str, *arguments: str) -> str:
    """What a command prints at a member's desk."""
    capsys.readouterr()
    state = str(three[code].folder)
    assert await asyncio.to_thread(run, [*arguments, "--state", state]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


async def refusals(three: Federation, code: str, refusal: str) -> float:
    page = (await three[code].call("GET", "/metrics")).text
    wanted = f'suar_messages_refused_total{{code="{refusal}",origin="TH"}}'
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(wanted))


async def test_pain_11_an_exercise_frame_on_an_actual_subject_is_refused_by_signature_everywhere(
    three: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    [drilled] = await three["TH"].publish(draft("incoming missile", urgency="expected"), exercise=True)
    [actual] = await three["TH"].publish(draft("a real one"))
    await three.stored_everywhere("TH", drilled, actual)
    hub = LyingHub(three.nats.hub.admin)
    opened = (await hub.captured(f"{subjects.hub('TH', 'x.epoch.all')}."))[-1]
    sealed = [each for each in await hub.captured(f"{subjects.hub('TH', 'x.frame.all')}.") if each.messages][-1]

    public = three.keyring("TH").identity.public
    with pytest.raises(Refused, match="E-EPOCH-SIGNATURE"):
        epoch.verify_signature(epoch.parse(opened.data, limits.TRUST_BYTES), public, "actual")
    known = epoch.verify_signature(epoch.parse(opened.data, limits.TRUST_BYTES), public, "exercise")
    with pytest.raises(Refused, match="E-FRAME-SIGNATURE"):
        frame.verify_signature(frame.parse(sealed.data), known.epoch.public, "actual")
    frame.verify_signature(frame.parse(sealed.data), known.epoch.public, "exercise")

    codes = {"E-EPOCH-SIGNATURE": opened, "E-FRAME-SUBJECT": sealed}
    before = {(code, refusal): await refusals(three, code, refusal) for code in OTHERS for refusal in codes}
    async with hub.taking_subjects():
        for captured in codes.values():
            await hub.inject(captured.subject.replace(".x.", ".a."), captured.data)
    for (code, refusal), count in before.items():

        async def counted(code: str = code, refusal: str = refusal, count: float = count) -> bool:
            return await refusals(three, code, refusal) > count

        await eventually(counted, 120, three[code].words)
    for code in OTHERS:
        listed = {row["id"] for row in await three[code].get("/v1/messages")}
        assert (actual in listed, drilled in listed) == (True, False)
        assert (await three[code].get(f"/v1/messages/{drilled}"))["status"] == "exercise"
        assert BANNER in await printed_by(capsys, three, code, "show", drilled)


async def test_pain_11_an_exercise_is_never_listed_among_actual_messages(
    three: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    [drilled] = await three["TH"].publish(draft("only an exercise"), exercise=True)
    [actual] = await three["TH"].publish(draft("in earnest"))
    await three.stored_everywhere("TH", drilled, actual)
    for query, wanted in (("", {actual}), ("?status=exercise", {drilled}), ("?status=all", {actual, drilled})):
        rows = {row["id"]: row["status"] for row in await three["SG"].get(f"/v1/messages{query}")}
        assert rows.keys() & {actual, drilled} == wanted
        assert all(rows[id_] == ("exercise" if id_ == drilled else "actual") for id_ in wanted)
    shown = {id_: await three["SG"].get(f"/v1/messages/{id_}") for id_ in (drilled, actual)}
    listed = {row["id"]: row for row in await three["SG"].get("/v1/messages?status=all")}
    for found in (shown, listed):
        assert (found[drilled]["banner"], "banner" in found[actual]) == (BANNER, False)
    assert drilled not in await printed_by(capsys, three, "SG", "inbox")
    assert drilled not in await printed_by(capsys, three, "SG", "inbox", "--json")
    for status in ("exercise", "all"):
        lines = (await printed_by(capsys, three, "SG", "inbox", "--status", status)).splitlines()
        [line] = [line for line in lines if line.startswith(drilled)]
        assert f"{PREFIX}only an exercise" in line
    assert all(PREFIX not in line for line in lines if line.startswith(actual))


async def test_pain_11_every_rendering_says_exercise(
    three: Federation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(draft("for the eyes")))
    assert BANNER in await printed_by(capsys, three, "TH", "check-message", str(file), "--exercise")
    drilled = (await printed_by(capsys, three, "TH", "publish", str(file), "--exercise")).strip()
    await three.stored_everywhere("TH", drilled)
    for code, arguments in (("SG", ("show", drilled)), ("TH", ("deliveries", drilled)), ("TH", ("show", drilled))):
        assert BANNER in await printed_by(capsys, three, code, *arguments)
    pin = three.pin.hex()
    evidence = tmp_path / "it.evidence"
    await printed_by(capsys, three, "TH", "evidence", "export", drilled, "-o", str(evidence))
    capsys.readouterr()
    assert run(["evidence", "verify", str(evidence), "--pin", pin]) == 0
    proved = capsys.readouterr().out
    assert (BANNER in proved, f"{PREFIX}proved: {drilled}" in proved) == (True, True)
    for name in ("cap", "stix", "csv"):
        assert PREFIX in await printed_by(capsys, three, "SG", "export", drilled, "--as", name)
    for path in ("export?as=cap", "export?as=json", "evidence"):
        answer = await three["SG"].call("GET", f"/v1/messages/{drilled}/{path}")
        assert f'filename="EXERCISE-{drilled}' in answer.headers["content-disposition"]
    reading = (await three["SG"].get(f"/v1/messages/{drilled}?lang=th"))["reading"]["lines"]
    assert any("การฝึกซ้อม - ไม่ใช่เหตุการณ์จริง" in line for line in reading)
    assert any(line.startswith("| การฝึกซ้อม: for the eyes") for line in reading)
    assert (await printed_by(capsys, three, "TH", "why", drilled, "SG")).startswith(PREFIX)
    acknowledged = ("ack", drilled, "--stage", "acknowledged", "--role", "duty-officer")
    assert (await printed_by(capsys, three, "SG", *acknowledged)).startswith(PREFIX)
    file.write_text(json.dumps(draft("for two persons", severity="extreme")))
    held = (await printed_by(capsys, three, "TH", "publish", str(file), "--exercise")).strip()
    assert f"{PREFIX}for two persons" in await printed_by(capsys, three, "TH", "held")
    assert BANNER in await printed_by(capsys, three, "TH", "deliveries", held)
    cancelled = ("cancel", drilled, "--reason", "the exercise is over")
    assert (await printed_by(capsys, three, "TH", *cancelled)).startswith(PREFIX)

    async def recalled() -> bool:
        return (await three["SG"].get(f"/v1/messages/{drilled}?rev=1"))["message"] is None

    await eventually(recalled, 120, three["SG"].words)
    assert BANNER in await printed_by(capsys, three, "SG", "show", drilled, "--rev", "1")  # what is left of it
    assert BANNER in await printed_by(capsys, three, "SG", "show", drilled)


async def test_a_drill_from_its_start_to_the_picture(
    three: Federation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started = json.loads(
        await printed_by(
            capsys, three, "TH", "drill", "start", "call-out", "--to", "SG,VN", "--name", "night", "--json"
        )
    )
    assert (started["drill"], started["status"], started["banner"]) == ("night", "exercise", BANNER)
    [id_] = [each["id"] for each in started["messages"]]
    await three.stored_everywhere("TH", id_)
    await printed_by(capsys, three, "SG", "show", id_)
    await printed_by(capsys, three, "SG", "ack", id_, "--stage", "acknowledged", "--role", "duty-officer")

    async def answered() -> bool:
        report = await three["TH"].get("/v1/drills/night")
        return report["messages"][0]["members"]["SG"]["acknowledged"] is not None

    await eventually(answered, 120, three["TH"].words)
    table, picture = tmp_path / "drill.csv", tmp_path / "drill.svg"
    files = ("--csv", str(table), "--svg", str(picture))
    report = json.loads(await printed_by(capsys, three, "TH", "drill", "report", "night", "--json", *files))
    [message] = report["messages"]
    assert message["members"]["SG"]["acknowledged"]["seconds"] < 300
    assert (message["stages"]["acknowledged"]["reached"], message["stages"]["stored"]["reached"]) == (1, 2)
    rows = {row["member"]: row for row in csv.DictReader(io.StringIO(table.read_text(), newline=""))}
    assert (rows["SG"]["acknowledged"] != "", rows["VN"]["acknowledged"]) == (True, "")
    assert BANNER.encode() in picture.read_bytes()
    text = await printed_by(capsys, three, "TH", "drill", "report", id_)
    assert text.startswith(f"*** {BANNER} ***\n{id_}  ")
    assert f"\n| {PREFIX}" in text
    assert "acknowledged: 1 of 2" in text
    assert "night" in await printed_by(capsys, three, "TH", "drill", "list")
    capsys.readouterr()
    start = ["drill", "start", "call-out", "--to", "SG", "--state", str(three["TH"].folder)]
    assert await asyncio.to_thread(run, [*start, "--name", "night"]) == 0
    assert "night was started before: these are added to it" in capsys.readouterr().err
    assert await asyncio.to_thread(run, [*start, "--name", "another-night"]) == 0
    assert "was started before" not in capsys.readouterr().err


async def publish_request(three: Federation, body: Any) -> httpx.Response:
    return await three["TH"].call("POST", "/v1/drills", json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"template": "call-out"}, {"template": "call-out", "to": []}, {"template": "call-out", "to": ["sg"]},
        {"template": "no-such", "to": "all"}, {"messages": [], "to": "all"}, {"messages": [1]},
        {"template": "call-out", "to": "all", "messages": [{}]}, {"template": "call-out", "to": "all", "name": "a/b"},
        {"template": "call-out", "to": "all", "realm": "actual"},
    ],
)  # fmt: skip
async def test_a_drill_that_is_none_is_refused(three: Federation, body: Any) -> None:
    answer = await publish_request(three, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "E-HTTP-VALUE")


async def test_a_draft_that_may_not_leave_starts_nothing(three: Federation) -> None:
    answer = await publish_request(
        three, {"messages": [draft("good"), draft("bad", tlp="PINK")], "to": "all", "name": "torn"}
    )
    assert answer.status_code == 422
    assert answer.json()["messages"] == []
    assert (await three["TH"].call("GET", "/v1/drills/torn")).status_code == 404


async def test_an_actual_message_has_no_drill_report(three: Federation) -> None:
    [actual] = await three["TH"].publish(draft("no drill at all"))
    answer = await three["TH"].call("GET", f"/v1/drills/{actual}")
    assert (answer.status_code, answer.json()["code"]) == (409, "E-HTTP-CONFLICT")
