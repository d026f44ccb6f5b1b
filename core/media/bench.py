"""One check and conversion, as a process: an order as JSON comes in, and what became of it goes out.

Called with the most bytes of memory and the most seconds of computing that it may take.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from core.media.wants import Prepared, Unfit, Wants


def _main() -> None:
    memory, seconds = (int(argument) for argument in sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.loads(sys.stdin.buffer.read())
    wants = Wants(**{**order["wants"], "formats": tuple(order["wants"]["formats"])})
    try:
        prepared = _prepare(Path(order["source"]), Path(order["target"]), wants)
    except Unfit as unfit:
        answer = {"unfit": unfit.key, "variables": unfit.variables}
    else:
        answer = {"prepared": asdict(prepared)}
    sys.stdout.write(json.dumps(answer))


def _prepare(source: Path, target: Path, wants: Wants) -> Prepared:
    # Only what this file needs is loaded.
    if wants.kind == "image":
        from core.media.images import prepare_image  # noqa: PLC0415

        return prepare_image(source, target, wants)
    from core.media.clips import prepare_clip  # noqa: PLC0415

    return prepare_clip(source, target, wants)


if __name__ == "__main__":
    _main()
