"""Holds messages imported from another format for a second person, because the author did not write their text."""

from msgspec.structs import replace

from suar.protocol.authoring.imported import PATH
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.protocol.privacy.verdict import HOLD, REFUSE, Opinion


def held_as_imported(opinion: Opinion, imported: str) -> Opinion:
    """Return the opinion, changed from pass to hold if the draft was imported. `imported`: the format, or ""."""
    if not imported or opinion.verdict == REFUSE:
        return opinion
    text = sentence("a message made from an imported file needs a second person")
    reason = Reason.of("E-SECOND-PERSON", None, PATH, text, advice("E-SECOND-PERSON"))
    return replace(opinion, verdict=HOLD, reasons=(reason, *opinion.reasons))
