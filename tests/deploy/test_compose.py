"""deploy/compose.yaml as `docker-compose` reads it: confined as the image's test runs it. No container is started."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import suar
from support.bundles import ROOT
from support.executables import DOCKER_COMPOSE, require

FILE = ROOT / "deploy/compose.yaml"
IMAGE = (ROOT / "deploy/make_image.py").read_text()


@pytest.fixture
def services(tmp_path: Path) -> dict[str, Any]:
    require(DOCKER_COMPOSE, "docker-compose")
    shutil.copy(FILE, tmp_path)
    for name in ("passphrase", "nats.env"):
        (tmp_path / name).touch()
    command = [DOCKER_COMPOSE, "-f", str(tmp_path / FILE.name), "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def test_gateway_and_server_are_confined_and_of_this_version(services: dict[str, Any]) -> None:
    user = re.findall(r'^USER: Final = "?(\d+)"?', IMAGE, re.MULTILINE)
    assert set(services) == {"gateway", "nats"}
    for service in services.values():
        assert service["image"] == f"suar:{suar.__version__}"
        assert service["user"] == f"{user[0]}:{user[0]}"
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
        assert "privileged" not in service


def test_what_they_write_is_in_volumes_that_the_user_owns(services: dict[str, Any]) -> None:
    home = re.findall(r'^HOME: Final = "(.+)"', IMAGE, re.MULTILINE)
    written = {name: [each for each in row["volumes"] if not each.get("read_only")] for name, row in services.items()}
    targets = {name: [(each["type"], each["target"]) for each in volumes] for name, volumes in written.items()}
    assert targets == {"gateway": [("volume", f"/{home[0]}")], "nats": [("volume", f"/{home[0]}")]}
    assert written["gateway"][0]["source"] != written["nats"][0]["source"]
    assert services["gateway"]["secrets"][0]["target"] == "/run/secrets/suar-passphrase"
    assert "SUAR_PASSPHRASE_FILE=/run/secrets/suar-passphrase" in IMAGE
