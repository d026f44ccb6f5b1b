"""What stands before every route: who may ask at all, and how a refusal looks."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.http.errors import ApiError
from sandbox.people.payments import NotEnoughStars, PaymentFailed, PaymentRefused, PaymentTimedOut
from sandbox.people.reading import PersonError
from sandbox.rpc import RpcError

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_KNOWN = (ApiError, PaymentFailed, PersonError, RpcError)
_log = logging.getLogger(__name__)


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take requests only under a name of this machine, and from no page that was loaded elsewhere.

    A web page on the internet can let its own name point to 127.0.0.1 (DNS rebinding), or simply post to it;
    the browser then still says its name in `Host` or `Origin`.
    """
    origin = request.headers.get("Origin")
    if not _is_local(f"//{request.host}") or (origin is not None and not _is_same(origin, request.host)):
        return ApiError(403, "forbidden", "only pages of this machine may ask").response()
    return await handler(request)


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Make every refusal the one JSON shape."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return ApiError(error.status, error.reason.lower().replace(" ", "_"), error.reason).response()
    except _KNOWN as error:
        return _refusal(error).response()
    except Exception:
        _log.exception("%s %s failed", request.method, request.path)
        return ApiError(500, "internal", "the sandbox has failed; its log says why").response()


def _refusal(error: Exception) -> ApiError:
    match error:
        case ApiError():
            refusal = error
        case NotEnoughStars():
            refusal = ApiError(402, "not_enough_stars", str(error))
        case PaymentRefused():
            refusal = ApiError(402, "payment_refused", error.reason)
        case PaymentTimedOut():
            refusal = ApiError(504, "payment_timed_out", str(error))
        case RpcError():
            refusal = ApiError(400, error.message.lower(), error.message)
        case _:
            refusal = ApiError(409, "not_possible", str(error))
    return refusal


def _is_local(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOCAL
    except ValueError:
        return False


def _is_same(origin: str, host: str) -> bool:
    """Whether the page that asks was loaded from here: a local name, and our own port."""
    return _is_local(origin) and urlsplit(origin).port == urlsplit(f"//{host}").port
