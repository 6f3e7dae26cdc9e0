"""Somebody is told, in a real federation; a receiver that hangs, a gateway that is killed."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.service.notify.notify_channels import new_secret
from support.gateways import Federation, draft, eventually, running
from support.receivers import HANGS, Receiver, receiver

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

WITHIN = 120.0
ID = re.compile(r"[A-Z]{2}-ALERT-[0-9]{4}-[0-9]{6}")
TITLE = "a title that stands in no notice"
TOML = """
[notify]
retry_seconds = 0.5
digest_above = 50
link = "https://gw.example/m/{{id}}"
[notify.command.pager]
argv = ["{program}"]
[notify.webhook.desk]
url = "{url}"
secret_file = "desk.secret"
timeout_seconds = 2
[notify.mail.office]
host = "127.0.0.1"
port = {port}
tls = "none"
sender = "suar@example.org"
[notify.person.duty]
channels = ["pager", "desk", "office"]
mail = "duty@example.org"
"""


class Stage:
    """Two members; SG's people are told in three ways."""

    def __init__(self, two: Federation, folder: Path, desk: Receiver, office: Receiver) -> None:
        self.two, self.desk, self.office, self.paged = two, desk, office, folder / "paged"
        program = folder / "program"
        program.write_text(f"#!/bin/sh\ncat >> {self.paged}\n")
        program.chmod(0o755)
        state = two["SG"].folder
        self.secret = new_secret()
        (state / "desk.secret").write_bytes(self.secret)
        (state / "desk.secret").chmod(0o600)
        with (state / "suar.toml").open("a") as file:
            file.write(TOML.format(program=program, url=desk.url, port=office.port))

    @property
    def pages(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.paged.read_text().splitlines()] if self.paged.exists() else []

    async def restart(self) -> None:
        await self.two["SG"].start_and_wait()

    async def publish(self, title: str = TITLE, **changes: Any) -> str:
        [id_] = await self.two["TH"].publish(draft(title, ["SG"], **changes))
        return id_

    def ids_by_channel(self) -> dict[str, list[str]]:
        """Ids by channel, in the order they were told."""
        return {
            "pager": [each["data"]["id"] for each in self.pages],
            "desk": [each["data"]["id"] for each in self.desk.bodies],
            "office": [found for mail in self.office.mails for found in ID.findall(str(mail["Subject"]))],
        }

    async def wait_notified(self, id_: str, *channels: str) -> float:
        async def done() -> bool:
            reported = self.ids_by_channel()
            return all(id_ in reported[channel] for channel in channels or reported)

        return await eventually(done, WITHIN, lambda: f"{self.ids_by_channel()} {self.two['SG'].words()}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("told")
    with receiver(folder / "desk", "http") as desk, receiver(folder / "office", "smtp") as office:
        async with running(folder / "two", "SG", "TH") as two:
            made = Stage(two, folder, desk, office)
            two["SG"].end()
            await made.restart()
            yield made


async def test_an_alert_is_reported_in_every_way_and_by_its_id_alone(stage: Stage) -> None:
    id_ = await stage.publish(urgency="immediate", ack_within=1)
    await stage.wait_notified(id_)
    [page] = [each for each in stage.pages if each["data"]["id"] == id_]
    assert (page["data"]["urgency"], page["data"]["link"]) == ("immediate", f"https://gw.example/m/{id_}")
    mails = [each["body"] for each in stage.office.got]
    everything = json.dumps([stage.pages, stage.desk.got, mails])
    assert TITLE not in everything
    assert "Recruiters promise" not in everything

    async def counted() -> bool:
        page = (await stage.two["SG"].call("GET", "/metrics")).text
        return 'suar_notifications_total{about="alert",channel="desk",result="sent"}' in page

    await eventually(counted, WITHIN, stage.two["SG"].words)


async def test_an_exercise_is_reported_as_one(stage: Stage) -> None:
    [id_] = await stage.two["TH"].publish(draft("drill", ["SG"]), exercise=True)
    await stage.wait_notified(id_)
    [page] = [each for each in stage.pages if each["data"]["id"] == id_]
    assert page["data"]["banner"].startswith("EXERCISE")
    [subject] = [str(mail["Subject"]) for mail in stage.office.mails if id_ in str(mail["Subject"])]
    assert subject.startswith("EXERCISE: ")


async def test_a_receiver_that_hangs_delays_nobody_else_and_nothing_is_lost_by_kill_9(stage: Stage) -> None:
    stage.desk.behave("slow")
    began = time.monotonic()
    id_ = await stage.publish("while the desk hangs")
    await stage.wait_notified(id_, "pager", "office")
    await stage.two.stored_everywhere("TH", id_, within=WITHIN)
    assert time.monotonic() - began < HANGS
    stage.two["SG"].kill()
    late = await stage.publish("while the gateway is down")
    stage.desk.behave("status 503")
    await stage.restart()
    await stage.wait_notified(late, "pager", "office")
    before = len(stage.desk.got)
    await asyncio.to_thread(stage.desk.wait_for, before + 2)
    failed = stage.two["SG"].events("notice_failed")
    assert {(each["channel"], each["person"]) for each in failed} == {("desk", "duty")}
    assert {"status 503"} <= {each["why"] for each in failed}
    answer = await stage.two["SG"].call("GET", "/readyz")
    assert answer.status_code == 200
    stage.desk.behave("ok")

    async def taken() -> bool:  # nothing waits any more
        page = (await stage.two["SG"].call("GET", "/metrics")).text
        return 'suar_notifications_waiting{channel="desk"} 0.0' in page

    await eventually(taken, WITHIN, stage.two["SG"].words)
    keys = {each["data"]["id"]: each["data"]["notice"] for each in stage.desk.bodies}
    assert {id_, late} <= keys.keys()
    for body in stage.desk.bodies:  # every attempt under the same id
        assert body["data"]["notice"] == keys[body["data"]["id"]]
    pages = [each["data"]["id"] for each in stage.pages]
    assert (pages.count(id_), pages.count(late)) == (1, 1)


async def test_no_secret_and_no_text_is_in_the_log(stage: Stage) -> None:
    log = stage.two["SG"].log.read_text()
    assert stage.secret.decode().strip() not in log
    assert stage.secret.decode().strip().removeprefix("whsec_") not in log
    assert TITLE not in log
    assert "v1," not in log


async def test_a_channel_without_its_secret_is_reported_before_anything_starts(stage: Stage) -> None:
    running_ = stage.two["SG"]
    running_.end()
    (running_.folder / "desk.secret").chmod(0o644)
    running_.start()
    assert running_.wait(60) == 1
    assert "others may read the secret file" in running_.words()
    (running_.folder / "desk.secret").chmod(0o600)
    await stage.restart()
