"""The demo: an embedded federation with a real trust ceremony and real servers."""
