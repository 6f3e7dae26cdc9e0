"""Epochs, frames and heartbeats: sealing, admission, replay and chains.

Imports base, message, trust and policy.
"""
