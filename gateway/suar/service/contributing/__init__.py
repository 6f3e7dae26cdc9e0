"""What agencies propose to the focal point: kept sealed, taken into a draft by a person, or rejected.

Imports publish, feed, notify, reading, access and core.
"""
