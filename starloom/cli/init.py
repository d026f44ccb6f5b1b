"""`init`: asks what a bot on the real Telegram needs, checks each answer, and writes `.env`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from core.config import Settings
from core.errors import ConfigurationError
from starloom.cli.doctor import doctor
from starloom.cli.env_file import EnvFile
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say


@dataclass(frozen=True, slots=True)
class _Question:
    """One setting. `asked` is where to find the answer; one that is not `needed` can be left out."""

    name: str
    asked: str
    needed: bool = False
    secret: bool = False


_QUESTIONS = (
    _Question("BOT_TOKEN", "The bot's token: write /newbot to @BotFather", needed=True, secret=True),
    _Question("API_ID", "api_id of https://my.telegram.org, “API development tools”", needed=True),
    _Question("API_HASH", "api_hash, from the same page", needed=True, secret=True),
    _Question("ADMIN_ID", "Your own Telegram id, a number: @userinfobot tells it", needed=True),
    _Question("KIE_API_KEY", "A key of Kie.ai, for most of the models", secret=True),
    _Question("REPLICATE_API_TOKEN", "A token of Replicate, for Flux 1.1 Pro", secret=True),
    _Question("GOOGLE_APPLICATION_CREDENTIALS", "The key file of a Google service account, for Veo"),
    _Question("GEMINI_API_KEY", "A key of the Gemini API, for Gemini Omni", secret=True),
    _Question("A2E_API_KEY", "A key of A2E", secret=True),
    _Question("MONGODB_URI", "A MongoDB address; without it the embedded engine keeps the data", secret=True),
    _Question(
        "WEBHOOK_URL", "How the internet reaches this server, https://…; without it providers are polled"
    ),
)
_FORGET = "-"


def init(options: Options) -> int:
    """Ask, write, and look at what was written; the exit status."""
    path = options.env_file
    try:
        kept = EnvFile.read(path)
        say(f"What Starloom needs for a real bot; it goes to {path}, which only you can read.")
        say(f"Enter keeps what is in brackets or leaves out what is not needed; {_FORGET} removes a value.\n")
        answers = {question.name: _answer(question, kept) for question in _QUESTIONS}
    except (EOFError, KeyboardInterrupt, typer.Abort):
        complain("\nNothing was written.")
        return FAILED
    except OSError as error:
        complain(f"{path} cannot be read: {error.strerror}")
        return FAILED
    try:
        kept.with_values(answers).write(path)
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}")
        return FAILED
    say(f"\nWritten to {path}. This is how it looks:\n")
    status = doctor(options)
    say("\nStart the bot: python run.py" if status == 0 else "\nMend what failed, or run init again.")
    return status


def _answer(question: _Question, kept: EnvFile) -> str:
    """What the person says, once it can be used; empty for a setting that is left out."""
    old = kept.get(question.name) or os.environ.get(question.name, "")
    while True:
        said = _ask(question, old).strip()
        value = "" if said == _FORGET else said or old
        problem = _problem(question, value)
        if not problem:
            return value
        complain(f"  {problem}")


def _ask(question: _Question, old: str) -> str:
    known = f" [{'set already' if question.secret else old}]" if old else ""
    rest = "" if question.needed or old else " (not needed)"
    # Whoever pipes answers in has no screen to hide them on.
    hidden = question.secret and sys.stdin.isatty()
    said: str = typer.prompt(
        f"{question.asked}\n  {question.name}{known}{rest}", default="", show_default=False, hide_input=hidden
    )
    return said


def _problem(question: _Question, value: str) -> str:
    """What is wrong with an answer by itself; whether it opens anything, doctor sees."""
    if not value:
        return f"{question.name}: is needed" if question.needed else ""
    if question.name == "GOOGLE_APPLICATION_CREDENTIALS" and not Path(value).is_file():
        return f"{question.name}: there is no file {value}"
    try:
        Settings.load(env={question.name: value})
    except ConfigurationError as error:
        return str(error)
    return ""
