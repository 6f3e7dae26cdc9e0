"""`suar setup member`: state folder, request for the link's certificate, plan entry, settings, units not yet enabled.

Nothing is overwritten: a second run on the same machine is refused before it changes anything.
"""

import secrets
from pathlib import Path
from typing import NamedTuple

from suar.federation.links.link_certificate import LinkRequest, make_request
from suar.federation.plan import Member, Tls, entry_text
from suar.files import PUBLIC, atomic_write, private_folder, read
from suar.profiles import Cost
from suar.protocol.base.primitives import Secret
from suar.protocol.base.sentences import SentenceFault, sentence
from suar.service.settings.config import CONFIG
from suar.service.settings.state import KEYRING, NATS_ENVIRONMENT, create_state
from suar.service.setup import units
from suar.service.setup.answers import Answers
from suar.service.setup.machine_paths import GATEWAY_USER, NATS_USER, MachinePaths, change_owner, installed
from suar.service.setup.settings_file import set_values


class Made(NamedTuple):
    """What is sent to others, and the two fingerprints that are compared by telephone."""

    files: tuple[Path, ...]
    identity: bytes
    link: bytes
    has_new_passphrase: bool


def prepare(answers: Answers, paths: MachinePaths, *, now: int, cost: Cost) -> Made:
    """Make everything that a member's machine needs before the federation answers; `now` in ms.

    Fault where a member was set up here before, or where suar was not installed from a bundle.
    """
    installed()
    for taken in (paths.state / KEYRING, paths.state / CONFIG, paths.leaf_key, paths.plan):
        if taken.exists():
            raise SentenceFault(
                sentence("{file} exists already", file=str(taken)),
                sentence("this machine has a member: go on with {command}", command="`suar setup finish`"),
            )
    passphrase, is_new = _passphrase(paths)
    paths.data.mkdir(parents=True, exist_ok=True)
    request = create_state(
        paths.state, passphrase, member=answers.member, name=answers.name, federation=answers.federation,
        now=now, cost=cost,
    )  # fmt: skip
    key, csr = make_request(answers.low)
    _make_folders(answers, paths)
    atomic_write(paths.leaf_key, key, replace=False)
    atomic_write(paths.leaf_request, csr, PUBLIC)
    atomic_write(paths.nats_environment, read(paths.state / NATS_ENVIRONMENT, "the server's secrets"))
    atomic_write(paths.environment, _environment(answers), PUBLIC)
    set_values(paths.state / CONFIG, settings_of(answers, paths))
    name = f"{answers.member}.request.json"
    entry = entry_text(entry_of(answers, paths, request.request.nats.nkeys))
    outgoing = {name: read(paths.state / name, "the request"), f"{answers.member}.csr": csr}
    outgoing[f"{answers.member}.plan.toml"] = entry.encode()
    for file, data in outgoing.items():
        atomic_write(paths.outgoing / file, data, PUBLIC)
    units.install(paths, answers.backups)
    for folder, user in ((paths.data, GATEWAY_USER), (Path(answers.backups), GATEWAY_USER), (paths.nats, NATS_USER)):
        change_owner(folder, user)
    change_owner(paths.nats_data, NATS_USER)
    files = tuple(paths.outgoing / file for file in outgoing)
    return Made(files, request.request.kid, LinkRequest(csr).fingerprint, is_new)


def settings_of(answers: Answers, paths: MachinePaths) -> dict[str, dict[str, object]]:
    """The settings of suar.toml that the answers decide, by section."""
    console: dict[str, object] = {"origin": answers.console} if answers.console else {}
    return {
        "bus": {
            "url": f"nats://{answers.nats}", "monitor_port": answers.monitor,
            "leaf_cert_file": str(paths.leaf_certificate),
        },
        "http": {"listen": answers.api},
        "console": console,
    }  # fmt: skip


def entry_of(answers: Answers, paths: MachinePaths, nkeys: dict[str, str]) -> Member:
    """The member's entry of the plan."""
    tls = Tls(cert_file=str(paths.leaf_certificate), key_file=str(paths.leaf_key), ca_file=str(paths.leaf_authority))
    return Member(
        code=answers.member, client=answers.nats, monitor_port=answers.monitor, tls=tls,
        store_dir=str(paths.nats_data / "jetstream"), gateway=nkeys["gateway"], admin=nkeys["admin"],
        watch=nkeys["watch"], link=nkeys["link"], sys=nkeys["sys"], feed_admin=nkeys["feed_admin"], feed=nkeys["feed"],
    )  # fmt: skip


def _passphrase(paths: MachinePaths) -> tuple[Secret, bool]:
    """The keyring's passphrase from its file, and whether it was made now."""
    paths.settings.mkdir(parents=True, exist_ok=True)
    is_new = not paths.passphrase.exists()
    if is_new:
        atomic_write(paths.passphrase, secrets.token_urlsafe(32).encode() + b"\n", replace=False)
    passphrase = read(paths.passphrase, "the passphrase file").removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase:
        raise SentenceFault(
            sentence("the passphrase file {file} is empty", file=str(paths.passphrase)),
            sentence("write a passphrase into it, or remove it"),
        )
    return Secret(passphrase), is_new


def _make_folders(answers: Answers, paths: MachinePaths) -> None:
    for folder in (paths.nats, paths.nats_data, paths.outgoing, Path(answers.backups)):
        private_folder(folder)


def _environment(answers: Answers) -> bytes:
    """What the units read."""
    return f"SUAR_MEMBER={answers.member}\nSUAR_BACKUPS={answers.backups}\n".encode()
