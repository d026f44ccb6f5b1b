"""A generation as a store keeps it, for tests that are about keeping."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.generation.job import Job

ALICE = 5_000_000_001


def sample_job(job_id: str, **different: Any) -> Job:
    """A job of Alice's; what a test is about it says itself."""
    given: dict[str, Any] = {
        "user_id": ALICE,
        "chat_id": ALICE,
        "language": "ru",
        "username": "alice",
        "model_id": "demo/video",
        "provider": "demo",
        "price": 3,
        "cost_usd": Decimal("0.04"),
        "prompt": "кот",
        "options": {},
    }
    return Job(id=job_id, **{**given, **different})
