"""Makes the table of a draft coarser as the gate advises; the true counts stay in the draft."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message.kinds import DIMENSIONS, Observation
from suar.protocol.privacy.tables.coarser import coarsened
from suar.protocol.privacy.tables.shown import WAYS

DO: Final = "coarsen "
"""Prefix of the value of a button; the way and the dimension follow."""


def coarser_tree(tree: Mapping[str, Any], act: str, k: int) -> dict[str, Any] | None:
    """Return the fields of a trend with the coarser table that the button names; None if the table does not have it."""
    by, _, dimension = act.removeprefix(DO).partition(" ")
    if by not in WAYS or dimension not in ("", *DIMENSIONS):
        return None
    try:
        obs = msgspec.convert(tree.get("obs"), tuple[Observation, ...])
        dims = msgspec.convert(tree.get("dims", []), tuple[str, ...])
    except UNREADABLE:
        return None
    found = coarsened(obs, dims, k, by, dimension)
    if found is None:
        return None
    made = {**tree, "obs": msgspec.to_builtins(found[0])}
    return {**made, "dims": list(found[1])} if found[1] else {key: made[key] for key in made if key != "dims"}
