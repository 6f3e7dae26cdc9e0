"""Muted messages stay out of one person's list, never an urgent one; a recovered access is told to who must know."""

from console.test_messages import Receiving, sg
from suar.console.pages.home import RECOVERED
from suar.protocol.base import limits
from suar.service.people import changes
from support.console import Browser, Desk, browser
from support.pairs import new

__all__ = ["sg"]
URGENT = {"urgency": "immediate", "ack_within": 4}


async def muted(reader: Browser, **changes_: str) -> int:
    await reader.get("/console/me")
    form = {"kind": "alert", "origin": "TH", "days": "7", **changes_}
    return (await reader.post("/console/me/mutes", form)).status_code


async def test_a_muted_kind_of_a_member_is_left_out_and_counted(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    desk.kit.aside(two.publish, new("A shelter is full"))
    desk.kit.aside(two.publish, new("A boat in distress") | URGENT)
    desk.kit.aside(two.to_sg)
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        assert await muted(reader) == 303
        page = (await reader.get("/console/inbox")).text
        assert "A shelter is full" not in page
        assert "A boat in distress" in page, "an immediate one is never hidden"
        assert "Muted: 1. Show them" in page
        assert "A shelter is full" in (await reader.get("/console/inbox?muted=1")).text
        assert "A shelter is full" in (await reader.get("/console/inbox?q=shelter")).text, "a search finds it"
        desk.later(7 * limits.DAY)
        await reader.sign_in("tan")
        assert "A shelter is full" in (await reader.get("/console/inbox")).text, "it ends by itself"


async def test_the_audit_names_the_titles_that_a_person_saw_and_never_what_was_searched_for(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    shelter, boat = desk.kit.aside(two.publish, new("A shelter is full"), new("A boat in distress") | URGENT)
    desk.kit.aside(two.to_sg)

    def seen() -> list[tuple[str, str]]:
        return [(what, about) for who, what, about in desk.audit() if who == "tan" and what in ("list", "search")]

    async with browser(desk) as reader:
        await reader.sign_in("tan")
        assert await muted(reader) == 303
        await reader.get("/console/inbox")
        assert seen() == [("list", f"{boat} 1")], "what is muted was not shown"
        await reader.get("/console/inbox?q=shelter")
        await reader.get("/console/inbox?q=nothing+of+this")
        assert seen()[1:] == [("search", f"{shelter} 1")]
        assert not any("shelter" in about for *_, about in desk.audit())


async def test_a_mute_is_ended_by_hand_and_is_in_the_audit(sg: Receiving) -> None:
    desk = sg.desk
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        assert await muted(reader) == 303
        assert 'value="alert TH"' in (await reader.get("/console/me")).text
        assert await muted(reader, end="alert TH") == 303
        assert 'value="alert TH"' not in (await reader.get("/console/me")).text
    assert [line for line in desk.audit() if line[1].startswith("mute")] == [
        ("tan", "mute", "alert TH 7"), ("tan", "mute-end", "alert TH 0"),
    ]  # fmt: skip


async def test_what_cannot_be_muted_is_refused(sg: Receiving) -> None:
    desk = sg.desk
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        assert await muted(reader, days="31") == 422
        assert await muted(reader, days="-1") == 422
        assert await muted(reader, days="") == 422
        assert await muted(reader, kind="memo") == 400
        assert await muted(reader, origin="ZZ") == 400
    assert desk.gateway.people.mutes_of("tan") == ()


async def test_a_recovered_access_is_reported_to_the_person_and_to_coordinators(desk: Desk, visit: Browser) -> None:
    desk.kit.aside(changes.recover, desk.kit.core, "rita", "operator")
    await desk.load()
    await visit.sign_in("jose")
    assert "recovered in the last 7 days: 1" in (await visit.get("/console")).text
    desk.later(RECOVERED)
    await visit.sign_in("jose")
    assert "recovered in the last 7 days" not in (await visit.get("/console")).text


async def test_a_recovery_code_is_reported_on_one_s_own_page(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("rita")
    assert "Your access was recovered" not in (await visit.get("/console/me")).text
    codes = await desk.gateway.people.new_recovery_codes("rita")
    async with browser(desk) as other:
        await other.sign_in("rita", typed=codes[0])
        assert "Your access was recovered" in (await other.get("/console/me")).text
