"""The English of what pages of the console have in common: paper, pictures, passkeys."""

from typing import Final

PARTS: Final[dict[str, str]] = {
    "printed-by": "Printed by",
    # pictures of a message
    "chart": "Chart",
    "chart-how": "A figure that is not shown has no column. The table has every figure.",
    "map": "Map",
    "map-how": "One point stands for a whole country. Finer places are in this table.",
    "map-outside": "Not on this map",
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
