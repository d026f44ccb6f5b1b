"""A2E on this machine, as far as its API is described, and told by tests how to go wrong."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import ClientSession, web
from support.scripted_http import Handler, Scripted, ScriptedServer

KEY = "sk_test.jwt.of-the-account"
CONTENT = b"what A2E has made " * 2000
COINS = 123

Problems = Callable[[str, Mapping[str, Any]], list[str]]
"""What is wrong with a body: asked with the kind of task and the body."""


@dataclass
class Task:
    """A task as A2E keeps it. `steps` are what its record says at each look; the last one stays."""

    id: str
    kind: str
    body: dict[str, Any]
    created: datetime
    steps: deque[dict[str, Any]] = field(default_factory=deque)


class A2eServer(ScriptedServer):
    """Its API at `base`, its storage, its results and its callbacks.

    Routes by name: `start`, `get`, `list`, `batch`, `delete`, `coins`, `place`, `store`, `file`. `problems`
    checks the bodies of new tasks, `now` is when they are made. `upload_path` is the one of the two that is
    there; with `listed_as` lists stand in an object under this name; `names` tells whether they show names.
    """

    def __init__(self, now: Callable[[], datetime], *, problems: Problems | None = None) -> None:
        super().__init__()
        self.content = CONTENT
        self.tasks: dict[str, Task] = {}
        self.stored: dict[str, bytes] = {}
        self.expired: set[str] = set()
        self.upload_path = "/r2/get_upload_presigned_url"
        self.listed_as = ""
        self.names = True
        self.outputs = 1
        self.refunded: list[str] = []
        self._now = now
        self._problems = problems
        self._plan: list[dict[str, Any]] | None = None

    @property
    def base(self) -> str:
        return f"{self.url}/api/v1"

    def routes(self) -> list[web.RouteDef]:
        guarded = self._guarded
        return [
            web.post("/api/v1/{kind}/start", guarded("start", self._start)),
            web.get("/api/v1/user/remainingCoins", guarded("coins", self._coins)),
            web.get("/api/v1/{kind}/allRecords", guarded("list", self._list)),
            web.post("/api/v1/{kind}/batchDetail", guarded("batch", self._batch)),
            web.post("/api/v1/r2/{name}", guarded("place", self._place)),
            web.get("/api/v1/{kind}/{id}", guarded("get", self._get)),
            web.delete("/api/v1/{kind}/{id}", guarded("delete", self._delete)),
            web.put("/storage/{name:.+}", self.route("store", self._store)),
            web.get("/results/{name}", self.route("file", self._file)),
        ]

    def plan(self, *steps: dict[str, Any]) -> None:
        """What tasks made from now on say, one step after the other."""
        self._plan = list(steps)

    def result(self, task_id: str, extension: str = "mp4") -> str:
        return f"{self.url}/results/{task_id}.{extension}"

    def add(self, kind: str, body: Mapping[str, Any], created: datetime) -> Task:
        """A task, whoever ordered it."""
        task = Task(f"66f0a{len(self.tasks) + 1:019x}", kind, dict(body), created)
        steps = self._plan if self._plan is not None else self._usual(task)
        task.steps.extend(steps)
        self.tasks[task.id] = task
        return task

    def success(self, task: Task) -> dict[str, Any]:
        """What the record of a task says when it is done."""
        if task.kind == "userImage2Video":
            return {"current_status": "completed", "result_url": self.result(task.id)}
        return {"current_status": "completed", "image_urls": [self.result(task.id, "png")]}

    def _usual(self, task: Task) -> list[dict[str, Any]]:
        return [{"current_status": "initialized"}, {"current_status": "processing"}, self.success(task)]

    async def call_back(self, task: Task, *, body: Mapping[str, Any] | None = None) -> int:
        """Tell that a task has ended; the HTTP status that came back."""
        headers = {"X-A2e-Webhook-Token": task.body["webhook_token"]}
        given = body if body is not None else {"event": "task.completed", "_id": task.id}
        async with (
            ClientSession() as session,
            session.post(task.body["webhook_url"], json=given, headers=headers) as response,
        ):
            return response.status

    def _guarded(self, name: str, usual: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                return enveloped(1001, "invalid token")
            return await usual(request)

        return self.route(name, checked)

    async def _start(self, request: web.Request) -> web.StreamResponse:
        kind = request.match_info["kind"]
        body = await _json(request)
        if body is None:
            return enveloped(400, "the body is no object", status=400)
        wrong = self._problems(kind, body) if self._problems else []
        if wrong:
            return enveloped(400, "invalid parameter: " + "; ".join(wrong), status=400)
        tasks = [self.add(kind, body, self._now()) for _ in range(self.outputs)]
        shown = [self._shown(task, task.steps[0]) for task in tasks]
        alone = kind == "userImage2Video" and len(shown) == 1
        return enveloped(0, "ok", shown[0] if alone else shown)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task is None or task.kind != request.match_info["kind"]:
            return enveloped(404, "not found", status=404)
        return enveloped(0, "ok", self._shown(task, _next(task)))

    async def _batch(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        wanted = body["ids"] if body else []
        found = [task for task in map(self.tasks.get, wanted) if task is not None]
        return enveloped(0, "ok", [self._shown(task, _next(task)) for task in found])

    async def _list(self, request: web.Request) -> web.StreamResponse:
        size, number = int(request.query["pageSize"]), int(request.query["pageNum"])
        if not 1 <= size <= 100:
            return enveloped(400, "pageSize must be 1 to 100", status=400)
        mine = [task for task in self.tasks.values() if task.kind == request.match_info["kind"]]
        newest = sorted(mine, key=lambda task: (task.created, task.id), reverse=True)
        page = newest[(number - 1) * size : number * size]
        shown: Any = [self._shown(task, task.steps[0]) for task in page]
        return enveloped(0, "ok", {self.listed_as: shown, "total": len(mine)} if self.listed_as else shown)

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.pop(request.match_info["id"], None)
        if task is None:
            return enveloped(404, "not found", status=404)
        if task.steps[0]["current_status"] == "initialized":
            self.refunded.append(task.id)
        return enveloped(0, "ok")

    async def _coins(self, _: web.Request) -> web.StreamResponse:
        return enveloped(200, "ok", {"coins": COINS})

    async def _place(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if not request.path.endswith(self.upload_path):
            return web.Response(status=404, text="Cannot POST", content_type="text/html")
        if body is None or not {"key", "contentType", "contentLength", "expiresIn"} <= set(body):
            return enveloped(400, "key is required", status=400)
        place = {
            "uploadUrl": f"{self.url}/storage/{body['key']}?X-Signature=1",
            "cdnUrl": self._cdn(body["key"]),
        }
        return enveloped(0, "ok", place)

    def _cdn(self, key: str) -> str:
        return f"https://cdn.a2e.example/{key}"

    async def _store(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            return web.Response(status=400, text="only one auth mechanism allowed")
        self.stored[self._cdn(request.match_info["name"])] = await request.read()
        return web.Response()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["name"] in self.expired:
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>")
        return web.Response(body=self.content)

    def _shown(self, task: Task, step: Mapping[str, Any]) -> dict[str, Any]:
        """A task with the fields that are described."""
        named = {"name": task.body.get("name", "")} if self.names else {}
        created = task.created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        empty = {"failed_message": "", "failed_code": "", "createdAt": created}
        return {"_id": task.id, **named, **empty, **step}


def enveloped(code: int, msg: str = "", data: Any = None, *, status: int = 200) -> web.Response:
    return web.json_response({"code": code, "msg": msg, "data": data, "trace_id": "t"}, status=status)


def said(code: int, msg: str = "", data: Any = None, *, status: int = 200) -> Scripted:
    """An answer in A2E's envelope; nothing is done."""

    async def reply(_: web.Request, __: Handler) -> web.StreamResponse:
        return enveloped(code, msg, data, status=status)

    return reply


def _next(task: Task) -> dict[str, Any]:
    return task.steps.popleft() if len(task.steps) > 1 else task.steps[0]


async def _json(request: web.Request) -> dict[str, Any] | None:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
