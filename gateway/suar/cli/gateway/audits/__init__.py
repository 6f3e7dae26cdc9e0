"""Commands about parts of the audit log that are shown to others."""
