"""Where the published folders are: schemas/ (the standard) and keys/ (the public trust).

They stand at the top of the checkout and are never importable; the wheel carries them as suar/_published (hatch
force-include). This module imports nothing of the package, so that the pure protocol may read its code lists with it.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[0]


def _folder(name: str) -> Path:
    inside = _PACKAGE / "_published" / name
    return inside if inside.is_dir() else _PACKAGE.parent.parent / name


def schemas_dir() -> Path:
    """The folder with v1/, codelists/, examples/ and vectors/."""
    return _folder("schemas")


def keys_dir() -> Path:
    """The folder with profiles.toml, reference/ and playbooks/."""
    return _folder("keys")
