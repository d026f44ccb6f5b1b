"""The command line of the benchmarks: `python -m bench`."""

from __future__ import annotations

from collections.abc import Callable

import typer

from bench import dispatch, footprint, jobs, ledger, plugins, relay, upload

BENCHMARKS: dict[str, Callable[..., None]] = {
    "dispatch": dispatch.command,
    "footprint": footprint.command,
    "jobs": jobs.command,
    "ledger": ledger.command,
    "plugins": plugins.command,
    "relay": relay.command,
    "upload": upload.command,
}
"""The benchmarks by name; each is a command whose options all have defaults."""

cli = typer.Typer(
    name="bench",
    help="Benchmarks of Starloom. Without a command all of them run, one after another.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _name, _command in BENCHMARKS.items():
    cli.command(_name)(_command)


@cli.callback(invoke_without_command=True)
def _main(context: typer.Context) -> None:
    """Run all benchmarks unless one is named."""
    if context.invoked_subcommand is None:
        for run in BENCHMARKS.values():
            run()


if __name__ == "__main__":
    cli(prog_name="python -m bench")
