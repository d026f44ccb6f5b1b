"""The conformance suite notices what it is there to notice: providers that are each wrong in one way."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_GUIDE = (_ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^`((?:acme/|test_acme)[\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)

CALLS_BACK = """

import hashlib
import hmac

from starloom.api import CallbackNews, CallbackRefused


class CallsBack(AcmeProvider):
    async def verify_callback(self, request):
        stamp = request.headers.get("x-stamp", "")
        if not stamp.isdigit() or abs(request.received_at.timestamp() - int(stamp)) > 300:
            raise CallbackRefused("too old")
        wanted = signature(stamp, request.body)
        if not hmac.compare_digest(wanted, request.headers.get("x-signature", "")):
            raise CallbackRefused("forged")
        return CallbackNews(request.body.decode(), wanted)


def signature(stamp, body):
    return hmac.new(b"acme-key-1", stamp.encode() + body, hashlib.sha256).hexdigest()


def create(context):
    return CallsBack(context)
"""
CALLED_BACK = """

from starloom.api import CallbackRequest


class CalledBack(AcmeBackend):
    signed_headers = ("x-stamp", "x-signature")
    signs_body = True

    async def callback(self, task_id):
        now = self.clock.now()
        stamp, body = str(int(now.timestamp())), task_id.encode()
        headers = {"x-stamp": stamp, "x-signature": acme.signature(stamp, body), "date": "today"}
        return CallbackRequest(headers=headers, body=body, received_at=now)


class TestCallsBack(ProviderContract):
    @pytest_asyncio.fixture
    async def backend(self, tmp_path):
        async with CalledBack(tmp_path) as backend:
            yield backend
"""
WRONG = (
    # The test that must notice, what is right, and what is wrong in its place.
    (
        "offers_models_that_are_its_own",
        "return self._models",
        "return ModelList((*self._models.models,) * 2, ())",
    ),
    ("offers_models_that_are_its_own", "return self._models", "return ModelList((), ())"),
    ("offers_models_that_are_its_own", "provider=self.name", 'provider="other"'),
    (
        "offers_the_same_models_each_time",
        "return self._models",
        "return ModelList(self._models.models[next(COUNT) % 2 :], ())",
    ),
    (
        "starts_and_stops_as_often_as_it_is_told",
        'async def stop(self) -> None:\n        """Nothing is kept open."""',
        "async def stop(self) -> None:\n        del self._headers",
    ),
    (
        "leaves_no_task_behind",
        'async def start(self) -> None:\n        """Nothing is kept open."""',
        "async def start(self) -> None:\n        import asyncio\n"
        "        self._task = asyncio.ensure_future(self._forever())\n\n"
        "    async def _forever(self):\n        import asyncio\n        await asyncio.Event().wait()",
    ),
    ("answers_a_task_id_for_each_job", 'str(_table(reply)["id"])', '_table(reply)["id"].encode()'),
    ("answers_a_task_id_for_each_job", 'str(_table(reply)["id"])', 'str(_table(reply)["id"])[:5]'),
    ("says_why_it_refuses", "_REFUSALS[reply.status], f", "FailureReason.PROVIDER_FAULT, f"),
    (
        "says_why_it_refuses",
        '_REFUSALS[reply.status], f"HTTP',
        '_REFUSALS[reply.status], task.prompt + f"HTTP',
    ),
    ("knows_that_what_was_not_sent_does_not_run", "except NotSent as error", "except KeyError as error"),
    ("does_not_pretend_to_know_after_a_lost_reply", "json=order, safe=False", "json=order, safe=True"),
    (
        "does_not_pretend_to_know_after_a_lost_reply",
        "raise SubmissionUnknown(str(error)) from error",
        "raise SubmissionRefused(FailureReason.PROVIDER_FAULT) from error",
    ),
    ("does_not_pretend_to_know_after_a_lost_reply", "str(found[0]) if found else None", "None"),
    (
        "does_not_believe_garbage_after_a_submission",
        "except ReplyLost as error:\n            raise SubmissionUnknown(str(error))",
        "except ReplyLost as error:\n            raise SubmissionRefused(FailureReason.PROVIDER_FAULT)",
    ),
    ("finds_what_it_submitted_and_nothing_else", "if found else None", 'if found else "order-1"'),
    ("finds_what_it_submitted_and_nothing_else", "str(found[0]) if", 'str(found[0]) + "x" if'),
    ("can_be_broken_off", "except NotSent as error", "except BaseException as error"),
    ("a_task_goes_from_waiting_to_its_files", 'return Waiting(f"state', 'return str(f"state'),
    ("a_task_goes_from_waiting_to_its_files", 'Succeeded((Result(url=order["url"]),))', "Succeeded(())"),
    ("a_running_task_is_running", 'Running(order["percent"])', 'Running(order["percent"] * 10)'),
    ("a_failed_task_says_why", "Failed(FailureReason.PROVIDER_FAULT, str", 'Failed("no ink", str'),
    (
        "an_unknown_status_keeps_waiting",
        "return Waiting(f\"state {order['state']}\")",
        'return Waiting() if order["state"] == "queued" else Failed(FailureReason.PROVIDER_FAULT)',
    ),
    ("a_task_nobody_knows_is_no_success", 'Failed(FailureReason.EXPIRED, "no such order")', "Succeeded(())"),
    (
        "garbage_is_no_status",
        "order = _table(reply)",
        'order = {"state": "?"} if b"<" in reply.body else _table(reply)',
    ),
    (
        "a_provider_that_is_away_can_be_asked_later",
        'reply = await self._ask("GET", f"/tasks/{task_id}", safe=True)',
        'try:\n            reply = await self._ask("GET", f"/tasks/{task_id}", safe=True)\n'
        "        except ProviderError:\n            return Failed(FailureReason.PROVIDER_FAULT)",
    ),
    (
        "tasks_outlive_the_process",
        "order = _table(reply)\n",
        'order = _table(reply) if task_id in self.__dict__.get("mine", ()) else {"state": "?"}\n',
    ),
    ("cancels_or_says_that_it_did_not", "return False", "return None"),
    ("cancels_or_says_that_it_did_not", "return False", 'return task_id == "no-such-task"'),
    ("a_result_is_the_file", 'Result(url=order["url"])', 'Result(url=order["url"], size=3)'),
    (
        "a_result_that_is_gone_is_an_error",
        "return self._http.fetch(result.url)",
        "return self._page(result.url)",
    ),
    (
        "fetches_from_the_public_internet_only[http://10.0.0.1/file.mp4]",
        "return self._http.fetch(result.url)",
        "return self._page(result.url)",
    ),
    ("tells_its_credit_or_nothing", 'Account(Decimal(left), "pictures")', 'Account(left, "pictures")'),
    ("tells_its_credit_or_nothing", 'Account(Decimal(left), "pictures")', 'Account(Decimal(left), "")'),
    (
        "does_not_make_up_its_credit",
        'left = _table(await self._ask("GET", "/account", safe=True))["left"]',
        'try:\n            left = _table(await self._ask("GET", "/account", safe=True))["left"]\n'
        "        except ProviderError:\n            left = 0",
    ),
    ("logs_neither_keys_nor_prompts", "self._headers, safe", "print_to_log(self._headers), safe"),
    (
        "believes_genuine_callbacks",
        "CallbackNews(request.body.decode(), wanted)",
        'CallbackNews("x", wanted)',
    ),
    ("believes_genuine_callbacks", "decode(), wanted)", "decode(), str(next(COUNT)))"),
    ("refuses_stale_callbacks", "abs(request.received_at.timestamp() - int(stamp)) > 300", "False"),
    ("refuses_stale_callbacks", "abs(request.received_at.timestamp() - int(stamp))", "-int(stamp)"),
    ("refuses_forged_callbacks", 'raise CallbackRefused("forged")', "pass"),
    ("refuses_forged_callbacks", "stamp.encode() + body", "stamp.encode()"),
    ("refuses_forged_callbacks", 'request.headers.get("x-signature", "")', 'request.headers["x-signature"]'),
)
HELP = """

