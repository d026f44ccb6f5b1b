"""Which models are switched off, by which parts of the house, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Off:
    reason: str
    others_may: bool


class Switches:
    """What one part of the house switches off, no other switches on again."""

    def __init__(self) -> None:
        self._off: dict[str, dict[str, _Off]] = {}

    def off(self, model_id: str, reason: str, *, by: str, others_may: bool) -> None:
        """Note why a model is off; with `others_may` it is so for its own provider alone."""
        self._off.setdefault(model_id, {})[by] = _Off(reason, others_may)

    def on(self, model_id: str, *, by: str) -> None:
        """Forget what this part of the house said of a model."""
        self._off.get(model_id, {}).pop(by, None)

    def why_off(self, model_id: str) -> str:
        """Why a model's own provider is not asked for it; empty if it is."""
        return next((each.reason for each in self._off.get(model_id, {}).values()), "")

    def why_off_everywhere(self, model_id: str) -> str:
        """Why a model is not made by anybody; empty if only its own provider is not asked."""
        return next((each.reason for each in self._off.get(model_id, {}).values() if not each.others_may), "")
