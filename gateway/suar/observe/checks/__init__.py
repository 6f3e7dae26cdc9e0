"""The health checks of `suar doctor` and `suar check`, each a pure function of facts.

Imports alarms,
numbers and passed_over of the observation, and the protocol.
"""
