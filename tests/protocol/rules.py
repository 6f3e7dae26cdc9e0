"""The numbers of all rules, copied from protocol.md: what vectors, tests and mutations are checked against."""

RULES = (
    "S1",
    *(f"T{n}" for n in range(1, 15)),
    "R1",
    *(f"K{n}" for n in range(1, 9)),
    *(f"E{n}" for n in range(1, 15)),
    *(f"F{n}" for n in range(1, 12)),
)

NOT_BY_RECEIVING = frozenset({"T11", "T13", "K7", "K8", "E11", "E12", "E13", "E14"})
"""Rules about disks, erasing and sending: no object that arrives can show them."""
