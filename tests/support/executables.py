"""Every program that tests run, named once: those of this environment by their path, the machine's own by a look-up.

test_executables.py keeps other ways of naming one out of the tests.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from suar.demo.embedded.nats_process import binary

_FOLDER: Final = Path(sys.executable).parent

PYTHON: Final = sys.executable
SUAR: Final = (PYTHON, "-m", "suar")
SUAR_SCRIPT: Final = str(_FOLDER / "suar")  # as pip installs it
ENV: Final = shutil.which("env") or ""
GIT: Final = shutil.which("git") or ""
SHELL: Final = shutil.which("sh") or ""
OPENSSL: Final = shutil.which("openssl") or ""
NODE: Final = shutil.which("node") or ""
NPM: Final = shutil.which("npm") or ""
CURL: Final = shutil.which("curl") or ""
CHROMIUM: Final = shutil.which("chromium-headless-shell") or shutil.which("chromium") or ""  # the first costs half
MOUNT: Final = shutil.which("mount") or ""
UMOUNT: Final = shutil.which("umount") or ""
SSH_KEYGEN: Final = shutil.which("ssh-keygen") or ""
SYSTEMD_ANALYZE: Final = shutil.which("systemd-analyze") or ""
UNSHARE: Final = shutil.which("unshare") or ""
NSENTER: Final = shutil.which("nsenter") or ""
IP: Final = shutil.which("ip") or ""
DPKG_DEB: Final = shutil.which("dpkg-deb") or ""
MMDEBSTRAP: Final = shutil.which("mmdebstrap") or ""
SETPRIV: Final = shutil.which("setpriv") or ""
CHROOT: Final = shutil.which("chroot") or ""
NFT: Final = shutil.which("nft") or ""
DOCKER_COMPOSE: Final = shutil.which("docker-compose") or ""
NGINX: Final = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or ""
SOFTHSM: Final = shutil.which("softhsm2-util") or ""
PROMETHEUS: Final = shutil.which("prometheus") or ""
PROMTOOL: Final = shutil.which("promtool") or ""
_DEBIANS: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: -float(each.parent.name))
_CLUSTERS: Final = os.environ.get("SUAR_POSTGRESQL_BIN") or ":".join(map(str, _DEBIANS))  # else the newest version
INITDB: Final = shutil.which("initdb", path=_CLUSTERS) or shutil.which("initdb") or ""
PG_CTL: Final = shutil.which("pg_ctl", path=_CLUSTERS) or shutil.which("pg_ctl") or ""
PG_BASEBACKUP: Final = shutil.which("pg_basebackup", path=_CLUSTERS) or shutil.which("pg_basebackup") or ""
PG_CONTROLDATA: Final = shutil.which("pg_controldata", path=_CLUSTERS) or shutil.which("pg_controldata") or ""
PG_DUMP: Final = shutil.which("pg_dump", path=_CLUSTERS) or shutil.which("pg_dump") or ""
PG_RESTORE: Final = shutil.which("pg_restore", path=_CLUSTERS) or shutil.which("pg_restore") or ""
BARE_PYTHON: Final = shutil.which("python3", path="/usr/bin:/bin") or ""  # the machine's own, without our environment
PATH: Final = f"{_FOLDER}:{os.environ['PATH']}"  # for a shell: the programs of this environment first

nats_server = binary  # that of the extra `embedded`, which is in this environment


def require(program: str, package: str, part: str = "") -> None:
    """Skip the test without a program that nothing else of the project needs; with CI set fail instead.

    `package`: Debian's, which .ci/run installs. `part`: fail where SUAR_REQUIRE names it, too.
    """
    if program:
        return
    wanted = os.environ.get("SUAR_REQUIRE", "").split(",")
    if os.environ.get("CI") or (part and part in wanted):
        pytest.fail(f"{package} is not installed: .ci/run installs and requires it")
    pytest.skip(f"{package} is not installed")
