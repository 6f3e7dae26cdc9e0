"""`suar notify` against a real receiver."""

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.service.notify.notify_channels import new_secret
from support.commands import Suar
from support.receivers import Receiver, receiver

TOML = """[member]
code = "TH"
name = "Thailand"
[notify.webhook.it]
url = "{url}"
secret_file = "it.secret"
[notify.person.duty]
channels = ["it"]
quiet = "00:00-23:59"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver, and a state folder whose settings name it."""
    with receiver(tmp_path / "desk", "http") as made:
        (tmp_path / "suar.toml").write_text(TOML.format(url=made.url))
        (tmp_path / "it.secret").write_bytes(new_secret())
        (tmp_path / "it.secret").chmod(0o600)
        yield made


def test_a_channel_is_tried_from_the_command_line(suar: Suar, tmp_path: Path, desk: Receiver) -> None:
    ended = suar("notify", "test", "it", "--state", str(tmp_path))
    assert (ended.code, ended.out.split()[:3]) == (0, ["it", "duty", "told"])
    [body] = desk.bodies
    assert (body["type"], body["data"]["member"]) == ("suar.test", "TH")
    desk.behave("status 500")
    failed = suar("notify", "test", "duty", "--state", str(tmp_path))
    assert (failed.code, failed.line_labels) == (1, ["error:", "hint:"])
    assert "it: status 500" in failed.err
    [result] = json.loads(suar("notify", "test", "it", "--json", "--state", str(tmp_path)).out)
    assert (result["told"], result["why"]) == (False, "status 500")
    shown = json.loads(suar("notify", "show", "--json", "--state", str(tmp_path)).out)
    assert [(row["person"], row["now"]) for row in shown] == [("duty", "quiet")]
    assert "duty" in suar("notify", "show", "--state", str(tmp_path)).out
    assert suar("notify", "test", "nobody", "--state", str(tmp_path)).code == 1


def test_a_secret_is_made_once_and_for_its_owner(suar: Suar, tmp_path: Path) -> None:
    file = tmp_path / "new.secret"
    ended = suar("notify", "secret", "-o", str(file))
    assert ended.code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() not in ended.out + ended.err
    assert suar("notify", "secret", "-o", str(file)).code == 1
    assert len(base64.b64decode(file.read_text().strip().removeprefix("whsec_"))) == 32