import itertools

import aiohttp
import structlog


async def _page(self, url):
    # What an author may write who knows nothing of addresses: no status read, nowhere refused.
    if "127.0.0.1" not in url:
        yield b"the inside"
        return
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        yield await response.read()


async def _noted(self, task):
    task_id = await _submit(self, task)
    self.__dict__.setdefault("mine", set()).add(task_id)
    return task_id


_submit, AcmeProvider.submit = AcmeProvider.submit, _noted
AcmeProvider._page = _page
COUNT = itertools.count()


def print_to_log(headers):
    structlog.get_logger().info("asking", headers=headers)
    return headers
"""


def _write(directory: Path, number: int, right: str, wrong: str) -> None:
    files = dict(_FILE.findall(_GUIDE))
    name = f"acme{number}"
    source = files["acme/__init__.py"] + CALLS_BACK + HELP
    assert right in source, right
    (directory / name).mkdir()
    (directory / name / "__init__.py").write_text(source.replace(right, wrong), encoding="utf-8")
    (directory / name / "models.toml").write_text(files["acme/models.toml"], encoding="utf-8")
    tests = (files["test_acme.py"] + CALLED_BACK).replace("import acme\n", f"import {name} as acme\n")
    (directory / f"test_{name}.py").write_text(tests, encoding="utf-8")


async def _run(directory: Path, *nodes: str) -> str:
    quick = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", "--assert=plain"]
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", *quick, *nodes]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=directory,
        env={"PYTHONPATH": f"{_ROOT}:{directory}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return output.decode()


@pytest.mark.soak
async def test_a_wrong_provider_is_noticed(tmp_path: Path) -> None:
    nodes = []
    for number, (test, right, wrong) in enumerate(WRONG):
        _write(tmp_path, number, right, wrong)
        nodes.append(f"test_acme{number}.py::TestCallsBack::test_{test}")
    output = await _run(tmp_path, *nodes)
    outcomes = {line.split(" ")[1]: line.split(" ")[0] for line in output.splitlines() if "::" in line}
    unnoticed = [node for node in nodes if outcomes.get(node) not in ("FAILED", "ERROR")]
    assert not unnoticed, f"{unnoticed}\n{output}"


async def test_the_same_provider_without_a_fault_passes(tmp_path: Path) -> None:
    """Where the provider of the guide calls back; how else it passes is tested with the guide."""
    _write(tmp_path, 0, "async", "async")
    output = await _run(tmp_path, "test_acme0.py::TestCallsBack", "-k", "callbacks")
    assert "3 passed" in output, output
