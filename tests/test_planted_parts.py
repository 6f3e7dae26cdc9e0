"""A health check and an API route take one module each: everything else finds them without another edit."""

import json
from typing import Any

import pytest

from suar.observe.checks.finding import check
from support.copies import copied, run_in
from support.planted_parts import plant

pytestmark = [pytest.mark.slow]  # a program in a copy of the repository
ALLOWED = {"monitor", "operate", "admin"}
"""operate includes monitor, admin includes operate."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    copy = copied(tmp_path_factory.mktemp("copy"))
    plant(copy)
    done = run_in(copy, "tests/support/planted_parts.py", str(copy))
    assert done.returncode == 0, done.stderr
    found_document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found_document


def test_a_check_is_made_in_its_order(found: dict[str, Any]) -> None:
    ids = found["check"]["ids"]
    assert ids[ids.index("copies") - 1 : ids.index("copies") + 2] == ["way-up", "copies", "outbox"]
    assert found["check"]["status"] == [["warning", "make one: `suar backup`"]]


def test_a_check_says_what_explains_it(found: dict[str, Any]) -> None:
    assert (found["check"]["because"], found["check"]["alone"]) == ("store", None)


def test_a_check_is_reported_by_commands_metrics_api_and_pages(found: dict[str, Any]) -> None:
    assert "copies" in found["check"]["check"]
    assert "copies" in found["check"]["doctor"]
    assert any(each["id"] == "copies" for each in found["api"]["checks"]["checks"])
    assert 'suar_check_status{check="copies"}' in found["api"]["metrics"]
    assert (
        '| <a id="copies"></a>`copies` | Whether a copy of the state folder was made. | make one: `suar backup` |'
        in found["pages"]["why.md"]
    )


@pytest.mark.parametrize(("name", "order"), [("clock", 5), ("another", 10)])
def test_two_checks_have_no_name_and_no_order_in_common(name: str, order: int) -> None:
    from suar.observe.checks import every

    assert every.IDS[0] == "clock"
    with pytest.raises(ValueError, match="exists already"):
        check(name, order=order, step="")


def test_a_route_is_opened_by_its_scope_alone(found: dict[str, Any]) -> None:
    answers = found["api"]["whose"]
    assert {scope for scope, status in answers.items() if status == 200} == ALLOWED
    assert {status for scope, status in answers.items() if scope not in ALLOWED} == {403}
    assert found["api"]["nobody"] == 401
    assert found["api"]["says"] == {"member": "TH"}


def test_a_route_without_a_scope_is_closed(found: dict[str, Any]) -> None:
    assert set(found["api"]["forgotten"].values()) == {403}


def test_a_route_is_documented(found: dict[str, Any]) -> None:
    assert found["api"]["document"]
    table = [line for line in found["pages"]["operators.md"].splitlines() if line.startswith("| `monitor` |")]
    assert ["`GET /v1/whose`" in line for line in table] == [True]
