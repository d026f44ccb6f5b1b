"""Refusals of the HTTP face, in one shape."""

from __future__ import annotations

from aiohttp import web


class ApiError(Exception):
    """A refusal: `status` is HTTP's, `code` one for programs, `message` one for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> web.Response:
        """The refusal as JSON."""
        shape = {"error": {"code": self.code, "message": self.message}}
        return web.json_response(shape, status=self.status)


def not_found(what: str) -> ApiError:
    """Nothing has this name or number."""
    return ApiError(404, "not_found", f"there is no {what}")
