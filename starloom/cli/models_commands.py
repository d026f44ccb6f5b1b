"""The commands below `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.generation.model import Category

models_cli = typer.Typer(
    help="See models and prices, check them and write them down; the bot need not run.", no_args_is_help=True
)

_Name = Annotated[str, typer.Argument(help="The model's id or an alias.", metavar="ID")]


@models_cli.command("list")
def _list(
    context: typer.Context,
    category: Annotated[Category | None, typer.Option(help="Only what makes this.")] = None,
    provider: Annotated[str, typer.Option(help="Only this provider's.")] = "",
    locked: Annotated[bool, typer.Option("--locked", help="What is not offered, and why.")] = False,
    retired: Annotated[bool, typer.Option("--retired", help="What is no more.")] = False,
) -> None:
    """List the models on offer with their prices at default options."""
    from starloom.cli.models import list_models

    raise typer.Exit(
        list_models(context.obj, category=category, provider=provider, locked=locked, retired=retired)
    )


@models_cli.command("show")
def _show(context: typer.Context, name: _Name) -> None:
    """Show everything about one model: its inputs, ranges, price rule, and where the price was read."""
    from starloom.cli.models import show

    raise typer.Exit(show(context.obj, name))


@models_cli.command("quote")
def _quote(
    context: typer.Context,
    name: _Name,
    given: Annotated[
        list[str] | None,
        typer.Argument(
            help="option=value; for files field=2 (two) or field=8s (one of 8 s).", metavar="GIVEN"
        ),
    ] = None,
    prompt_length: Annotated[int | None, typer.Option(min=0, help="Characters of the prompt.")] = None,
) -> None:
    """Tell what an order costs, in USD, Stars and credits."""
    from starloom.cli.models import quote

    raise typer.Exit(quote(context.obj, name, given or (), prompt_length))


@models_cli.command("check")
def _check(context: typer.Context) -> None:
    """Check every model; exit status 1 and a sentence for each thing that is wrong."""
    from starloom.cli.models import check

    raise typer.Exit(check(context.obj))


@models_cli.command("export")
def _export(
    context: typer.Context,
    out: Annotated[Path | None, typer.Argument(help="A file; without it, standard output.")] = None,
    by_category: Annotated[
        Path | None, typer.Option(help="A folder that gets video.json, image.json and audio.json.")
    ] = None,
) -> None:
    """Write the models down as JSON, with schemas and examples."""
    from starloom.cli.models_export import export

    raise typer.Exit(export(context.obj, out, by_category))


@models_cli.command("sync")
def _sync(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Ask anew for what was asked lately.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Requests at once.")] = 4,
) -> None:
    """Compare with the providers' own lists and prices; a running bot follows, and tells the admins."""
    from starloom.cli.models_sync import synchronise

    raise typer.Exit(synchronise(context.obj, force=force, workers=workers))


@models_cli.command("changes")
def _changes(context: typer.Context) -> None:
    """List the changes of prices that wait for a decision."""
    from starloom.cli.models_sync import changes

    raise typer.Exit(changes(context.obj))


@models_cli.command("approve")
def _approve(context: typer.Context, name: _Name) -> None:
    """Ask the price that waits from now on."""
    from starloom.cli.models_sync import decide

    raise typer.Exit(decide(context.obj, name, accept=True))


@models_cli.command("reject")
def _reject(context: typer.Context, name: _Name) -> None:
    """Go on with the price as it is."""
    from starloom.cli.models_sync import decide

    raise typer.Exit(decide(context.obj, name, accept=False))
