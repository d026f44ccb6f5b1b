"""The hooks that plugins may implement, all of them `async`.

Two kinds. A *notification* tells every plugin that something happened; what a plugin raises there is
counted and logged and reaches nobody else. A *decision* asks every plugin whether something may happen; a
plugin that fails there counts as a refusal, and the first refusal wins.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from core.generation.job import Job
from core.plugin import hookspec
from core.users import User

NOTIFICATION = "notification"
DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision against something. `key` is a message key of the plugin's bundle with its variables."""

    key: str
    variables: dict[str, object]


class HookSpecifications:
    """One method a hook; the docstring is its reference."""

    @hookspec
    def person_arrived(self, user: User) -> Awaitable[None]:
        """Notification: somebody wrote to the bot for the first time."""
        raise AssertionError("specification only")

    @hookspec
    def generation_changed(self, job: Job) -> Awaitable[None]:
        """Notification: a job entered another state, `job.state`. The same change may be told twice."""
        raise AssertionError("specification only")

    @hookspec
    def may_generate(self, user: User, model_id: str, prompt: str, options: dict[str, Any]) -> Awaitable[Refusal | None]:
        """Decision: may this person generate this? Asked before any money is held."""
        raise AssertionError("specification only")


KINDS: dict[str, str] = {
    "person_arrived": NOTIFICATION,
    "generation_changed": NOTIFICATION,
    "may_generate": DECISION,
}
"""What kind each hook is of."""
