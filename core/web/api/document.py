"""The API's OpenAPI document, made from the very models that bodies are checked with."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from core.web.api.bodies import Accepted, EventsBody, NotificationBody, Refused
from core.web.api.keys import SIGNATURE, TIMESTAMP, WINDOW_SECONDS

NOTIFICATIONS, EVENTS, DOCUMENT = "/api/v1/notifications", "/api/v1/events", "/api/v1/openapi.json"
_REF = "#/components/schemas/{model}"
_SIGNED = "`sha256=` and the hexadecimal HMAC-SHA256 of timestamp, method, path and body, a line each."
_REFUSALS = {
    "400": "The body is no JSON, or does not fit the schema. Nothing was taken.",
    "401": "No token or signature, or a wrong one. Nothing was taken.",
    "408": "The body did not come in time. Nothing was taken.",
    "413": "The body is too large. Nothing was taken.",
    "415": "The body does not call itself application/json. Nothing was taken.",
    "503": "It cannot be kept just now; send the same again.",
}


def openapi_document() -> dict[str, Any]:
    """The document, as OpenAPI 3.1 has it."""
    models = (NotificationBody, EventsBody, Accepted, Refused)
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Starloom monitoring",
            "version": "1",
            "description": "Tells the people who operate a Starloom what happens elsewhere.",
        },
        "security": [{"bearer": []}, {"signature": [], "timestamp": []}],
        "paths": {
            NOTIFICATIONS: {
                "post": _operation("sendNotification", "Tell people something.", NotificationBody)
            },
            EVENTS: {"post": _operation("report", "Report what happened.", EventsBody)},
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": SIGNATURE,
                    "description": _SIGNED,
                },
                "timestamp": {
                    "type": "apiKey",
                    "in": "header",
                    "name": TIMESTAMP,
                    "description": f"Seconds since 1970, at most {WINDOW_SECONDS} away from now.",
                },
            },
        },
    }


def _operation(name: str, summary: str, model: type) -> dict[str, Any]:
    refusals = {status: _answer(what, "Refused") for status, what in _REFUSALS.items()}
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}},
        },
        "responses": {"202": _answer("It is kept, and told in its turn.", "Accepted"), **refusals},
    }


def _answer(description: str, model: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=model)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
