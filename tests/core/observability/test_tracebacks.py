"""What an operator reads of an error: whose line it is, and below it the line that raised."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from core.errors import PluginError
from core.observability.tracebacks import in_words


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "import json\n\njson.loads('{')",
            r"JSONDecodeError \(mine/joke_1\.py:3 <module>, in json/decoder\.py:\d+ raw_decode\)",
        ),
        ("def one():\n    two()\ndef two():\n    {}['x']\none()", r"KeyError \(mine/joke_2\.py:4 two\)"),
        (
            "from concurrent import futures as f\n"
            "with f.ThreadPoolExecutor() as p:\n    p.submit(lambda: 1 / 0).result()",
            r"ZeroDivisionError \(mine/joke_3\.py:3 <lambda>\)",
        ),
        ("from typing import Nobody", r"ImportError: .* \(mine/joke_4\.py:1 <module>\)"),
        ("from core.errors import PluginError\nraise PluginError('say what to do')", "say what to do"),
    ],
)
def test_the_line_is_that_of_whom_starloom_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, source: str, told: str
) -> None:
    name = f"joke_{request.node.callspec.indices['source'] + 1}"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "mine"))
    with pytest.raises((ArithmeticError, ValueError, KeyError, ImportError, PluginError)) as raised:
        importlib.import_module(name)
    error = raised.value
    assert error.__traceback__ is not None
    # The line of this test is nobody's whom Starloom called.
    words = in_words(error.with_traceback(error.__traceback__.tb_next))
    assert re.fullmatch(told, words), words


def test_what_nobody_raised_has_no_line() -> None:
    assert in_words(ValueError("a person's words")) == "ValueError"
