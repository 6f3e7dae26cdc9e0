"""docs/bounds.md names each bound of webhooks with its value."""

import re
from pathlib import Path

from suar.service.access import registry as agencies
from suar.service.settings.sections import webhooks_config
from suar.service.webhooks import addresses, calling, delivering, pending, registry, resolving
from suar.store.people import webhooks

BOUNDS = Path(__file__).parents[3] / "docs/bounds.md"
MODULES = (agencies, webhooks_config, addresses, calling, delivering, pending, registry, resolving, webhooks)


def test_every_limit_is_named_with_its_value() -> None:
    table = BOUNDS.read_text().partition("| limit of webhooks | value | of what | over it |")[2].partition("\n\n")[0]
    named = dict(re.findall(r"^\| `([A-Z_]+)` \| ([0-9]+)(?: (?:KiB|s))? \|", table, re.MULTILINE))
    assert len(named) == 12
    for name, value in named.items():
        module = next(each for each in MODULES if hasattr(each, name))
        assert getattr(module, name) in (int(value), int(value) * 1024), name
