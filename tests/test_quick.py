"""`make test` leaves out what starts a server, by what a file imports; what starts one all the same is an error."""

from pathlib import Path

import pytest

from support.executables import PYTHON, nats_server
from support.quick import long_files, refuse_servers, starts_servers

TESTS = Path(__file__).parent


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("from support.gateways import draft, eventually", False),
        ("from support.gateways import draft, running", True),
        ("from support import gateways", False),
        ("import support.machines", True),
        ("from support import machines", True),
        ("def late():\n    from suar.demo.embedded.servers import Servers", True),
        ("from between import help_", True),
        ("from around import help_", False),
        ("import json", False),
    ],
    ids=range(9),
)
def test_a_file_starts_servers_if_what_it_imports_does(tmp_path: Path, text: str, *, wanted: bool) -> None:
    (tmp_path / "between.py").write_text("from support.nats_server import federation\n")
    (tmp_path / "around.py").write_text("import round_about\n")
    (tmp_path / "round_about.py").write_text("import around\n")
    file = tmp_path / "test_it.py"
    file.write_text(text)
    assert starts_servers(file, tmp_path) is wanted


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("service/test_two_hubs_live.py", True), ("chaos/test_slice.py", True), ("api/test_feed_cookie.py", True),
        ("deploy/test_deb.py", True), ("api/test_access.py", False), ("protocol/test_conformance.py", False),
    ],
)  # fmt: skip
def test_files_of_which_it_is_known(file: str, *, wanted: bool) -> None:
    assert starts_servers(TESTS / file) is wanted


def test_a_server_that_is_started_all_the_same_is_refused() -> None:
    with pytest.raises(RuntimeError, match="is started by a quick test"):
        refuse_servers("subprocess.Popen", (nats_server(), [nats_server(), "-c", "hub.conf"], None, None))
    refuse_servers("subprocess.Popen", (nats_server(), [nats_server(), "-t", "-c", "hub.conf"], None, None))
    refuse_servers("subprocess.Popen", (PYTHON, [PYTHON, "-c", ""], None, None))
    refuse_servers("open", (nats_server(), "r", 0))


def test_the_files_that_begin_first_are_there_the_longest_first() -> None:
    assert [file for file in long_files() if not file.is_file()] == []
    seconds = list(long_files().values())
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[-1] >= 7
