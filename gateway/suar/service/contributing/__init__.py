"""What agencies propose to the focal point: encrypted at rest, accepted into a draft by a person, or rejected.

Imports publish, feed, notify, reading, access and core.
"""
