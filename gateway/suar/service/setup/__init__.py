"""Sets up a member's machine: what `suar setup` asks for, creates and starts. machine_paths.py has every path; the
units of deploy/systemd use the same.

Imports settings and recovery.
"""
