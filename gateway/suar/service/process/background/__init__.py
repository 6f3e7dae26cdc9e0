"""Loops that keep something beside the path of messages: anchor, evidence, erasing, and what is due by the clock."""
