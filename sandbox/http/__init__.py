"""The hands of people over HTTP, on 127.0.0.1 only: JSON calls and a WebSocket for what happens.

A person is named by id or by name; a chat by the number that Pyrogram writes (a bot's or person's id, a group
below zero, a channel below -10^12) or by a bot's username. Dates are ISO 8601 in UTC, amounts whole Stars,
sizes bytes. `P` is `/api/people/{person}` and `C` is `P/chats/{chat}`.

===================================  ======================================================================
`GET /api/people`                    everybody: `{people: [person]}`
`POST /api/people`                   `{name, language?, username?, stars?}`: register (201), or come back
                                     under the same name (200)
`GET P`                              one person
`POST P/stars`                       `{amount}`: buy Stars
`GET P/chats`                        `{chats: [chat]}`, the latest first
`POST P/chats`                       `{title, kind?, members?}`: found a group (or supergroup, channel)
                                     with all bots and these people in it (201)
`GET P/events`                       WebSocket, see below
`GET C/messages?after=&before=&limit=`  `{messages: [message]}`, oldest first
`POST C/send`                        `{text, reply_to?}`: write; answers the message (201)
`POST C/start`                       `{payload?}`: press Start, or follow a deep link (201)
`POST C/press`                       `{message, row, column}` (from 0) or `{message, label}` (whole);
                                     answers `{text, alert, url}`
`POST C/pay`                         `{message}` or `{link}`; answers `{charge_id, amount, balance}`
`POST C/edit`                        `{message, text}`: change one's own message (201)
`POST C/delete`                      `{messages: [id]}`: delete for both sides (204)
`POST C/block`, `POST C/unblock`     stop the bot, allow it again (204)
`POST C/files`                       multipart: `kind` (photo, document, video, voice, audio or sticker) and
                                     `caption`, then `file`; answers the message (201)
`POST C/album`                       multipart: `caption`, then 2 to 10 `file`: pictures as an album (201)
`GET C/messages/{id}/file`           the bytes of the file on a message, in ranges too; with
                                     `?thumbnail=1` its small picture
`GET C/commands`                     `{commands: [{command, description}]}`
`GET P/inline?bot=&query=&offset=`   type `@bot query`: `{results: [{id, kind, title, description,
                                     thumbnail}], button, start, next_offset}`
`POST C/choose`                      `{result}`: send a result of the newest lists; answers the message (201)
`GET C/transcript`                   the chat as plain text
`GET /api/bots`                      `{bots: [{id, username, name, stars, about, description}]}`
`GET /api/faults`                    `{faults: [{id, hits, active, fault}]}`
`POST /api/faults`                   the fields of `Fault`: let something go wrong (201)
`DELETE /api/faults`                 end all faults (204)
`DELETE /api/faults/{id}`            end one (204)
===================================  ======================================================================

Events are objects with a `type`: `new` and `edited` (`message`), `deleted` (`chat`, `ids`), `action` (`chat`,
`sender`, `action`, `progress`), `presence` (`chat`, `online`: whether a bot is connected) and `answer`
(`chat`, `message`, `text`, `alert`, `url`) to a pressed button.

Errors are `{"error": {"code", "message"}}`: 400 `invalid_request` or Telegram's own name in lower case, 402
`not_enough_stars` or `payment_refused`, 403 `forbidden`, 404 `not_found`, 409 `not_possible`, 504 `no_answer`
or `payment_timed_out`. Requests are taken only with a `Host` (and `Origin`, where there is one) of this
machine, so that no web page from elsewhere can use them.
"""

from sandbox.http.face import HttpFace, make_app

__all__ = ["HttpFace", "make_app"]
