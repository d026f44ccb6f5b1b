"""Gives out the files that people gave, to whoever has a signed address that still holds."""

from __future__ import annotations

from aiohttp import web

from core.media.addresses import InputAddresses
from core.media.store import LocalStore, mime_type_of

_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class InputPages:
    """`GET` and `HEAD /inputs/<ref>?expires=…&sig=…`, ranges too; 404 for whatever is not right."""

    def __init__(self, store: LocalStore, addresses: InputAddresses) -> None:
        self._store = store
        self._addresses = addresses

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        ref = request.match_info["ref"]
        query = request.query
        path = self._store.path(ref)
        if path is None or not self._addresses.holds(ref, query.get("expires", ""), query.get("sig", "")):
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={**_HEADERS, "Content-Type": mime_type_of(ref)})
