"""The English of what `suar evidence verify` prints, for a court: what is proved, and what is not.

Placeholders in braces are in every translation. Codes and hashes are the same in every language.
"""

from typing import Final

EVIDENCE: Final[dict[str, str]] = {
    "proved": "proved: {id} rev {rev}, {tlp}, signed with the key of {member}",
    "proved-cancel": "proved: {id} rev {rev}, {tlp}, a cancel of the message, signed with the key of {member}",
    "is-cancelled": "cancelled by rev {rev}",
    "text": "text {digest}: {title}",
    "frame": "at {at}, message {number} of {count}, which names {members} as recipients",
    "key": "frame {frame}, key {key}",
    "sent": "according to its own statement, sent at {at}",
    "sent-later": "CONTRADICTION: the text says that it was sent at {sent}; frame {frame} was sealed before, at {at}",
    "list-later": "CONTRADICTION: frame {frame} is of an epoch of {at}; its trust list, {list}, was issued later, "
    "at {issued}",
    "no-cancel": "MISSING: {member} says that it carried out a cancel ({stage}); no cancel is in the file",
    "receipt": "{member}: {stage} at {at}",
    "witnesses": "members that had this frame or a later one by {at}, by their own word: {count} ({members})",
    "by-gateway": "stated by its gateway",
    "claimed": "{at} (claimed)",
    "late": "according to its own statement, sealed at {at}",
    "dated": "{at} (claimed; its signed frame is proved to exist by {proved})",
    "revoked": "NOT PROVED: the key was revoked",
    "cancelled": "cancelled by rev {rev}, at {at}, frame {frame}",
    "updated": "replaced by rev {rev}, at {at}, frame {frame}",
    "trust": "by trust list {last}, from the pinned one, {pinned}, on",
    "given": "you gave: trust list {list}; Revokes: {count}",
    "not-given": "none",
    "own-history": "what you gave is all in the container's own history: if it was taken from there, it checks nothing",
    "older-list": "the file has a newer trust list than those that you gave",
    "unchecked": "revocation status not checked",
    "revoked-later": "the key was revoked later; this is proved to be older",
    "in-force": "nothing in what you gave revokes the key",
    "suspended": "{member} does not take part any more: trust list {list}",
    "time": "time proved: not later than {at}",
    "no-time": "time claimed, not proved",
    "layer": "token {number} of the container: not later than {at}",
    "no-layer": "token {number} of the container: no time: {why}",
    "no-stamp": "no time by a time stamp of the file: {why}",
    "why-other": "it covers other bytes, or has another form",
    "why-unknown": "it is of no authority that you named",
    "why-broken": "its signature is not valid",
    "why-weak": "it rests on {weak}, which is too weak; the least that counts: {floor}",
    "author": "{what} by {who} (the name of an account or token) at {at}, as the audit of {member} says",
    "proves": "This is proved:",
    "not": "This is not proved:",
    "proves-text": "The key of {member} signed exactly this text.",
    "proves-receipts": "Each member whose receipt stands above signed that statement about this message.",
    "proves-time": "The message existed at {at}: an authority that you named signed a hash that covers it; "
    "it did not see the message.",
    "not-author": "Which person in {member} wrote or approved the message.",
    "not-custody": "That nobody else had the key of {member}: whoever holds a key signs in its owner's name.",
    "not-owner": "That this key is the key of {member}: the roots of the pinned trust list say so.",
    "not-recipients": "That the message was sent, or that the recipients that it names could open it.",
    "not-others": "That the message was sent to a recipient without a proved receipt above, or that it could open it.",
    "not-complete": "That the file is complete: other revisions, receipts, Revokes, lines of the audit, time stamps "
    "and heartbeats may be left out of it.",
    "not-container": "That the container is as {member} made it: anybody can make one anew of fewer of its parts, "
    "with a later token.",
    "not-time": "When the message was made: the times are what the signers wrote.",
    "not-revocation": "That no key was revoked: this takes the newest trust list and the Revokes, from elsewhere.",
    "not-later": "That no later trust list, and no Revoke other than those that you gave, revokes a key.",
    "not-true": "That what the message says is true.",
}
