"""How the memory of a process grows with the file that it uploads or relays."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bench.upload_processes import peak_memory

_MIB = 1024 * 1024
_SMALL_MIB = 20


@dataclass(frozen=True, slots=True)
class Growth:
    """The most memory, in MiB, with a file of 20 MiB, and with one of `mib`; nothing where that is 0."""

    mib: int = 0
    small: float = 0.0
    large: float = 0.0

    @classmethod
    async def measured(cls, auth_key: bytes, port: int, mib: int, *, source: str = "") -> Growth:
        """Measure it with fresh processes that upload to a sink, or relay from a `source`.

        Raises:
            RuntimeError: an upload failed.
        """
        if not mib:
            return cls()
        small, large = [
            await peak_memory(auth_key, port, size * _MIB, source=source) / _MIB for size in (_SMALL_MIB, mib)
        ]
        return cls(mib, small, large)

    def fields(self) -> dict[str, Any]:
        """As a report has it."""
        if not self.mib:
            return {"memory_growth_mib": None, "memory_mib": None}
        return {"memory_growth_mib": round(self.large - self.small, 1), "memory_mib": asdict(self)}

    @staticmethod
    def words(report: dict[str, Any]) -> list[str]:
        """A report's growth for people."""
        growth, found = report["memory_growth_mib"], report["memory_mib"]
        return [] if growth is None else [f"  memory, {found['mib']} MiB to {_SMALL_MIB} MiB: +{growth} MiB"]
