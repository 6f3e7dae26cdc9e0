#!/bin/sh
# Installs suar from this bundle into PREFIX/VERSION, and lets PREFIX/current point to it. No network is used.
#   ./install.sh --offline --signers release.signers [--prefix /opt/suar] [--no-link] [--test-only]
# release.signers has the key of those who release, in the form that ssh-keygen(1) calls ALLOWED SIGNERS, for `release`.
# It must have come by another way than the bundle.
set -eu
umask 022

fail() { # fail TEXT HINT
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

prefix=/opt/suar signers='' offline='' link=1 test_only=''
while [ $# -gt 0 ]; do
  case $1 in
    --offline) offline=1 ;;
    --signers) signers=${2:?--signers needs a file}; shift ;;
    --prefix) prefix=${2:?--prefix needs a folder}; shift ;;
    --no-link) link='' ;;
    --test-only) test_only=1 ;;
    *) fail "unknown option $1" 'the first lines of this file name the options' ;;
  esac
  shift
done
[ -n "$offline" ] || fail 'only the installation from the bundle itself is offered' 'give --offline'
[ -n "$signers" ] || fail 'no file with the key of those who release' 'give --signers FILE'
[ -r "$signers" ] || fail "cannot read $signers" 'name the file with --signers'
signers=$(readlink -f "$signers")
cd "$(dirname "$0")"

# 1. Nothing is used before all of it is known to be what was signed.
ssh-keygen -q -Y verify -f "$signers" -I release -n suar-bundle -s SHA256SUMS.sig <SHA256SUMS >/dev/null ||
  fail 'SHA256SUMS is not signed by a key of that file' 'get the bundle again, and compare the key by telephone'
sha256sum --quiet --strict --check SHA256SUMS >&2 ||
  fail 'a file of the bundle is not the one that was signed' 'get the bundle again'
listed=$(cut -c67- SHA256SUMS | sort)
present=$(find . -type f ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig | cut -c3- | sort)
[ "$listed" = "$present" ] || fail 'the bundle has a file that nobody signed' 'unpack it again, into an empty folder'

# 2. A Python that the wheels are for.
field() { sed -n "s/^ \"$1\": \"\{0,1\}\([^\",]*\).*/\1/p" manifest.json; }
version=$(field version)
python=''
for each in python3 python3.13 python3.12 python3.11; do
  path=$(command -v "$each") || continue
  "$path" -c 'import json, sys, venv, ensurepip
pythons = json.load(open("manifest.json"))["pythons"]
sys.exit("%d.%d" % sys.version_info[:2] not in pythons)' 2>/dev/null || continue
  python=$path
  break
done
[ -n "$python" ] || fail 'no Python with venv that the bundle has wheels for' 'install Python 3.11, 3.12 or 3.13 (Debian: python3-venv)'

is_test_bundle=$(sed -n 's/.*"test_only": \(true\|false\).*/\1/p' manifest.json)
if [ "$is_test_bundle" = true ] && [ -z "$test_only" ]; then
  fail 'the nats-server of this bundle is for tests alone' 'build the bundle with the official archive (make bundle NATS=...)'
fi

# 3. A folder of this version; one that a failure left is taken away.
target=$prefix/$version
[ ! -e "$target" ] || fail "$target exists already" "to install this version again, remove $target first"
mkdir -p "$prefix"
trap 'rm -rf "$target"' EXIT INT TERM
"$python" -m venv "$target"
"$target/bin/python" -m pip --isolated --disable-pip-version-check install --quiet --no-input --no-index --find-links wheels --no-cache-dir \
  --require-hashes -r requirements.txt
mkdir -p "$target/share"
cp -R share/. "$target/share/"
cp sbom.cdx.json manifest.json "$target/share/"
"$python" - "$target" <<'PY'
"""nats-server, out of its archive."""
import json, pathlib, shutil, sys, tarfile

said = json.loads(pathlib.Path("manifest.json").read_text())["nats_server"]
if said:
    source, target = pathlib.Path(said["file"]), pathlib.Path(sys.argv[1], "bin", "nats-server")
    if source.name.endswith(".tar.gz"):
        with tarfile.open(source) as archive:
            [member] = [each for each in archive if each.isfile() and pathlib.PurePosixPath(each.name).name == "nats-server"]
            data = archive.extractfile(member)
            with target.open("wb") as out:
                shutil.copyfileobj(data, out)
    else:
        shutil.copy(source, target)
    target.chmod(0o755)
PY
"$target/bin/suar" --version >/dev/null
trap - EXIT INT TERM

# 4. The users of the units, where this is the machine's own installation.
if [ "$(id -u)" = 0 ] && [ "$prefix" = /opt/suar ]; then
  systemd-sysusers "$target/share/systemd/suar.sysusers" >/dev/null 2>&1 || for user in suar suar-nats; do
    getent passwd "$user" >/dev/null || useradd --system --no-create-home --home-dir "/var/lib/$user" --shell /usr/sbin/nologin "$user"
  done
fi

# 5. The version in use is a link, which changes in one step.
if [ -n "$link" ]; then
  ln -s "$version" "$prefix/.current.$$"
  mv -T "$prefix/.current.$$" "$prefix/current"
fi
[ "$is_test_bundle" != true ] || echo 'warning: this installation is for tests alone: its nats-server is not the official one' >&2
echo "installed suar $version in $target${link:+, in use by $prefix/current}"
