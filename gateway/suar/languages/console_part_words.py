"""The English of elements that several pages of the console share: paper, pictures, agencies, passkeys."""

from typing import Final

PARTS: Final[dict[str, str]] = {
    "printed-by": "Printed by",
    # charts and maps of a message
    "chart": "Chart",
    "chart-how": "A figure that is not shown has no column. The table has every figure.",
    "map": "Map",
    "map-how": "One point stands for a whole country. Finer places are in this table.",
    "map-outside": "Not on this map",
    # exercises that are ready to be sent: title and summary of what every member gets
    "drill-call-out": "Call-out of all duty officers",
    "drill-call-out-what": "Acknowledge this exercise as soon as you read it. Nothing else is asked.",
    "drill-mass-rescue": "A rescue of many persons is to be expected",
    "drill-mass-rescue-what": "Acknowledge, tell your shelters and interpreters, and say that you act once they are "
    "ready.",
    "drill-route-shift": "A route moves to other border posts",
    "drill-route-shift-what": "Acknowledge, pass it to your border posts, and say that you act once they screen "
    "arrivals.",
    # agencies
    "agency-none": "None: a person of the focal point",
    "agency-hint": "Only for the role Reader of an agency. It cannot be changed later.",
    "agency-new": "Register an agency",
    "agency-name-hint": "Small letters, digits and dashes. It stands in the audit log and cannot be changed.",
    "agency-kinds": "Kinds of messages that it may see",
    "agency-tlp": "Highest TLP that it may see",
    "agency-tlp-hint": "What is marked higher is for focal points alone.",
    "agency-actual": "Actual messages",
    "agency-both": "Actual messages and exercises",
    "agency-automated": "A program there decides about people, with no person in between.",
    "agency-used": "Last use of the token",
    "agency-token-how": "Hand it over by a trusted channel. It is not shown again.",
    "agency-old-token": "The token before is valid until",
    "agency-access-hint": (
        "After another token the one before is good for 24 hours. While the agency is suspended, neither its program "
        "nor its readers see anything."
    ),
    "agency-readers": "People who read for it",
    "agency-sees": "What it may see now",
    "agency-change": "Change the registration",
    "agency-propose-set": "Let it propose drafts",
    "agency-propose-end": "Let it propose no more drafts",
    "nkey": "Public nkey of its user at our NATS server",
    "nkey-hint": "56 characters that begin with U. With it, its program can also read at our NATS server.",
    "nkey-set": "Save the nkey",
    "nkey-remove": "Remove the nkey",
    "nkey-entry": (
        "For the operator of our NATS server: add this to the list “agencies” of our member in the NATS plan."
    ),
    "nkey-reload": "Then render the configuration, and let the server read it twice:",
    "nkey-removed": (
        "For the operator of our NATS server: remove its user from the list “agencies” of our member in the NATS plan, "
        "render the configuration and let the server read it."
    ),
    "webhook": "Delivery address",
    "webhook-hint": "A web address of the agency, to which each message is sent, signed.",
    "webhook-set": "Save the address",
    "webhook-secret-how": "The agency's program verifies with this secret what is sent. It is not shown again.",
    "webhook-active": "Messages arrive",
    "webhook-failing": "Messages do not arrive",
    "webhook-stopped": "The receiver has ended it",
    "webhook-waiting": "Sent again later: {number}",
    "webhook-dead": "Given up: {number}",
    "webhook-test": "Send a test",
    "webhook-replay": "Send again what was given up",
    "webhook-rotate": "New secret",
    "webhook-remove": "Remove the address",
    "agency-propose": "It may propose drafts to the focal point.",
    # proposals of agencies
    "proposals": "Proposed by agencies",
    "proposals-hint": "A proposal goes to nobody before you take it into a draft and publish that.",
    "home-proposals": "Drafts that agencies propose: {number}",
    "proposed-by": "Proposed by",
    "proposal-take": "Take into a draft",
    "proposal-reason": "Reason, for the agency",
    "proposal-decided": "Somebody has taken or rejected this proposal.",
    "proposal-proposed": "Nobody has taken it.",
    "proposal-editing": "It is a draft of the desk.",
    "proposal-held": "It waits for a second person.",
    "proposal-published": "It was published.",
    "proposal-rejected": "It was rejected.",
    "home-readable": "Messages in force that your agency may see: {number}",
    "no-agency-ended": "Your agency may see nothing now",
    "do-agency-ended": "Its registration is suspended or has ended. Ask the focal point that registered it.",
    # passkeys
    "passkey": "Passkey",
    "passkeys": "Passkeys",
    "passkeys-how": "A passkey of your device or of a security key replaces the six-digit code. The password stays.",
    "passkeys-where": "There are no passkeys at this address of the console. Ask your operator.",
    "passkey-add": "Add a passkey",
    "passkey-label": "Name of the device",
    "passkey-added": "Added:",
    "passkey-use": "Use a passkey",
    "passkey-instead": "Instead of the code you can use a passkey.",
    "passkey-failed": "The passkey was not accepted. Try again, or use a code.",
    "no-passkey": "The passkey was not added",
    "do-passkey": "Nothing was changed. Open your page again and repeat it. A person has at most ten passkeys.",
    "no-passkey-kept": "The passkey stays",
    "do-passkey-kept": "It is your only way to confirm a sign-in, or it was removed already. Add another one first.",
}
"""Words by key, as in console_words.py."""
