"""Google on this machine, as its documentation describes it: tokens, Veo, buckets, Gemini Omni."""

from __future__ import annotations

import base64
import functools
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from support.scripted_http import Scripted, ScriptedServer, answer

PROJECT = "studio-1"
LOCATION = "us-central1"
EMAIL = "bot@studio-1.iam.gserviceaccount.com"
API_KEY = "AIza-test"
CONTENT = b"\x00\x00\x00\x18ftypmp42" + b"what Google has made " * 3000
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
VEO = ("veo-3.1-generate-001", "veo-3.1-fast-generate-001", "veo-3.1-lite-generate-001")
OMNI = ("gemini-omni-1.1-flash", "gemini-omni-1.2-flash")
TEXT = ("gemini-3.5-flash-lite",)

Problems = Callable[[str, Mapping[str, Any]], list[str]]
"""What is wrong with an order: asked with the model's name and the request."""


@functools.cache
def throwaway_key() -> rsa.RSAPrivateKey:
    """The service account's key, made for this run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def google_error(code: int, status: str, message: str = "no", details: Any = None) -> Scripted:
    """An error in the form that all of Google's APIs have."""
    return answer(code, error_body(code, status, message, details))


def error_body(code: int, status: str, message: str = "no", details: Any = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": details or []}}


@dataclass
class Task:
    """An operation or an interaction. `steps` are what it says at each look; the last one stays."""

    id: str
    model: str
    body: dict[str, Any]
    steps: deque[dict[str, Any]] = field(default_factory=deque)

    def look(self) -> dict[str, Any]:
        return self.steps.popleft() if len(self.steps) > 1 else self.steps[0]


class GoogleServer(ScriptedServer):
    """All of it at one address.

    Routes by name: `token`; `order`, `fetch`, `bucket` for Veo; `interact`, `look`, `cancel`, `model`, `file`
    for Omni; `count` for both. `problems` checks orders, `now` is when tokens are given, `duration` how
    seconds are to be written.
    """

    def __init__(self, now: Callable[[], datetime], *, problems: Problems | None = None) -> None:
        super().__init__()
        self.content = CONTENT
        self.alive = {*VEO, *OMNI, *TEXT}
        self.tasks: dict[str, Task] = {}
        self.objects: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.duration = "{}s"
        self.life = 3600
        self.tokens: dict[str, datetime] = {}
        self.key = throwaway_key()
        self._now = now
        self._problems = problems
        self._plan: list[dict[str, Any]] | None = None

    @property
    def key_file(self) -> dict[str, Any]:
        """The key file of the service account."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "k1",
            "private_key": private.decode(),
            "client_email": EMAIL,
            "token_uri": f"{self.url}/token",
        }

    def routes(self) -> list[web.RouteDef]:
        models = f"/v1/projects/{PROJECT}/locations/{LOCATION}/publishers/google/models"
        return [
            web.post("/token", self.route("token", self._token)),
            web.post(models + "/{model}:predictLongRunning", self.route("order", self._order)),
            web.post(models + "/{model}:fetchPredictOperation", self.route("fetch", self._fetch)),
            web.post(models + "/{model}:countTokens", self.route("count", self._count)),
            web.get("/storage/v1/b/{bucket}/o/{name:.+}", self.route("bucket", self._bucket)),
            web.post("/v1beta/interactions", self.route("interact", self._interact)),
            web.get("/v1beta/interactions/{id}", self.route("look", self._look)),
            web.post("/v1beta/interactions/{id}/cancel", self.route("cancel", self._cancel)),
            web.get("/v1beta/models/{model}", self.route("model", self._model)),
            web.post("/v1beta/models/{model}:countTokens", self.route("count", self._count)),
            web.get("/v1beta/files/{name}:download", self.route("file", self._file)),
        ]

    def plan(self, *steps: dict[str, Any]) -> None:
        """What tasks made from now on say, one step after the other."""
        self._plan = list(steps)

    def ended(self, task: Task) -> dict[str, Any]:
        """What a task says that has made its video: inside the reply on Vertex AI, at an address for Omni."""
        if task.model in OMNI:
            self.files[task.id] = self.content
            video = {"type": "video", "mime_type": "video/mp4", "uri": self.file_address(task.id)}
            return completed(video)
        output = task.body.get("parameters", {}).get("storageUri")
        if output:
            name = f"{output.removeprefix('gs://').rstrip('/')}/{task.id.rpartition('/')[2]}/sample_0.mp4"
            self.objects[name] = self.content
            return done(videos=[{"gcsUri": f"gs://{name}", "mimeType": "video/mp4"}])
        return done(videos=[inline(self.content)])

    def file_address(self, name: str) -> str:
        """Where Omni's videos are, as the reply says it."""
        return f"{self.url}/v1beta/files/{name}"

    def orders(self) -> list[dict[str, Any]]:
        """The bodies of all orders, without the probes that order nothing."""
        bodies = [seen.json() for seen in self.requests(":predictLongRunning")]
        return [body for body in bodies if body["instances"]]

    def _add(self, task_id: str, model: str, body: dict[str, Any], usual: list[dict[str, Any]]) -> Task:
        task = Task(task_id, model, body)
        self.tasks[task_id] = task
        task.steps.extend([*usual, self.ended(task)] if self._plan is None else self._plan)
        return task

    # Tokens

    async def _token(self, request: web.Request) -> web.Response:
        form = parse_qs((await request.read()).decode())
        if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        wrong = self._wrong_with(form["assertion"][0])
        if wrong:
            return web.json_response({"error": "invalid_grant", "error_description": wrong}, status=400)
        token = f"ya29.{len(self.tokens)}"
        self.tokens[token] = self._now()
        return web.json_response({"access_token": token, "expires_in": self.life, "token_type": "Bearer"})

    def _wrong_with(self, assertion: str) -> str:
        signed, _, signature = assertion.rpartition(".")
        try:
            self.key.public_key().verify(
                _unpadded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return "Invalid JWT Signature."
        header, claims = (json.loads(_unpadded(part)) for part in signed.split("."))
        now = self._now().timestamp()
        expected = {"iss": EMAIL, "aud": f"{self.url}/token", "scope": SCOPE}
        if header["alg"] != "RS256" or any(claims.get(name) != value for name, value in expected.items()):
            return "Invalid JWT."
        fresh = claims["iat"] <= now < claims["exp"] <= claims["iat"] + 3600
        return "" if fresh else "Invalid JWT: token must be short-lived."

    def _let_in(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = self.tokens.get(token)
        if given is None or (self._now() - given).total_seconds() >= self.life:
            return web.json_response(error_body(401, "UNAUTHENTICATED"), status=401)
        return None

    # Veo

    async def _order(self, request: web.Request) -> web.Response:
        refused = self._let_in(request)
        if refused is not None:
            return refused
        model, body = request.match_info["model"], await request.json()
        if model not in self.alive:
            text = f"Publisher Model {model} was not found or your project does not have access to it."
            return web.json_response(error_body(404, "NOT_FOUND", text), status=404)
        if len(body.get("instances", ())) != 1:
            return web.json_response(error_body(400, "INVALID_ARGUMENT", "no instance"), status=400)
        wrong = self._problems(model, body) if self._problems else []
        if wrong:
            return web.json_response(error_body(400, "INVALID_ARGUMENT", "; ".join(wrong)), status=400)
        resource = request.path.removeprefix("/v1/").removesuffix(":predictLongRunning")
        task = self._add(f"{resource}/operations/{len(self.tasks) + 1:04}-a", model, body, [{}, {}])
        return web.json_response({"name": task.id})

    async def _fetch(self, request: web.Request) -> web.Response:
        refused = self._let_in(request)
        if refused is not None:
            return refused
        name = (await request.json())["operationName"]
        task = self.tasks.get(name)
        resource = request.path.removeprefix("/v1/").removesuffix(":fetchPredictOperation")
        if task is None or not name.startswith(f"{resource}/operations/"):
            return web.json_response(error_body(404, "NOT_FOUND", "Operation not found"), status=404)
        return web.json_response({"name": name, **task.look()})

    async def _bucket(self, request: web.Request) -> web.Response:
        refused = self._let_in(request)
        if refused is not None:
            return refused
        name = f"{request.match_info['bucket']}/{request.match_info['name']}"
        if name not in self.objects or request.query.get("alt") != "media":
            return web.Response(status=404, text="No such object")
        return web.Response(body=self.objects[name], content_type="video/mp4")

    # Both

    async def _count(self, request: web.Request) -> web.Response:
        refused = self._let_in(request) if request.path.startswith("/v1/") else _wrong_key(request)
        if refused is not None:
            return refused
        if request.match_info["model"] not in TEXT or request.match_info["model"] not in self.alive:
            return web.json_response(error_body(404, "NOT_FOUND"), status=404)
        contents = (await request.json())["contents"]
        text = "".join(part["text"] for content in contents for part in content["parts"])
        return web.json_response({"totalTokens": len(text.split())})

    # Omni

    async def _model(self, request: web.Request) -> web.Response:
        refused = _wrong_key(request)
        if refused is not None:
            return refused
        model = request.match_info["model"]
        if model not in self.alive:
            text = f"models/{model} is not found for API version v1beta"
            return web.json_response(error_body(404, "NOT_FOUND", text), status=404)
        return web.json_response({"name": f"models/{model}"})

    async def _interact(self, request: web.Request) -> web.Response:
        refused = _wrong_key(request)
        if refused is not None:
            return refused
        body = await request.json()
        model = body["model"]
        if model not in self.alive:
            return web.json_response(error_body(404, "NOT_FOUND"), status=404)
        wrong = self._problems(model, body) if self._problems else []
        seconds = body["response_format"]["duration"]
        if seconds != self.duration.format(seconds.removesuffix("s")):
            wrong = ["response_format.duration: invalid value"]
        if wrong:
            return web.json_response(error_body(400, "INVALID_ARGUMENT", "; ".join(wrong)), status=400)
        usual = [{"status": "queued"}, {"status": "in_progress"}]
        task = self._add(f"v1_{len(self.tasks) + 1:04}", model, body, usual)
        return web.json_response({"id": task.id, "status": "queued", "model": model})

    async def _look(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.match_info["id"])
        refused = _wrong_key(request)
        if refused is not None:
            return refused
        if task is None:
            return web.json_response(error_body(404, "NOT_FOUND"), status=404)
        return web.json_response({"id": task.id, "model": task.model, **task.look()})

    async def _cancel(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.match_info["id"])
        if task is None:
            return web.json_response(error_body(404, "NOT_FOUND"), status=404)
        if len(task.steps) > 1:
            task.steps = deque([{"status": "cancelled"}])
        return web.json_response({"id": task.id, **task.look()})

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        refused = _wrong_key(request)
        if refused is not None:
            return refused
        if name not in self.files or request.query.get("alt") != "media":
            return web.Response(status=403, text="expired")
        return web.Response(body=self.files[name], content_type="video/mp4")


def inline(content: bytes) -> dict[str, str]:
    """A video inside an operation."""
    return {"bytesBase64Encoded": base64.b64encode(content).decode(), "mimeType": "video/mp4"}


def done(**response: Any) -> dict[str, Any]:
    """An operation that has ended without an error."""
    kind = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
    return {"done": True, "response": {"@type": kind, "raiMediaFilteredCount": 0, **response}}


def completed(*output: dict[str, Any], status: str = "completed", **rest: Any) -> dict[str, Any]:
    """An interaction that has ended."""
    usage = {"total_input_tokens": 12, "total_output_tokens": 46336, "total_tokens": 46348}
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": 'a "data": "quoted" one'}]},
        {"type": "thought", "signature": "c2lnbmVk"},
        {"type": "model_output", "content": list(output)},
    ]
    return {"status": status, "steps": steps, "usage": usage, **rest}


def _wrong_key(request: web.Request) -> web.Response | None:
    if request.headers.get("x-goog-api-key") == API_KEY:
        return None
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    text = "API key not valid. Please pass a valid API key."
    return web.json_response(error_body(400, "INVALID_ARGUMENT", text, details), status=400)


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
