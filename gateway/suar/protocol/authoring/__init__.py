"""The publisher's side: completes a draft to the message that is sent.

Imports base and message.
"""
