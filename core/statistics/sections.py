"""What plugins add to the statistics that people see."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import PluginError

TITLE_LENGTH = 36
"""A title stands on a button, behind a picture."""


@dataclass(frozen=True, slots=True)
class Section:
    """Figures of a plugin's own, in the viewer's language.

    `title` is plain text of at most 36 characters, `text` HTML of at most 900 as it is read.
    """

    title: str
    text: str


def section_of(answer: object, plugin: str) -> Section:
    """The section that a plugin has answered with.

    Raises:
        PluginError: it is none.

    """
    if not isinstance(answer, Section) or not 0 < len(answer.title) <= TITLE_LENGTH or not answer.text:
        raise PluginError(f"{plugin} answered {type(answer).__name__}; allowed: Section, None")
    return answer
