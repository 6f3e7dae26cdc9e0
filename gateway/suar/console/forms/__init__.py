"""Forms from the types of the kinds: from a message to fields, and from submitted fields to a message."""
