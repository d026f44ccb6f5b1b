"""Has settings of no class of ours."""

from starloom.api import Plugin


class ConfigIsNoModel(Plugin):
    name = "config_is_no_model"
    Config = dict
