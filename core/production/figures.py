"""What the runs of some days come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.production.run import OPEN_STATES, Run, RunState, UploadState


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Sums over runs: how many videos there are, in what time, for what money, by whom and where."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    under_way: int = 0
    cost_usd: Decimal = Decimal(0)
    seconds: float = 0.0
    """How long all that were made took, together."""
    characters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By character how many were made and how many failed, the most first."""
    platforms: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By platform how many were uploaded and how many were not, the most first."""

    @property
    def success_rate(self) -> float | None:
        """The share of what was made in what has ended, without what was skipped; None without any."""
        ended = self.done + self.failed
        return self.done / ended if ended else None

    @property
    def average_seconds(self) -> float | None:
        """How long one takes on average; None without any."""
        return self.seconds / self.done if self.done else None


def figures_of(runs: Iterable[Run]) -> RunFigures:
    """The sums over these runs. What is being published is made."""
    found = list(runs)
    made = [run for run in found if run.state in (RunState.DONE, RunState.PUBLISHING)]
    failed = [run for run in found if run.state is RunState.FAILED]
    uploads = [(name, state) for run in made for name, state in run.uploads.items()]
    good = Counter(name for name, state in uploads if state is UploadState.UPLOADED)
    bad = Counter(name for name, state in uploads if state is UploadState.FAILED)
    return RunFigures(
        done=len(made),
        failed=len(failed),
        skipped=sum(run.state is RunState.SKIPPED for run in found),
        under_way=sum(run.state in OPEN_STATES and run not in made for run in found),
        cost_usd=sum((run.cost_usd for run in found), Decimal(0)),
        seconds=sum(run.seconds for run in made),
        characters=_pairs(Counter(run.character for run in made), Counter(run.character for run in failed)),
        platforms=_pairs(good, bad),
    )


def _pairs(good: Counter[str], bad: Counter[str]) -> dict[str, tuple[int, int]]:
    names = sorted({*good, *bad}, key=lambda name: (-good[name] - bad[name], name))
    return {name: (good[name], bad[name]) for name in names}
