"""The people who sign in at the console: roles, passwords and factors, sessions, who confirms what.

Imports settings, core, access and notify.
"""
