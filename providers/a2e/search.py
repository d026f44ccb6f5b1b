"""Finds the task of a job in A2E's lists: every task is named after its job.

The lists' form is not described, nor that they show names. Where none are shown, or a list does not end,
nobody knows, and nothing is submitted a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from providers.a2e.api import A2eApi
from providers.a2e.errors import asked_in_vain
from providers.a2e.tasks import TaskId, created_at, is_id, records_in
from starloom.api import ProviderError, SubmissionUnknown

PAGE = 100
_MOST_PAGES = 20


async def find_task(api: A2eApi, kind: str, name: str, since: datetime | None) -> TaskId | None:
    """The task of one kind that is named so, made not before `since`; None if there surely is none.

    Raises:
        SubmissionUnknown: the list does not tell.
        ProviderError: it cannot be had just now.

    """
    found: list[str] = []
    nameless = False
    for number in range(1, _MOST_PAGES + 1):
        page = await _page(api, kind, number)
        for record in page:
            if not isinstance(record, dict):
                nameless = True
                continue
            task_id, called = record.get("_id"), record.get("name")
            if called == name and isinstance(task_id, str) and is_id(task_id):
                found.append(task_id)
            elif not (isinstance(called, str) and called) and not _was_before(record, since):
                nameless = True
        if len(page) < PAGE or (since is not None and _is_older(page, since)):
            break
    else:
        if not found:
            raise SubmissionUnknown("there are too many tasks to look through")
    if found:
        return TaskId(kind, tuple(dict.fromkeys(found)))
    if nameless:
        raise SubmissionUnknown("there are tasks whose name is not shown")
    return None


async def _page(api: A2eApi, kind: str, number: int) -> Sequence[Any]:
    params = {"pageNum": str(number), "pageSize": str(PAGE)}
    answer = await api.ask("GET", f"/{kind}/allRecords", params=params)
    if not answer.ok:
        raise asked_in_vain(answer.code)
    records = records_in(answer.data)
    if records is None:
        raise ProviderError("a list of tasks without tasks")
    return records


def _was_before(record: Mapping[str, Any], since: datetime | None) -> bool:
    created = created_at(record)
    return since is not None and created is not None and created < since


def _is_older(page: Sequence[Any], since: datetime) -> bool:
    """Whether a page is of times before `since` alone and newest first, so that the rest is older still."""
    times = [created_at(record) if isinstance(record, dict) else None for record in page]
    known = [moment for moment in times if moment is not None]
    return len(known) == len(page) and known == sorted(known, reverse=True) and known[0] < since
