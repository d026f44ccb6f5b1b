"""Reads Kie.ai's prices, which it tells in prose: in the known phrases exactly, and in no other.

`phrases.toml` has the phrases as `skeleton` leaves them: without money, percents and marks, with `{}` where
credits stand. For each of our models that a phrase is about it names the parts of the price that the credits
are for, one after the other:

    _            nothing of this model
    usd          the price itself, where it is one number
    720p/true    an entry of the price's table; several with spaces between
    extra        the surcharge for further files
    usd*6        six times as much

`rows` are for models whose price stands in the public price feed alone: the descriptions there.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from starloom.api import Model, Price

CREDIT_USD = Decimal("0.005")
_PRICE: TypeAdapter[Price] = TypeAdapter(Price)
_NOTHING, _FLAT, _EXTRA = "_", "usd", "extra"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_TAIL = "high-tier"
"""Begins what is said of discounts for large top-ups, which are not ours to count on."""
_LIMITED = re.compile(r"limited[- ]time|\bpromotion|\bdiscounted\b")
_CREDITS = re.compile(rf"({_NUMBER}(?:/{_NUMBER})*)(?= (?:kie )?credits?\b)")
_DOLLARS = re.compile(rf"(?:[~≈=]\s*)?(?:us\s*)?\$\s*({_NUMBER})(?:\s*/\s*(?:s|image))?")
_PERCENT = re.compile(r"~?\s*\d+(?:\.\d+)?(?:\s*-\s*\d+(?:\.\d+)?)?\s*%\s*\+?")
_TOLERANCE = Decimal("0.05")
"""How far the dollars beside credits may be off, as a share: they are rounded there."""
_SMALLEST = Decimal("0.0006")


class Unreadable(Exception):
    """A price is told in no known way. The text says why, for operators."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A text about prices without its numbers, and these apart."""

    text: str
    credits: tuple[Decimal, ...]
    dollars: tuple[Decimal, ...]


def skeleton(text: str) -> Skeleton:
    """What is left of a text when everything is taken out that may differ without a meaning."""
    plain = unicodedata.normalize("NFKC", text).casefold().partition(_TAIL)[0]
    plain = re.sub(r"[‐-―−]", "-", plain).replace("。", ".")
    plain = "".join(
        " " if unicodedata.category(sign) in ("So", "Po") and sign == "•" else sign for sign in plain
    )
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "So")
    dollars = tuple(_decimal(found) for found in _DOLLARS.findall(plain))
    plain = _PERCENT.sub(" % ", _DOLLARS.sub("", plain))
    plain = re.sub(r"\(\s*[,/\s]*", "(", plain)
    plain = re.sub(r"\(\s*\)", "", plain)
    plain = re.sub(r"(\d)\s+(p|k|s)\b", r"\1\2", plain)
    plain = re.sub(r"\s*([/|])\s*", r"\1", plain)
    plain = re.sub(r"\s+", " ", plain)
    plain = re.sub(r"\s+([,.;:)])", r"\1", plain).strip(" .;,")
    numbers: list[Decimal] = []

    def take(found: re.Match[str]) -> str:
        given = found[1].split("/")
        numbers.extend(map(_decimal, given))
        return "/".join("{}" for _ in given)

    return Skeleton(_CREDITS.sub(take, plain), tuple(numbers), dollars)


class Phrases:
    """The phrases that are known, by the models that they are about."""

    def __init__(
        self, texts: Mapping[str, Mapping[str, Sequence[str]]], rows: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._texts = texts
        self._rows = rows

    @classmethod
    def read(cls, path: Path) -> Phrases:
        """The phrases of a file."""
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        texts: dict[str, dict[str, Sequence[str]]] = {}
        for phrase in data["phrases"]:
            for model_id, parts in phrase["models"].items():
                texts.setdefault(model_id, {})[phrase["text"]] = parts
        rows = {each["model"]: each["parts"] for each in data["rows"]}
        return cls(texts, rows)

    def in_rows(self, model: Model) -> bool:
        """Whether the model's price stands in the price feed alone."""
        return model.id in self._rows

    def price_in(self, model: Model, text: str) -> Price:
        """What a text says that the model costs.

        Raises:
            Unreadable: it says it in no known way.

        """
        if _LIMITED.search(unicodedata.normalize("NFKC", text).casefold()):
            raise Unreadable("the price is for a limited time")
        found = skeleton(text)
        parts = self._texts.get(model.id, {}).get(found.text)
        if parts is None or len(parts) != len(found.credits):
            raise Unreadable("the price is told in unknown words")
        if len(found.credits) == len(found.dollars):
            for credits, dollars in zip(found.credits, found.dollars, strict=True):
                _compare(credits, dollars)
        return _priced(model, zip(parts, found.credits, strict=True))

    def price_of_rows(self, model: Model, rows: Mapping[str, Decimal]) -> Price:
        """What the rows of the price feed, credits by description, say that the model costs.

        Raises:
            Unreadable: a row is missing.

        """
        parts = self._rows[model.id]
        missing = sorted(set(parts) - rows.keys())
        if missing:
            raise Unreadable(f"the price feed has no row {missing[0]}")
        return _priced(model, [(part, rows[description]) for description, part in parts.items()])


def _priced(model: Model, given: Any) -> Price:
    """The model's price rule with other numbers."""
    values: dict[str, Decimal] = {}
    for parts, credits in given:
        for part in str(parts).split():
            name, _, times = part.partition("*")
            usd = credits * CREDIT_USD * Decimal(times or 1)
            if values.setdefault(name, usd) != usd and name != _NOTHING:
                raise Unreadable(f"{name} has two prices")
    values.pop(_NOTHING, None)
    rule = model.price.model_dump()
    surcharge, extra = rule["surcharge"], values.pop(_EXTRA, None)
    if (surcharge is None) != (extra is None):
        raise Unreadable("the surcharge is missing or new")
    if surcharge is not None:
        surcharge["usd"] = extra
    table = rule["usd"] if isinstance(rule["usd"], dict) else None
    if values.keys() != (table.keys() if table is not None else {_FLAT}):
        raise Unreadable("the price has other parts")
    rule["usd"] = values if table is not None else values[_FLAT]
    try:
        return _PRICE.validate_python(rule)
    except ValidationError as error:
        raise Unreadable("the price is not above zero") from error


def _compare(credits: Decimal, dollars: Decimal) -> None:
    if abs(credits * CREDIT_USD - dollars) > max(dollars * _TOLERANCE, _SMALLEST):
        raise Unreadable(f"{credits} credits are not ${dollars}")


def _decimal(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))
