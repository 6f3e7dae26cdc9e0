"""The publisher's side: from a draft to the message exactly as it leaves.

Imports base, message, policy and privacy.
"""
