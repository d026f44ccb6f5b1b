"""What was said so far in the dialogue, as it is kept between two messages."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from starloom.api import (
    Dialogue,
    Facts,
    GivenFile,
    IncomingMedia,
    MediaInput,
    MediaKind,
    Model,
    Source,
    UserFacingError,
)

_FILES, _ORDERED = "files", "ordered_files"
NEW = -1
"""The `screen` of a dialogue whose next screen comes in a message of its own."""
_FOR = "for"
"""Where a source says which media input it was taken for."""


@dataclass(frozen=True, slots=True)
class Said:
    """The state of the dialogue.

    `files` were taken for media inputs of `model`, in their order; with `ordered` an invoice has them too,
    and they outlive the dialogue. `sources` are the files of Telegram's that those were made of. `offered`
    are files of Telegram's that were sent before a model was chosen, `spare` those that the model has no use
    for.
    `source` is the earlier result that the model goes on from: its `job_id` and the `number` of the file,
    which `file` it is for people where there are several, the `maker`'s model id, its length in `seconds`,
    and the `options` that an order begins with.
    `passed` are media inputs, and `prompt` among them, that the person wants to leave empty. `field` is the
    media input that is asked for, `option` the one whose value is to be written. `album` came last, and
    `album_message` answers it. `seen` are the messages whose files were taken. `words` is the message that
    the prompt came in, `preset` the name of the one that it was taken from. `query` are the words that models
    are looked for by. `screen` is the message that shows where the dialogue stands, in the chat `chat`.
    `stars` and `draft` are those of the confirmation.
    """

    model: str = ""
    prompt: str = ""
    files: tuple[Mapping[str, Any], ...] = ()
    ordered: bool = False
    sources: tuple[Mapping[str, Any], ...] = ()
    offered: tuple[Mapping[str, Any], ...] = ()
    spare: tuple[Mapping[str, Any], ...] = ()
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    source: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    passed: tuple[str, ...] = ()
    field: str = ""
    option: str = ""
    album: int = 0
    album_message: int = 0
    seen: tuple[int, ...] = ()
    words: int = 0
    preset: str = ""
    query: str = ""
    chat: int = 0
    screen: int = 0
    stars: int = 0
    draft: str = ""

    @classmethod
    def of(cls, dialogue: Dialogue | None) -> Self:
        """What a dialogue has kept."""
        kept = dict(dialogue.data) if dialogue is not None else {}
        files = kept.pop(_ORDERED, ()) or kept.pop(_FILES, ())
        names = {field.name for field in dataclasses.fields(cls)}
        values = {name: value for name, value in kept.items() if name in names}
        for name in ("sources", "offered", "spare", "passed", "seen"):
            values[name] = tuple(values.get(name, ()))
        return cls(**{**values, "files": tuple(files)})

    def kept(self) -> dict[str, Any]:
        """The state as JSON-like values, without what is empty."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        files = values.pop("files")
        values[_ORDERED if self.ordered else _FILES] = [dict(given) for given in files]
        for name in ("sources", "offered", "spare"):
            values[name] = [dict(given) for given in getattr(self, name)]
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value
        }

    def with_file(self, file: GivenFile, source: IncomingMedia, message_id: int = 0) -> Self:
        """With one more file, made of what came in this message."""
        seen = (*self.seen, message_id) if message_id else self.seen
        sources = (*self.sources, {**offered(source), _FOR: file.field})
        return dataclasses.replace(self, files=(*self.files, file.kept()), sources=sources, seen=seen)

    def without(self, field: str) -> Self:
        """Without the files of a media input."""
        kept = tuple(given for given in self.files if given["field"] != field)
        sources = tuple(source for source in self.sources if source[_FOR] != field)
        return dataclasses.replace(self, files=kept, sources=sources)

    def for_other_model(self) -> Self:
        """What another model can be chosen for: the words, and all files as they were sent."""
        return type(self)(
            prompt=self.prompt,
            preset=self.preset,
            words=self.words,
            offered=(*self.sources, *self.offered),
            seen=self.seen,
            album=self.album,
            query=self.query,
            chat=self.chat,
            screen=self.screen,
        )

    @property
    def taken_source(self) -> Source | None:
        """The earlier result that is gone on from."""
        return Source(self.source["job_id"], self.source["number"]) if self.source else None

    @property
    def source_seconds(self) -> float:
        """How long that is, in seconds; 0 where it is not known, or there is none."""
        return float(self.source.get("seconds", 0.0))

    def facts(self) -> Facts:
        """What the price may depend on."""
        return Facts.of(self.prompt, self.files)

    def count(self, field: str) -> int:
        """How many files a media input has."""
        return sum(given["field"] == field for given in self.files)


def open_inputs(model: Model, said: Said) -> tuple[MediaInput, ...]:
    """The media inputs that can have (more) files, beside those that have some already."""
    shut: set[str] = set()
    for group in model.exclusive:
        if any(said.count(name) for name in group):
            shut.update(name for name in group if not said.count(name))
    return tuple(
        given for given in model.media if given.field not in shut and said.count(given.field) < given.most
    )


def wanted_inputs(model: Model, said: Said) -> tuple[MediaInput, ...]:
    """The media inputs that must have files, or one of which must; the first that is missing."""
    for given in model.media:
        if said.count(given.field) < given.least:
            return (given,)
    for group in model.one_of:
        if not any(said.count(name) for name in group):
            return tuple(given for given in open_inputs(model, said) if given.field in group)
    return ()


def optional_inputs(model: Model, said: Said) -> tuple[MediaInput, ...]:
    """The media inputs that may have files and have none, unless the person wants to leave them so."""
    return tuple(
        given
        for given in open_inputs(model, said)
        if not said.count(given.field) and given.field not in said.passed
    )


def fits(model: Model, said: Said) -> bool:
    """Whether the files go with the model and its other choices."""
    try:
        model.check_inputs(said.facts().counts, model.check_options(said.options))
    except UserFacingError:
        return False
    return True


def offered(media: IncomingMedia) -> dict[str, Any]:
    """A file of Telegram's as the dialogue keeps it."""
    return {**dataclasses.asdict(media), "kind": media.kind.value}


def offered_from(kept: Mapping[str, Any]) -> IncomingMedia:
    """The file of Telegram's that `offered` made it of."""
    values = {name: value for name, value in kept.items() if name != _FOR}
    return IncomingMedia(**{**values, "kind": MediaKind(kept["kind"])})


def meant_for(kept: Mapping[str, Any]) -> str:
    """The media input that a file was given for before, if it was for any."""
    return str(kept.get(_FOR, ""))
