"""One process: started and stopped in order, and the facade that the doors call.

Imports every room.
"""
