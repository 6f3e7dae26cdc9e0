"""Signing in, being signed in, signing out."""

import pytest

from support.console import PASSWORD, Browser, Desk


async def test_who_has_both_factors_is_in(desk: Desk, visit: Browser) -> None:
    answer = await visit.get("/console/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?next=/console/people")
    done = await visit.sign_in("maria", next_="/console/people")
    assert (done.status_code, done.headers["location"]) == (303, "/console/people")
    page = await visit.get("/console/people")
    assert page.status_code == 200
    assert "Maria" in page.text
    assert ("maria", "sign-in", "maria") in desk.audit()


@pytest.mark.parametrize(
    ("user", "password", "value"),
    [("maria", "another password", None), ("maria", PASSWORD, "000000"), ("nobody", PASSWORD, None)],
)
async def test_every_failure_says_the_same(visit: Browser, user: str, password: str, value: str | None) -> None:
    answer = await visit.sign_in(user, password, value)
    assert answer.status_code == 403
    assert "User name, password or code is wrong" in answer.text
    assert visit.cookies == {}
    assert "<h1>Code of your authenticator" not in answer.text
