"""Searches files for known secrets, in every encoding that a careless line of code could have written them in."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suar.protocol.base.primitives import Secret
from suar.service.process import offline
from suar.service.settings.keyring import NKEYS


@dataclass(frozen=True)
class Find:
    """A secret where it stands: file, which secret, which encoding."""

    file: Path
    secret: str
    encoding: str


def encodings(secret: bytes) -> dict[str, bytes]:
    """The bytes to look for; within a longer base64 or base32 text a secret may begin at any bit group."""
    numbers = ", ".join(map(str, secret))
    found = {
        "raw": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "hex with colons": secret.hex(":").encode(),
        "repr": repr(secret)[2:-1].encode(),
        "integers": numbers.encode(),
        "JSON integers": numbers.replace(" ", "").encode(),
    }
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret).rstrip(b"=")
        inner = text[-(-before * 4 // 3) or None : len(text) - 1] if before else text[:-1]
        found[f"base64+{before}"] = inner
        found[f"base64url+{before}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    for before in range(5):
        text = base64.b32encode(bytes(before) + secret).rstrip(b"=")
        inner = text[-(-before * 8 // 5) : len(text) - 1] if before else text[:-1]
        found[f"base32+{before}"] = inner
        found[f"base32 small+{before}"] = inner.lower()
    return found


def search(files: Iterator[Path], secrets: Mapping[str, bytes]) -> set[Find]:
    """Every secret in every file."""
    wanted = [(name, how, what) for name, secret in secrets.items() for how, what in encodings(secret).items()]
    found = set()
    for file in files:
        data = file.read_bytes()
        found |= {Find(file, name, how) for name, how, what in wanted if what in data}
    return found


def secrets_of(demo: Path, passphrase: bytes, report: dict[str, Any]) -> dict[str, bytes]:
    """Everything secret of a stopped demo, by a name that begins with the member."""
    secrets = {"passphrase": passphrase}
    for member in report["members"]:
        state, code = Path(member["state"]), member["code"]
        for scope, token in member["tokens"].items():
            secrets[f"{code} token {scope}"] = token.encode()
        environ = dict(line.split("=", 1) for line in (state / "nats.env").read_text().splitlines())
        secrets[f"{code} js key"] = environ["JS_KEY"].encode()
        secrets |= {f"{code} {name}": value for name, value in _sealed(state, passphrase)}
    for role in ("admin", "sys"):
        secrets[f"hub nkey {role}"] = (demo / "hub-keys" / f"{role}.seed").read_bytes().strip()
    secrets["hub js key"] = (demo / "hub-keys" / "nats.env").read_bytes().strip().partition(b"=")[2]
    return secrets


def _sealed(state: Path, passphrase: bytes) -> Iterator[tuple[str, bytes]]:
    """What the keyring and the database keep sealed, and the secrets of the epochs that it opens."""
    with offline.open_offline(state, Secret(passphrase)) as core:
        keyring, world = core.keyring, core.world
        for at, identity in enumerate(keyring.identities):
            yield f"identity seed {at}", bytes(identity.seed)
        yield "store key", bytes(keyring.store_key)
        yield "gate key", bytes(keyring.gate_key)
        for role in NKEYS:
            seed = bytes(keyring.nkey_seed(role))
            yield f"nkey {role}", seed
            yield f"nkey raw {role}", base64.b32decode(seed + b"=" * (-len(seed) % 8))[2:34]
        with core.database.begin() as connection:
            rows = connection.exec_driver_sql("select kid, sealed from kem_seed").fetchall()
        for kid, sealed in rows:
            yield f"kem seed {kid.hex()}", bytes(core.vault.unwrap(sealed, f"kem seed {kid.hex()}"))
        for at, epoch in enumerate(epoch for epoch in world.epochs.values() if epoch.kind == "open"):
            yield f"epoch secret {at}", bytes(world.secret(epoch))


def meant(report: dict[str, Any]) -> set[tuple[str, str]]:
    """The files that are there to hold a secret, each with exactly its own."""
    found = {("hub-keys/admin.seed", "hub nkey admin"), ("hub-keys/sys.seed", "hub nkey sys")}
    found.add(("hub-keys/nats.env", "hub js key"))
    for member in report["members"]:
        code = member["code"]
        found |= {(f"{code.lower()}/nats.env", f"{code} {name}") for name in ("js key", "nkey link", "nkey raw link")}
        found |= {("demo.json", f"{code} token {scope}") for scope in member["tokens"]}
    return found


def files_in(folder: Path) -> Iterator[Path]:
    """Every file under `folder`."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
