"""The data files over real HTTP: read by pandas, exactly the observations of what the policy gives."""

import csv
import io
import json
import re
from typing import Any

import httpx
import pandas
import pytest

from suar.protocol.base import limits
from suar.protocol.message.kinds import DIMENSIONS
from suar.service.feed import current
from support.agency_desk import Desk
from support.corekit import frame_of
from support.problems import problem
from support.shipped import shipped

CSV, SDMX = "/v1/data/trends.csv", "/v1/data/trends.sdmx.csv"


def trend(number: int, name: str = "trend-detected-by-sex", **changes: Any) -> bytes:
    """A shipped trend of TH."""
    return shipped(name, number, **changes)


def table(answer: httpx.Response) -> pandas.DataFrame:
    assert answer.status_code == 200, answer.text
    return pandas.read_csv(io.BytesIO(answer.content), dtype=str, keep_default_na=False)


def ids(answer: httpx.Response) -> set[str]:
    found = table(answer)
    return set(found["id"] if "id" in found else (each.partition(".")[0] for each in found["SOURCE_MESSAGE"]))


async def test_every_observation_is_a_row_and_says_what_was_hidden(desk: Desk) -> None:
    hidden = json.loads(trend(2))
    hidden["obs"][0] |= {"value": None, "status": "S"}
    await desk.receive(trend(1), json.dumps(hidden).encode())
    token = await desk.register(kinds=["trend"])
    found = table(await desk.call("GET", CSV, token))
    trees = [json.loads(trend(1)), hidden]
    assert len(found) == sum(len(tree["obs"]) for tree in trees) > 4
    for tree in trees:
        mine = found[found["id"] == tree["id"]].to_dict("records")
        for row, cell in zip(mine, tree["obs"], strict=True):
            assert row["value"] == ("" if cell["value"] is None else str(cell["value"]))
            assert (row["period"], row["status"]) == (cell["period"], cell["status"])
            assert row["suppressed"] == ("true" if cell["status"] == "S" else "false")
            assert {name: row[name] for name in DIMENSIONS} == {name: cell["dims"].get(name, "") for name in DIMENSIONS}
            assert (row["member"], row["indicator"], row["realm"]) == ("TH", tree["indicator"], "actual")
    numbers = pandas.read_csv(io.BytesIO((await desk.call("GET", CSV, token)).content))
    assert numbers["value"].isna().sum() == (found["suppressed"] == "true").sum() >= 1


@pytest.mark.parametrize("path", [CSV, SDMX])
async def test_it_has_the_form_that_read_csv_of_r_takes(desk: Desk, path: str) -> None:
    """Names that R leaves as they are, a record a line, as many fields in each, a decimal point, true and false."""
    hidden = json.loads(trend(2))
    hidden["obs"][0] |= {"value": None, "status": "S"}
    await desk.receive(trend(1), json.dumps(hidden).encode(), trend(3, "trend-exploitation-by-age"))
    answer = await desk.call("GET", path, await desk.register(kinds=["trend"]))
    head, *lines = csv.reader(io.StringIO(answer.text), strict=True)
    assert answer.text.count("\n") == len(lines) + 1 > 10
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9._]*", each) for each in head)
    assert len(set(head)) == len(head)
    assert {len(each) for each in lines} == {len(head)}
    figures = {each[head.index("OBS_VALUE" if path == SDMX else "value")] for each in lines}
    assert "" in figures
    assert all(re.fullmatch(r"(-?\d+(\.\d+)?)?", each) for each in figures)
    if path == CSV:
        assert {each[head.index("suppressed")] for each in lines} == {"true", "false"}


async def test_sdmx_has_the_same_figures(desk: Desk) -> None:
    await desk.receive(trend(1), trend(2, "trend-exploitation-by-age"))
    token = await desk.register(kinds=["trend"])
    plain, other = table(await desk.call("GET", CSV, token)), await desk.call("GET", SDMX, token)
    assert other.headers["content-type"] == "application/vnd.sdmx.data+csv;version=2.0.0"
    found = table(other)
    assert list(found.columns[:3]) == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert list(found["OBS_VALUE"]) == list(plain["value"])
    assert set(found["STRUCTURE_ID"]) == {"SUAR:TREND(1.0)"}


@pytest.mark.parametrize("path", [CSV, SDMX])
async def test_it_has_what_may_be_read_now_and_nothing_else(desk: Desk, path: str) -> None:
    await desk.receive(
        trend(1), trend(2, tlp="AMBER+STRICT"), trend(3, handling=["law-enforcement-only"]), trend(4), trend(5),
        trend(6, expires="2027-01-15T09:00:00Z"),
    )  # fmt: skip
    token = await desk.register(kinds=["trend"])
    assert {each[-1] for each in ids(await desk.call("GET", path, token))} == {"1", "4", "5", "6"}
    await desk.receive(trend(1, rev=2, action="cancel", reason="wrong"), trend(4, rev=2, action="update"))
    await desk.receive(trend(5, rev=2, action="update", tlp="AMBER+STRICT"))
    desk.kit.now += 2 * limits.HOUR
    answer = await desk.call("GET", path, token)
    assert {each[-1] for each in ids(answer)} == {"4"}
    other = await desk.register(name="alerts", kinds=["alert"])
    assert ids(await desk.call("GET", path, other)) == set()
    await desk.act("health", "suspend")
    problem(await desk.call("GET", path, token), 401, "E-HTTP-TOKEN")


