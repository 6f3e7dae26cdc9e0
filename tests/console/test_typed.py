"""What a person filled into a form is there again after the question for a factor, and the page says what is so."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from console.test_messages import URGENT, handed_in, states
from suar.console import typed
from suar.console.form_body import Form
from suar.console.guard import PREFIX, ROUTES
from suar.protocol.base import limits
from support.console import Browser, Desk, browser, code, served

ID: Final = "TH-ALERT-2027-000001"
PAGES: Final = {
    "/me/password": ("maria", "/console/me"),
    "/me/recovery-codes": ("maria", "/console/me"),
    "/me/passkeys": ("maria", "/console/me"),
    "/me/passkeys/remove": ("maria", "/console/me"),
    "/people": ("maria", "/console/people"),
    "/people/{id:str}": ("maria", "/console/people/santos"),
    "/agencies": ("maria", "/console/agencies"),
    "/agencies/{name:str}": ("maria", "/console/agencies/clinic"),
    "/draft/{id:str}/alone": ("reyes", ""),
    "/approve/{id:str}": ("santos", f"/console/approve/{ID}"),
    "/m/{id:str}/recall": ("reyes", "/console/m/TH-ALERT-2027-000002/recall"),
    "/tokens": ("olga", "/console/tokens"),
    "/tokens/revoke": ("olga", "/console/tokens"),
    "/keys/rotate": ("olga", "/console/keys"),
}
"""Of each form that asks for a factor who has it, and on which page; "": where the draft is."""
NOT_YET: Final = "Not decided yet: nothing has been done."
ROOM: Final = {"text": "typed: <{}>", "textarea": "typed: <{}>", "url": "https://hook.example/{}", "date": "2027-03-01"}
SHOWN_ALONE: Final = frozenset({"hidden", "password", "submit"})


class Control:
    """A field of a form: its name, its type, and what it holds; `chosen`: of a choice whether it is the one."""

    def __init__(self, name: str, kind: str, value: str, *, chosen: bool = True) -> None:
        self.name, self.kind, self.value, self.chosen = name, kind, value, chosen

    @property
    def is_typed(self) -> bool:
        return bool(self.name) and self.kind not in SHOWN_ALONE


class Forms(HTMLParser):
    """The forms of a page: to where each is sent, and its fields."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path, self.forms = path, list[tuple[str, list[Control]]]()
        self._inside, self._select = False, ""
        self._area: Control | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if tag == "form":
            self.forms.append((attributes.get("action") or self.path, []))
            self._inside = True
        elif not self._inside:
            return
        elif tag == "input":
            kind = "hidden" if "hidden" in attributes else attributes.get("type", "text")
            chosen = kind not in ("radio", "checkbox") or "checked" in attributes
            self.forms[-1][1].append(Control(name, kind, value, chosen=chosen))
        elif tag == "textarea":
            self._area = Control(name, tag, "")
            self.forms[-1][1].append(self._area)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.forms[-1][1].append(Control(self._select, tag, value, chosen="selected" in attributes))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._select = "" if tag == "select" else self._select
        self._area = None if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data.removeprefix("\n")


def sent(controls: list[Control]) -> dict[str, list[str]]:
    """What a person sends who fills every field, and of each choice takes the last."""
    values: dict[str, list[str]] = {}
    for each in controls:
        if each.kind in ("radio", "option", "hidden"):
            values[each.name] = [each.value]
        elif each.kind == "checkbox":
            values.setdefault(each.name, []).append(each.value)
        elif each.kind != "submit" and each.name:
            values[each.name] = [ROOM.get(each.kind, "typed: {}").format(each.name)]
    return values


def held(controls: list[Control]) -> dict[str, list[str]]:
    """What the fields of a form hold that a person sees."""
    found: dict[str, list[str]] = {}
    for each in controls:
        if each.is_typed and each.chosen:
            found.setdefault(each.name, []).append(each.value)
    return found


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "state") as made:
        made.kit.aside(made.kit.receive_bundles)
        made.add("reyes", "author")
        made.add("santos", "approver")
        made.add("maria", "coordinator")
        made.add("jose", "coordinator")
        made.add("olga", "operator")
        await made.register("clinic")
        await made.load()
        yield made


async def again(visit: Browser, answer_at: str) -> str:
    """The factor is given once more; where the browser is sent."""
    visit.desk.later(limits.MINUTE)
    await visit.get(answer_at)
    next_ = answer_at.partition("next=")[2]
    done = await visit.post("/console/again", {"code": code(visit.desk.kit.now), "next": next_})
    return done.headers["location"]


def test_every_form_that_asks_for_a_factor_is_tried() -> None:
    assert {path for (method, path), rule in ROUTES.items() if method == "POST" and rule.is_fresh_only} == PAGES.keys()


