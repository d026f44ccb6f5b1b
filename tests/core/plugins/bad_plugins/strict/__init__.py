"""Has settings of several kinds, one of which must be given."""

from typing import Literal

from pydantic import Field, SecretStr

from starloom.api import Plugin, PluginConfig


class StrictConfig(PluginConfig):
    must: str
    most: int = Field(default=5, ge=1)
    kind: Literal["soft", "hard"] = "soft"
    key: SecretStr = SecretStr("")
    empty: SecretStr = SecretStr("")


class Strict(Plugin[StrictConfig]):
    name = "strict"
    Config = StrictConfig
