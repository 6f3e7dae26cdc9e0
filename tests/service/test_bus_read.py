"""A read loop that ended: a log event, and a check that names the object."""
