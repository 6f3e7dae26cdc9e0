"""Forms from the types of the kinds: from a message to fields, from what a browser sends to a message."""
