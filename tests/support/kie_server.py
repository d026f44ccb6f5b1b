"""Kie.ai on this machine, as its documentation describes it, and told by tests how to go wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, web
from support.scripted_http import Handler, Scripted, ScriptedServer

KEY = "kie-test-key"
CREDITS = 1234.5
_USUAL_MODELS = {"veo": "veo3_fast", "flux-kontext": "flux-kontext-pro"}
_SONGS = "ai-music-api/"
"""Begins the names of the models whose tasks end with two songs each, but for these."""
_OF_A_SONG = {
    f"{_SONGS}convert-to-wav-format": "wav",
    f"{_SONGS}create-music-video": "mp4",
    f"{_SONGS}separate-vocals": "mp3",
}
_VEO = ("veo3", "veo3_fast", "veo3_lite")
_GROK = ("grok-imagine/text-to-video", "grok-imagine/image-to-video")
_SUNG = (f"{_SONGS}generate", f"{_SONGS}extend")
_GOES_ON_FROM: Mapping[str, tuple[str, ...]] = {
    "grok-imagine/extend": _GROK,
    "grok-imagine/upscale": _GROK,
    "grok-imagine-image-2-0/segment-edit": ("grok-imagine-image-2-0/text-to-image",),
    "veo-extend": _VEO,
    "veo/get-1080p-video": _VEO,
    "veo/get-4k-video": _VEO,
    **dict.fromkeys((f"{_SONGS}extend", f"{_SONGS}replace-section", *_OF_A_SONG), _SUNG),
}
"""Whose tasks a model goes on from; that of an address without models is called as its endpoint."""
CONTENT = b"what Kie.ai has made " * 2000

Problems = Callable[[str, str, Mapping[str, Any]], list[str]]
"""What is wrong with a body: asked with the API's name, the model and the body."""


@dataclass
class Task:
    """A task as Kie.ai keeps it. `steps` are what its record says at each look; the last one stays."""

    id: str
    api: str
    model: str
    body: dict[str, Any]
    steps: deque[dict[str, Any]]

    @property
    def input(self) -> dict[str, Any]:
        """What the generation is made of."""
        return self.body["input"] if self.api == "jobs" else self.body

    @property
    def callback_url(self) -> str:
        return str(self.body.get("callBackUrl", ""))


def envelope(code: int, msg: str = "", data: Any = None, *, status: int = 200) -> Scripted:
    """An answer in Kie.ai's envelope."""

    async def reply(_: web.Request, __: Handler) -> web.StreamResponse:
        return web.json_response({"code": code, "msg": msg, "data": data}, status=status)

    return reply