async def test_it_is_filtered_by_indicator_member_and_period(desk: Desk) -> None:
    await desk.receive(trend(1), trend(2, "trend-exploitation-by-age"), trend(3, "trend-hotline-monthly"))
    token = await desk.register(kinds=["trend"])
    whole = table(await desk.call("GET", CSV, token))
    for name in ("indicator", "period"):
        for value in set(whole[name]):
            found = table(await desk.call("GET", f"{CSV}?{name}={value}", token))
            wanted = whole[whole[name].map(lambda each, value=value: each == value or each.startswith(f"{value}-"))]
            assert found.to_dict() == wanted.reset_index(drop=True).to_dict(), (name, value)
    year = whole["period"].iloc[0][:4]
    assert len(table(await desk.call("GET", f"{CSV}?period={year}", token))) > 0
    assert len(table(await desk.call("GET", f"{CSV}?member=TH", token))) == len(whole)
    assert len(table(await desk.call("GET", f"{CSV}?member=SG", token))) == 0
    for wrong in ("indicator=nothing", "member=th", "period=2026-13", "period=", "status=all"):
        problem(await desk.call("GET", f"{CSV}?{wrong}", token), 400, "E-HTTP-VALUE")


@pytest.mark.parametrize("path", [CSV, SDMX])
async def test_a_year_of_another_calendar_is_told_as_it_is_for_a_publisher(desk: Desk, path: str) -> None:
    """Before, the answer was empty, with 200."""
    await desk.receive(trend(1))
    token = await desk.register(kinds=["trend"])
    for wrong, right in (("2568", "2025"), ("2568-Q1", "2025-Q1"), ("2443", "1900")):
        answer = await desk.call("GET", f"{path}?period={wrong}", token)
        problem(answer, 400, "E-HTTP-VALUE")
        year = wrong[:4]
        assert answer.json()["detail"] == f"not allowed: period (the year {year} is not one of the common calendar)"
        assert answer.json()["hint"] == f"the Buddhist year {year} is {right[:4]}: write {right}"
    for empty in ("2018", "1850", "2300", "9999-12"):
        assert (await desk.call("GET", f"{path}?period={empty}", token)).status_code == 200


async def test_a_period_that_figures_have_is_never_refused(desk: Desk) -> None:
    """A reader accepts a year of any form, so a member may have sent one of another calendar."""
    odd = json.loads(trend(1))
    for each in odd["obs"]:
        each["period"] = "2568"
    await desk.receive(json.dumps(odd).encode())
    token = await desk.register(kinds=["trend"])
    found = table(await desk.call("GET", f"{CSV}?period=2568", token))
    assert set(found["period"]) == {"2568"}
    assert len(found) == len(odd["obs"])


async def test_exercises_are_in_a_file_of_their_own_that_says_so(desk: Desk) -> None:
    await desk.receive(trend(1))
    await desk.gateway.core.run(desk.kit.receive, frame_of(desk.drills, trend(2, status="exercise")))
    both = await desk.register(name="both", kinds=["trend"], realm="all")
    actual, drills = await desk.call("GET", CSV, both), await desk.call("GET", f"{CSV}?status=exercise", both)
    assert {each[-1] for each in ids(actual)} == {"1"}
    found = table(drills)
    assert set(found["realm"]) == {"exercise"}
    assert all("EXERCISE" in each.upper() for each in found["id"])
    assert "EXERCISE" in drills.headers["content-disposition"].upper()
    assert "EXERCISE" not in actual.headers["content-disposition"].upper()


async def test_half_a_file_never_looks_like_a_whole_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agency that is suspended while its file is made gets a broken connection."""
    monkeypatch.setattr(current, "ROWS", 1)
    await desk.receive(*(trend(number) for number in range(1, 6)))
    token = await desk.register(kinds=["trend"])
    find, calls = desk.gateway.agencies.book.find, 0

    def ends(name: str) -> Any:
        nonlocal calls
        calls += 1
        return find(name) if calls < 4 else None

    monkeypatch.setattr(desk.gateway.agencies.book, "find", ends)
    with pytest.raises(httpx.RemoteProtocolError):
        await desk.call("GET", CSV, token)


async def test_a_cell_that_a_spreadsheet_would_run_is_text(desk: Desk) -> None:
    from suar.exchange.outgoing.observations import observations
    from suar.protocol.message.kinds import Trend
    from suar.protocol.message.messages import read

    found = read(trend(1))
    assert isinstance(found, Trend)
    from msgspec.structs import replace

    line = observations(replace(found, indicator="=1+1"), "csv").decode().splitlines()[0]
    assert "'=1+1" in line
