"""Groups whose commands are imported when they run: `suar --help` reads a table, not thirty modules."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import rich_click as click

EXIT_USAGE: Final = 64  # sysexits' EX_USAGE; click's 2 would read as "critical" in Nagios

SPELLING_MAX: Final = 40  # characters of a mistyped name that are compared

Table = dict[str, tuple[str, str]]  # name -> ("module:attribute", one line of help)


class Command(click.RichCommand):
    """A command whose help has boxes and colours on a terminal, and is plain text in a pipe (rich stays unimported)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Raises a usage error for an option of one value that is given twice: a person who names
        two files expects that both are read, and the last one would replace the first in silence.
        """
        _require_once(self, ctx, args)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help text."""
        return super().get_help(ctx) if sys.stdout.isatty() else _plain(self, ctx)


class LazyGroup(click.RichGroup):
    """A group over a `Table`. Listing costs nothing; running a command imports its module."""

    def __init__(self, *args: Any, table: Table | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"no_args_is_help": False, **kwargs})
        self.table: Table = {name: entry for name, entry in (table or {}).items() if _is_importable(entry[0])}

    def get_help(self, ctx: click.Context) -> str:
        """Return the help text, as `Command` does."""
        return super().get_help(ctx) if sys.stdout.isatty() else _plain(self, ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, which leads from an empty folder to a running gateway."""
        return [*self.table, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a name with its line, for listing; nothing is imported."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        return Command(name=cmd_name, short_help=self.table[cmd_name][1])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the real command, to run it."""
        if args and not args[0].startswith("-") and args[0] not in self.table:
            self._suggest(ctx, args[0])
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name in self.table else command, rest

    def _suggest(self, ctx: click.Context, name: str) -> None:
        """Raise a usage error that names the commands of similar spelling, if there are any."""
        from difflib import get_close_matches

        near = get_close_matches(name[:SPELLING_MAX].lower(), self.table, 3)
        if near:
            ctx.fail(f"no such command '{name}'; did you mean {' or '.join(near)}?")

    def load(self, name: str) -> click.Command:
        """Import the command `name` of the table."""
        module, attribute = self.table[name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help for a group without a command, which is still a usage error."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(EXIT_USAGE)
        _require_once(self, ctx, args)
        return super().parse_args(ctx, args)


def _require_once(of: click.Command, ctx: click.Context, args: list[str]) -> None:
    """Raise a usage error if an option that has one value is given more than once."""
    if ctx.resilient_parsing:
        return
    _, _, order = of.make_parser(ctx).parse_args(args=list(args))
    once = [each for each in order if isinstance(each, click.Option) and not (each.is_flag or each.multiple)]
    twice = next((each for at, each in enumerate(once) if not each.count and each in once[:at]), None)
    if twice is not None:
        name = max(twice.opts, key=len)
        ctx.fail(f"option {name} is given twice; it has one value, so give it once")


def _is_importable(target: str) -> bool:
    return find_spec(target.split(":", maxsplit=1)[0]) is not None


def _plain(command: click.Command, ctx: click.Context) -> str:
    """Return click's own help: RichCommand replaces these methods, so they are called by their class."""
    formatter = click.HelpFormatter(max_width=100)
    click.Command.format_usage(command, ctx, formatter)
    click.Command.format_help_text(command, ctx, formatter)
    click.Command.format_options(command, ctx, formatter)
    if isinstance(command, click.Group):
        click.Group.format_commands(command, ctx, formatter)
    click.Command.format_epilog(command, ctx, formatter)
    return formatter.getvalue().rstrip("\n")