class KieServer(ScriptedServer):
    """Kie.ai's API, upload server, results and callbacks, all at `url`.

    Its routes are `create`, `record`, `upload`, `link`, `credit` and `file`. `problems` checks the bodies of
    new tasks.
    """

    def __init__(self, *, problems: Problems | None = None, webhook_key: str = "") -> None:
        super().__init__()
        self.webhook_key = webhook_key
        self.content = CONTENT
        self.extension = "mp4"
        self.tasks: dict[str, Task] = {}
        self.uploads: dict[str, bytes] = {}
        self.expired: set[str] = set()
        self.forgotten: set[str] = set()
        """Tasks that nothing goes on from any more."""
        self.credits: float = CREDITS
        self.fresh_links: list[str] = []
        self._problems = problems
        self._numbers = itertools.count(1)
        self._plan: list[dict[str, Any]] | None = None

    def routes(self) -> list[web.RouteDef]:
        paths: list[tuple[str, str, str, Handler]] = [
            ("POST", "/api/v1/jobs/createTask", "create", self._create_job),
            ("GET", "/api/v1/jobs/recordInfo", "record", self._record),
            ("POST", "/api/v1/veo/generate", "create", self._create_other),
            ("POST", "/api/v1/veo/extend", "create", self._extend),
            ("GET", "/api/v1/veo/record-info", "record", self._record),
            ("POST", "/api/v1/flux/kontext/generate", "create", self._create_other),
            ("GET", "/api/v1/flux/kontext/record-info", "record", self._record),
            ("POST", "/api/v1/common/download-url", "link", self._link),
            ("GET", "/api/v1/chat/credit", "credit", self._credit),
            ("POST", "/api/file-stream-upload", "upload", self._upload),
        ]
        guarded = [web.route(how, path, self.route(name, _guarded(do))) for how, path, name, do in paths]
        return [*guarded, web.get("/results/{name}", self.route("file", self._file))]

    def plan(self, *steps: dict[str, Any]) -> None:
        """What the records of tasks made from now on say, one step after the other."""
        self._plan = list(steps)

    def plan_as_usual(self) -> None:
        """Tasks made from now on succeed."""
        self._plan = None

    def success(self, task_id: str) -> dict[str, Any]:
        """What the record of a task says when it is done."""
        url = f"{self.url}/results/{task_id}.{self.extension}"
        if task_id.startswith("veo"):
            made = {"taskId": task_id, "resultUrls": [url], "originUrls": [], "resolution": "720p"}
            return {"successFlag": 1, "response": made}
        if task_id.startswith("flux"):
            return {"successFlag": 1, "response": {"originImageUrl": url, "resultImageUrl": url}}
        task = self.tasks.get(task_id)
        result = json.dumps(_result(task.model if task else "", task_id, url))
        return {"state": "success", "resultJson": result, "creditsConsumed": 12.5, "costTime": 15_000}

    def finished(self, api: str, model: str, body: dict[str, Any]) -> Task:
        """A task that was made before."""
        task = self._new(api, model, body)
        task.steps.append(self.success(task.id))
        return task

    async def call_back(
        self,
        task: Task,
        *,
        url: str = "",
        timestamp: int = 0,
        key: str | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Tell that a task has ended, as often as a test likes; the HTTP status that came back."""
        body, signed = self.callback(task, timestamp=timestamp, key=key, data=data)
        async with (
            ClientSession() as session,
            session.post(
                url or task.callback_url, data=body, headers={**signed, **(headers or {})}
            ) as response,
        ):
            return response.status

    def callback(
        self, task: Task, *, timestamp: int, key: str | None = None, data: Mapping[str, Any] | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of a callback."""
        last = task.steps[-1]
        if task.api == "jobs":
            usual = {"taskId": task.id, "model": task.model, **last}
            code = 501 if last.get("state") == "fail" else 200
        else:
            usual = {"taskId": task.id, "info": last.get("response", {})}
            code = 200 if last.get("successFlag") == 1 else 501
        body = json.dumps({"code": code, "msg": "done", "data": usual if data is None else dict(data)})
        headers = {"Content-Type": "application/json"}
        if used := self.webhook_key if key is None else key:
            signed = f"{task.id}.{timestamp}".encode()
            digest = hmac.new(used.encode(), signed, hashlib.sha256).digest()
            headers |= {
                "X-Webhook-Timestamp": str(timestamp),
                "X-Webhook-Signature": base64.b64encode(digest).decode(),
            }
        return body.encode(), headers

    async def _create_job(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if body is None or not isinstance(body.get("model"), str):
            return _answer(422, "The model name you specified is not supported. Please verify it.")
        return self._create("jobs", body["model"], body)

    async def _create_other(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if body is None:
            return _answer(422, "The body is no object")
        api = _api_of(request.path)
        return self._create(api, str(body.get("model", _USUAL_MODELS[api])), body)

    async def _extend(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        return self._create("veo", "veo-extend", body or {}, schema="veo-extend")

    def _create(self, api: str, model: str, body: dict[str, Any], *, schema: str = "") -> web.Response:
        problems = self._problems(schema or api, model, body) if self._problems else []
        if problems:
            return _answer(422, "; ".join(problems))
        if model in _GOES_ON_FROM and (refusal := self._refusal(model, body.get("input", body))):
            return _answer(422, refusal)
        task = self._new(api, model, body)
        task.steps.extend(self._plan if self._plan is not None else self._usual(task))
        return _answer(200, "success", {"taskId": task.id, "recordId": task.id})

    def _new(self, api: str, model: str, body: dict[str, Any]) -> Task:
        task_id = f"{'task' if api == 'jobs' else api}_{next(self._numbers):08}"
        self.tasks[task_id] = Task(task_id, api, model, body, deque())
        return self.tasks[task_id]

    def _refusal(self, model: str, given: Mapping[str, Any]) -> str:
        """Why this cannot go on from the task, or from the song of one, that it names."""
        song = str(given.get("audio_id", ""))
        named = given.get("task_id", given.get("taskId", song.rpartition("-song-")[0]))
        source = self.tasks.get(named)
        if source is None or source.id in self.forgotten:
            return "The task_id does not exist or has expired"
        if song not in json.dumps(source.steps[-1]):
            return "audio_id not found"
        if source.model not in _GOES_ON_FROM[model]:
            return "Tasks of this model are not supported"
        if model == "veo-extend" and source.input.get("resolution") == "1080p":
            return "A 1080p generation cannot be extended"
        if song and "model" in given and given["model"] != source.input["model"]:
            return "The model must be that of the source"
        return ""

    def _usual(self, task: Task) -> list[dict[str, Any]]:
        if task.api == "jobs":
            return [{"state": "waiting"}, {"state": "generating"}, self.success(task.id)]
        return [{"successFlag": 0}, self.success(task.id)]

    async def _record(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.query.get("taskId", ""))
        if task is None or task.api != _api_of(request.path):
            return _answer(422, "recordInfo is null")
        step = task.steps.popleft() if len(task.steps) > 1 else task.steps[0]
        return _answer(200, "success", self._shown(task, step))

    def _shown(self, task: Task, step: dict[str, Any]) -> dict[str, Any]:
        """A record with all its documented fields."""
        if task.api != "jobs":
            empty = {"response": None, "errorCode": None, "errorMessage": None, "fallbackFlag": False}
            return {"taskId": task.id, "paramJson": json.dumps(task.body), **empty, **step}
        return {
            "taskId": task.id,
            "model": task.model,
            "param": json.dumps(task.body),
            "resultJson": "",
            "failCode": None,
            "failMsg": None,
            "costTime": None,
            "completeTime": None,
            "createTime": 1_757_584_164_490,
            **step,
        }

    async def _link(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        url = body.get("url") if body else None
        if not isinstance(url, str) or not url.startswith(self.url):
            return _answer(422, "Invalid url")
        fresh = f"{url}?fresh={len(self.fresh_links) + 1}"
        self.fresh_links.append(fresh)
        return _answer(200, "success", fresh)

    async def _credit(self, _: web.Request) -> web.StreamResponse:
        return _answer(200, "success", self.credits)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if "Content-Length" not in request.headers:
            return _answer(400, "A length is required", status=411)
        form = await request.post()
        file, folder, name = form.get("file"), form.get("uploadPath"), form.get("fileName")
        if not isinstance(file, web.FileField) or not isinstance(folder, str) or not folder:
            return _answer(400, "file and uploadPath are required")
        self.uploads[str(name or file.filename)] = file.file.read()
        address = f"https://tempfile.redpandaai.co/{folder}/{name or file.filename}"
        data = {"success": True, "fileName": name, "downloadUrl": address, "mimeType": file.content_type}
        return web.json_response({"success": True, "code": 200, "msg": "ok", "data": data})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["name"] in self.expired and "fresh" not in request.query:
            return web.Response(status=403, text="the link has expired")
        return web.Response(body=self.content)


def _result(model: str, task_id: str, url: str) -> dict[str, Any]:
    if model in _OF_A_SONG:
        url = f"{url.rpartition('.')[0]}.{_OF_A_SONG[model]}"
    if model == f"{_SONGS}separate-vocals":
        return {"originUrl": url, "vocalUrl": url, "instrumentalUrl": url}
    songs = model.startswith(_SONGS) and model not in _OF_A_SONG
    return {"data": _two_songs(task_id, url)} if songs else {"resultUrls": [url]}


def _two_songs(task_id: str, url: str) -> list[dict[str, Any]]:
    shared = {"stream_audio_url": url, "image_url": url, "model_name": "chirp", "prompt": "", "duration": 2.0}
    return [
        {
            "id": f"{task_id}-song-{number}",
            "title": f"Song {number}",
            "duration": 2.0,
            "audio_url": url,
            **shared,
        }
        for number in (1, 2)
    ]


def _api_of(path: str) -> str:
    if "/veo/" in path:
        return "veo"
    return "flux-kontext" if "/flux/kontext/" in path else "jobs"


def _guarded(usual: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return _guard(request) or await usual(request)

    return handle


def _guard(request: web.Request) -> web.Response | None:
    """What is turned away before it is looked at."""
    if not request.headers.get("User-Agent", "").startswith("Mozilla/"):
        return web.Response(status=403, text="error code: 1010")
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        return _answer(401, "You do not have access permissions")
    return None


def _answer(code: int, msg: str, data: Any = None, *, status: int = 200) -> web.Response:
    return web.json_response({"code": code, "msg": msg, "data": data}, status=status)


async def _json(request: web.Request) -> dict[str, Any] | None:
    if request.content_type != "application/json":
        return None
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
