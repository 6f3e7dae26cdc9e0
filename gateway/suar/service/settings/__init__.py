"""Files that an operator owns: settings, state folder, keyring.

Imports protocol and store only.
"""
