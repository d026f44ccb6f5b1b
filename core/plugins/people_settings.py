"""Which settings of people a plugin sees and may change, and how large they may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import PluginError
from core.preferences import Preference
from core.storage.plugin_rows import size_of
from core.users import Dialogue, User

SHARING_GRANTS = ("preferences", "billing", "privacy")
"""Each of these lets a plugin change what the core and other plugins keep among a person's settings."""


ShowUser = Callable[[str, User], User]
"""A person as the plugin of this name may see them."""


def without_others(plugin: str, user: User) -> User:
    """A person without what other plugins keep of them; what the core keeps can be seen.

    That they are in a dialogue with another plugin can be seen as well, and not what is said there.
    """
    own = f"{plugin}."
    shown = {
        key: value
        for key, value in user.settings.items()
        if "." not in key or key.startswith(own) or Preference.is_one(key)
    }
    dialogue = _veiled(plugin, user.dialogue)
    if len(shown) == len(user.settings) and dialogue is user.dialogue and not user.group_dialogues:
        return user
    groups = {chat: each for chat, each in user.group_dialogues.items() if each.plugin == plugin}
    return replace(user, settings=shown, dialogue=dialogue, group_dialogues=groups)


def _veiled(plugin: str, dialogue: Dialogue | None) -> Dialogue | None:
    """A dialogue of another plugin's with nothing but its files: whoever ends it deletes them."""
    if dialogue is None or dialogue.plugin == plugin or not dialogue.data:
        return dialogue
    return replace(dialogue, data={key: value for key, value in dialogue.data.items() if key == "files"})


@dataclass(frozen=True, slots=True)
class SettingsRule:
    """What one plugin may change. `shares` lets it change all settings; `most` is a size in bytes."""

    plugin: str
    shares: bool
    most: int

    def check(self, kept: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """Look at changes to the settings that a person has now.

        Raises:
            PluginError: a setting is not the plugin's own and it has no grant, or they are too large.

        """
        own = f"{self.plugin}."
        for key in changes:
            if not self.shares and not key.startswith(own):
                raise PluginError(
                    f"people's setting {key!r} is not this plugin's own: name it {own + key!r}, or grant the "
                    f'plugin what others keep of people: grants = ["{SHARING_GRANTS[0]}"] in plugins.toml'
                )
        after = {**{key: value for key, value in kept.items() if key.startswith(own)}, **changes}
        size = size_of({key: value for key, value in after.items() if value is not None})
        if size > self.most:
            raise PluginError(
                f"the settings of one person would have {size} bytes; allowed: {self.most} "
                "(limits.plugins.row_bytes). Keep more in context.collection"
            )
