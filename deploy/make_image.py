"""Make what a container image of suar is built from: `make image DEB=dist/suar_0.2.0_amd64.deb`.

The image is FROM scratch on a root of Debian's packages that mmdebstrap extracts, by the sources of apt of this
machine: Python, its libraries and the certificates of authorities, and neither a shell nor a package manager. suar and
nats-server are those of the package that make_deb.py made of a signed bundle. The output is a folder with the root and
a Containerfile, for `podman build` or `docker build`.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

USER: Final = 10001
HOME: Final = "var/lib/suar"
PACKAGES: Final = ("python3", "libstdc++6", "ca-certificates")
SOURCES: Final = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")
PROGRAMS: Final = re.compile(r"python3(\.\d+)?")
LEFT_OUT: Final = (
    "dev", "var", "etc/apt", "etc/dpkg", "usr/sbin", "usr/share/bash-completion", "usr/share/info", "usr/share/lintian",
    "usr/share/locale", "usr/share/man", "usr/share/perl5", "usr/lib/dpkg", "usr/lib/systemd",
    "usr/libexec", "usr/lib/x86_64-linux-gnu/gconv",
)  # fmt: skip
LINKS: Final = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64"}
FOLDERS: Final = ("dev", "proc", "sys", "run", "tmp", HOME)
CERTIFICATES: Final = "etc/ssl/certs/ca-certificates.crt"
CONTAINERFILE: Final = """\
FROM scratch
ADD suar-root.tar /
ENV PATH=/opt/suar/current/bin LANG=C.UTF-8 SSL_CERT_FILE=/{certificates}
ENV SUAR_STATE=/{home}/state SUAR_PASSPHRASE_FILE=/run/secrets/suar-passphrase
USER {user}:{user}
WORKDIR /{home}
VOLUME /{home}
ENTRYPOINT ["/opt/suar/current/bin/suar"]
CMD ["serve"]
LABEL org.opencontainers.image.title=suar org.opencontainers.image.version={version}
"""


def sources() -> list[str]:
    """The files that name where apt of this machine has its packages from."""
    found = [Path(SOURCES[0]), *sorted(Path(SOURCES[1]).glob("*.sources")), *sorted(Path(SOURCES[1]).glob("*.list"))]
    return [str(each) for each in found if each.is_file() and each.stat().st_size]


def suite() -> str:
    """The release of this machine, such as trixie."""
    match = re.search(r"^VERSION_CODENAME=(\w+)$", Path("/etc/os-release").read_text(), re.MULTILINE)
    if match is None:
        sys.exit("error: this machine is no release of Debian\nhint: build the image on Debian")
    return match[1]


def debian_root(stage: Path) -> None:
    """Extract Debian's packages below `stage`, without what nothing of suar uses; SystemExit where apt has none."""
    with TemporaryDirectory() as scratch:
        archive = Path(scratch) / "root.tar"
        command = ["mmdebstrap", "--quiet", "--variant=extract", f"--include={','.join(PACKAGES)}"]
        done = subprocess.run([*command, suite(), str(archive), *sources()], check=False, stdout=sys.stderr)
        if done.returncode:
            sys.exit("error: mmdebstrap has made no root\nhint: its lines above say why; apt-get update must work here")
        with tarfile.open(archive) as tar:
            tar.extractall(stage, members=filter(_is_used, tar), filter="tar")
    for name, target in LINKS.items():
        (stage / name).symlink_to(target)
    for name in FOLDERS:
        (stage / name).mkdir(parents=True, exist_ok=True)


def _is_used(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    if member.isdev() or any(path.is_relative_to(each) for each in LEFT_OUT):
        return False
    if path.parent == PurePosixPath("usr/bin"):
        return PROGRAMS.fullmatch(path.name) is not None
    return not path.is_relative_to("usr/share/doc") or path.name == "copyright" or member.isdir()


def settle(stage: Path) -> None:
    """What packages write when they are configured, which nothing here was: the user, and the authorities."""
    etc = stage / "etc"
    (etc / "passwd").write_text(f"root:x:0:0::/:/nonexistent\nsuar:x:{USER}:{USER}::/{HOME}:/nonexistent\n")
    (etc / "group").write_text(f"root:x:0:\nsuar:x:{USER}:\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    target = stage / CERTIFICATES
    target.parent.mkdir(parents=True, exist_ok=True)
    authorities = sorted((stage / "usr/share/ca-certificates").rglob("*.crt"))
    target.write_text("".join(each.read_text() for each in authorities))


def unpack(package: Path, stage: Path) -> str:
    """Put what the package has below `stage`; returns its version. SystemExit where the root has another Python."""
    subprocess.run(["dpkg-deb", "--extract", str(package), str(stage)], check=True)
    folder = stage / "opt/suar/current"
    [python] = (each.name for each in (folder / "lib").glob("python3.*"))
    if not (stage / "usr/bin" / python).exists():
        sys.exit(f"error: {package.name} is for {python}, which this release of Debian has not\n"
                 "hint: make the package on the release on which you make the image")  # fmt: skip
    return folder.readlink().name


def pack(stage: Path, target: Path) -> None:
    """One archive of `stage`, in which all is root's but the state's folder, with nothing of this machine in it."""
    with tarfile.open(target, "w") as tar:
        for path in sorted(stage.rglob("*")):
            name = str(path.relative_to(stage))
            info = tar.gettarinfo(str(path), name)
            owner = USER if name == HOME else 0
            info.uid = info.gid = owner
            info.uname = info.gname = ""
            info.mtime = 0
            info.mode = 0o700 if name == HOME else 0o1777 if name == "tmp" else info.mode & 0o755
            if info.isreg():
                with path.open("rb") as data:
                    tar.addfile(info, data)
            else:
                tar.addfile(info)


def make(package: Path, output: Path) -> Path:
    """Make the folder `output` with the root and the Containerfile for `package`."""
    if shutil.which("mmdebstrap") is None:
        sys.exit("error: mmdebstrap is not installed\nhint: apt-get install mmdebstrap")
    output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        stage = Path(scratch) / "stage"
        stage.mkdir(mode=0o755)
        debian_root(stage)
        version = unpack(package, stage)
        settle(stage)
        pack(stage, output / "suar-root.tar")
    text = CONTAINERFILE.format(certificates=CERTIFICATES, home=HOME, user=USER, version=version)
    (output / "Containerfile").write_text(text)
    return output


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("package", type=Path, help="the package that `make deb` made")
    parser.add_argument("--output", type=Path, default=Path("dist/image"))
    arguments = parser.parse_args()
    print(make(arguments.package, arguments.output))


if __name__ == "__main__":
    main()
