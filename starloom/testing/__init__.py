"""The test kit for authors of plugins and providers: a local Telegram, its people, and a clock to move."""

from __future__ import annotations

import pytest

from core.http.breaker import BreakerSettings
from core.http.connections import Timeouts
from core.http.provider_http import HttpSettings
from core.http.retrying import RetrySettings
from sandbox.clock import ManualClock
from sandbox.faults import Fault, FaultKind
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.people.views import MessageView
from sandbox.server import Sandbox
from sandbox.studio import Studio
from starloom.testing.clock import StudioClock
from starloom.testing.demo import DemoProvider
from starloom.testing.golden import Golden
from starloom.testing.providing import provider_context

# Failures of the suite then say what was compared, as those of the author's own tests do.
pytest.register_assert_rewrite("starloom.testing.contract_steps", "starloom.testing.provider_contract")

__all__ = [
    "Bot",
    "BreakerSettings",
    "DemoProvider",
    "Fault",
    "FaultKind",
    "Golden",
    "HttpSettings",
    "ManualClock",
    "MessageView",
    "Person",
    "PersonError",
    "RetrySettings",
    "Sandbox",
    "Studio",
    "StudioClock",
    "Timeouts",
    "provider_context",
]
