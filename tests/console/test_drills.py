"""Exercises from the console: started by a role that may, held as the real one is, measured, and marked everywhere."""

import re

import pytest

from console.test_messages import desk, fields, filled, states
from suar.languages.names import names
from suar.protocol.base.exercise import BANNER
from support.console import Browser, Desk, browser
from support.corekit import rows

__all__ = ["desk"]
FORM = {"template": "route-shift", "to": "all", "name": "night-1"}


async def started(visit: Browser, **changes: str) -> str:
    await visit.get("/console/x/drills/new")
    done = await visit.post("/console/x/drills/new", {**FORM, **changes})
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


async def test_it_is_started_listed_and_measured(desk: Desk, author: Browser) -> None:
    path = await started(author)
    assert path == "/console/x/drills/night-1"
    page = (await author.get(path)).text
    assert "0 / 3" in page
    assert 'class="exercise"' in page
    assert f'href="{path}"' in (await author.get("/console/x/drills")).text
    table = await author.get(f"{path}/table.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="EXERCISE-night-1.csv"'
    assert all(line.startswith("exercise,night-1,") for line in table.text.splitlines()[1:])
    picture = await author.get(f"{path}/picture.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert BANNER in picture.text
    part = await author.get(path, x_fragment="1")
    assert "<html" not in part.text
    assert "0 / 3" in part.text


async def test_no_exercise_is_shown_unmarked(desk: Desk, author: Browser) -> None:
    await started(author)
    for path in ("/drills", "/drills/new", "/drills/night-1"):
        answer = await author.get(f"/console{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/x{path}")
    await author.get("/console/write")
    assert (await author.post("/console/drills/new", FORM)).status_code == 404
    assert (await author.get("/console/drills/night-1/table.csv")).status_code == 404
    actual = (await author.get("/console/sent")).text
    assert "A route moves" not in actual
    assert "A route moves" in (await author.get("/console/x/sent")).text
    for path in ("sent", "write", "drills/night-1"):  # before, a copied line did not tell that it was an exercise
        assert "EXERCISE: A route moves" in (await author.get(f"/console/x/{path}")).text


async def test_each_button_that_sends_or_recalls_says_that_it_is_an_exercise(desk: Desk, author: Browser) -> None:
    path = await filled(author, page_path="/console/x", urgency="immediate", ack_within="4")
    page = await author.get(f"{path}/review")
    assert "Hand to a second person as an exercise</button>" in page.text
    held = await author.post(f"{path}/review", fields(page.text))
    assert "Release it alone as an exercise</button>" in (await author.get(held.headers["location"])).text
    await started(author)
    (id_,) = re.findall(r"/console/x/m/(TH-ALERT-2027-\d+)/who", (await author.get("/console/x/drills/night-1")).text)
    assert "Recall it now as an exercise</button>" in (await author.get(f"/console/x/m/{id_}/recall")).text


async def test_without_script_its_report_is_read_again_by_a_link(desk: Desk, author: Browser) -> None:
    path = await started(author)
    for headers in ({}, {"x_fragment": "1"}):
        assert f'<a href="{path}">Refresh</a>' in (await author.get(path, **headers)).text


async def test_an_exercise_is_offered_reported_and_drawn_in_the_readers_language(desk: Desk, author: Browser) -> None:
    """Before, titles, texts and the picture were English on a page in Thai."""
    await desk.gateway.people.set_preferences("reyes", "th", "Asia/Bangkok")
    title = names("th").words.console("drill-route-shift")
    path = await started(author)
    for page in ("/console/x/drills/new", path):
        shown = (await author.get(page)).text
        assert title in shown
        assert "A route moves" not in shown
    assert "การฝึกซ้อม: " + title in shown
    picture = (await author.get(f"{path}/picture.svg")).text
    assert title in picture
    for english in ("EXERCISE", "stored", "no answer", "overdue", "as of", "sent"):
        assert english not in re.sub(r"<[^>]*>", " ", picture)
    assert "(" in picture.partition("</title>")[0], "UTC stands beside the local time"


async def test_what_is_held_is_held_in_an_exercise_too(desk: Desk, author: Browser) -> None:
    """An immediate one waits for a second person, as the settings say of what people publish with a session."""
    path = await started(author, template="call-out", name="")
    assert states(desk.kit) == ["held"]
    page = (await author.get(path)).text
    assert "Waits for a second person" in page
    assert "These people can release it:" in page
    assert "Santos" in page
    async with browser(desk) as second:
        await second.sign_in("santos")
        first = (await second.get("/console")).text  # before, nothing there said that an exercise waits
        assert '<a href="/console/x/approve">Exercises that wait for your decision: 1</a>' in first
        assert "Exercises that wait" not in (await second.get("/console/x")).text
        assert "EXERCISE: Call-out" in (await second.get("/console/x/approve")).text
        id_ = (await desk.gateway.held("santos"))[0]["id"]
        assert "Release as an exercise to 3 members" in (await second.get(f"/console/x/approve/{id_}")).text
        done = await second.post(f"/console/x/approve/{id_}", {"act": "release", "do": "release", "page": "/console"})
    assert done.status_code == 303, done.text
    assert states(desk.kit) == ["released"]


@pytest.mark.parametrize(
    "changes",
    [
        {"template": ""}, {"template": "nothing"}, {"to": ""}, {"name": "../etc"}, {"name": "a b"}, {"name": "x" * 65},
        {"to": "", "member": "ZZ"}, {"name": "\u202enight"},
    ],
)  # fmt: skip
async def test_what_cannot_be_started_is_stated_and_starts_nothing(
    desk: Desk, author: Browser, changes: dict[str, str]
) -> None:
    await author.get("/console/x/drills/new")
    answer = await author.post("/console/x/drills/new", {**FORM, **changes})
    assert answer.status_code == 422
    assert 'id="problem"' in answer.text
    assert await desk.gateway.drills() == []


@pytest.mark.parametrize("name", ["night-1", ""])
async def test_two_presses_start_one_drill(desk: Desk, author: Browser, name: str) -> None:
    """Before, every member's duty officer was called out twice, and the report mixed both."""
    sent = {**fields((await author.get("/console/x/drills/new")).text), **FORM, "name": name}
    done = await author.post("/console/x/drills/new", sent)
    assert done.status_code == 303
    assert (await author.post("/console/x/drills/new", sent)).status_code == 409
    assert rows(desk.kit, "select count(*), count(distinct name) from drill") == [(1, 1)]
    assert rows(desk.kit, "select count(*) from message") == [(1,)]
    again = {**sent, **fields((await author.get("/console/x/drills/new")).text), **FORM, "name": ""}
    assert (await author.post("/console/x/drills/new", again)).status_code == 303, "a new form starts another one"


async def test_some_members_alone(desk: Desk, author: Browser) -> None:
    path = await started(author, to="", member="SG")
    page = (await author.get(path)).text
    assert "Singapore" in page
    assert "0 / 1" in page


async def test_an_actual_message_is_no_exercise(desk: Desk, author: Browser) -> None:
    from console.test_messages import handed_in

    who = await handed_in(author)
    id_ = who.split("/")[-2]
    for path in (f"/console/x/drills/{id_}", f"/console/x/drills/{id_}/table.csv", "/console/x/drills/nobody"):
        assert (await author.get(path)).status_code == 404


async def test_who_only_reads_starts_none(desk: Desk) -> None:
    async with browser(desk) as reader:
        await reader.sign_in("santos")
        assert (await reader.get("/console/x/drills")).status_code == 200
        assert "/drills/new" not in reader.page
        assert (await reader.get("/console/x/drills/new")).status_code == 403
        await reader.get("/console/x/drills")
        assert (await reader.post("/console/x/drills/new", FORM)).status_code == 403
    assert await desk.gateway.drills() == []
