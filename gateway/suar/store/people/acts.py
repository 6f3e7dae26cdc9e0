"""The acts that the audit log names. An act without an entry here is an error of types, and one without a word in
languages/act_words.py fails a test.

A store may hold others: an older version wrote them.
"""

from typing import Final, Literal, get_args

Confirmed = Literal["erase", "hold-add", "hold-confirm", "hold-end"]
"""What two persons decide together."""
Act = (
    Literal[
        "acknowledge-alarm", "acknowledged", "acting", "agency-add", "agency-change", "agency-resume", "agency-revoke",
        "agency-rotate", "agency-suspend", "alarm", "archive", "audit", "audit-anew", "carry-export", "carry-import",
        "check", "commitments", "compromised", "draft-delete", "drill", "erase-ask", "erase-withdraw", "evidence",
        "evidence-keys", "evidence-sealed", "export", "feed", "feed-end", "feed-sent", "given", "held", "hold",
        "hold-add-ask", "hold-add-withdraw", "hold-confirm-ask", "hold-confirm-withdraw", "hold-end-ask",
        "hold-end-withdraw", "hold-list", "hold-over", "keys-rotate", "legal-order", "legal-order-over", "list", "mute",
        "mute-end", "nats-replay", "open", "passphrase-wrong", "person-confirm", "person-invite", "person-join",
        "person-passkey-add", "person-passkey-remove", "person-password", "person-recover", "person-recover-asked",
        "person-recovery", "person-resume", "person-resume-asked", "person-roles", "person-roles-asked",
        "person-suspend", "pin-kept", "proposal-list", "proposal-read", "proposal-reject", "proposal-take", "propose",
        "publish", "read-back", "recovery-code", "reject", "release", "release-alone", "resend", "reset-clock",
        "restore", "retention", "search", "sign-in", "sign-in-failed", "sign-out", "sign-out-others", "store-adopt",
        "store-put-back", "store-restored", "token-add", "token-claim", "token-revoke", "trust-import", "webhook-dead",
        "webhook-remove", "webhook-replay", "webhook-rotate", "webhook-set", "webhook-stopped", "webhook-test",
        "withdraw", "yield-lease",
    ]
    | Confirmed
)  # fmt: skip
"""What a line of the audit log says was done."""
ACTS: Final[tuple[Act, ...]] = tuple(sorted({act for part in get_args(Act) for act in get_args(part)}))
"""All of them."""
STATED: Final[dict[str, Act]] = {"acknowledged": "acknowledged", "acting": "acting"}
"""What a person states about a message of another member, by its stage."""
ASKED: Final[dict[Confirmed, Act]] = {
    "erase": "erase-ask", "hold-add": "hold-add-ask", "hold-confirm": "hold-confirm-ask", "hold-end": "hold-end-ask",
}  # fmt: skip
"""The first of two persons."""
WITHDRAWN: Final[dict[Confirmed, Act]] = {
    "erase": "erase-withdraw", "hold-add": "hold-add-withdraw", "hold-confirm": "hold-confirm-withdraw",
    "hold-end": "hold-end-withdraw",
}  # fmt: skip
"""The first of two persons took it back."""
