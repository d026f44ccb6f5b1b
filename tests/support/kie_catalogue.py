"""Kie.ai's list of models and its price feed on this machine, as they are documented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiohttp import web
from support.kie_server import KEY
from support.scripted_http import Handler, ScriptedServer

_TEXTS = Path(__file__).parents[1] / "providers" / "kie" / "price_texts.json"
_PAGE = 100


class KieCatalogueServer(ScriptedServer):
    """The list at `models`, the feed at `feed`. `texts` are by Kie.ai's ids, `rows` the feed's records."""

    def __init__(self) -> None:
        super().__init__()
        known: dict[str, Any] = json.loads(_TEXTS.read_text(encoding="utf-8"))
        self.texts: dict[str, str | None] = known["texts"]
        chat = {"modelDescription": "gpt-6, chat, input", "creditPrice": "560", "creditUnit": "per million"}
        self.rows: list[dict[str, Any]] = [*known["rows"], *[chat] * 300]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/models", self.route("models", self._models)),
            web.post("/client/v1/model-pricing/page", self.route("feed", self._feed)),
        ]

    def replace(self, model: str, old: str, new: str) -> None:
        """Change what is said of a model's price."""
        text = self.texts[model]
        assert text is not None
        assert old in text
        self.texts[model] = text.replace(old, new)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"code": 401, "msg": "You do not have access permissions"})
        models = [
            {"model": name, "slug": name, "taskType": [], "description": None, "pricingDesc": text}
            for name, text in self.texts.items()
        ]
        return _envelope({"total": len(models), "models": models})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        assert asked["pageSize"] <= _PAGE
        first = (asked["pageNum"] - 1) * asked["pageSize"]
        records = self.rows[first : first + asked["pageSize"]]
        pages = -(-len(self.rows) // asked["pageSize"])
        return _envelope({"records": records, "total": len(self.rows), "pages": pages})


def envelope_of(data: Any, *, code: int = 200) -> Handler:
    """An answer in Kie.ai's envelope, whatever is asked."""

    async def reply(*_: Any) -> web.StreamResponse:
        return _envelope(data, code=code)

    return reply


def _envelope(data: Any, *, code: int = 200) -> web.Response:
    return web.json_response({"code": code, "msg": "success", "data": data})
