"""What can be wrong with texts, in sentences: keys and variables that differ, keys that another one has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.fluent_texts import Text

OF_PROVIDER = "providers."
"""How the owner of a provider's texts begins: a plugin may have the provider's name."""


@dataclass(frozen=True, slots=True)
class LocaleProblem:
    """Something wrong with a bundle; `str()` gives a sentence for the operator.

    `blocking` marks a text that is not there because of it; the others are differences between languages.
    """

    owner: str
    language: str
    key: str
    what: str
    blocking: bool = False

    def __str__(self) -> str:
        where = f"{self.owner}, language {self.language}"
        return f"{where}: {self.key}: {self.what}" if self.key else f"{where}: {self.what}"


def differences(
    owner: str, texts: Mapping[str, Mapping[str, Text]], fallback: str
) -> Iterable[LocaleProblem]:
    """Where the languages of one owner differ in their keys, or in the variables of one."""
    if not texts:
        return
    model = texts.get(fallback) or next(iter(texts.values()))
    for language, known in texts.items():
        for key in sorted(set().union(*texts.values()) - set(known)):
            yield LocaleProblem(owner, language, key, "the key is missing")
        for key, text in known.items():
            original = model.get(key)
            if original is not None and text.variables != original.variables:
                yield LocaleProblem(
                    owner,
                    language,
                    key,
                    f"the variables are {_listed(text.variables)}; elsewhere {_listed(original.variables)}",
                )


def _listed(variables: Iterable[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(variables)) or "none"


def advice(owner: str, key: str) -> str:
    """How the owner of a key is to call it, so that nobody else does."""
    name = owner.removeprefix(OF_PROVIDER)
    if key.startswith(("option-", "value-")):
        return (
            f"give the option a title of its own, such as option-{name}-speed; "
            f"its values are value-{name}-speed-fast then"
        )
    return f"let the keys of {owner} begin with {name}-"