@pytest.mark.parametrize("path", PAGES)
async def test_a_form_that_a_factor_interrupts_is_filled_as_it_was(desk: Desk, author: Browser, path: str) -> None:
    draft = await handed_in(author, **URGENT)
    await handed_in(author)
    user, where = PAGES[path][0], PAGES[path][1] or draft
    async with browser(desk, f"th.localhost:{desk.url.rpartition(':')[2]}") as visit:
        await visit.sign_in(user)
        page = (await visit.get(where)).text
        assert NOT_YET not in page
        to = f"{draft}/alone" if path.endswith("/alone") else where if "{" in path else PREFIX + path
        forms = [(at, inside) for at, (action, inside) in enumerate(Forms(page, where).forms) if action == to]
        if path not in ("/me/passkeys/remove", "/tokens/revoke"):  # of which there is none yet
            assert forms
        for at, controls in forms:
            form = sent(controls)
            assert form["page"] == [where]  # to which the question leads back
            desk.later(11 * limits.MINUTE)
            answer = await visit.post(to, form)
            assert answer.headers["location"] == f"/console/again?next={where}"
            assert await again(visit, answer.headers["location"]) == where
            page = (await visit.get(where)).text
            assert NOT_YET in page
            assert "password" not in form or "typed: password" not in page
            now = Forms(page, where).forms[at][1]
            typed_in = {each.name for each in controls if each.is_typed}
            assert held(now) == {name: form[name] for name in form if name in typed_in}
            assert NOT_YET in (await visit.get(where)).text  # until it is sent


async def test_a_reason_is_not_there_for_others_and_not_after_it_was_sent(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    await handed_in(author, **URGENT)
    path = f"/console/approve/{ID}"
    desk.add("bell", "approver")
    await desk.load()
    await approver.get(path)
    desk.later(11 * limits.MINUTE)
    typed_in = {"act": "reject", "reason": "take the pier out", "then": "destroy", "page": path}
    answer = await approver.post(path, typed_in)
    async with browser(desk) as other:
        await other.sign_in("bell")
        theirs = (await other.get(path)).text
        assert "take the pier out" not in theirs
        assert NOT_YET not in theirs
    await again(approver, answer.headers["location"])
    assert "take the pier out" in (await approver.get(path)).text
    assert states(desk.kit) == ["held"]
    assert (await approver.post(path, typed_in)).status_code == 303
    assert states(desk.kit) == ["rejected"]
    assert NOT_YET not in (await approver.get(path)).text


async def test_a_reason_is_kept_over_a_session_that_was_idle(desk: Desk, author: Browser, approver: Browser) -> None:
    await handed_in(author, **URGENT)
    path = f"/console/approve/{ID}"
    await approver.get(path)
    desk.later(31 * limits.MINUTE)
    answer = await approver.post(path, {"act": "reject", "reason": "take the pier out", "page": path})
    assert answer.headers["location"] == f"/console/sign-in?next={path}"
    assert "take the pier out" not in (await approver.get(answer.headers["location"])).text
    await approver.sign_in("santos", next_=path)
    page = (await approver.get(path)).text
    assert (NOT_YET in page, "take the pier out" in page, states(desk.kit)) == (True, True, ["held"])


async def test_a_form_without_the_session_s_token_leaves_nothing(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    await handed_in(author, **URGENT)
    path = f"/console/approve/{ID}"
    await approver.get(path)
    for minutes in (11, 31):
        desk.later(minutes * limits.MINUTE)
        await approver.post(path, {"act": "reject", "reason": "planted", "page": path}, csrf="0" * 64)
    await approver.sign_in("santos")
    page = (await approver.get(path)).text
    assert (NOT_YET in page, "planted" in page) == (False, False)


async def test_what_is_kept_is_bounded_in_bytes_people_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(typed, "monotonic", lambda: now)
    kept = typed.Typed()
    large = Form([("reason", "x" * 9_000), ("then", "y" * 9_000), ("password", "secret"), ("reason", "z")])
    kept.keep("p0", "/a", large, ("reason", "then"))
    first = kept.at("p0", "/a")
    assert first is not None
    assert [name for name, _ in first.fields] == ["reason"]
    kept.keep("p0", "/b", Form([("reason", "two")]), ("reason",))
    assert (kept.at("p0", "/a"), kept.at("p0", "/b") is not None) == (None, True)  # one form a person
    for number in range(1, typed.TYPED_MAX + 1):
        kept.keep(f"p{number}", "/a", large, ("reason",))
    assert (kept.at("p0", "/b"), kept.at("p1", "/a") is not None) == (None, True)
    now = typed.TYPED_TIME / limits.SECOND
    assert kept.at("p1", "/a") is None
