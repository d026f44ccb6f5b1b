"""Gives out files of ours, to whoever has a signed address that still holds."""

from __future__ import annotations

from aiohttp import web

from core.media.addresses import FileAddresses
from core.media.store import LocalStore, mime_type_of, saving_header

_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class FilePages:
    """`GET` and `HEAD /<folder>/<ref>?expires=…&sig=…`, ranges too; 404 for whatever is not right.

    With `save_as` a browser saves the file, under this name and the ending of its type.
    """

    def __init__(self, store: LocalStore, addresses: FileAddresses, *, save_as: str = "") -> None:
        self._store = store
        self._addresses = addresses
        self._save_as = save_as

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        ref = request.match_info["ref"]
        query = request.query
        path = self._store.path(ref)
        if path is None or not self._addresses.holds(ref, query.get("expires", ""), query.get("sig", "")):
            raise web.HTTPNotFound
        headers = {**_HEADERS, "Content-Type": mime_type_of(ref)}
        if self._save_as:
            headers["Content-Disposition"] = saving_header(self._save_as, ref)
        return web.FileResponse(path, headers=headers)
