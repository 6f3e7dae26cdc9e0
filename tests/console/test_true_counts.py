"""The true counts of a trend that left with some hidden, when its author writes it again."""

from typing import Any

import pytest

from console.test_messages import begun, desk, fields
from suar.console.views import drafting
from support.console import Browser, Desk
from support.corekit import rows

__all__ = ["desk"]
COUNTS = [4, 55_555, 131, 55_690]
ID = "TH-TREND-2027-000001"
TREND: dict[str, Any] = {
    "indicator": "detected-victims", "unit": "persons", "date_basis": "detection", "coverage.scope": "national",
    "method": "full-count", "direction": "stable", "dims[]": ["sex"], "margins": "1", "issuer.sector": "statistics",
    "source.type": "administrative-record", "source.reliability": "A", "source.credibility": "1", "tlp": "CLEAR",
    "audience.members": "all", "text[0].lang": "en", "text[0].title": "By sex", "text[0].summary": "As before.",
}  # fmt: skip


async def handed(author: Browser, path: str, **changes: Any) -> str:
    """The draft at the address as it stands, reviewed and published; where that led."""
    sent = {**fields((await author.get(path)).text), **changes, "do": "review"}
    answer = await author.post(path, sent)
    assert answer.headers["location"] == f"{path}/review", (await author.get(f"{path}?check=1")).text
    page = await author.get(f"{path}/review")
    done = await author.post(f"{path}/review", fields(page.text))
    return str(done.headers["location"])


async def published(author: Browser) -> None:
    cells: dict[str, Any] = {}
    for number, (sex, value) in enumerate(zip(("female", "male", "unknown", "total"), COUNTS, strict=True)):
        name = f"obs[{number}]"
        cells |= {
            f"{name}.period": "2026", f"{name}.place.role": "detection", f"{name}.place.country": "TH",
            f"{name}.dims.sex": sex, f"{name}.value": str(value), f"{name}.status": "A",
        }  # fmt: skip
    assert await handed(author, await begun(author, "trend"), **TREND, **cells) == f"/console/m/{ID}/who"


@pytest.mark.parametrize("again", ["change", "instead", "copy"])
async def test_who_writes_a_trend_again_has_its_true_counts(desk: Desk, author: Browser, again: str) -> None:
    """Before, every hidden figure was empty, and left as one that its publisher had not given."""
    await published(author)
    assert "<td>4</td>" not in (await author.get(f"/console/m/{ID}")).text
    path = str((await author.post("/console/write", {again: ID})).headers["location"])
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    obs = drafting.decode(draft["content"]).tree["obs"]
    assert [(each["value"], each["status"]) for each in obs] == [(count, "A") for count in COUNTS]
    assert "not given by the publisher" not in (await author.get(path)).text
    if again == "change":
        assert await handed(author, path, **{"text[0].title": "By sex, revised"}) == f"/console/m/{ID}/who"
        assert rows(desk.kit, "select rev from message order by n") == [(1,), (2,)]
        assert "<td>4</td>" not in (await author.get(f"/console/m/{ID}")).text


async def test_what_a_message_of_another_kind_or_member_hides_is_nothing(desk: Desk, author: Browser) -> None:
    assert await desk.gateway.desk.true_counts("SG-TREND-2027-000001", 1) == {}
    await published(author)
    assert await desk.gateway.desk.true_counts(ID, 2) == {}
    counts = await desk.gateway.desk.true_counts(ID, 1)
    assert counts[0] == 4
    assert counts.items() <= dict(enumerate(COUNTS)).items()
