"""keys/profiles.toml as values: lifetimes, thresholds and argon2id costs that are published, not hidden in code."""

from functools import lru_cache

import msgspec

from suar import toml_file
from suar.protocol.base.wire import built
from suar.published import keys_dir


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a kind of key, what makes it, what it signs, where it lies, how many there are."""

    holder: str
    made_by: str
    signs: str
    kept: str
    count: str


class Lifetimes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days and hours, as their names say."""

    trust_list_days: int
    trust_list_max_days: int
    trust_grace_days: int
    identity_days: int
    bundle_hours: int
    bundle_rotation_hours: int
    bundle_max_hours: int
    bundle_seed_erased_days: int
    epoch_hours: int
    epoch_max_hours: int
    nkey_days: int
    token_days: int


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of signatures and roots."""

    roots_min: int
    roots_max: int


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What argon2id spends on one guess of a passphrase."""

    memory_mib: int
    passes: int


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When whom is told of an alert without an answer: percent of the hours that it gives."""

    duty_officer: int
    focal_point: int
    national_coordinator: int


class Profiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    roles: dict[str, Role]
    lifetimes: Lifetimes
    thresholds: Thresholds
    argon2id: dict[str, Cost]
    escalation: dict[str, Escalation]
    retention: dict[str, dict[str, int]]


built(Profiles)


@lru_cache(maxsize=1)
def profiles() -> Profiles:
    """The published profiles, read once."""
    file = keys_dir() / "profiles.toml"
    hint = "put back the file of this version"
    return toml_file.fill(Profiles, toml_file.parse(file.read_bytes(), str(file), hint), str(file), hint)
