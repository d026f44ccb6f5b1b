"""Routes about inline mode: what bots offer to a name that is typed in any chat, and sending one of it."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from sandbox.http.bodies import Asking, Choice, read_body, read_query
from sandbox.http.errors import ApiError, not_found
from sandbox.http.finding import chat_of, person_of, sandbox_of
from sandbox.http.shapes import message_shape
from sandbox.people.buttons import InlineResult
from sandbox.people.person import Person

_MOST_KEPT = 500
"""Results of a person's newest lists that can still be chosen."""
_PERSON = "/api/people/{person}"

OFFERS: web.AppKey[dict[int, dict[str, InlineResult]]] = web.AppKey("OFFERS")

routes = web.RouteTableDef()


@routes.get(f"{_PERSON}/inline")
async def ask(request: web.Request) -> web.Response:
    """Ask a bot what it offers for some words."""
    person, asking = person_of(request), read_query(request, Asking)
    bot = sandbox_of(request).bots.get(asking.bot)
    if bot is None:
        raise not_found(f"bot {asking.bot!r}")
    try:
        shown = await person.inline_query(asking.query, bot=bot, offset=asking.offset)
    except AssertionError:
        raise ApiError(504, "no_answer", "the bot did not answer") from None
    kept = request.app[OFFERS].setdefault(person.id, {})
    for result in shown.results:
        kept.pop(result.id, None)
        kept[result.id] = result
    for old in list(kept)[:-_MOST_KEPT]:
        del kept[old]
    return web.json_response(
        {
            "results": [_shape(person, result) for result in shown.results],
            "button": shown.button,
            "start": shown.start,
            "next_offset": shown.next_offset,
        }
    )


@routes.get(f"{_PERSON}/inline/thumbnail")
async def show_thumbnail(request: web.Request) -> web.Response:
    """The small picture of the file that a result would send."""
    person = person_of(request)
    result = _offered(request, person, request.query.get("result", ""))
    file = person.world.files.get(result.file_id) if result.file_id else None
    if file is None or not file.variants:
        raise not_found("thumbnail of this result")
    content = file.content(file.variants[0].letter)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    data = await person.world.files.read(content, 0, content.size)
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


@routes.post(f"{_PERSON}/chats/{{chat}}/choose")
async def choose(request: web.Request) -> web.Response:
    """Send a result into the chat."""
    person, body = person_of(request), await read_body(request, Choice)
    message = person.choose(_offered(request, person, body.result), to=chat_of(request))
    return web.json_response(message_shape(person, message), status=201)


def _offered(request: web.Request, person: Person, result: str) -> InlineResult:
    found = request.app[OFFERS].get(person.id, {}).get(result)
    if found is None:
        raise not_found("result of this id among the newest lists")
    return found


def _shape(person: Person, result: InlineResult) -> dict[str, str | None]:
    file = person.world.files.get(result.file_id) if result.file_id else None
    drawn = file is not None and bool(file.variants)
    return {
        "id": result.id,
        "kind": result.kind,
        "title": result.title,
        "description": result.description,
        "thumbnail": f"/api/people/{person.id}/inline/thumbnail?result={quote(result.id)}" if drawn else None,
    }
