"""Which messages wait for a second person by the settings, and which person a publication or a decision counts for.

The privacy gate itself holds names, severity extreme and warnings to the public. A member may hold more messages: with
`[gate] second_person` those of everybody, with `[console] second_person` those that people publish in a session.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.authoring.withdrawal import is_bare
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import Sentence, advice, sentence
from suar.protocol.compose import HINT_CHOSEN, Composed
from suar.protocol.message.kinds import OF_SHAPE, Publication
from suar.protocol.message.marking import TLPS, Marking, marking_of, widened
from suar.protocol.privacy.verdict import HOLD, REFUSE, Opinion
from suar.service.access import as_shown
from suar.service.access.agencies import PREFIX
from suar.service.access.standing import standing
from suar.service.access.tokens import LOCAL, RESERVED, chain
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.people.records import openers
from suar.service.reading.trees import marking_in
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.people import access, agencies
from suar.store.recovery.readback import CHOSEN_BEYOND

CODE: Final = "E-SECOND-PERSON"
VOID: Final = "E-PUBLISHER-VOID"
REPLACES: Final = "same-as"  # the relation to a message of ours that this one replaces
_DISCLOSURES: Final = ("open", "export")  # the acts by which somebody receives a text


def _is_immediate(message: Publication) -> bool:
    urgency = OF_SHAPE[type(message)].urgency
    return urgency is not None and urgency(message) == "immediate"


def _is_red(message: Publication) -> bool:
    return message.tlp == "RED"


_HOLDS: Final[dict[str, tuple[str, Callable[[Publication], bool], Sentence]]] = {
    "immediate": ("$.urgency", _is_immediate, sentence("an immediate message needs a second person here")),
    "red": ("$.tlp", _is_red, sentence("TLP RED needs a second person here")),
}
"""By the word of the settings: its path in the message, the check, and the text of the reason."""
AFTER_RECALL: Final = sentence("the recall of the message whose place it takes waits too: that one is released first")
_FAR_AHEAD: Final = sentence("the number of the id is far ahead of those used so far, as a number of a person may be")
_WIDER: Final = {
    "$.tlp": sentence("the TLP is wider than that of the newest revision: it needs a second person"),
    "$.handling": sentence("it lacks handling labels of the newest revision: it needs a second person"),
    "$.audience": sentence("the audience is wider than that of the newest revision: it needs a second person"),
}


def conditions(core: Core, editors: Sequence[str] = ()) -> frozenset[str]:
    """Return the words of the settings that apply to this publication. `editors`: the people of a session; none: a
    token.
    """
    found = frozenset(core.config.gate.second_person)
    return found | frozenset(core.config.console.second_person) if editors else found


def reasons(message: Publication, conditions: Iterable[str]) -> list[Reason]:
    """Return why the message waits by these words; a cancel without a replacement never waits."""
    if is_bare(message):
        return []
    return [
        Reason.of(CODE, None, path, text, advice(CODE))
        for condition, (path, holds, text) in _HOLDS.items()
        if condition in conditions and holds(message)
    ]


def held_by_settings(opinion: Opinion, message: Publication, conditions: Iterable[str]) -> Opinion:
    """Return the gate's opinion, held if the settings require it."""
    found = [] if opinion.verdict == REFUSE else reasons(message, conditions)
    return replace(opinion, verdict=HOLD, reasons=(*found, *opinion.reasons)) if found else opinion


def widened_paths(message: Publication, newest: Marking | None) -> tuple[str, ...]:
    """Return the paths at which the message admits more readers than the newest revision.

    Empty for a new message and for a cancel without a replacement.
    """
    marking = None if newest is None or is_bare(message) else marking_of(message)
    return () if newest is None or marking is None else widened(marking, newest)


def held_as_wider(opinion: Opinion, message: Publication, newest: Marking | None) -> Opinion:
    """Return the gate's opinion, held if more readers may read it than the newest revision (None for a new message)."""
    paths = () if opinion.verdict == REFUSE else widened_paths(message, newest)
    found = [Reason.of(CODE, None, path, _WIDER[path], advice(CODE)) for path in paths]
    return replace(opinion, verdict=HOLD, reasons=(*found, *opinion.reasons)) if found else opinion


def held_after_recall(opinion: Opinion) -> Opinion:
    """Return the gate's opinion on what replaces a message, held because the recall of that message waits."""
    if opinion.verdict == REFUSE:
        return opinion
    found = Reason.of(CODE, None, "$.related", AFTER_RECALL, advice(CODE))
    return replace(opinion, verdict=HOLD, reasons=(found, *opinion.reasons))


def is_far_ahead(core: Core, connection: Connection, composed: Composed) -> bool:
    """Whether a publisher chose a number for a new message that is far ahead of those that were used so far.

    A restore takes such a number for a chosen one as well (`readback.raise_number`).
    """
    if composed.is_numbered or composed.message.action != "new":
        return False
    _, kind, year, number = composed.id.split("-")
    return int(number) - messages.last_number(connection, kind.lower(), int(year)) > CHOSEN_BEYOND


def held_as_chosen(opinion: Opinion, id_: str) -> Opinion:
    """Return the gate's opinion, held because of the number in the id that its publisher chose."""
    if opinion.verdict == REFUSE:
        return opinion
    found = Reason.of("E-PRIVACY-IDENTIFIER", None, "$.id", _FAR_AHEAD, HINT_CHOSEN, (id_,))
    return replace(opinion, verdict=HOLD, reasons=(found, *opinion.reasons))


