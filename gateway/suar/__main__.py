"""`python -m suar`: the same as the command `suar`."""

from suar.cli.main import main

main()
