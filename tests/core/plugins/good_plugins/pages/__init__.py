"""Answers pages on the web, some of them badly."""

import asyncio

from starloom.api import Plugin, WebReply, web_route


class Pages(Plugin):
    name = "pages"

    @web_route("GET", "page")
    async def page(self, request):
        return WebReply(f"hello {request.query['name']}".encode())

    @web_route("GET", "fails")
    async def fails(self, request):
        raise RuntimeError(request.path)

    @web_route("GET", "nonsense")
    async def nonsense(self, request):
        return "words"

    @web_route("GET", "hangs")
    async def hangs(self, request):
        await asyncio.Event().wait()
