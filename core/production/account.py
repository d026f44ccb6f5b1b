"""The account from which series are paid: nobody's, in the ledger like a person's."""

from __future__ import annotations

from core.generation.job import Job

PRODUCTION_ID = 2**60
"""Beyond the ids of people, and beyond those that erased people have in the books."""


def is_production(job: Job) -> bool:
    """Whether a generation belongs to a series, and not to a person."""
    return job.user_id == PRODUCTION_ID
