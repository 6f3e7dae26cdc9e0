"""Pain: a recall that nobody confirms. Real servers and gateways; one member is away when the message is cancelled."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import ColumnElement, select

from suar.bus import history
from suar.protocol.base.primitives import Secret
from suar.protocol.transport import frame
from suar.protocol.transport.inside import messages_in
from suar.service.process import offline
from suar.store.engine.keys import row_keys, stored_frames
from suar.store.messages import rows as messages
from suar.store.tables import message
from support import stores, warm
from support.gateways import PASSPHRASE, Federation, Running, draft, eventually, running
from support.patience import PATIENCE
from support.secret_search import encodings, files_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
SECRET = "seventeen passports in a blue van"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("recall"), "SG", "TH", "VN") as federation:
        yield federation


async def suar(*arguments: object, fails: bool = False) -> str:
    """The command's output; its errors when it fails as it should."""
    done = await warm.run_async("suar", *arguments)
    assert (done.code != 0) == fails, done.err
    return done.err if fails else done.out


def secret(title: str) -> str:
    """What only this message says: others of these tests stay where they are."""
    return f"{SECRET}, {title}"


def alert_body(title: str, **changes: Any) -> dict[str, Any]:
    return draft(title, text=[{"lang": "en", "title": title, "summary": secret(title)}], **changes)


async def reaches(gateway: Running, id_: str, code: str, stage: str, within: float = 120.0) -> None:
    async def is_there() -> bool:
        return (await gateway.states(id_))[code] == stage

    await eventually(is_there, within, gateway.words)


def contents(folder: Path) -> tuple[bytes, dict[str, bytes]]:
    """(all that the keys of this stopped gateway open in its store, what a recall destroys of it by name)."""
    found = b""
    destroyed: dict[str, bytes] = {}
    with offline.open_offline(folder, Secret(PASSPHRASE)) as core, core.database.begin() as connection:
        for row in connection.execute(select(*columns())).all():
            name = f"{row.id} {row.rev}"
            if row.body is not None:
                found += messages.open_body(core.vault, row, row.body)
                destroyed |= {f"{name} salt": row.body_key[:16]}
                destroyed |= {f"{name} body": row.body[:16]} if stores.is_sqlite() else {}
            if row.frame is not None:
                salt = stored_frames.name_of(row.frame)
                open_ = stored_frames.read(connection, core.vault, row.frame)
                assert open_ is not None
                state = core.world.epochs[open_[4:36]]
                content = frame.open_content(frame.parse(open_), core.world.secret(state), state.chain.realm)
                found += b"".join(content)
                destroyed[f"{name} frame"] = row_keys.find(connection, salt)[:16] if salt else open_[120:136]
    return found, destroyed


def columns() -> list[ColumnElement[Any]]:
    """Of messages, with the salts that open their bodies."""
    return [row_keys.salt_of(each) if each.key == "body_key" else each for each in message.c]


def found_in(folder: Path, secrets: dict[str, bytes]) -> set[str]:
    """Which of them stand in a file of the folder or of its store."""
    files = [each.read_bytes() for each in files_in(folder)]
    files += [] if stores.is_sqlite() else stores.files(folder)

    def is_present(secret: bytes) -> bool:
        return any(what in each for what in encodings(secret).values() for each in files)

    return {name for name, secret in secrets.items() if is_present(secret)}


async def test_the_others_confirm_at_once_and_who_was_away_on_its_return(three: Federation) -> None:
    th, sg, vn = three["TH"], three["SG"], three["VN"]
    [id_] = await th.publish(alert_body("recall"))
    await three.stored_everywhere("TH", id_)
    vn.end()
    before, pieces = contents(vn.folder)
    mine = {name: piece for name, piece in pieces.items() if name.startswith(id_)}
    assert secret("recall").encode() in before
    assert found_in(vn.folder, mine) == set(mine)

    done = await suar("cancel", id_, "--reason", "wrong border post", "--state", th.folder, "--json")
    assert json.loads(done)["rev"] == 2
    await reaches(th, id_, "SG", "recalled")
    row = (await th.get(f"/v1/messages/{id_}/deliveries"))["members"]
    assert (row["SG"]["state"], row["VN"]["state"], row["VN"]["recalled"]) == ("recalled", "sent", None)

    await vn.start_and_wait()
    await reaches(th, id_, "VN", "recalled")
    shown = await vn.get(f"/v1/messages/{id_}", params={"rev": 1})
    assert (shown["message"], shown["state"], shown["tombstone"]["reason"]) == (None, "cancelled", "wrong border post")
    text = await suar("show", id_, "--rev", "1", "--state", vn.folder)
    assert secret("recall") not in text
    assert id_ in text

    for gateway in (vn, sg):
        gateway.end()
        after, _ = contents(gateway.folder)
        assert secret("recall").encode() not in after
        assert found_in(gateway.folder, mine | {"text": secret("recall").encode()}) == set()
        await gateway.start_and_wait()


