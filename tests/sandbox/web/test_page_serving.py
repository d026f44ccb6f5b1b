"""The chat page is for this machine's own browser: what is served, to whom, and what is told of the wire."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from pyrogram import Client

import sandbox.web
from sandbox.http import HttpFace, make_app
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox
from sandbox.web import add_page

_STATIC = Path(sandbox.web.__file__).with_name("static")
_SCRIPTS = sorted(_STATIC.glob("js/*.js"))


class _Books:
    async def account(self, person_id: int) -> dict[str, Any]:
        return {"available": 5, "held": 0, "owed": 0, "entries": [], "person": person_id}

    async def jobs(self, person_id: int) -> list[dict[str, Any]]:
        return [{"id": "job", "person": person_id}]


@pytest.fixture
async def page(sandbox: Sandbox) -> AsyncIterator[ClientSession]:
    app = make_app(sandbox)
    add_page(app, _Books())
    async with HttpFace(app) as face, ClientSession(face.url) as session:
        yield session


async def test_the_page_and_all_its_parts_are_there(page: ClientSession) -> None:
    wanted = [
        "/",
        *(f"/page/{path.relative_to(_STATIC)}" for path in _STATIC.rglob("*.*") if path.name != "index.html"),
    ]
    for path in wanted:
        async with page.get(path) as response:
            assert response.status == 200, path
            assert "'unsafe" not in response.headers["Content-Security-Policy"]
    for path in ("/page/../page.py", "/page/js/%2e%2e/%2e%2e/page.py", "/page/js/none.js"):
        async with page.get(path) as response:
            assert response.status == 404, path


@pytest.mark.parametrize("path", ["/", "/page/js/app.js", "/api/people", "/api/faults/kinds"])
async def test_strangers_get_nothing(page: ClientSession, path: str) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ):
        async with page.get(path, headers=headers) as response:
            assert response.status == 403, headers


async def test_no_route_does_anything_for_strangers(sandbox: Sandbox, alice: Person) -> None:
    """Neither for a page from elsewhere nor for one whose name was pointed to this machine, by any verb."""
    app = make_app(sandbox)
    add_page(app, _Books())
    places = {"person": str(alice.id), "chat": "1", "message": "1", "name": "style.css", "fault": "1"}
    routes = {(each.method, each.resource.canonical) for each in app.router.routes() if each.resource}
    assert len(routes) > 25
    async with HttpFace(app) as face, ClientSession(face.url) as session:
        for method, canonical in sorted(routes):
            path = re.sub(r"{(\w+)}", lambda found: places.get(found.group(1), "1"), canonical)
            for headers in ({"Origin": "https://evil.example"}, {"Host": f"evil.example:{face.port}"}):
                async with session.request(method, path, headers=headers, json={}) as response:
                    assert response.status == 403, (method, path, headers)


async def test_strangers_do_not_listen(page: ClientSession, alice: Person) -> None:
    for path in ("/api/wire", f"/api/people/{alice.id}/events"):
        with pytest.raises(WSServerHandshakeError):
            await page.ws_connect(path, origin="https://evil.example")


async def test_the_wire_is_told_without_secrets(
    page: ClientSession, sandbox: Sandbox, bot: Bot, log_in: Any
) -> None:
    async with page.ws_connect("/api/wire") as socket:
        await log_in(bot)
        seen: list[dict[str, Any]] = []
        while not any(
            each["name"] == "auth.ImportBotAuthorization" and each["kind"] == "answer" for each in seen
        ):
            seen.append(await socket.receive_json(timeout=10))
    request = next(each for each in seen if each["name"] == "auth.ImportBotAuthorization")
    assert request["content"]["_"] == "auth.ImportBotAuthorization"
    assert bot.token.partition(":")[2] not in json.dumps(seen)


async def test_books_faults_and_connections(
    page: ClientSession, sandbox: Sandbox, alice: Person, client: Client
) -> None:
    async with page.get(f"/api/people/{alice.id}/account") as response:
        assert (await response.json())["person"] == alice.id
    async with page.get(f"/api/people/{alice.id}/jobs") as response:
        assert (await response.json())["jobs"] == [{"id": "job", "person": alice.id}]
    async with page.get("/api/faults/kinds") as response:
        assert "latency" in (await response.json())["kinds"]
    assert client.is_connected
    connected = len(sandbox.server.connections)
    async with page.post("/api/connections/drop") as response:
        assert await response.json() == {"dropped": connected}


def test_both_languages_have_all_words_that_are_used() -> None:
    words = {name: json.loads((_STATIC / "texts" / f"{name}.json").read_text()) for name in ("en", "ru")}
    assert words["en"].keys() == words["ru"].keys()
    for key, text in words["en"].items():
        forms = words["ru"][key]
        assert isinstance(text, dict) == isinstance(forms, dict), key
        if isinstance(forms, dict):
            assert forms.keys() == {"one", "few", "many", "other"}, key
    used = {key for path in _SCRIPTS for key in re.findall(r"\bt\(\"([a-z_-]+)\"", path.read_text())}
    assert used <= words["en"].keys()


def test_nothing_becomes_markup() -> None:
    for path in _SCRIPTS:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text()
        ), path
