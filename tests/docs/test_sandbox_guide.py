"""What docs/sandbox.md tells programs to do is done, and the options that it names exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from aiohttp import ClientSession
from support.command_line import CommandLine

from sandbox.http import HttpFace, make_app
from sandbox.server import Sandbox
from sandbox.web import add_page

_GUIDE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


async def test_its_requests_are_answered() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", _GUIDE, re.DOTALL)
    async with await Sandbox.start(seed=1) as sandbox:
        sandbox.add_bot()
        app = make_app(sandbox)
        add_page(app)
        async with HttpFace(app) as face, ClientSession(face.url) as http:
            for line in block.splitlines():
                words = shlex.split(line)
                path = next(word for word in words if word.startswith("http")).removeprefix(
                    "http://127.0.0.1:8765"
                )
                body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
                async with http.request("POST" if body is not None else "GET", path, json=body) as response:
                    assert response.ok, line
        assert sandbox.person("Zoe").last.text == "/start"


async def test_its_options_exist(tmp_path: Path) -> None:
    named = set(re.findall(r"`python run\.py[^`]*?(--[a-z-]+)", _GUIDE)) - {"--as", "--lang"}
    told = (await CommandLine(tmp_path)("--help")).out
    assert named
    assert {option for option in named if option not in told} == set()
