"""One check and conversion in a process of its own: an order as JSON comes in, what became of it goes out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from core.apart import keep_bounds
from core.media.wants import Prepared, Unfit, Wants


def work(prepare: Callable[[Path, Path, Wants], Prepared]) -> None:
    """Do what the order says with `prepare`, which gets the source, the target and what the model wants."""
    keep_bounds()
    order = json.loads(sys.stdin.buffer.read())
    wants = Wants(**{**order["wants"], "formats": tuple(order["wants"]["formats"])})
    try:
        prepared = prepare(Path(order["source"]), Path(order["target"]), wants)
    except Unfit as unfit:
        answer = {"unfit": unfit.key, "variables": unfit.variables}
    else:
        answer = {"prepared": asdict(prepared)}
    sys.stdout.write(json.dumps(answer))
