"""`chat`: a person on the running local Telegram, in the terminal."""

from __future__ import annotations

import asyncio
import sys

from core.errors import ConfigurationError
from sandbox.terminal import chat as talk
from starloom.cli.local import Address
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain


def chat(options: Options, name: str, language: str) -> int:
    """Talk until the person leaves; the exit status."""
    try:
        settings = options.settings()
    except ConfigurationError as error:
        complain(str(error))
        return FAILED
    address = Address.read(settings.data_dir)
    if address is None:
        complain("No local Telegram was started here; start it in another terminal: python run.py")
        return FAILED
    return asyncio.run(talk(address.http, name, language, sys.stdin, sys.stdout))
