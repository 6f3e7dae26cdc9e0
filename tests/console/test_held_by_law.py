"""The publisher's matrix of a recall: what a member holds by law, with its note, and how often it exported the text."""

from pathlib import Path

from suar.protocol.base import limits
from suar.service.custody import holds
from support import read_out
from support.console import browser, served
from support.pairs import Two, new

COURT = "Criminal Court, case 17"


def recalled(two: Two, *, is_cancelled: bool = True) -> str:
    """SG exported it, holds it and may name the court; TH has recalled it, and SG's receipts are back."""
    settings = two.sg.folder / "suar.toml"
    old = "heartbeat_seconds = 30"
    settings.write_text(settings.read_text().replace(old, f"{old}\nwrite_receipt_1_1 = true"))
    two.sg.restart()
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert read_out.content(two.sg.core, id_, 1, "desk") is not None
    for who in ("anan", "boon"):
        holds.add(two.sg.core, id_, who, COURT, two.sg.now + limits.DAY, "authority")
    two.to_th()
    if is_cancelled:
        two.cancel(id_)
        two.to_sg()
        two.to_th()
    return id_


async def read_at_th(two: Two, *paths: str) -> list[str]:
    """These pages of TH's console, as a reader sees them; SG is closed then."""
    async with served(two.th) as desk:
        desk.add("tan", "reader")
        await desk.load()
        async with browser(desk) as reader:
            await reader.sign_in("tan")
            pages = [(await reader.get(path)).text for path in paths]
    two.sg.close()
    return pages


async def test_the_matrix_says_held_by_law_and_counts_exports(tmp_path: Path) -> None:
    two = Two(tmp_path)
    id_ = two.th.aside(recalled, two)
    page, why = await read_at_th(two, f"/console/m/{id_}/who", f"/console/m/{id_}/why/SG")
    assert "Held by law" in page
    assert "Exports before the recall: 1." in page
    assert "states that a legal hold makes it keep the text" in why
    assert "until when, and which authority ordered it if none is named" in why
    assert COURT in page
    assert COURT in why


async def test_the_matrix_states_a_hold_before_any_recall(tmp_path: Path) -> None:
    two = Two(tmp_path)
    id_ = two.th.aside(lambda: recalled(two, is_cancelled=False))
    [page] = await read_at_th(two, f"/console/m/{id_}/who")
    assert "Held by law" in page
    assert COURT in page
    assert "Exports before the recall" not in page
