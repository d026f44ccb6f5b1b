"""The web server: health, readiness, metrics, and the places of plugins and provider callbacks."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web
from pydantic import SecretStr

from core.errors import ConfigurationError
from core.limits import WebLimits
from core.media.addresses import INPUTS, RESULTS
from core.observability.metrics import CONTENT_TYPE, Metrics
from core.plugin_powers import WebReply, WebRequest
from core.web.api.document import DOCUMENT, EVENTS, NOTIFICATIONS

_log = structlog.stdlib.get_logger(__name__)

_QUIET = frozenset({"/healthz", "/health", "/readyz", "/metrics"})
"""What machines ask for every few seconds; logged at level DEBUG."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PluginPages = Callable[[str, WebRequest], Awaitable[WebReply]]
"""Answers a request for a page of a plugin, given its name."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether this instance can serve. `active` is False for one that stands by."""

    active: bool
    ready: bool


class WebServer:
    """Listens on `host` and `port` (0 takes a free one) once it is started.

    `readiness` proves that the database takes writes. With `metrics_token` the metrics ask for it as a
    bearer token.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        metrics: Metrics,
        readiness: Callable[[], Awaitable[Readiness]],
        metrics_token: SecretStr | None = None,
        limits: WebLimits | None = None,
    ) -> None:
        self._host = host
        self._wanted_port = port
        self._metrics = metrics
        self._readiness = readiness
        self._metrics_token = metrics_token
        self._limits = limits or WebLimits()
        self._runner: web.AppRunner | None = None
        self.port = 0
        """The port that is listened on; 0 before the start."""
        self._plugins: PluginPages | None = None
        self._callbacks: dict[str, Handler] = {}
        self._files: dict[str, Handler] = {}
        self._api: dict[str, Handler] = {}

    def serve_plugins(self, handler: PluginPages) -> None:
        """Ask `handler` for everything below `/plugins/NAME/`, given the name."""
        self._plugins = handler

    def serve_callbacks(self, provider: str, handler: Handler) -> None:
        """Hand `POST /callbacks/PROVIDER` to `handler`."""
        self._callbacks[provider] = handler

    def serve_files(self, path: str, handler: Handler) -> None:
        """Hand `GET` and `HEAD` of what is below `path`, which is `INPUTS` or `RESULTS`, to `handler`."""
        self._files[path] = handler

    def serve_api(self, path: str, handler: Handler) -> None:
        """Hand what is sent to a path of the API, `NOTIFICATIONS` say, to `handler`."""
        self._api[path] = handler

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            ConfigurationError: the port is taken, or the address is not this machine's.

        """
        app = web.Application(client_max_size=self._limits.body_bytes, middlewares=[_access_log])
        app.router.add_get("/healthz", _health)
        app.router.add_get("/health", _health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._show_metrics)
        app.router.add_route("*", "/plugins/{name}/{tail:.*}", self._plugin)
        app.router.add_post("/callbacks/{provider}", self._callback)
        app.router.add_post(NOTIFICATIONS, self._api_call)
        app.router.add_post(EVENTS, self._api_call)
        app.router.add_get(DOCUMENT, self._api_call, allow_head=False)
        for path in (INPUTS, RESULTS):
            app.router.add_get(f"{path}{{ref}}", self._file)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._wanted_port).start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigurationError(
                f"PORT: {self._host}:{self._wanted_port} cannot be listened on: {error.strerror}; "
                "another program may have it, set PORT to a free one"
            ) from error
        self._runner = runner
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Let running requests end and stop listening."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _ready(self, _request: web.Request) -> web.Response:
        readiness = await self._readiness()
        body = {"mode": "active" if readiness.active else "passive", "ready": readiness.ready}
        return web.json_response(body, status=200 if readiness.ready else 503)

    async def _show_metrics(self, request: web.Request) -> web.Response:
        if not self._may_see_metrics(request):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    def _may_see_metrics(self, request: web.Request) -> bool:
        if self._metrics_token is None:
            return True
        wanted = f"Bearer {self._metrics_token.get_secret_value()}".encode()
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, wanted)

    async def _plugin(self, request: web.Request) -> web.StreamResponse:
        if self._plugins is None:
            raise web.HTTPNotFound
        asked = WebRequest(
            method=request.method,
            path=request.match_info["tail"],
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        reply = await self._plugins(request.match_info["name"], asked)
        return web.Response(
            body=reply.body, status=reply.status, headers={"Content-Type": reply.content_type}
        )

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        return await _hand_over(self._callbacks.get(request.match_info["provider"]), request)

    async def _api_call(self, request: web.Request) -> web.StreamResponse:
        return await _hand_over(self._api.get(request.path), request)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removesuffix(request.match_info["ref"])
        return await _hand_over(self._files.get(path), request)


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _hand_over(handler: Handler | None, request: web.Request) -> web.StreamResponse:
    if handler is None:
        raise web.HTTPNotFound
    return await handler(request)


@web.middleware
async def _access_log(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log each request without its query, its headers or its body: all of them may hold secrets."""
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    except Exception:
        _log.exception("request failed", path=request.path)
        return web.Response(status=500)
    finally:
        log = _log.debug if request.path in _QUIET else _log.info
        took = round(time.perf_counter() - began, 4)
        log("request", method=request.method, path=request.path, status=status, seconds=took)
