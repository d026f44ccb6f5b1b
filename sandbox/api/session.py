"""Log-in and log-out of bots, and what a client asks before and around it."""

from __future__ import annotations

import inspect
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.peers import account_of
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world import render
from sandbox.world.world import World

DC_ID = 2
"""The one data centre that there is; where Pyrogram looks first."""
_CONFIG_LIFE = 3600
_NUMBER_FOR_THE_REST = 100


@method(F.help.GetConfig, before_log_in=True)
async def get_config(world: World, caller: Caller, query: Any) -> TLObject:
    """Where the data centres are, and limits that nothing here depends on."""
    now = world.now()
    host, port = world.address
    known = {
        "date": now,
        "expires": now + _CONFIG_LIFE,
        "test_mode": False,
        "this_dc": DC_ID,
        "dc_options": [T.DcOption(id=DC_ID, ip_address=host, port=port)],
        "dc_txt_domain_name": "",
        "me_url_prefix": "https://t.me/",
        "message_length_max": world.rules.message_length,
        "caption_length_max": world.rules.caption_length,
    }
    required = [
        name
        for name, parameter in inspect.signature(T.Config.__init__).parameters.items()
        if name != "self" and parameter.default is parameter.empty
    ]
    return T.Config(**dict.fromkeys(required, _NUMBER_FOR_THE_REST) | known)


@method(F.help.GetNearestDc, before_log_in=True)
async def get_nearest_dc(world: World, caller: Caller, query: Any) -> TLObject:
    """The only data centre."""
    return T.NearestDc(country="ZZ", this_dc=DC_ID, nearest_dc=DC_ID)


@method(F.help.GetAppConfig, before_log_in=True)
async def get_app_config(world: World, caller: Caller, query: Any) -> TLObject:
    """No client settings."""
    return T.help.AppConfig(hash=0, config=T.JsonObject(value=[]))


@method(F.auth.ImportBotAuthorization, before_log_in=True)
async def import_bot_authorization(world: World, caller: Caller, query: Any) -> TLObject:
    """Log a bot in by its token."""
    wanted = world.rules.api_credentials
    if query.api_id <= 0 or (wanted is not None and (query.api_id, query.api_hash) != wanted):
        raise RpcError(400, "API_ID_INVALID")
    bot_id = world.tokens.get(query.bot_auth_token)
    if bot_id is None:
        raise RpcError(400, "ACCESS_TOKEN_INVALID")
    _log_in(world, caller, bot_id)
    return T.auth.Authorization(user=render.user(world, bot_id, world.accounts[bot_id]))


@method(F.auth.LogOut)
async def log_out(world: World, caller: Caller, query: Any) -> TLObject:
    """Forget who the auth key belongs to."""
    caller.user_id = None
    if world.wire is not None:
        world.wire.log_out(caller.auth_key_id)
    return T.auth.LoggedOut()


@method(F.auth.ExportAuthorization)
async def export_authorization(world: World, caller: Caller, query: Any) -> TLObject:
    """A ticket with which the same account logs in on another auth key."""
    if query.dc_id != DC_ID:
        raise RpcError(400, "DC_ID_INVALID")
    account = account_of(world, caller)
    ticket = world.random.randbytes(64)
    world.tickets[ticket] = account.id
    return T.auth.ExportedAuthorization(id=account.id, bytes=ticket)


@method(F.auth.ImportAuthorization, before_log_in=True)
async def import_authorization(world: World, caller: Caller, query: Any) -> TLObject:
    """Log in with a ticket; each is good once."""
    if world.tickets.get(query.bytes) != query.id:
        raise RpcError(400, "AUTH_BYTES_INVALID")
    user_id = world.tickets.pop(query.bytes)
    _log_in(world, caller, user_id)
    return T.auth.Authorization(user=render.user(world, user_id, world.accounts[user_id]))


def _log_in(world: World, caller: Caller, user_id: int) -> None:
    caller.user_id = user_id
    if world.wire is not None:
        world.wire.log_in(caller.auth_key_id, user_id)
