"""What the documents have in blocks of `sh`: every command of suar in them is read by the command's own parser.

The playbooks, docs/install.md and the reference's README also run as they are written; here nothing is executed.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import rich_click as click

from suar.cli.base.lazy import LazyGroup
from suar.cli.main import cli
from suar.protocol.base.errors import Fault
from support.bundles import ROOT

BLOCK: Final = re.compile(r"^```sh(?: [\w-]+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OTHERWISE: Final = (
    (
        re.compile(r"^suar-run --name \w+ --detach suar:\S+"),
        "suar serve",
    ),  # an alias of podman, the image's own command
    (re.compile(r"^suar-run suar:\S+"), "suar"),
    (re.compile(r"^podman exec suar /opt/suar/current/bin/suar"), "suar"),
    (re.compile(r'"\$\(cat \S+\.pin\)"'), "0" * 64),
    (re.compile(r'"\$(?:BUNDLE|OLD)"'), "0" * 32),
)
"""How the documents write a command, or a value that is known only where they are followed, and what is parsed here."""
ENDS: Final = re.compile(r"[|<>&;]|\d>.*")
"""A word at which the command ends and the shell's own begins."""


def commands_of(document: str) -> Iterator[str]:
    """The lines of the blocks that begin with suar, each with its continuation."""
    for block in BLOCK.findall(document):
        for line in block.replace("\\\n", " ").splitlines():
            command = line
            for written, parsed in OTHERWISE:
                command = written.sub(parsed, command)
            if command.startswith("suar "):
                yield command


def parse(line: str) -> None:
    """Have the command of a line read its words. Raises UsageError, or Fault, where it refuses them."""
    words = shlex.split(line, comments=True)[1:]
    words = words[: next((n for n, word in enumerate(words) if ENDS.match(word)), len(words))]
    command: click.Command = cli
    while isinstance(command, LazyGroup) and words and words[0] in command.table:
        command = command.load(words.pop(0))
    if isinstance(command, LazyGroup) and words and not words[0].startswith("-"):
        raise click.UsageError(f"there is no command {words[0]}")
    command.make_context("suar", words)


DOCUMENTS: Final = [
    path
    for folder in ("docs", "deploy", "keys", "schemas", ".")
    for path in sorted((ROOT / folder).glob("*.md" if folder == "." else "**/*.md"))
    if path.name != "CHANGELOG.md" and any(commands_of(path.read_text()))
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_block_is_read_by_its_parser(document: Path) -> None:
    for line in commands_of(document.read_text()):
        try:
            parse(line)
        except (click.ClickException, Fault) as refused:
            pytest.fail(f"{line}: {refused}")


@pytest.mark.parametrize(
    "line",
    [
        "suar check --format nagios --stat th", "suar pair exprt -o th.pair --state th", "suar lease yield --state",
        "suar metrics ruled", "suar upgrade 0.3.0 0.4.0", "suar why ID SG --state th",
    ],
)  # fmt: skip
def test_a_command_that_does_not_exist_so_is_found(line: str) -> None:
    with pytest.raises((click.ClickException, Fault)):
        parse(line)


def test_every_task_of_the_operators_names_tests() -> None:
    table = (ROOT / "docs/operators.md").read_text().partition("| task |")[2].partition("\n\n")[0]
    rows = [row.strip("|").split("|") for row in table.splitlines()[2:]]
    assert [row[0].strip() for row in rows] == [
        "install", "watch", "every day", "something breaks", "recover", "upgrade", "leave",
    ]  # fmt: skip
    for task, _, tests in rows:
        files = re.findall(r"`(tests/\S+\.py)`", tests)
        assert files, task
        assert all((ROOT / file).is_file() for file in files), task
