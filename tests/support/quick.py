"""Which tests `make test` runs where TESTS is not `all`: those that take little time (docs/adr/0084).

They start no server, gateway, machine or browser, which what a file imports tells; files marked `essential` start some,
and are run too. A server that another test starts ends it with an error. What is marked slow is left out, and so is a
file that takes over seven seconds.
"""

from __future__ import annotations

import ast
import csv
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import settings

from support import stores
from support.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Generator

TESTS: Final = Path(__file__).parents[1]
LONG_FILES: Final = TESTS / "long_files.csv"
EXAMPLES: Final = 25
"""Of each property, instead of a hundred."""
MARKS: Final = ("slow", "browser")
ESSENTIAL: Final = "essential"
"""The mark of files that start servers, and are run all the same."""
FIXTURES: Final = frozenset({"cluster", "demo", "federation", "national"})
"""Of the conftest.py of all tests and of folders: they start servers for whoever asks."""
STARTERS: Final = frozenset({
    "playwright.async_api", "suar.demo.embedded.federation", "suar.demo.embedded.nats_federation",
    "suar.demo.embedded.servers", "support.bundles", "support.demos", "support.machines",
})  # fmt: skip
NAMES_THAT_START: Final = {
    "support.gateways": frozenset({"Federation", "running"}),
    "support.nats_server": frozenset({"federation", "national"}),
}
"""Modules from which other names are imported too, which start nothing."""
ENDING: Final = frozenset({"-t", "--version"})
"""With these a server reads its configuration, or says its version, and ends."""
SERVERS: Final = frozenset({"nats-server", "postgres", "pg_ctl", "chromium-headless-shell"})


@cache
def long_files() -> dict[Path, int]:
    """The files of tests that take over seven seconds, with their seconds."""
    with LONG_FILES.open(encoding="utf-8", newline="") as file:
        return {TESTS / row["file"]: int(row["seconds"]) for row in csv.DictReader(file)}


@cache
def imports(path: Path) -> frozenset[tuple[str, str]]:
    """What a file imports, as (module, name); the name of a whole module is empty."""
    found = set[tuple[str, str]]()
    for node in ast.walk(parsed(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {(each.name, "") for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, each.name) for each in node.names}
            found |= {(f"{node.module}.{each.name}", "") for each in node.names}
    return frozenset(found)


@cache
def starts_servers(path: Path, root: Path = TESTS) -> bool:
    """Whether a file imports what starts servers, itself or by another file below `root`."""
    seen, waiting = {path}, [path]
    while waiting:
        for module, name in imports(waiting.pop()):
            of_others = NAMES_THAT_START.get(module)
            if module in STARTERS or (of_others is not None and name in of_others):
                return True
            other = root / f"{module.replace('.', '/')}.py"
            if of_others is None and other not in seen and other.is_file():
                seen.add(other)
                waiting.append(other)
    return False


def has_quick_tests(path: Path) -> bool:
    """Whether this file may have a quick test: one with an essential test has, whatever else it starts."""
    if f"pytest.mark.{ESSENTIAL}".encode() in path.read_bytes():
        return True
    return path not in long_files() and not starts_servers(path)


def is_quick(item: pytest.Item) -> bool:
    """Whether `make test` runs this test where TESTS is not `all`; its file is one that may have a quick test."""
    if item.get_closest_marker(ESSENTIAL):
        return True
    if any(item.get_closest_marker(mark) for mark in MARKS) or FIXTURES & set(getattr(item, "fixturenames", ())):
        return False
    case = getattr(item, "callspec", None)
    is_in_a_cluster = case is not None and case.params.get("each_store") == stores.POSTGRESQL
    return not is_in_a_cluster and item.path not in long_files() and not starts_servers(item.path)


def refuse_servers(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise where a server is started: an audit hook of this process."""
    if event != "subprocess.Popen" or Path(str(arguments[0])).name not in SERVERS:
        return
    if ENDING.isdisjoint(map(str, arguments[1])):
        raise RuntimeError(f"{arguments[0]} is started by a quick test: see support/quick.py")


class Quick:
    """The plugin of `pytest --quick`: leaves files and tests out, and says at the end how many."""

    def __init__(self) -> None:
        self.left_out = {"files": 0, "tests": 0}
        self._has_leave = False
        base = settings.get_profile(settings.get_current_profile_name())
        settings.register_profile("quick", base, max_examples=EXAMPLES)
        settings.load_profile("quick")
        sys.addaudithook(self._refuse_servers)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Do not import a file of which nothing is run: that takes half a minute of each worker."""
        if collection_path.name.startswith("test_") and collection_path.suffix == ".py":
            if has_quick_tests(collection_path):
                return None
            self.left_out["files"] += 1
            return True
        return None

    def _refuse_servers(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._has_leave:
            refuse_servers(event, arguments)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let an essential test start servers, and its fixtures."""
        self._has_leave = item.get_closest_marker(ESSENTIAL) is not None
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the quick ones."""
        left_out = [each for each in items if not is_quick(each)]
        config.hook.pytest_deselected(items=left_out)
        self.left_out["tests"] = len(left_out)
        items[:] = [each for each in items if is_quick(each)]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the process that prints, where this one is a worker; all of them leave out the same tests."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["left_out"] = self.left_out

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear of a worker's."""
        self.left_out = getattr(node, "workeroutput", {}).get("left_out", self.left_out)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The last line before the result; none of a run that was interrupted, of which no worker tells."""
        if any(self.left_out.values()):
            files, tests = self.left_out["files"], self.left_out["tests"]
            terminalreporter.write_line(
                f"{files} files and {tests} other tests were left out, which `make test TESTS=all` runs"
            )
