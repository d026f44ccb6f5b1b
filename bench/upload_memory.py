"""One upload in a process of its own, which tells the most memory that it held."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

from bench.relay_client import relaying
from bench.upload_client import Uploaders, endpoint_of

_KIB = 1024


async def _run(orders: dict[str, Any]) -> None:
    uploaders = Uploaders(endpoint_of(orders["port"]), bytes.fromhex(orders["auth_key"]))
    async with uploaders.running(theirs=False):
        if orders["source"]:
            async with relaying(uploaders.uploader, orders["source"]) as relaying_from:
                await relaying_from.relayed(orders["size"])
        else:
            await uploaders.endless(orders["size"])
    print(json.dumps({"peak": _peak()}), flush=True)


def _peak() -> int:
    """Bytes. What `getrusage` tells may stem from the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * _KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else _KIB)


if __name__ == "__main__":
    asyncio.run(_run(json.loads(sys.stdin.readline())))
