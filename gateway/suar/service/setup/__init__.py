"""A member's machine, from bare files to a running gateway: what `suar setup` asks for, makes and starts.

machine_paths.py has every path; the units of deploy/systemd name the same. Imports settings and recovery.
"""
