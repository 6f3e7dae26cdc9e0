"""One process: starting and stopping in order, and the object that HTTP and commands call.

Imports every room.
"""
