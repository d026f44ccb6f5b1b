"""What every provider must keep to, as tests that any provider can be run through.

An author derives a test class, and says in a fixture named `backend` what stands at the other end:

    class TestAcme(ProviderContract):
        @pytest_asyncio.fixture
        async def backend(self, tmp_path):
            async with AcmeBackend(tmp_path) as backend:
                yield backend
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import pytest_asyncio
import structlog

from core.errors import ProviderError
from core.generation.model import ModelList
from core.generation.provider import (
    Account,
    CallbackNews,
    CallbackRefused,
    Failed,
    FailureReason,
    Provider,
    Result,
    Running,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    Waiting,
)
from starloom.testing.contract_steps import (
    assert_goes_on,
    called_back,
    content_of,
    finished,
    forgeries,
    found,
    is_the_servers,
    started,
    submitted,
)
from starloom.testing.provider_backend import PROMPT, ProviderBackend, hidden_in

__all__ = ["PROMPT", "ProviderBackend", "ProviderContract"]

STALE_AFTER = timedelta(seconds=301)
"""Older callbacks are refused, however genuine."""
_NOT_PUBLIC = (
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/file.mp4",
    "http://[fe80::1]/file.mp4",
    "file:///etc/passwd",
    "ftp://192.0.2.1/file.mp4",
)
_OTHERS = ("asyncio", "aiohttp")
"""Loggers of the loop and of contract servers."""
_UNHEARD_OF = "no-such-task"
_WITHOUT = {
    "server": (
        "test_knows_that_what_was_not_sent_does_not_run",
        "test_does_not_believe_garbage_after_a_submission",
        "test_garbage_is_no_status",
        "test_a_provider_that_is_away_can_be_asked_later",
        "test_does_not_make_up_its_credit",
    ),
    "statuses": ("test_an_unknown_status_keeps_waiting",),
    "waiting": ("test_can_be_broken_off", "test_a_task_goes_from_waiting_to_its_files"),
}


class ProviderContract:
    """The suite.

    `lacks` names what a provider does not have, so that there is nothing to ask about it: `server` where it
    makes everything itself, `statuses` where it only says whether a task is over, `waiting` where it is over
    as soon as it is ordered.
    """

    pytestmark = pytest.mark.asyncio
    lacks: ClassVar[Collection[str]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in (test for lacking in cls.lacks for test in _WITHOUT[lacking]):
            setattr(cls, name, None)

    @pytest_asyncio.fixture
    async def provider(self, backend: ProviderBackend) -> AsyncIterator[Provider]:
        """The provider under test, started."""
        provider = await backend.provider()
        await backend.drive(provider.start())
        yield provider
        await backend.drive(provider.stop())

    # Models

    async def test_offers_models_that_are_its_own(self, provider: Provider) -> None:
        """The list is a ModelList of this provider's, with every id once, and a reason for what is locked."""
        offered = provider.models()
        assert isinstance(offered, ModelList)
        assert offered.models or offered.locked, "nothing is offered, and nothing says why"
        ids = [model.id for model in offered.models]
        assert len(ids) == len(set(ids)), "an id is offered twice"
        assert {model.provider for model in offered.models} <= {provider.name}
        assert all(locked.id and locked.reason for locked in offered.locked)
        assert not set(ids) & {locked.id for locked in offered.locked}, "a model is offered and locked"

    async def test_offers_the_same_models_each_time(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """Asking changes nothing, and another instance offers the same."""
        assert provider.models() == provider.models()
        another = await started(backend)
        assert another.models() == provider.models()
        await backend.drive(another.stop())

    # Life

    async def test_starts_and_stops_as_often_as_it_is_told(self, backend: ProviderBackend) -> None:
        """A stop before the start, a second start and a second stop do no harm; after them it works again."""
        provider = await backend.provider()
        await backend.drive(provider.stop())
        for _ in range(2):
            await backend.drive(provider.start())
            await backend.drive(provider.start())
            assert await submitted(backend, provider, "job-again")
            await backend.drive(provider.stop())
            await backend.drive(provider.stop())

    async def test_leaves_no_task_behind(self, backend: ProviderBackend) -> None:
        """What a provider starts it also ends."""
        before = asyncio.all_tasks()
        provider = await started(backend)
        task_id = await submitted(backend, provider)
        await backend.drive(provider.poll(task_id))
        await backend.drive(provider.stop())
        left = [task for task in asyncio.all_tasks() - before if not is_the_servers(task)]
        assert not left, f"still running: {left}"

    # Submission

    async def test_answers_a_task_id_for_each_job(self, backend: ProviderBackend, provider: Provider) -> None:
        """Jobs that are submitted at once become tasks of their own."""
        jobs = [f"job-{number}" for number in range(5)]
        answers = asyncio.gather(*(provider.submit(backend.task(provider, job)) for job in jobs))
        task_ids = await backend.drive(answers)
        assert all(isinstance(task_id, str) and task_id for task_id in task_ids)
        assert len(set(task_ids)) == backend.submissions == len(jobs)

    async def test_takes_one_job_once_where_it_can(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """Submitting a job again is the same task, or another one where the provider cannot know."""
        first, second = await submitted(backend, provider), await submitted(backend, provider)
        assert (first == second) is backend.idempotent
        assert backend.submissions == (1 if backend.idempotent else 2)

    async def test_says_why_it_refuses(self, backend: ProviderBackend, provider: Provider) -> None:
        """Each documented refusal is a SubmissionRefused with its reason, and makes nothing."""
        if not backend.refusals:
            pytest.skip("the backend knows no refusals")
        for reason in backend.refusals:
            await backend.script_refusal(reason)
            with pytest.raises(SubmissionRefused) as caught:
                await submitted(backend, provider, f"job-{reason}")
            assert caught.value.reason is FailureReason(reason)
            assert not hidden_in(backend, caught.value), "an exception quotes the prompt or a key"
        assert backend.submissions == 0

    async def test_knows_that_what_was_not_sent_does_not_run(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """While nobody listens, a submission is refused for sure, and it is the provider's fault."""
        task = backend.task(provider, "job-away")
        await backend.script_away()
        with pytest.raises(SubmissionRefused):
            await backend.drive(provider.submit(task))
        await backend.script_recovered()
        assert backend.submissions == 0

    async def test_does_not_pretend_to_know_after_a_lost_reply(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """A lost reply is a SubmissionUnknown and one task, and `find` tells of it or says that it cannot."""
        await backend.script_lost_reply()
        with pytest.raises(SubmissionUnknown):
            await submitted(backend, provider, "job-lost")
        assert backend.submissions == 1, "it was submitted again, or not at all"
        if not backend.finds:
            with pytest.raises(SubmissionUnknown):
                await found(backend, provider, "job-lost")
            return
        task_id = await found(backend, provider, "job-lost")
        assert isinstance(task_id, str)
        assert_goes_on(await backend.drive(provider.poll(task_id)))

    async def test_does_not_believe_garbage_after_a_submission(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """After a reply that cannot be read nobody knows whether the task was taken."""
        task = backend.task(provider, "job-garbled")
        await backend.script_garbage()
        with pytest.raises(SubmissionUnknown):
            await backend.drive(provider.submit(task))
        await backend.script_recovered()

    async def test_finds_what_it_submitted_and_nothing_else(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """`find` answers the task of a job, None for a job that never came, or says that it cannot tell.

        Where submitting again makes no second task, None is as good an answer as that it cannot tell.
        """
        task_id = await submitted(backend, provider)
        if not backend.finds and backend.idempotent:
            assert await found(backend, provider, "job-1") in {task_id, None}
            return
        if not backend.finds:
            with pytest.raises(SubmissionUnknown):
                await found(backend, provider, "job-1")
            return
        another = await started(backend)
        assert await found(backend, another, "job-1") == task_id
        assert await found(backend, another, "job-that-never-came") is None
        await backend.drive(another.stop())

    async def test_can_be_broken_off(self, backend: ProviderBackend, provider: Provider) -> None:
        """A submission that is cancelled ends at once and as cancelled."""
        submission = asyncio.ensure_future(provider.submit(backend.task(provider, "job-cancelled")))
        await asyncio.sleep(0)
        submission.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submission

    # Tasks

    async def test_a_task_goes_from_waiting_to_its_files(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """A new task is not over; a finished one has files, and still has them when asked again."""
        task_id = await submitted(backend, provider)
        assert_goes_on(await backend.drive(provider.poll(task_id)))
        results = await finished(backend, provider, task_id)
        assert await finished(backend, provider, task_id) == results

    async def test_a_running_task_is_running(self, backend: ProviderBackend, provider: Provider) -> None:
        """A task that is being made is not over, and its percents are 0 to 100."""
        task_id = await submitted(backend, provider)
        await backend.script_running(task_id)
        assert_goes_on(await backend.drive(provider.poll(task_id)))

    async def test_a_failed_task_says_why(self, backend: ProviderBackend, provider: Provider) -> None:
        """Failure has one of the known reasons; its detail, which operators read, quotes no prompt."""
        task_id = await submitted(backend, provider)
        await backend.script_failed(task_id)
        status = await backend.drive(provider.poll(task_id))
        assert isinstance(status, Failed)
        assert isinstance(status.reason, FailureReason)
        assert not hidden_in(backend, status.detail), "the detail quotes the prompt or a key"

    async def test_an_unknown_status_keeps_waiting(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """A state that nobody has heard of is no failure; the task may still finish."""
        task_id = await submitted(backend, provider)
        await backend.script_unknown_status(task_id)
        assert isinstance(await backend.drive(provider.poll(task_id)), Waiting)
        await finished(backend, provider, task_id)

    async def test_a_task_nobody_knows_is_no_success(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """A poll for a foreign id answers in the protocol's terms."""
        try:
            status = await backend.drive(provider.poll(_UNHEARD_OF))
        except ProviderError:
            return
        assert isinstance(status, Waiting | Running | Failed)

    async def test_garbage_is_no_status(self, backend: ProviderBackend, provider: Provider) -> None:
        """HTML and half a JSON mean asking again later, and neither success nor failure."""
        task_id = await submitted(backend, provider)
        await backend.script_garbage()
        with pytest.raises(ProviderError):
            await backend.drive(provider.poll(task_id))
        await backend.script_recovered()
        await finished(backend, provider, task_id)

    async def test_a_provider_that_is_away_can_be_asked_later(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """While nobody listens, polling raises ProviderError; afterwards the task is still there."""
        task_id = await submitted(backend, provider)
        await backend.script_away()
        with pytest.raises(ProviderError):
            await backend.drive(provider.poll(task_id))
        await backend.script_recovered()
        await finished(backend, provider, task_id)

    async def test_tasks_outlive_the_process(self, backend: ProviderBackend, provider: Provider) -> None:
        """Another instance, which never saw the submission, brings the task to its end."""
        task_id = await submitted(backend, provider)
        another = await started(backend)
        result = (await finished(backend, another, task_id))[0]
        assert await content_of(backend, another, result)
        await backend.drive(another.stop())

    async def test_cancels_or_says_that_it_did_not(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """`cancel` answers a bool; what it stopped makes nothing, and unknown tasks are not stopped."""
        task_id = await submitted(backend, provider)
        stopped = await backend.drive(provider.cancel(task_id))
        assert isinstance(stopped, bool)
        if stopped:
            assert not isinstance(await backend.drive(provider.poll(task_id)), Succeeded)
        try:
            assert await backend.drive(provider.cancel(_UNHEARD_OF)) is False
        except ProviderError:
            return

    # Results

    async def test_a_result_is_the_file(self, backend: ProviderBackend, provider: Provider) -> None:
        """`open` streams the whole file, as often as it is asked to, and what a result announces is true."""
        task_id = await submitted(backend, provider)
        for result in await finished(backend, provider, task_id):
            content = await content_of(backend, provider, result)
            assert content == (backend.content or await content_of(backend, provider, result))
            assert result.size in (None, len(content))
            assert result.sha256 in ("", hashlib.sha256(content).hexdigest())

    async def test_a_result_that_is_gone_is_an_error(
        self, backend: ProviderBackend, provider: Provider
    ) -> None:
        """A file that the provider keeps no more raises ProviderError in place of the error page's bytes."""
        task_id = await submitted(backend, provider)
        result = (await finished(backend, provider, task_id))[0]
        await backend.script_expired(result)
        with pytest.raises(ProviderError):
            await content_of(backend, provider, result)

    @pytest.mark.parametrize("url", _NOT_PUBLIC)
    async def test_fetches_from_the_public_internet_only(
        self, backend: ProviderBackend, provider: Provider, url: str
    ) -> None:
        """A result that points into the operator's own network is not fetched."""
        with pytest.raises(ProviderError):
            await content_of(backend, provider, Result(url=url))

    # Account

    async def test_tells_its_credit_or_nothing(self, backend: ProviderBackend, provider: Provider) -> None:
        """The account is None, or exact numbers with a unit."""
        account = await backend.drive(provider.account())
        if account is None:
            return
        assert isinstance(account, Account)
        assert isinstance(account.remaining, Decimal)
        assert account.unit
        assert account.usd is None or isinstance(account.usd, Decimal)

    async def test_does_not_make_up_its_credit(self, backend: ProviderBackend, provider: Provider) -> None:
        """While nobody listens, the account is unknown and not zero."""
        await backend.script_away()
        try:
            assert await backend.drive(provider.account()) is None
        except ProviderError:
            pass
        finally:
            await backend.script_recovered()

    # Callbacks

    async def test_believes_genuine_callbacks(self, backend: ProviderBackend, provider: Provider) -> None:
        """A genuine callback names its task, and its repetition carries the same delivery id."""
        if (genuine := await called_back(backend, provider)) is None:
            return
        task_id, request, verify = genuine
        news = await backend.drive(verify(request))
        assert isinstance(news, CallbackNews)
        assert news.task_id == task_id
        assert await backend.drive(verify(request)) == news

    async def test_refuses_stale_callbacks(self, backend: ProviderBackend, provider: Provider) -> None:
        """A genuine callback that comes five minutes late, or from the future, is refused.

        One that carries no time is known by its delivery id instead, whenever it comes.
        """
        if (genuine := await called_back(backend, provider)) is None:
            return
        task_id, request, verify = genuine
        for moment in (request.received_at + STALE_AFTER, request.received_at - STALE_AFTER):
            late = replace(request, received_at=moment)
            if not backend.dates_callbacks:
                news = await backend.drive(verify(late))
                assert (news.task_id, bool(news.delivery_id)) == (task_id, True)
                continue
            with pytest.raises(CallbackRefused):
                await backend.drive(verify(late))

    async def test_refuses_forged_callbacks(self, backend: ProviderBackend, provider: Provider) -> None:
        """Nothing that is signed can be changed or left out, and a body that is none is no fault."""
        if (genuine := await called_back(backend, provider)) is None:
            return
        _, request, verify = genuine
        for forged in forgeries(backend, request):
            with pytest.raises(CallbackRefused):
                await backend.drive(verify(forged))

    # Logs

    async def test_logs_neither_keys_nor_prompts(
        self, backend: ProviderBackend, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A whole life of a task, and what can go wrong in it, leave no secret in the log."""
        with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as lines:
            task_id = await submitted(backend, provider)
            result = (await finished(backend, provider, task_id))[0]
            await content_of(backend, provider, result)
            for reason in backend.refusals:
                await backend.script_refusal(reason)
                with pytest.raises(SubmissionRefused):
                    await submitted(backend, provider, f"job-{reason}")
        own = [record.getMessage() for record in caplog.records if not record.name.startswith(_OTHERS)]
        assert not hidden_in(backend, *lines, *own)
        assert not hidden_in(backend, repr(provider))
