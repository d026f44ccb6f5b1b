"""Routes about people, bots and faults."""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from sandbox.faults import Fault
from sandbox.http.bodies import Founding, Purchase, Registration, invalid, read_body
from sandbox.http.errors import ApiError, not_found
from sandbox.http.finding import HUB, person_of, sandbox_of
from sandbox.http.shapes import bot_shape, chat_shape, fault_shape, person_shape
from sandbox.people.person import Person
from sandbox.people.reading import Address
from sandbox.people.views import view
from sandbox.world.state import ChatKind, Peer, StoredMessage

routes = web.RouteTableDef()


@routes.get("/api/people")
async def list_people(request: web.Request) -> web.Response:
    """Everybody."""
    people = [person for person in sandbox_of(request).people if not person.account.deleted]
    return web.json_response({"people": [person_shape(person) for person in people]})


@routes.post("/api/people")
async def register(request: web.Request) -> web.Response:
    """Register, or come back under the same name or username, perhaps with another language."""
    body, sandbox = await read_body(request, Registration), sandbox_of(request)
    for person in sandbox.people:
        if body.name in (person.name, person.username) and not person.account.deleted:
            person.account.language = body.language or person.language
            if body.stars:
                sandbox.world.stars.grant(person, body.stars)
            return web.json_response(person_shape(person))
    if body.username is not None and body.username.lower() in sandbox.world.usernames:
        raise ApiError(409, "not_possible", "the username is taken")
    language = body.language or "en"
    person = sandbox.add_person(body.name, language=language, username=body.username, stars=body.stars)
    return web.json_response(person_shape(person), status=201)


@routes.get("/api/people/{person}")
async def show_person(request: web.Request) -> web.Response:
    """One person."""
    return web.json_response(person_shape(person_of(request)))


@routes.post("/api/people/{person}/stars")
async def buy_stars(request: web.Request) -> web.Response:
    """Buy Stars."""
    person, body = person_of(request), await read_body(request, Purchase)
    person.world.stars.grant(person, body.amount)
    return web.json_response(person_shape(person))


@routes.get("/api/people/{person}/chats")
async def list_chats(request: web.Request) -> web.Response:
    """The chats in which a person is, and the bots that there are, the latest first."""
    person, latest = person_of(request), dict[Peer, StoredMessage | None]()
    for bot in sandbox_of(request).bots.values():
        latest[bot.peer] = None
    for place in person.world.chats.values():
        if person.id in place.members and not place.deactivated:
            latest[place.peer] = None
    for stored in person.everywhere():
        peer = stored.peer_for(person.id)
        latest.pop(peer, None)
        latest[peer] = stored
    chats = [_chat(person, peer, stored) for peer, stored in reversed(latest.items())]
    return web.json_response({"chats": chats})


@routes.post("/api/people/{person}/chats")
async def found_chat(request: web.Request) -> web.Response:
    """Found a group or channel; whoever founds a channel makes the bots admins of it."""
    person, body, sandbox = person_of(request), await read_body(request, Founding), sandbox_of(request)
    people = {each.id: each for each in sandbox.people if not each.account.deleted}
    unknown = [number for number in body.members if number not in people]
    if unknown:
        raise not_found(f"person {unknown[0]}")
    others = [people[number] for number in dict.fromkeys(body.members) if number != person.id]
    bots = list(sandbox.bots.values())
    if body.kind is ChatKind.CHANNEL:
        place = sandbox.add_channel(body.title, [person, *bots], others)
    else:
        place = sandbox.add_group(
            body.title, [person, *bots, *others], supergroup=body.kind is ChatKind.SUPERGROUP
        )
    return web.json_response(chat_shape(person, place.peer, None), status=201)


@routes.get("/api/people/{person}/events")
async def listen(request: web.Request) -> web.WebSocketResponse:
    """Everything that happens to a person, as it happens."""
    return await request.app[HUB].serve(person_of(request), request)


@routes.get("/api/bots")
async def list_bots(request: web.Request) -> web.Response:
    """The bots."""
    sandbox = sandbox_of(request)
    return web.json_response({"bots": [bot_shape(sandbox.world, bot) for bot in sandbox.bots.values()]})


@routes.get("/api/faults")
async def list_faults(request: web.Request) -> web.Response:
    """The faults in force."""
    return web.json_response({"faults": [fault_shape(handle) for handle in sandbox_of(request).faults]})


@routes.post("/api/faults")
async def add_fault(request: web.Request) -> web.Response:
    """Let something go wrong."""
    try:
        values = await request.json()
        if not isinstance(values, dict):
            raise ApiError(400, "invalid_request", "body: give an object")
        handle = sandbox_of(request).faults.add(Fault.from_dict(values))
    except ValidationError as error:
        raise invalid(error) from None
    except ValueError as error:
        raise ApiError(400, "invalid_request", str(error)) from None
    return web.json_response(fault_shape(handle), status=201)


@routes.delete("/api/faults")
async def end_faults(request: web.Request) -> web.Response:
    """Let nothing go wrong any more."""
    sandbox_of(request).faults.clear()
    return web.Response(status=204)


@routes.delete("/api/faults/{fault:[0-9]+}")
async def end_fault(request: web.Request) -> web.Response:
    """End one fault."""
    if not sandbox_of(request).faults.remove(int(request.match_info["fault"])):
        raise not_found(f"fault {request.match_info['fault']}")
    return web.Response(status=204)


def _chat(person: Person, peer: Peer, stored: StoredMessage | None) -> dict[str, object]:
    last = None if stored is None else view(person.world, person.id, stored)
    return chat_shape(person, Address(peer).peer, last)
