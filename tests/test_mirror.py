"""The tests mirror the package: what is about one room lies in that room's folder, and other folders have a reason."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
REPOSITORY: Final = HERE.parent
PACKAGE: Final = REPOSITORY / "gateway/suar"
CROSS_ROOM: Final = {
    "attacks": "what an attacker tries, at whatever room it arrives",
    "browser": "stories of people in a browser, through console, service and bus",
    "exchange_formats": "files of other formats, from suar.exchange through the privacy gate to a gateway",
    "chaos": "whole federations under random faults",
    "pains": "what hurts users of comparable systems, each shown on whole gateways",
}
"""Folders of tests that mirror none of the package, and why."""
OF_THE_REPOSITORY: Final = frozenset({"bench", "deploy", "keys", "schemas"})
"""Folders of tests that mirror a folder of the repository."""
ABOUT_THE_SOURCE: Final = {
    "boolean_functions",
    "eighth_kind",
    "executables",
    "house",
    "mirror",
    "names",
    "one_home",
    "pages",
    "planted_parts",
    "privates",
    "quick",
    "support",
    "unused",
    "wheel",
}
"""Tests of the repository as a whole, directly in tests/; the others there are named as the module that they test."""
BY_ROOM: Final = {
    "cli": {"base"},
    "protocol": {"base", "message"},
    "service": {"core", "process", "settings"},
    "store": {"engine"},
}
"""Packages whose tests lie in a folder a room -> rooms that a test of another one needs as well: the lowest, which all
use, and the process, which starts all. The tests of other packages lie directly in the folder of the package."""
ELSEWHERE: Final = {
    "protocol/test_conformance.py": "all rooms: every published vector, by the room that runs them",
    "service/process/test_custody_live.py": "custody and recovery, by running gateways",
    "service/recovery/test_lost_again.py": "what the own server lost, by the room that publishes it again",
    "service/test_store_indexes.py": "what a hostile writer of the database does, beside its other files",
    "service/test_store_statements.py": "the same",
}
"""Tests that name one room and are about more, and why."""


def files_of_tests() -> list[Path]:
    return sorted(path.relative_to(HERE) for path in HERE.rglob("test_*.py") if "node_modules" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def rooms_of(package: str) -> set[str]:
    return {path.parent.name for path in (PACKAGE / package).glob("*/__init__.py")}


def rooms_in(path: Path, package: str) -> set[str]:
    """The rooms of a package that a test imports."""
    start = f"suar.{package}."
    return {name.removeprefix(start).partition(".")[0] for name in imported(path) if name.startswith(start)} & (
        rooms_of(package)
    )


def is_misplaced(path: Path, package: str) -> bool:
    """Whether a test names one room, without those that every test needs, and lies in another one's folder."""
    rooms = rooms_in(HERE / path, package)
    return len(rooms - BY_ROOM[package]) == 1 and path.parts[1] not in rooms


def test_every_folder_mirrors_one_of_the_package_or_of_the_repository_or_has_a_reason() -> None:
    folders = {path.parent for path in files_of_tests()} - {Path()}
    others = {str(folder) for folder in folders if not (PACKAGE / folder).is_dir()}
    assert others - OF_THE_REPOSITORY == CROSS_ROOM.keys()
    assert all((REPOSITORY / folder).is_dir() for folder in OF_THE_REPOSITORY)


def test_a_test_beside_this_one_is_named_as_its_module_or_is_about_the_source() -> None:
    names = {path.stem.removeprefix("test_") for path in files_of_tests() if path.parent == Path()}
    assert {name for name in names if not (PACKAGE / f"{name}.py").is_file()} == ABOUT_THE_SOURCE


@pytest.mark.parametrize("package", BY_ROOM)
def test_what_names_one_room_lies_in_its_folder(package: str) -> None:
    misplaced = {str(path) for path in files_of_tests() if path.parts[0] == package and is_misplaced(path, package)}
    assert misplaced == {each for each in ELSEWHERE if each.startswith(f"{package}/")}
