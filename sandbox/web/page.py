"""Serves the page's own files, and joins the panel's routes to the HTTP face."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.http.errors import not_found
from sandbox.web import panel
from sandbox.web.books import Books

_STATIC = Path(__file__).with_name("static")
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    # Nothing from elsewhere, no code but ours, and nobody may put the page into a frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Whoever changes the page sees the change with the next reload.
    "Cache-Control": "no-cache",
}

routes = web.RouteTableDef()


def add_page(app: web.Application, books: Books | None = None) -> None:
    """Put the page in front of an application that `sandbox.http.make_app` made."""
    app[panel.BOOKS] = books
    app[panel.SOCKETS] = set()
    app.add_routes(panel.routes)
    app.add_routes(routes)
    app.middlewares.append(_hardened)
    app.on_shutdown.append(panel.close)


@routes.get("/")
async def show_page(request: web.Request) -> web.FileResponse:
    """The page itself."""
    return _file("index.html")


@routes.get("/page/{name:[a-z_/-]+[.](?:css|js|json|svg)}")
async def show_part(request: web.Request) -> web.FileResponse:
    """A style, a script, texts or a picture of the page."""
    return _file(request.match_info["name"])


@web.middleware
async def _hardened(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse to be looked at by pages from elsewhere, where the browser says that it is one.

    `Host` and `Origin` are checked for every route already; a picture or a script asks without an `Origin`.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        navigation = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.path == "/"
        if not navigation:
            raise web.HTTPForbidden
    return await handler(request)


def _file(name: str) -> web.FileResponse:
    path = (_STATIC / name).resolve()
    if not path.is_relative_to(_STATIC) or not path.is_file():
        raise not_found("part of the page under this name")
    kind = _TYPES[path.suffix]
    return web.FileResponse(path, headers={**_HEADERS, "Content-Type": f"{kind}; charset=utf-8"})
