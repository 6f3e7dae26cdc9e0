"""The verdict on a message before it is published, with everything that the state knows."""

from typing import Any, Final

import msgspec

from suar.protocol.reasons import Invalid
from suar.service import accepting, readers
from suar.service.core import Core

NOT_CHECKED_HERE: Final[list[str]] = []  # `check` with a state says all that publishing would


def check(core: Core, data: bytes, realm: str) -> dict[str, Any]:
    """What `publish` would answer, changing nothing; `not_checked` names what only publishing can tell.

    `readers`: every other member by name, and whether it will be able to open the message.
    """
    try:
        with core.transaction() as connection, connection.begin_nested() as trial:
            screened, _ = accepting.compose(core, data, realm, accepting.RowLedger(connection))
            trial.rollback()
            who = readers.preview(core.readers, core.world, screened.composed.message, core.clock())
    except Invalid as invalid:
        reasons = [msgspec.to_builtins(reason) for reason in invalid.reasons]
        return {
            "verdict": "refuse", "reasons": reasons, "not_checked": NOT_CHECKED_HERE, "message": None, "readers": None
        }  # fmt: skip
    opinion, message = screened.opinion, msgspec.json.decode(screened.composed.data)
    return {
        "verdict": opinion.verdict, "reasons": [msgspec.to_builtins(reason) for reason in opinion.reasons],
        "not_checked": NOT_CHECKED_HERE, "message": message, "readers": who,
    }  # fmt: skip
