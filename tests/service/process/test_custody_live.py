"""Erasure and legal holds by the commands of two persons, between running gateways."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from suar.service.recovery import backup
from support import warm
from support.gateways import PASSPHRASE, Federation, Running, draft, eventually, now_ms, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
SECRET = "nine vans behind the ice factory"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("custody"), "SG", "TH") as federation:
        yield federation


async def suar(*arguments: object, fails: bool = False) -> str:
    """The command's output; its errors when it fails as it should."""
    done = await warm.run_async("suar", *arguments)
    assert (done.code != 0) == fails, done.err
    return done.err if fails else done.out


async def tokens(gateway: Running, folder: Path) -> list[Path]:
    """Token files of two persons who may approve, each claimed."""
    made = []
    for name in ("first", "second"):
        wish = ("token", "add", name, "--scope", "approve", "--person", "--state", gateway.folder, "--json")
        code = json.loads(await suar(*wish))["claim"]
        file = folder / f"{gateway.code}-{name}.token"
        file.write_text(await suar("token", "claim", code, "--state", gateway.folder))
        made.append(file)
    return made


async def text_of(gateway: Running, id_: str) -> str:
    return await suar("show", id_, "--rev", "1", "--state", gateway.folder)


async def reaches(gateway: Running, id_: str, code: str, stage: str) -> None:
    async def is_there() -> bool:
        return (await gateway.states(id_))[code] == stage

    await eventually(is_there, 120, gateway.words)


def alert_body(title: str) -> dict[str, object]:
    return draft(title, text=[{"lang": "en", "title": title, "summary": SECRET}])


async def test_a_hold_outlasts_a_recall_and_its_end_completes_it(pair: Federation, tmp_path: Path) -> None:
    th, sg = pair["TH"], pair["SG"]
    [id_] = await th.publish(alert_body("held"))
    await pair.stored_everywhere("TH", id_)
    first, second = await tokens(sg, tmp_path)
    order = ("hold", "add", id_, "--authority", "Criminal Court", "--until", "2099-01-01", "--state", sg.folder)
    assert "more than ten years" in await suar(*order, "--token-file", first, fails=True)
    last = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    order = ("hold", "add", id_, "--authority", "Criminal Court", "--until", last, "--state", sg.folder)
    assert "no message is under a legal hold" in await suar("hold", "list", "--state", sg.folder)
    other = ("hold", "add", id_, "--authority", "zzz", "--until", last, "--state", sg.folder)
    assert "waits for a second person" in await suar(*other, "--token-file", second)
    assert "waits for a second person" in await suar(*order, "--token-file", first)
    assert "waits" in await suar("hold", "list", "--state", sg.folder)
    assert "is withdrawn" in await suar("hold", "withdraw", id_, "--state", sg.folder, "--token-file", second)
    assert "zzz" not in await suar("hold", "list", "--state", sg.folder)
    assert "is kept until" in await suar(*order, "--token-file", second)
    table = await suar("hold", "list", "--state", sg.folder)
    assert id_ in table
    assert "Criminal Court" in table

    await suar("cancel", id_, "--reason", "wrong", "--state", th.folder)

    async def is_hidden() -> bool:
        return SECRET not in await text_of(sg, id_)

    await eventually(is_hidden, 120, sg.words)
    assert sg.events("held_by_law")
    assert (await th.states(id_))["SG"] in ("sent", "stored")
    end = ("hold", "end", id_, "--state", sg.folder, "--token-file")
    further = ("hold", "add", id_, "--authority", "Court of Appeal", "--until", last, "--state", sg.folder)
    for file in (first, second):
        await suar(*further, "--token-file", file)
    assert "is no order of a legal hold" in await suar(*end, first, "--order", "zzz", fails=True)
    assert "has 2 legal holds, and the call names none of them" in await suar(*end, first, fails=True)
    for file in (first, second):
        await suar(*end, file, "--number", "1")
    assert "E-CHANGED" in await suar(*end, first, "--number", "1", fails=True)
    assert "has no legal hold with the number 3" in await suar(*end, first, "--number", "3", fails=True)
    [row] = json.loads(await suar("hold", "list", "--json", "--state", sg.folder))
    assert (row["number"], row["order"]) == (2, row["digest"])
    first_call = json.loads(await suar(*end, second, "--json"))
    assert (first_call["verdict"], f"--number {first_call['number']} " in first_call["next"]) == ("waits", True)
    assert "is under no legal hold any more" in await suar(*end, first, "--order", row["order"])
    await reaches(th, id_, "SG", "recalled")


async def test_two_persons_erase_our_own_text(pair: Federation, tmp_path: Path) -> None:
    th = pair["TH"]
    [id_] = await th.publish(alert_body("erased"))
    await pair.stored_everywhere("TH", id_)
    first, second = await tokens(th, tmp_path)
    erase = ("erase", id_, "--state", th.folder, "--token-file")
    assert "is in force" in await suar(*erase, first, fails=True)
    await suar("cancel", id_, "--reason", "wrong", "--state", th.folder)
    await reaches(th, id_, "SG", "recalled")
    assert SECRET in await text_of(th, id_)
    backup.make(th.folder, PASSPHRASE, tmp_path / "th.backup", now=now_ms())
    assert "waits for a second person" in await suar(*erase, first)
    done = await suar(*erase, second)
    assert "is erased in the live store: 1 texts" in done
    assert "backups that still contain it were made at 20" in done
    assert SECRET not in await text_of(th, id_)
    assert "was erased before" in await suar(*erase, first)
