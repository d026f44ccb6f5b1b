"""The project's own dialogues, written down without what is never twice the same.

`RENEW_GOLDEN=1 pytest tests/e2e/test_generate_dialogues.py` writes them anew; read the difference as texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sandbox.people.person import Person
from sandbox.people.views import MessageView
from starloom.testing.golden import Golden as Dialogue

GOLDEN = Path(__file__).parents[1] / "golden"
_TIMES = (
    (re.compile(r"(made in|готово за) \d+ (s|с)$", re.MULTILINE), r"\1 N \2"),
    (re.compile(r", [\d.]+ k?B\b"), ""),
)
_USUAL = (re.compile(r"^  (Usually it takes|Обычно это занимает) .*\n  \n", re.MULTILINE), "")
"""How long a model usually takes: known only after some deliveries, of whichever test came first."""
_RUNS = (re.compile(r"(.)\1{99,}"), r"\1…")
_ON_THE_WAY = ("⏳", "📤")
"""How what comes and goes as fast as the machine begins: how a generation stands."""


class Golden(Dialogue):
    """What one person does and sees from now on, in order."""

    def __init__(self, person: Person, *, passing: Sequence[tuple[re.Pattern[str], str]] = ()) -> None:
        super().__init__(person, GOLDEN, passing=(*_TIMES, _USUAL, _RUNS, *passing))

    def is_screen(self, message: MessageView) -> bool:
        return not message.text.startswith(_ON_THE_WAY)
