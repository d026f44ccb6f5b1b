"""The command line of Starloom: `python run.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.roles import Role
from starloom.cli.models_commands import models_cli
from starloom.cli.options import Options

_cli = typer.Typer(
    name="starloom",
    help="Starloom: a Telegram studio for AI video, images and audio.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_EnvFile = Annotated[Path, typer.Option(help="File with settings, beside the environment.")]
_PluginsFile = Annotated[Path, typer.Option(help="Which plugins and providers are on.")]
_Sandbox = Annotated[bool, typer.Option("--sandbox", help="Use the local Telegram even if a token is set.")]


@_cli.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    env_file: _EnvFile = Path(".env"),
    plugins_file: _PluginsFile = Path("plugins.toml"),
    role: Annotated[Role, typer.Option(help="What this process does.")] = Role.ALL,
    sandbox: _Sandbox = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the local Telegram's world first.")] = False,
    sandbox_port: Annotated[
        int | None, typer.Option(help="Port of the local Telegram's page; 0: any free one.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page where there is a browser.")
    ] = True,
    end_with_input: Annotated[bool, typer.Option("--end-with-input", hidden=True)] = False,
) -> None:
    """Run the bot. Without a token it runs on a local Telegram."""
    context.obj = Options(
        env_file=env_file,
        plugins_file=plugins_file,
        role=role,
        sandbox=sandbox,
        fresh=fresh,
        end_with_input=end_with_input,
        sandbox_port=sandbox_port,
        browser=browser,
    )
    if context.invoked_subcommand is None:
        _run(context)


@_cli.command("run")
def _run(context: typer.Context) -> None:
    """Run the bot (the default)."""
    from starloom.cli.running import run

    raise typer.Exit(run(context.obj))


@_cli.command("init")
def _init(context: typer.Context) -> None:
    """Ask what a real bot needs, check it, and write it to .env."""
    from starloom.cli.init import init

    raise typer.Exit(init(context.obj))


@_cli.command("chat")
def _chat(
    context: typer.Context,
    name: Annotated[str, typer.Option("--as", help="Who you are on the local Telegram.")] = "alice",
    language: Annotated[str, typer.Option("--lang", help="Your language there.")] = "en",
) -> None:
    """Talk to the bot on the running local Telegram."""
    from starloom.cli.chatting import chat

    raise typer.Exit(chat(context.obj, name, language))


@_cli.command("demo")
def _demo(context: typer.Context) -> None:
    """Show two generations from /start to the delivered video, and check everything about them."""
    from starloom.cli.demo import demo

    raise typer.Exit(demo(context.obj))


@_cli.command("doctor")
def _doctor(context: typer.Context) -> None:
    """Check configuration, encryption, database, Telegram and providers; one line each."""
    from starloom.cli.doctor import doctor

    raise typer.Exit(doctor(context.obj))


_plugins = typer.Typer(help="See plugins and switch them; a running bot follows within seconds.")
_cli.add_typer(_plugins, name="plugins")


@_plugins.command("list")
def _plugins_list(context: typer.Context) -> None:
    """List the plugins of plugins.toml and whether they are on."""
    from starloom.cli.switching import list_plugins

    raise typer.Exit(list_plugins(context.obj))


@_plugins.command("enable")
def _plugins_enable(context: typer.Context, name: str) -> None:
    """Switch a plugin on."""
    from starloom.cli.switching import switch_plugin

    raise typer.Exit(switch_plugin(context.obj, name, enabled=True))


@_plugins.command("disable")
def _plugins_disable(context: typer.Context, name: str) -> None:
    """Switch a plugin off."""
    from starloom.cli.switching import switch_plugin

    raise typer.Exit(switch_plugin(context.obj, name, enabled=False))


@_plugins.command("info")
def _plugins_info(context: typer.Context, name: str) -> None:
    """Show what a plugin says of itself, without running any of it."""
    from starloom.cli.plugins_checking import show

    raise typer.Exit(show(context.obj, name))


@_plugins.command("check")
def _plugins_check(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Which; without it, all.")] = None,
) -> None:
    """Import plugins without starting them, and tell what is wrong; exit status 1 where something is."""
    from starloom.cli.plugins_checking import check

    raise typer.Exit(check(context.obj, names or []))


@_plugins.command("set")
def _plugins_set(
    context: typer.Context,
    name: str,
    key: str,
    value: Annotated[str, typer.Argument(help="As in TOML; nothing: as the file has it.")] = "",
) -> None:
    """Change a setting of a plugin while the bot runs; what plugins.toml says stays beneath."""
    from starloom.cli.plugins_setting import change_setting

    raise typer.Exit(change_setting(context.obj, name, key, value))


_plugin = typer.Typer(help="Make a plugin of your own.", no_args_is_help=True)
_cli.add_typer(_plugin, name="plugin")


@_plugin.command("new")
def _plugin_new(
    name: Annotated[str, typer.Argument(help="Small letters, digits and underscores.")],
    provider: Annotated[bool, typer.Option("--provider", help="An AI provider.")] = False,
    directory: Annotated[Path, typer.Option("--dir", help="Where its folder is made.")] = Path(),
) -> None:
    """Write a distribution with a plugin, texts, tests and CI, which passes its own tests at once."""
    from starloom.cli.scaffold import new_plugin

    raise typer.Exit(new_plugin(name, directory, provider=provider))


_ledger = typer.Typer(help="Prove the ledger and read it, while the bot runs or not.", no_args_is_help=True)
_cli.add_typer(_ledger, name="ledger")


@_ledger.command("check")
def _ledger_check(context: typer.Context) -> None:
    """Compare every account with its entries; exit status 1 and each difference where they do not agree."""
    from starloom.cli.ledger import check

    raise typer.Exit(check(context.obj))


@_ledger.command("statement")
def _ledger_statement(
    context: typer.Context,
    user: Annotated[int, typer.Argument(min=1, help="The person's id in Telegram.")],
    limit: Annotated[int, typer.Option(min=1, help="How many entries, newest first.")] = 20,
) -> None:
    """Show what a person has and the last entries of the account."""
    from starloom.cli.ledger import statement

    raise typer.Exit(statement(context.obj, user, limit))


@_ledger.command("export")
def _ledger_export(
    context: typer.Context,
    _csv: Annotated[bool, typer.Option("--csv", help="As CSV, the only format so far.")] = True,
    out: Annotated[Path | None, typer.Option(help="A file; without it, standard output.")] = None,
) -> None:
    """Write all entries down, oldest first."""
    from starloom.cli.ledger import export

    raise typer.Exit(export(context.obj, out))


_cli.add_typer(models_cli, name="models")

_locales = typer.Typer(help="Check texts, and see what is still to be translated.", no_args_is_help=True)
_cli.add_typer(_locales, name="locales")


@_locales.command("check")
def _locales_check(context: typer.Context) -> None:
    """Tell what is wrong with any text; exit status 1 and a line each where something is."""
    from starloom.cli.locales import check

    raise typer.Exit(check(context.obj))


@_locales.command("missing")
def _locales_missing(
    context: typer.Context,
    language: Annotated[str, typer.Argument(help="The code of the language, such as de.", metavar="LANG")],
) -> None:
    """Print what a language lacks, ready to be translated; exit status 1 where it lacks something."""
    from starloom.cli.locales import missing

    raise typer.Exit(missing(context.obj, language))


_monitoring = typer.Typer(help="What operators are told.", no_args_is_help=True)
_cli.add_typer(_monitoring, name="monitoring")


@_monitoring.callback()
def _monitoring_group() -> None:
    """What operators are told."""


@_monitoring.command("import")
def _monitoring_import(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="The former bot's JSON settings.")]
) -> None:
    """Take the settings of a former monitoring bot over into plugins.toml."""
    from starloom.cli.monitoring import import_settings

    raise typer.Exit(import_settings(context.obj, file))


@_cli.command("maintenance")
def _maintenance(
    context: typer.Context,
    state: Annotated[str, typer.Argument(help="on or off", metavar="on|off")],
) -> None:
    """Serve only admins, or everybody again."""
    from starloom.cli.switching import switch_maintenance

    if state not in ("on", "off"):
        raise typer.BadParameter("say on or off")
    raise typer.Exit(switch_maintenance(context.obj, on=state == "on"))


def main() -> None:
    """Run the command that the arguments name."""
    _cli()
