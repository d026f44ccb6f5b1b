"""What a measured bot is told at its start, and how it is asked for its counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.telegram.endpoint import Endpoint

Counts = Callable[[], tuple[int, Mapping[str, int]]]
"""Round trips to the database until now, and the same by command and collection."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a bot needs to run. `environment` is what `core.config` reads; `limits` as in `plugins.toml`."""

    telegram: Endpoint
    token: str
    directory: Path
    environment: Mapping[str, str]
    limits: Mapping[str, Any]

    def packed(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        return {
            "telegram": asdict(self.telegram),
            "token": self.token,
            "directory": str(self.directory),
            "environment": dict(self.environment),
            "limits": dict(self.limits),
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Orders:
        """What `packed` gave."""
        return cls(
            telegram=Endpoint(**packed["telegram"]),
            token=packed["token"],
            directory=Path(packed["directory"]),
            environment=packed["environment"],
            limits=packed["limits"],
        )
