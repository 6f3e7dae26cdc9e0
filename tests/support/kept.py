"""What a process keeps in memory and has used of the processor, by the system's own account."""

import os
from pathlib import Path


def resident(pid: int) -> int:
    """Bytes of a process that are in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


def processor_seconds(pid: int) -> float:
    """Seconds of the processor that a process has used, in all its threads."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = map(int, after_name[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")
