"""Routes about one chat of one person: reading, writing, pressing, paying."""

from __future__ import annotations

from aiohttp import web

from sandbox.http.bodies import Deletion, Edit, Page, Payment, Press, Start, Text, read_body, read_query
from sandbox.http.errors import ApiError
from sandbox.http.finding import HUB, bot_of, chat_of, message_of, person_of
from sandbox.http.shapes import answer_shape, message_shape
from sandbox.people.person import Person
from sandbox.people.reading import Address, PersonError
from sandbox.people.views import Button, MessageView
from sandbox.world.queries import CallbackAnswer
from sandbox.world.state import PeerKind

_CHAT = "/api/people/{person}/chats/{chat}"
_OPENED = frozenset({"url", "web_app", "login"})

routes = web.RouteTableDef()


@routes.get(f"{_CHAT}/messages")
async def read_messages(request: web.Request) -> web.Response:
    """The messages of a chat: the newest `limit` (before a known one), or the first `limit` after one."""
    person, page = person_of(request), read_query(request, Page)
    found = [message for message in person.messages(chat_of(request)) if message.id > page.after]
    if page.before:
        found = [message for message in found if message.id < page.before]
    shown = found[: page.limit] if page.after else found[-page.limit :]
    return web.json_response({"messages": [message_shape(person, message) for message in shown]})


@routes.post(f"{_CHAT}/send")
async def send(request: web.Request) -> web.Response:
    """Write a text."""
    person, body = person_of(request), await read_body(request, Text)
    return _message(person, await person.send(body.text, to=chat_of(request), reply_to=body.reply_to))


@routes.post(f"{_CHAT}/start")
async def start(request: web.Request) -> web.Response:
    """Press Start, or follow a deep link."""
    person, body = person_of(request), await read_body(request, Start)
    return _message(person, await person.start(body.payload, bot=bot_of(request)))


@routes.post(f"{_CHAT}/press")
async def press(request: web.Request) -> web.Response:
    """Press a button, and wait for the bot's answer to it."""
    person, body = person_of(request), await read_body(request, Press)
    message = message_of(request, body.message)
    answer = await _press(person, message, _button(message, body), chat_of(request))
    request.app[HUB].answered(person, message, answer)
    return web.json_response(answer_shape(answer))


@routes.post(f"{_CHAT}/pay")
async def pay(request: web.Request) -> web.Response:
    """Pay an invoice."""
    person, body = person_of(request), await read_body(request, Payment)
    target = body.link if body.message is None else body.message
    receipt = await person.pay(target, chat=chat_of(request))
    return web.json_response(
        {"charge_id": receipt.charge_id, "amount": receipt.amount, "balance": person.stars}
    )


@routes.post(f"{_CHAT}/edit")
async def edit(request: web.Request) -> web.Response:
    """Change one's own message."""
    person, body = person_of(request), await read_body(request, Edit)
    return _message(person, await person.edit(message_of(request, body.message), body.text))


@routes.post(f"{_CHAT}/delete")
async def delete(request: web.Request) -> web.Response:
    """Delete messages for both sides."""
    person, body = person_of(request), await read_body(request, Deletion)
    for message in [message_of(request, number) for number in dict.fromkeys(body.messages)]:
        await person.delete(message)
    return web.Response(status=204)


@routes.post(f"{_CHAT}/block")
async def block(request: web.Request) -> web.Response:
    """Stop the bot."""
    person_of(request).block(bot_of(request))
    return web.Response(status=204)


@routes.post(f"{_CHAT}/unblock")
async def unblock(request: web.Request) -> web.Response:
    """Allow the bot again."""
    person_of(request).unblock(bot_of(request))
    return web.Response(status=204)


@routes.get(f"{_CHAT}/commands")
async def list_commands(request: web.Request) -> web.Response:
    """The command menu that the person sees in the chat."""
    person, chat = person_of(request), chat_of(request)
    private = chat.peer.kind is PeerKind.USER
    found = person.commands(bot=bot_of(request)) if private else person.commands(chat)
    shapes = [{"command": command, "description": text} for command, text in found]
    return web.json_response({"commands": shapes})


@routes.get(f"{_CHAT}/transcript")
async def show_transcript(request: web.Request) -> web.Response:
    """The chat as it reads on the screen."""
    return web.Response(text=person_of(request).transcript(chat_of(request)))


def _message(person: Person, message: MessageView) -> web.Response:
    return web.json_response(message_shape(person, message), status=201)


def _button(message: MessageView, body: Press) -> Button:
    if body.row is not None and body.column is not None:
        try:
            return message.buttons[body.row][body.column]
        except IndexError:
            raise PersonError("there is no button at this place") from None
    for button in (button for row in message.buttons for button in row):
        if button.label == body.label:
            return button
    raise PersonError(f"there is no button {body.label!r}; there are {message.labels}")


async def _press(person: Person, message: MessageView, button: Button, chat: Address) -> CallbackAnswer:
    if button.kind == "text":
        await person.send(button.label, to=chat)
        return CallbackAnswer()
    if button.kind in _OPENED:
        return CallbackAnswer(url=button.url)
    if button.data is None:
        raise PersonError(f"the button {button.label!r} is of kind {button.kind}: it asks the bot nothing")
    pressed = person.press_data(button.data, message, chat=chat)
    try:
        return await pressed.answer()
    except AssertionError:
        raise ApiError(504, "no_answer", "the bot did not answer") from None
