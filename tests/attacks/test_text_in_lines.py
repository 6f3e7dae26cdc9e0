"""Who may publish breaks a telephone number, a name or a hidden count over two lines, or underlines its letters.

The attacker holds a token of scope publish. The gate's rules allow a blank between digits or words, and a line end was
none to them: every text that they refuse or hold left when it was wrapped. Now the gate reads what a reader is shown:
one blank for each line end, tab or run of blanks, and no combining marks on letters and digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.hostile_drafts import draft, written

if TYPE_CHECKING:
    from support.demos import Running

TEXTS = {
    "telephone": ("refuse", "Call 081 234 5678 for the driver."),
    "passport": ("refuse", "She has passport no AA1234567."),
    "name": ("hold", "The driver is Mr Somchai Jaidee."),
}
BLANKS = {"line end": "\n", "line end of Windows": "\r\n", "tab": "\t", "paragraph": "\u2029"}


def checked(demo: Running, text: str) -> Any:
    sg = demo.content["members"][0]
    message = draft("alert-new-route", sg["code"], text=[{"lang": "en", "title": "A driver", "summary": text}])
    bearer = {"Authorization": f"Bearer {sg['tokens']['publish']}"}
    with httpx.Client(base_url=sg["gateway"]["http"], headers=bearer, trust_env=False, timeout=120) as client:
        return client.post("/v1/messages/check", content=written(message)).json()["verdict"]


@pytest.mark.parametrize("blank", BLANKS.values(), ids=BLANKS)
@pytest.mark.parametrize(("verdict", "text"), TEXTS.values(), ids=TEXTS)
def test_no_line_end_hides_a_person(demo: Running, verdict: str, text: str, blank: str) -> None:
    assert checked(demo, text) == verdict
    assert checked(demo, text.replace(" ", blank)) == verdict


@pytest.mark.parametrize(("verdict", "text"), TEXTS.values(), ids=TEXTS)
def test_no_mark_under_letters_hides_a_person(demo: Running, verdict: str, text: str) -> None:
    assert checked(demo, "".join(f"{each}\u0332" if each.isalnum() else each for each in text)) == verdict
