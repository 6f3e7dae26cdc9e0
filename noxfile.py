"""The suite on every Python that we support: `nox`; one of them: `nox -s tests-3.12`; without tests: `nox -s lint`.

A Python that is not on this machine is skipped. Each session has its own environment under .nox, from the locked
requirements, like .venv.
"""

import nox

PYTHONS = ("3.11", "3.12", "3.13")

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True


def _install(session: nox.Session) -> None:
    session.install("--require-hashes", "-r", "requirements/build.txt")
    session.install("--require-hashes", "--no-build-isolation", "-r", "requirements/test.txt")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite."""
    _install(session)
    session.run("python", "-m", "pytest", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", *session.posargs)


@nox.session(python=PYTHONS[0])
def lint(session: nox.Session) -> None:
    """What `make lint` runs."""
    _install(session)
    code = ("gateway", "tests", "noxfile.py")
    session.run("ruff", "check", *code)
    session.run("ruff", "format", "--check", *code)
    session.run("mypy", "--strict")
    session.run("lint-imports")
