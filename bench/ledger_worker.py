"""A process that holds and settles for one person.

`python -m bench.ledger_worker KIND DATABASE RUN PAIRS SERVER`: the server's address is the first line of its
input, SERVER says whether it is the embedded one. It says "ready", waits for a line, works, says "done".
"""

from __future__ import annotations

import asyncio
import sys

from bench.ledger_books import open_books

CROWDED = 1
"""The person for whom several processes hold at once."""


async def work(kind: str, uri: str, name: str, run: str, pairs: int, *, embedded: bool) -> None:
    """Do it, one pair after another."""
    async with open_books(kind, uri, name, embedded=embedded) as books:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(pairs):
            await books.pair(CROWDED, f"{run}x{number}")
        await books.finish()
        print("done", flush=True)
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    _kind, _name, _run, _pairs, _embedded = sys.argv[1:]
    _uri = sys.stdin.readline().strip()
    asyncio.run(work(_kind, _uri, _name, _run, int(_pairs), embedded=_embedded == "embedded"))