def is_only_by_settings(message: Publication, stated: Iterable[Reason], conditions: Iterable[str]) -> bool:
    """Whether a message waits only because of these words of the settings. `stated`: without notices."""
    known = {(each.path, each.message) for each in reasons(message, conditions)}
    return {(each.path, each.message) for each in stated if each.code == CODE} <= known and all(
        each.code == CODE for each in stated
    )


# -- the message that is replaced


def newest_marking(core: Core, connection: Connection, composed: Composed, who: str) -> Marking | None:
    """Return the marking of the newest revision.

    If its text is gone, a marking that admits no reader, within which only a RED text for nobody is. Raises Invalid
    E-CHANGED for an update that admits more readers and does not name its revision, if the message was changed before
    and its author was not shown the newest revision within the last hour: it may undo a stricter marking.
    """
    row = messages.lean(connection, composed.id)
    if row is None:
        return None
    newest = _marking_of_row(core, row)
    is_named = (
        composed.has_stated_rev
        or row.rev == 1
        or as_shown.has_been_seen(core, who, _DISCLOSURES, f"{row.id} {row.rev}")
    )
    if not is_named and widened_paths(composed.message, newest):
        text = sentence("the next revision is {following}", following=composed.rev)
        raise Invalid("F8", (Reason.of(as_shown.CHANGED, None, "$.rev", text, advice(as_shown.CHANGED)),))
    return newest


def narrower_replaced(core: Core, connection: Connection, message: Publication) -> Marking | None:
    """Return the marking of a message of ours that a new one replaces (`same-as`), if the new one is wider."""
    for related in () if message.related is UNSET else message.related:
        if related.rel != REPLACES or related.id[:2] != core.member:
            continue
        rows = [messages.find(connection, related.id, link.rev) for link in messages.chain_of(connection, related.id)]
        texts = [row for row in rows if row is not None and row.action != "cancel"]
        if texts and widened_paths(message, marking := _marking_of_row(core, texts[-1])):
            return marking
    return None


def _marking_of_row(core: Core, row: Any) -> Marking:
    unknown = Marking(row.kind, row.origin, row.realm, TLPS[-1], members=frozenset())
    try:
        data = open_row(core, row)
    except AlteredRow:  # the check of stored rows reports it
        data = None
    return unknown if data is None else marking_in(data) or unknown


# -- the persons behind an act

Makers = Mapping[str, tuple[str | None, bool]]


def persons_acting(name: str, makers: Makers, users: Mapping[str, str]) -> set[str]:
    """Return everybody who may have acted as `name`: the token, those who have its secret, and their accounts."""
    found = chain(name, makers)
    return {*found, *(users[each] for each in found if each in users)}


def persons_counted(core: Core, connection: Connection, name: str, editors: Sequence[str] = ()) -> str:
    """Return the persons that the column `counts_as` of a waiting message names: everybody who may have acted as `name`
    or edited the draft, and those who opened their accounts.

    For an agency's proposal this includes everybody who was shown the agency's token.
    """
    makers, users = access.makers(connection), access.users(connection)
    found = persons_acting(name, makers, users) | set(editors)
    proposing = [each.removeprefix(PREFIX) for each in editors if each.startswith(PREFIX)]
    for maker in agencies.token_makers(connection, proposing):
        found |= persons_acting(maker, makers, users)
    return " ".join(sorted(found | openers(core, connection, found)))


def other_approvers(core: Core, editors: Sequence[str], candidates: Sequence[str]) -> list[str]:
    """Return the candidates who may release what the editors write, as far as it is known before it is handed in."""
    with core.database.reading() as connection:
        published = set(persons_counted(core, connection, editors[-1], editors).split())
        writers = set(editors)
        return [
            each for each in candidates
            if each not in published and writers.isdisjoint(openers(core, connection, {each}))
        ]  # fmt: skip


def is_second(core: Core, connection: Connection, row: Any, who: str, *, is_session: bool) -> bool:
    """Whether `who` decides as another person than those who published and edited the held message in `row`.

    A message published in a session is decided by a person only: by a session, or by a claimed token that names its
    person; never by `local`, and by no token without a person. Whoever created the link that opened an account counts
    as its person, in both directions.
    """
    makers, users = access.makers(connection), access.users(connection)
    before = access.makers(connection, row.at)
    # a later claim makes nobody a second person for what waited already
    deciders = {who} if is_session else persons_acting(who, makers, users) | persons_acting(who, before, users)
    published = set((row.counts_as or "").split())  # an older row has none
    writers = persons_acting(row.who, makers, users) if row.editors is None else set(row.editors.split())
    published |= writers | openers(core, connection, writers)
    if not published.isdisjoint(deciders) or not writers.isdisjoint(openers(core, connection, deciders)):
        return False
    if is_session or row.editors is None:
        return True
    named = [each for each in chain(who, makers) if each not in RESERVED]
    return chain(who, makers)[-1] != LOCAL and all(each in users for each in named)


def may_publisher_still(core: Core, connection: Connection, row: Any) -> bool:
    """Whether the token or person that published the held message in `row` may publish at this moment.

    If not, nobody releases it: a second person approves what a first one answers for.
    """
    return standing(connection, core.clock()).may(row.who, "publish")