async def objects_of(federation: Federation, stream: str) -> list[bytes]:
    """What is in a stream now."""
    bus = await federation.nats.connect(stream[-2:], "admin")
    where = await history.extent(bus, stream)
    return [each.data async for part in history.between(bus, stream, *where) for each in part]


async def frames_with(gateway: Running, federation: Federation, stream: str, id_: str) -> list[bytes]:
    """The objects of a stream that this stopped gateway can open, and finds that message's text in."""
    stored = [each for each in await objects_of(federation, stream) if each[:4] == frame.MAGIC]
    with offline.open_offline(gateway.folder, Secret(PASSPHRASE)) as core:
        return [each for each in stored if (id_, 1) in set(messages_in(core.world, each))]


async def test_inbox_is_emptied_and_outbox_keeps_its_retention(three: Federation) -> None:
    th, sg = three["TH"], three["SG"]
    [id_, other] = await th.publish(alert_body("streams", audience=["SG"]), alert_body("neighbour", audience=["SG"]))
    await three.stored_everywhere("TH", id_, other)
    sg.end()
    [copy] = await frames_with(sg, three, "INBOX_SG", id_)
    await sg.start_and_wait()
    await suar("cancel", id_, "--reason", "wrong border post", "--state", th.folder)
    await reaches(th, id_, "SG", "recalled")

    async def is_erased() -> bool:  # the log says so after the stream was erased
        return copy not in await objects_of(three, "INBOX_SG") and bool(sg.events("inbox_erased"))

    await eventually(is_erased, message=sg.words)
    sg.end()
    assert await frames_with(sg, three, "INBOX_SG", id_) == []
    assert copy in await objects_of(three, "OUTBOX_TH")
    await sg.start_and_wait()
    [later] = await th.publish(alert_body("after a hole in the stream", audience=["SG"]))
    await three.stored_everywhere("TH", later)


async def test_people_answer_and_the_publisher_sees_it(three: Federation, tmp_path: Path) -> None:
    th, sg = three["TH"], three["SG"]
    [id_] = await th.publish(alert_body("ladder", audience=["SG"]))
    await three.stored_everywhere("TH", id_)
    output = tmp_path / "followed"
    with output.open("wb") as written:
        following = warm.start(
            "suar", "deliveries", id_, "--follow", "--until", "acting", "--state", th.folder, "--json", stdout=written
        )

    async def is_shown() -> bool:
        return b"\n" in output.read_bytes()

    await eventually(is_shown)
    await suar("show", id_, "--state", sg.folder)
    await reaches(th, id_, "SG", "opened")
    for stage in ("acknowledged", "acting"):
        done = await suar(
            "ack", id_, "--stage", stage, "--role", "duty-officer", "--note", "two teams", "--state", sg.folder
        )
        assert f"{id_} rev 1: {stage} by duty-officer at" in done
        await reaches(th, id_, "SG", stage)
    assert await asyncio.to_thread(following.wait, PATIENCE) == 0  # it ends by itself
    lines = [json.loads(line)["members"]["SG"] for line in output.read_text().splitlines()]
    states = [line["state"] for line in lines]
    assert (states[0], states[-1]) == ("stored", "acting")
    assert states == sorted(states, key=("stored", "opened", "acknowledged", "acting").index)
    assert all(lines[-1][stage] for stage in ("sent", "stored", "opened", "acknowledged", "acting"))
    table = await suar("deliveries", id_, "--state", th.folder)
    assert "SG acknowledged, duty-officer, " in table
    assert table.count("| two teams") == 2
    again = await suar("ack", id_, "--stage", "acting", "--role", "duty-officer", "--state", sg.folder)
    assert again.strip().endswith("said before")
    metrics = (await th.call("GET", "/metrics")).text
    for stage in ("opened", "acknowledged", "acting"):
        assert f'suar_receipt_seconds_count{{member="SG",stage="{stage}"}} ' in metrics
    own = await suar("ack", id_, "--stage", "acting", "--role", "duty-officer", "--state", th.folder, fails=True)
    assert "E-OWN-MESSAGE" in own


async def test_cancel_and_replacement_arrive_together(three: Federation, tmp_path: Path) -> None:
    th, sg = three["TH"], three["SG"]
    [id_] = await th.publish(alert_body("first"))
    await three.stored_everywhere("TH", id_)
    file = tmp_path / "new.json"
    file.write_text(json.dumps(alert_body("second")))
    done = json.loads(await suar("cancel", id_, "--reason", "x", "--replace", file, "--state", th.folder, "--json"))
    await three.stored_everywhere("TH", done["replacement"]["id"])
    again = await suar("publish", file, "--state", th.folder)
    assert again.strip() == done["replacement"]["id"], "the same file is the same message"
    titles = await sg.titles()
    assert "second" in titles
    assert "first" not in titles
    found = await sg.get(f"/v1/messages/{done['replacement']['id']}")
    assert found["message"]["related"] == [{"rel": "same-as", "id": id_}]
