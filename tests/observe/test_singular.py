"""What a person reads of one thing is in the singular, in every check, in causes and in the texts of reasons."""

import re
from typing import Any

from observe.test_checks import HEARTBEAT, TURNS
from suar.languages.catalogue import REASON
from suar.languages.extract import messages
from suar.observe.causes import CAUSES
from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.protocol.base.sentences import several
from support import healthy
from support.healthy import NOW, peer, two_hubs

OF_ONE = re.compile(r"(?<![\w.,-])(?<!of )1 (?:more |other |new )?(?!is\b|s\b)([a-z]+s)\b")
"""The number one before a word in the plural."""
ONE: list[dict[str, Any]] = [
    {"peers": {"SG": peer(NOW, 1)}},
    {"peers": {"SG": peer()}},
    {"waiting_rows": 1, "waiting_oldest": NOW, "waiting_senders": ["SG"]},
    {"waiting_rows": 1, "waiting_oldest": NOW - limits.HOUR, "waiting_senders": ["SG"]},
    {"pending": {"SG": (1, NOW - 2 * limits.HOUR)}},
    {"set_aside": 1, "set_aside_newest": ["x"]},
    {"hubs": two_hubs(withheld=[("SG", 1, 0)])},
    {"hubs": two_hubs(withheld=[("SG", 1, 1)])},
    {"held_rows": 1, "held_oldest": NOW},
    {"held_rows": 1, "held_oldest": NOW - 30 * limits.DAY},
    {"webhook_dead_letters": 1},
    {"owed_acknowledgements": 1},
    {"trust_issued": NOW - 100 * limits.DAY, "trust_expires": NOW + limits.DAY},
    {"identity_expires": NOW + limits.DAY},
    {"link_expires": NOW + limits.DAY},
]


def test_a_check_of_one_is_in_the_singular() -> None:
    for numbers in (*ONE, *(numbers for _, numbers, _ in TURNS)):
        for found in checks.run(healthy.numbers(**numbers), HEARTBEAT):
            assert not OF_ONE.search(found.text), found


VERBS = frozenset({"is", "leaves", "says", "has", "needs", "shows", "names", "writes", "reads", "acts"})
COUNTED = re.compile(r"\{([a-z_0-9]+)\} (?:further |more |new |other )?([a-z]+s)\b")
NEVER_ONE = {
    "expires is more than {days} days after sent": "30 days or more",
    "it stays valid for more than {days} days": "30 days or more",
    "at most {days} days; update it later": "30 days or more",
    "the denominator is fewer than {k} persons": "k is 5 or more",
    "1 to {count} characters on one line": "MEMBER_NAME_MAX",
    "at most {count} characters on one line, or nothing": "FEDERATION_NAME_MAX",
    "{least} to {most} characters": "the most is above one",
    "{least} to {most} characters, it has {length}": "the most is above one",
    "{least} to {most} items": "the most is above one",
    "{value} items, allowed are {least} to {most}": "none, or more than are allowed",
    "the message has {data} bytes, allowed are {max_bytes}": "more than are allowed",
    "the {last_number} numbers of this kind are used up for {year}": "998,999",
    "{waiting_max} messages of this token wait for a second person, and no more may": "500",
    "{waiting_max} messages of yours wait for a second person, and no more may": "500",
}
"""Texts with a number before a plural, and why it is never one."""


def test_a_reason_counts_nothing_that_may_be_one() -> None:
    """A new text that counts is written so that one is right too, or stands here with a reason."""
    texts = {text.english for text in messages("th") if text.context == REASON} | {cause.text for cause in CAUSES}
    counting = {
        text for text in texts for value, noun in COUNTED.findall(text)
        if noun not in VERBS and (value in NUMBERS or text in NEVER_ONE)
    }  # fmt: skip
    assert counting == NEVER_ONE.keys()


NUMBERS = frozenset({
    "days", "k", "k2", "least", "most", "length", "value", "data", "max_bytes", "last_number", "waiting_max", "missing",
    "more", "count", "number", "by", "total", "together",
})  # fmt: skip
"""The values of reasons that are numbers."""


def test_several() -> None:
    shown = [several(count, "frame is", "frames are") for count in (0, 1, 2)]
    assert shown == ["0 frames are", "1 frame is", "2 frames are"]
