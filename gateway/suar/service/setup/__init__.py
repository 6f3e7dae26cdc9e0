"""A member's machine, from bare files to a running gateway: what `suar setup` asks for, makes and starts.

Every path is one of places.py; the units of deploy/systemd name the same. Imports settings and recovery.
"""
