"""The labels and meanings of fields that all kinds share: the head, and objects of several kinds (messages.md section
2).

`{lifetimes}` is filled in from the declarations of the kinds.
"""

from typing import Final

from suar.protocol.message.kind.declaration import Words

WORDS: Final[Words] = {
    "Message": {
        "kind": ("Kind", "the kind of message, which says what else stands in it"),
    },
    "Head": {
        "schema": ("", "the kind, its major and its minor version, such as alert/1.0"),
        "id": (
            "Message",
            "the name of the message, the same in all its revisions, to be read over a telephone; "
            "its first two letters are the member that signs it",
        ),
        "rev": (
            "Revision",
            "the number of the revision: 1 when it is new, one more with every update or cancel; "
            "the highest is the current one",
        ),
        "action": (
            "Action",
            "whether the message is new, takes the place of the revision before, or cancels it; "
            "nothing follows a cancel",
        ),
        "status": ("Status", "actual, or an exercise, which travels in a realm of its own"),
        "issuer": ("From", "who issues it"),
        "sent": ("Sent", "when the gateway sealed it"),
        "valid_from": ("Valid from", "when it begins to apply, if not at once"),
        "expires": (
            "Valid until",
            "when it stops to apply: after sent, at most {lifetimes} after it",
        ),
        "tlp": ("May be shared with", "who may read it, by TLP 2.0"),
        "handling": ("Handling", "what a reader must not do with it"),
        "audience": ("For", "for which members and sectors it is meant"),
        "text": ("Text", "title and summary in one or more languages, exactly one of them in English"),
        "places": ("Places", "which places play which role in it"),
        "source": ("Source", "where it comes from and how good that is"),
        "related": ("Related messages", "other messages, and how this one relates to them"),
        "reason": ("Reason", "why it was changed or cancelled; a cancel always says it"),
        "privacy": ("Privacy", "what the privacy gate did to it"),
    },
    "Issuer": {
        "member": ("Member", "the member that issues and signs it"),
        "body": ("Body", "the body of that member"),
        "sector": ("Sector", "the sector of that body"),
    },
    "Audience": {
        "members": ("Members", "all, or the members named; empty is refused"),
        "sectors": ("Sectors", "only these sectors; absent means every one"),
    },
    "Text": {
        "lang": ("", "the language, by BCP 47"),
        "title": ("", "what it is about, in one line"),
        "summary": ("", "what to know, in a few sentences that name and describe no person"),
        "generated": ("", "true if the gateway wrote the text from the codes"),
    },
    "Place": {
        "role": ("Role", "what happens there"),
        "country": ("Country", "the country"),
        "admin1": ("Subdivision", "its first-level subdivision"),
        "locode": ("Location code", "a port, border point or town, by UN/LOCODE; nothing finer exists in the standard"),
    },
    "Area": {
        "country": ("Country", "the country"),
        "admin1": ("Subdivision", "its first-level subdivision"),
        "locode": ("Location code", "a port, border point or town, by UN/LOCODE"),
    },
    "Source": {
        "type": ("Type", "which kind of source"),
        "reliability": ("Reliability", "how reliable the source is, A to F"),
        "credibility": ("Credibility", "how credible the information is, 1 to 6"),
        "confidence": (
            "Confidence",
            "how sure the issuer is, in percent; absent or null when nobody can say, and always with F or 6",
        ),
    },
    "Related": {
        "rel": ("Relation", "how this message relates to the other"),
        "id": ("Message", "the other message"),
    },
    "Privacy": {
        "k": ("Smallest count shown", "the smallest count that was shown"),
        "cells_suppressed": ("Values withheld", "how many cells of the table were hidden"),
        "released_by": ("Released by", "the role of the second person who released a held message"),
    },
}
