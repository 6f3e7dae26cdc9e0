"""Epochs, frames and heartbeats: sealing, admission, replay protection and chains.

Imports base, message, trust and policy.
"""
