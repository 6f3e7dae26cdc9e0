"""The one table of who may call what, against the router; and every page as every role."""

import re
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from suar.console.app import create_console, routed
from suar.console.guard import ALL, ANYBODY, EXERCISE, PREFIX, ROUTES
from suar.console.pages.registry import PAGES
from suar.service.people.roles import PERSON_ROLES
from support.console import Browser, Desk, browser
from support.pages import ROOT

SIGNED_IN = {"coordinator": "jose", "author": "ana", "approver": "ben", "reader": "rita", "operator": "omar",
             "auditor": "aude", "agency": "nurse"}  # fmt: skip


def test_the_router_has_the_table_and_nothing_else(desk: Desk) -> None:
    found = set()
    for route in create_console(desk.gateway).routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            found |= {(str(method), route.path) for method in handler.http_methods - {"OPTIONS"}}
    wanted: set[tuple[str, str]] = {("GET", "/m/{id:str}")}  # the address in notices, which leads to the page
    for (method, path), rule in ROUTES.items():
        suffix = "" if path == "/" else path
        wanted |= {(method, PREFIX + suffix)} | (
            {(method, PREFIX + EXERCISE + suffix)} if rule.is_in_exercise else set()
        )
    assert found == wanted
    assert PAGES.keys() == ROUTES.keys()


def test_every_address_in_the_document_is_one_of_a_page() -> None:
    """Those of the API are in another table; ID stands for an id."""
    text = (ROOT / "docs/console.md").read_text("utf-8")
    named = set(re.findall(r"`(?:(?:GET|POST) )?(?:http://[\w.:]+)?(/(?!v1/)[\w/.{}-]+)(?:\?[^`]*)?`", text))
    assert {"/console", "/console/live", "/console/m/ID/export", "/m/ID"} <= named
    addresses = {route.path for route in routed().routes}
    known = [re.compile(re.sub(r"\{\w+:str\}", "[A-Z]+", address)) for address in addresses]
    assert [each for each in sorted(named) if not any(address.fullmatch(each) for address in known)] == []


def test_every_line_names_roles_that_exist() -> None:
    for key, rule in ROUTES.items():
        assert rule.roles, key
        assert rule.roles == ANYBODY or rule.roles <= ALL, key
        assert rule.roles != ANYBODY or key[1].split("/")[1] in {"static", "sign-in", "join"}, key


def test_a_page_without_a_line_cannot_be_declared() -> None:
    from suar.console.pages.registry import page

    with pytest.raises(ValueError, match="no line"):
        page("GET", "/nowhere")


def test_the_table_says_which_answers_are_no_pages() -> None:
    """By what each call makes: a page is rendered, any other answer is made by the call itself."""
    routed()
    for (method, path), rule in ROUTES.items():
        names = set(PAGES[method, path].__code__.co_names)
        is_made = bool(names & {"Response", "Stream", "_file"}) and "_page" not in names
        assert rule.is_file is (method == "GET" and is_made), (method, path)


async def test_without_a_session_every_page_leads_to_the_sign_in(desk: Desk, visit: Browser) -> None:
    for method, path in ROUTES:
        if ROUTES[method, path].roles == ANYBODY:
            continue
        answer = await (visit.get if method == "GET" else visit.post)(PREFIX + filled(path))
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith(f"{PREFIX}/sign-in"), (method, path)


@pytest.mark.parametrize("role", PERSON_ROLES)
async def test_a_role_opens_what_the_table_says_and_no_more(desk: Desk, role: str) -> None:
    async with browser(desk) as visit:
        await visit.sign_in(SIGNED_IN[role])
        await visit.get("/console/me")
        csrf = desk.gateway.people.identify(next(iter(visit.cookies.values())))
        assert csrf is not None
        for (method, path), rule in ROUTES.items():
            if rule.roles == ANYBODY or path == "/sign-out":
                continue
            if path == "/live" and role in rule.roles:
                assert await begins(visit, PREFIX + path), role
                continue
            form: dict[str, Any] = {} if method == "GET" else {"csrf": csrf.csrf}
            call = visit.get if method == "GET" else visit.post
            answer = await call(PREFIX + filled(path), **form)
            assert answer.status_code < 500, (method, path)  # a page whose words or template are missing
            is_refused = answer.status_code == 403 and "This page is for other roles" in answer.text
            assert is_refused is (role not in rule.roles), (method, path, answer.status_code)


async def begins(visit: Browser, path: str) -> bool:
    """Whether a stream begins, which is not waited for to its end."""
    async with visit.client.stream("GET", f"{visit.desk.url}{path}", headers={"Host": visit.host}) as answer:
        return answer.status_code == 200


def filled(path: str) -> str:
    return path.replace("{id:str}", "nobody").replace("{name:str}", "nobody").replace("{link:str}", "x" * 43)
