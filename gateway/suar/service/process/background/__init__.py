"""Loops that do not process messages: the anchor, evidence, erasing, and periodic tasks."""
