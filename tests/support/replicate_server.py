"""Replicate on this machine, as its documentation describes it, and told by tests how to go wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import ClientSession, web
from support.scripted_http import Handler, ScriptedServer

KEY = "r8_test"
SECRET = "whsec_" + base64.b64encode(b"the account's own webhook secret").decode()
CONTENT = b"what Replicate has made " * 2000
PAGE = 100

_DURATION = re.compile(r"(?:\d+h)?(?:\d+m)?(?:\d+s)?")
_EVENTS = {"start", "output", "logs", "completed"}

Problems = Callable[[str, Mapping[str, Any]], list[str]]
"""What is wrong with an input: asked with the model's name and the input."""


@dataclass
class Prediction:
    """A prediction as Replicate keeps it. `steps` are what it says at each look; the last one stays."""

    id: str
    model: str
    body: dict[str, Any]
    created: datetime
    steps: deque[dict[str, Any]] = field(default_factory=deque)

    @property
    def input(self) -> dict[str, Any]:
        return self.body["input"]


class ReplicateServer(ScriptedServer):
    """Its API at `base`, the files it delivers, and its webhooks.

    Routes by name: `create`, `model`, `get`, `list`, `cancel`, `upload`, `secret`, `account`, `file`.
    `problems` checks inputs of new predictions, `now` is when they are created.
    """

    def __init__(self, now: Callable[[], datetime], *, problems: Problems | None = None) -> None:
        super().__init__()
        self.secret = SECRET
        self.content = CONTENT
        self.predictions: dict[str, Prediction] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.expired: set[str] = set()
        self.gone: set[str] = set()
        self.extension = "webp"
        self._now = now
        self._problems = problems
        self._plan: list[dict[str, Any]] | None = None

    @property
    def base(self) -> str:
        return f"{self.url}/v1"

    def routes(self) -> list[web.RouteDef]:
        guarded = self._guarded
        return [
            web.post("/v1/models/{owner}/{name}/predictions", guarded("create", self._create)),
            web.get("/v1/models/{owner}/{name}", guarded("model", self._model)),
            web.get("/v1/predictions", guarded("list", self._list)),
            web.get("/v1/predictions/{id}", guarded("get", self._get)),
            web.post("/v1/predictions/{id}/cancel", guarded("cancel", self._cancel)),
            web.get("/v1/account", guarded("account", self._account)),
            web.get("/v1/webhooks/default/secret", guarded("secret", self._secret)),
            web.post("/v1/files", guarded("upload", self._upload)),
            web.get("/delivery/{name}", self.route("file", self._file)),
        ]

    def plan(self, *steps: dict[str, Any]) -> None:
        """What predictions made from now on say, one step after the other."""
        self._plan = list(steps)

    def output(self, prediction_id: str, name: str = "out") -> str:
        """The address of a file that a prediction made."""
        return f"{self.url}/delivery/{prediction_id}-{name}.{self.extension}"

    def add(self, model: str, given: Mapping[str, Any], created: datetime) -> Prediction:
        """A prediction, whoever ordered it."""
        number = len(self.predictions) + 1
        prediction = Prediction(f"{number:04}rma0cj4e", model, {"input": dict(given)}, created)
        usual = [{"status": "starting"}, {"status": "processing"}, self._success(prediction.id)]
        prediction.steps.extend(usual if self._plan is None else self._plan)
        self.predictions[prediction.id] = prediction
        return prediction

    def _success(self, prediction_id: str) -> dict[str, Any]:
        metrics = {"predict_time": 4.1, "total_time": 4.4}
        return {"status": "succeeded", "output": self.output(prediction_id), "metrics": metrics}

    def webhook(
        self,
        prediction_id: str,
        *,
        at: int,
        delivery: str = "msg_1",
        secret: str | None = None,
        body: bytes | None = None,
    ) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of a webhook."""
        if body is None:
            prediction = self.predictions[prediction_id]
            body = json.dumps(self._shown(prediction, prediction.steps[-1])).encode()
        key = base64.b64decode((secret or self.secret).removeprefix("whsec_"))
        signed = f"{delivery}.{at}.".encode() + body
        signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return body, {
            "content-type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{signature}",
        }

    async def call_back(self, prediction: Prediction, *, at: int, delivery: str = "msg_1") -> int:
        """Tell that a prediction has ended, as often as a test likes; the HTTP status that came back."""
        body, headers = self.webhook(prediction.id, at=at, delivery=delivery)
        async with (
            ClientSession() as session,
            session.post(prediction.body["webhook"], data=body, headers=headers) as response,
        ):
            return response.status

    def _guarded(self, name: str, usual: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            if not request.headers.get("User-Agent", "").startswith("Mozilla/"):
                return web.Response(status=403, text="error code: 1010")
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                return problem(401, "Unauthenticated", "You did not pass a valid authentication token")
            return await usual(request)

        return self.route(name, checked)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        model = f"{request.match_info['owner']}/{request.match_info['name']}"
        body = await _json(request)
        wrong = ["the body is no object"] if body is None else _problems_of_order(request, body)
        if body is not None and not wrong and self._problems:
            wrong = self._problems(model, body["input"])
        if wrong or body is None:
            return problem(422, "Input validation failed", "; ".join(wrong))
        prediction = self.add(model, body["input"], self._now())
        prediction.body = body
        return web.json_response(self._shown(prediction, prediction.steps[0]), status=201)

    async def _model(self, request: web.Request) -> web.StreamResponse:
        """The page of a model; all are there but those that are `gone`."""
        owner, name = request.match_info["owner"], request.match_info["name"]
        if f"{owner}/{name}" in self.gone:
            return problem(404, "Not found", "The requested resource could not be found.")
        about = {"url": f"{self.url}/{owner}/{name}", "visibility": "public", "latest_version": None}
        return web.json_response({"owner": owner, "name": name, **about})

    async def _get(self, request: web.Request) -> web.StreamResponse:
        prediction = self.predictions.get(request.match_info["id"])
        if prediction is None:
            return problem(404, "Not found", "The prediction was not found")
        steps = prediction.steps
        return web.json_response(self._shown(prediction, steps.popleft() if len(steps) > 1 else steps[0]))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        after = request.query.get("created_after")
        newest = sorted(self.predictions.values(), key=lambda each: (each.created, each.id), reverse=True)
        if after is not None:
            newest = [each for each in newest if each.created > datetime.fromisoformat(after)]
        begin = int(request.query.get("cursor", "0"))
        following = None
        if begin + PAGE < len(newest):
            following = str(request.url.with_scheme("http").update_query(cursor=str(begin + PAGE)))
        results = [self._shown(each, each.steps[0]) for each in newest[begin : begin + PAGE]]
        return web.json_response({"next": following, "previous": None, "results": results})

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        prediction = self.predictions.get(request.match_info["id"])
        if prediction is None:
            return problem(404, "Not found", "The prediction was not found")
        now = prediction.steps[0]
        if now["status"] in ("starting", "processing"):
            started = None if now["status"] == "starting" else self._now().isoformat()
            prediction.steps = deque([{"status": "canceled", "started_at": started}])
        return web.json_response(self._shown(prediction, prediction.steps[0]))

    async def _account(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"type": "user", "username": "studio", "name": "", "github_url": None})

    async def _secret(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"key": self.secret})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file = form.get("content")
        if not isinstance(file, web.FileField):
            return problem(422, "Input validation failed", "content is required")
        content = file.file.read()
        name = f"file{len(self.files) + 1}"
        self.files[name] = {
            "content": content,
            "filename": form.get("filename"),
            "type": form.get("type"),
            "sent_as": (file.filename, file.content_type),
        }
        shown = {
            "id": name,
            "name": file.filename,
            "content_type": file.content_type,
            "size": len(content),
            "checksums": {"sha256": hashlib.sha256(content).hexdigest()},
            "metadata": {},
            "urls": {"get": f"{self.base}/files/{name}"},
        }
        return web.json_response(shown, status=201)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["name"] in self.expired:
            return web.Response(status=404, text="not found")
        return web.Response(body=self.content)

    def _shown(self, prediction: Prediction, step: Mapping[str, Any]) -> dict[str, Any]:
        """A prediction with all its documented fields."""
        mine = f"{self.base}/predictions/{prediction.id}"
        return {
            "id": prediction.id,
            "model": prediction.model,
            "version": "hidden",
            "input": prediction.input,
            "output": None,
            "error": None,
            "logs": "",
            "metrics": {},
            "created_at": prediction.created.isoformat().replace("+00:00", "Z"),
            "started_at": None,
            "completed_at": None,
            "data_removed": False,
            "source": "api",
            "urls": {"get": mine, "cancel": f"{mine}/cancel", "web": f"{self.url}/p/{prediction.id}"},
            **step,
        }


def problem(status: int, title: str, detail: str) -> web.Response:
    """An error as RFC 7807 has it."""
    body = {"title": title, "detail": detail, "status": status}
    return web.json_response(body, status=status, content_type="application/problem+json")


def _problems_of_order(request: web.Request, body: Mapping[str, Any]) -> list[str]:
    found = [
        f"{name} is not known" for name in sorted(set(body) - {"input", "webhook", "webhook_events_filter"})
    ]
    if not isinstance(body.get("input"), dict):
        found.append("input is required")
    if "webhook" in body and not str(body["webhook"]).startswith("https://"):
        found.append("webhook must be https")
    if not set(body.get("webhook_events_filter", [])) <= _EVENTS:
        found.append("webhook_events_filter names no event")
    if not _DURATION.fullmatch(request.headers.get("Cancel-After", "")):
        found.append("Cancel-After is no duration")
    return found


async def _json(request: web.Request) -> dict[str, Any] | None:
    if request.content_type != "application/json":
        return None
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
