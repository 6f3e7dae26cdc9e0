"""Commands about the people of the console."""
