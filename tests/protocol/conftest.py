"""Makes the scenarios beside the tests importable, as they are for make_vectors.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
