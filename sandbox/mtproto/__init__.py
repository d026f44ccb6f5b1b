"""The wire of the local Telegram: an MTProto 2.0 server for unmodified clients."""

from sandbox.mtproto.connection import ConnectionInfo
from sandbox.mtproto.keyring import ExportedKey
from sandbox.mtproto.keys import ServerKey
from sandbox.mtproto.observers import WireEvent
from sandbox.mtproto.server import MTProtoServer

__all__ = ["ConnectionInfo", "ExportedKey", "MTProtoServer", "ServerKey", "WireEvent"]
