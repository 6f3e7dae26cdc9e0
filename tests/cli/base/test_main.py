"""The command line as a whole: its listing, its exit codes, its two lines, its speed."""

import os
import pty
import re
import resource
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import rich_click as click

import suar as package
from suar.cli.base.lazy import LazyGroup
from suar.cli.main import cli
from support.commands import Suar
from support.executables import ENV, PYTHON, SUAR_SCRIPT
from support.patience import PATIENCE


def commands(group: LazyGroup, *before: str) -> Iterator[tuple[str, ...]]:
    """Every command and group that is listed, by its words."""
    for name in group.table:
        yield (*before, name)
        found = group.load(name)
        if isinstance(found, LazyGroup):
            yield from commands(found, *before, name)


LISTED = list(commands(cli))


@pytest.mark.parametrize("words", LISTED, ids=" ".join)
def test_every_listed_command_has_help_with_an_example_of_itself(suar: Suar, words: tuple[str, ...]) -> None:
    ended = suar(*words, "--help")
    assert ended.code == 0
    assert ended.err == ""
    example = re.search(r"Example:\n\s+(?:\S+ \| )?suar (.+)", ended.out)
    assert example is not None
    assert example[1].startswith(" ".join(words))
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("words", LISTED, ids=" ".join)
def test_an_option_of_one_value_is_given_once(suar: Suar, words: tuple[str, ...]) -> None:
    """Whoever names two files expects that both are read: the last one must not replace the first."""
    found: click.Command = cli
    for word in words:
        assert isinstance(found, LazyGroup)
        found = found.load(word)
    if isinstance(found, LazyGroup):
        return
    for option in found.params:
        if isinstance(option, click.Option) and not (option.is_flag or option.multiple or option.count):
            one = (option.opts[-1], *("x" for _ in range(option.nargs)))
            ended = suar(*words, *one, *one)
            assert (ended.code, "is given twice" in ended.err) == (64, True), (option.opts, ended.err)


def test_the_group_lists_its_table_without_importing_it() -> None:
    script = "import sys; from suar.cli.main import run; run(['--help']); print([m for m in sys.modules if m in HEAVY])"
    heavy = "HEAVY = {'rich', 'nacl', 'msgspec', 'httpx', 'sqlalchemy', 'litestar', 'nats', 'cryptography'}; "
    done = subprocess.run([PYTHON, "-c", heavy + script], capture_output=True, text=True, check=True)
    assert "federation" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


def test_help_comes_at_once() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([SUAR_SCRIPT, "--help"], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(once() for _ in range(5)) < 0.6  # seconds of a processor; 0.15 of a quiet one, and a busy one is slower


def test_version(suar: Suar) -> None:
    assert suar("--version") == (0, f"suar {package.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["federation", "nonsense"],
        ["federation", "show"],
        ["init", "--member", "T1", "--name", "x"],
        ["init", "--member", "TH"],
        ["federation", "renew", "--from", "x", "-o", "y", "--days", "401"],
        ["federation", "verify", "x", "--pin", "12"],
        ["federation", "merge", "x", "y", "-o", "z", "--now", "yesterday"],
    ],
    ids=" ".join,
)
def test_usage_errors_end_with_64(suar: Suar, arguments: list[str]) -> None:
    ended = suar(*arguments)
    assert (ended.code, ended.out, ended.line_labels) == (64, "", ["error:", "hint:"])
    assert "--help" in ended.err


@pytest.mark.parametrize("arguments", [[], ["federation"], ["trust"]], ids=["suar", "federation", "trust"])
def test_a_group_alone_shows_its_help_and_is_a_usage_error(suar: Suar, arguments: list[str]) -> None:
    ended = suar(*arguments)
    assert (ended.code, ended.out) == (64, "")
    assert "Commands:" in ended.err


