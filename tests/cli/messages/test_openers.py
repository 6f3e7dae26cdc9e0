"""`suar check-message` says by name who will be able to open the message."""

from typing import Any

from suar.cli.messages.check_message import verdict_text

ONLY_CHECKED = "Would be accepted. Only checked: nothing was published."


def row(member: str, **changes: Any) -> dict[str, Any]:
    values = {"member": member, "name": f"State {member}", "may_open": True, "rule": "P20", "why": "need to know"}
    return {**values, "has_key": True, "agencies": [], **changes}


def opener_lines(readers: list[dict[str, Any]] | None) -> list[str]:
    return verdict_text(
        {"verdict": "pass", "reasons": [], "not_checked": [], "message": {}, "readers": readers}
    ).splitlines()


def test_who_will_and_who_will_not() -> None:
    lines = opener_lines([row("KH"), row("SG", may_open=False, rule="P7", why="not in the audience", has_key=False)])
    assert lines == [
        "pass",
        "will be able to open it:",
        "  KH  State KH  P20: need to know",
        "will not:",
        "  SG  State SG  P7: not in the audience",
        ONLY_CHECKED,
    ]


def test_who_has_no_key_now() -> None:
    assert opener_lines([row("KH", has_key=False)])[2].endswith(
        "need to know; it has no valid key now, and gets it when it has one"
    )


def test_nobody() -> None:
    assert opener_lines([row("KH", may_open=False)])[:3] == ["pass", "will be able to open it:", "  nobody"]


def test_without_a_gateway_nobody_is_named() -> None:
    assert opener_lines(None) == opener_lines([]) == ["pass", ONLY_CHECKED]


def test_a_name_moves_no_cursor() -> None:
    assert "\x1b" not in "".join(opener_lines([row("KH", name="State\x1b[2J")]))
