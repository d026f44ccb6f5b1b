"""The test kit for authors of plugins and providers: a local Telegram, its people, and a clock to move."""

from __future__ import annotations

from sandbox.clock import ManualClock
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.server import Sandbox

__all__ = ["Bot", "ManualClock", "Person", "PersonError", "Sandbox"]