def test_what_the_system_refuses_is_two_lines(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keygen = ("root", "keygen", "--holder", "A", "-o")
    for target in ("file/a", "missing/a", "/proc/a"):
        ended = suar(*keygen, target)
        assert (ended.code, ended.out, ended.line_labels) == (1, "", ["error:", "hint:"]), target
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "passphrase"]


def test_a_full_disk_is_two_lines_and_nothing_half_written(tmp_path: Path, passphrase: Path) -> None:
    script = (
        "import resource, signal, sys; from suar.cli.main import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)); main(sys.argv[1:])"
    )
    arguments = ["init", "--member", "TH", "--name", "T", "--state", "th", "--argon2id", "interactive"]
    done = subprocess.run(
        [PYTHON, "-c", script, *arguments, "--passphrase-file", str(passphrase)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == ["error:", "hint:"]
    assert list((tmp_path / "th").iterdir()) == []


@pytest.mark.parametrize("unbuffered", ["", "1"])  # unbuffered the write fails, buffered the last flush does
def test_a_full_disk_behind_a_redirect_is_not_a_success(unbuffered: str) -> None:
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [SUAR_SCRIPT, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environ
        )
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == ["error:", "hint:"]


def _on_a_terminal(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], int]:
    """A command whose standard input is a terminal, and our end of it."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUAR_")}
    process = subprocess.Popen(
        [ENV, "--default-signal=INT", SUAR_SCRIPT, *arguments],  # a run in the background ignores it
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=folder, env=environment, text=True, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    return process, ours


def _read_until(process: "subprocess.Popen[str]", word: str) -> str:
    assert process.stderr is not None
    text = ""
    while word not in text and (letter := process.stderr.read(1)):
        text += letter
    return text


def _wait_until_it_reads(process: "subprocess.Popen[str]", terminal: int) -> None:
    """Until a prompt waits for what is typed: it has turned the echo off, by which it drops what was typed before.

    Then it sleeps in its read. A signal just before that is one that Python sees only after it.
    """
    deadline = time.monotonic() + PATIENCE
    stat = Path(f"/proc/{process.pid}/stat")
    while termios.tcgetattr(terminal)[3] & termios.ECHO or stat.read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)


KEYGEN = ("root", "keygen", "--holder", "A", "-o", "a", "--argon2id", "interactive")


def test_control_c_at_a_prompt_ends_with_130(tmp_path: Path) -> None:
    process, terminal = _on_a_terminal(tmp_path, *KEYGEN)
    _read_until(process, "passphrase of the new root key")
    _wait_until_it_reads(process, terminal)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    os.close(terminal)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_requested_twice_and_never_shown(tmp_path: Path) -> None:
    process, terminal = _on_a_terminal(tmp_path, *KEYGEN)
    _read_until(process, "passphrase of the new root key")
    _wait_until_it_reads(process, terminal)
    os.write(terminal, b"correct horse\n")
    _read_until(process, "Repeat")
    _wait_until_it_reads(process, terminal)
    os.write(terminal, b"correct horse\n")
    out, err = process.communicate(timeout=PATIENCE)
    try:
        shown = os.read(terminal, 4096).decode()
    except OSError:  # nothing was echoed
        shown = ""
    os.close(terminal)
    assert process.returncode == 0, err
    assert "horse" not in out + err + shown
    assert (tmp_path / "a.pub").exists()


def test_a_mistyped_command_names_its_neighbour(suar: Suar) -> None:
    assert "did you mean publish?" in suar("publishh").err
    assert "did you mean publish?" in suar("publsh").err
    assert "did you mean show" in suar("keys", "showw").err
    assert "did you mean" not in suar("xyzzy").err


def test_the_hint_for_a_member_by_its_name_is_its_code(suar: Suar) -> None:
    ended = suar("inbox", "--from", "Thailand")
    assert ended.code == 64
    assert "did you mean TH?" in ended.err
    assert "did you mean" not in suar("inbox", "--from", "Atlantis").err
