"""keys/profiles.toml says what the code does: the numbers that both have are equal."""

from suar.profiles import profiles
from suar.protocol.base import limits
from suar.service.settings import sealed


def test_lifetimes_are_the_protocols() -> None:
    life = profiles().lifetimes
    assert life.trust_list_days * limits.DAY == limits.TRUST_LIFETIME
    assert life.trust_list_max_days * limits.DAY == limits.TRUST_LIFETIME_MAX
    assert life.trust_grace_days * limits.DAY == limits.TRUST_GRACE
    assert life.bundle_hours * limits.HOUR == limits.BUNDLE_LIFETIME
    assert life.bundle_rotation_hours * limits.HOUR == limits.BUNDLE_ROTATION
    assert life.bundle_max_hours * limits.HOUR == limits.BUNDLE_WINDOW_MAX
    assert life.bundle_seed_erased_days * limits.DAY == limits.SEED_ERASED_AFTER
    assert life.epoch_hours * limits.HOUR == limits.EPOCH_LIFETIME
    assert life.epoch_max_hours * limits.HOUR == limits.EPOCH_LIFETIME_MAX
    assert profiles().thresholds.roots_max == limits.TRUST_SIGNATURES


def test_costs_keep_to_the_floor() -> None:
    costs = dict(profiles().argon2id)
    assert costs.pop("floor") == sealed.FLOOR
    for cost in costs.values():
        assert cost.memory_mib >= sealed.FLOOR.memory_mib
        assert cost.passes >= sealed.FLOOR.passes


def test_every_key_of_the_protocol_has_its_role() -> None:
    assert set(profiles().roles) == {"root", "identity", "bundle", "epoch", "nkeys", "tokens"}
