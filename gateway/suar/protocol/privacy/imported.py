"""What was imported from a file of others waits for a second person: its prose is not the author's own."""

from msgspec.structs import replace

from suar.protocol.authoring.imported import PATH
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.protocol.privacy.verdict import HOLD, REFUSE, Opinion


def held_as_imported(opinion: Opinion, imported: str) -> Opinion:
    """The gate's word on a message whose draft was imported: held at least. `imported`: the format, "" for none."""
    if not imported or opinion.verdict == REFUSE:
        return opinion
    text = sentence("a message made from an imported file needs a second person")
    reason = Reason.of("E-SECOND-PERSON", None, PATH, text, advice("E-SECOND-PERSON"))
    return replace(opinion, verdict=HOLD, reasons=(reason, *opinion.reasons))
