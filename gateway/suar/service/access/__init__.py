"""Authentication, the quotas of other members, and access to our own objects.

Imports settings and core.
"""
