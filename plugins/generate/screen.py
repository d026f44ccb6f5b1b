"""A screen: a text with what stands below it, and what all screens share."""

from __future__ import annotations

from dataclasses import dataclass

from starloom.api import Button, Html, Job, Keyboard, Translator

_SHOWN_PROMPT = 300


@dataclass(frozen=True, slots=True)
class Screen:
    """A text as HTML, with what stands below it."""

    text: Html
    keyboard: Keyboard = ()


def shortened(prompt: str, most: int = _SHOWN_PROMPT) -> str:
    """A text as far as a screen shows it."""
    return prompt if len(prompt) <= most else f"{prompt[: most - 1]}…"


def models_button(t: Translator) -> Button:
    """The way back to the choice of a model."""
    return Button(t.plain("generate-other-model"), "models")


def drop_button(t: Translator) -> Button:
    """The way out."""
    return Button(t.plain("generate-drop"), "drop")


def stop_keyboard(t: Translator, job: Job) -> Keyboard:
    """The button that stops a job, as long as it can be stopped."""
    if not job.stoppable:
        return ()
    return ((Button(t.plain("generate-stop"), "stop", (job.id,), owner=job.user_id),),)
