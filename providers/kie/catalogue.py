"""Kie.ai's own list of models, and what it says that each costs.

Source: `GET /api/v1/models`, whose `pricingDesc` is prose, and the public price feed
`POST /client/v1/model-pricing/page` for the few models of which the list says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

from providers.kie.api import QUERY, KieApi, answer_of, status_of
from providers.kie.errors import asked_in_vain
from providers.kie.phrases import Phrases, Unreadable
from starloom.api import (
    Model,
    ProviderError,
    ProviderHttp,
    Reply,
    UpstreamList,
    UpstreamOffer,
    UpstreamReading,
)

_MODELS = "/api/v1/models"
_FEED = "/client/v1/model-pricing/page"
_PAGE = 100
"""Rows of one page of the feed; more are not given."""
_MOST_PAGES = 100
_LONGEST = 16 * 1024 * 1024
_LISTED_AS = {"veo": "veo-3-1", "flux-kontext": "flux1-kontext"}
"""What the list calls the models of an older API, by endpoint: all tiers are one entry there."""


class KieCatalogue:
    """Asks for the list, and compares it with the models of ours."""

    def __init__(self, http: ProviderHttp, api: KieApi, *, base: str, page: str) -> None:
        self._http = http
        self._api = api
        self._base = base.rstrip("/")
        self._page = page
        self._phrases = Phrases.read(Path(__file__).with_name("phrases.toml"))

    async def read(self, models: Sequence[Model], reading: UpstreamReading) -> UpstreamList:
        """The whole list, as far as it is about these models.

        Raises:
            ProviderError: it cannot be had, or is no such list.

        """
        asked = models[: reading.settings.most_models]
        texts = await self._texts(reading)
        rows: Mapping[str, Decimal] = {}
        if any(self._phrases.in_rows(model) and listed_as(model) in texts for model in asked):
            rows = await self._rows(reading)
        offers = {
            model.id: self._offer(model, texts[listed_as(model)], rows)
            for model in asked
            if listed_as(model) in texts
        }
        return UpstreamList(
            offers=offers,
            asked=frozenset(model.id for model in asked),
            listed=frozenset(texts),
            source=f"{self._base}{_MODELS}",
            page=self._page,
        )

    def _offer(self, model: Model, text: str, rows: Mapping[str, Decimal]) -> UpstreamOffer:
        try:
            if self._phrases.in_rows(model):
                return UpstreamOffer(self._phrases.price_of_rows(model, rows))
            return UpstreamOffer(self._phrases.price_in(model, text), text)
        except Unreadable as error:
            return UpstreamOffer(None, text, str(error))

    async def _texts(self, reading: UpstreamReading) -> Mapping[str, str]:
        """What is said of prices, by the list's own ids; empty where nothing is said."""

        async def ask() -> str:
            reply = await self._request("GET", _MODELS, reading, headers=self._api.headers)
            return json.dumps(_texts_of(_data_of(reply)))

        found: dict[str, str] = json.loads(await reading.answer("models", ask))
        return found

    async def _rows(self, reading: UpstreamReading) -> Mapping[str, Decimal]:
        """Credits by description, of all pages of the feed."""
        pages, rows = await self._rows_of(1, reading)
        more = await reading.together([self._rows_of(page, reading) for page in range(2, pages + 1)])
        return dict(_once(row for each in (rows, *(rows for _, rows in more)) for row in each))

    async def _rows_of(self, page: int, reading: UpstreamReading) -> tuple[int, list[tuple[str, Decimal]]]:
        async def ask() -> str:
            body = {"pageNum": page, "pageSize": _PAGE}
            reply = await self._request("POST", _FEED, reading, json=body)
            return json.dumps(_page_of(_data_of(reply)))

        pages, rows = json.loads(await reading.answer(f"feed-{page}", ask))
        return int(pages), [(description, Decimal(credits)) for description, credits in rows]

    async def _request(self, method: str, path: str, reading: UpstreamReading, **given: Any) -> Reply:
        return await self._http.request(
            method,
            f"{self._base}{path}",
            safe=True,
            limit=QUERY,
            seconds=reading.settings.timeout,
            longest=_LONGEST,
            status_of=status_of,
            **given,
        )


def listed_as(model: Model) -> str:
    """What Kie.ai's list calls a model of ours."""
    return _LISTED_AS.get(model.endpoint, model.upstream_id)


def _data_of(reply: Reply) -> dict[str, Any]:
    answer = answer_of(reply)
    if not answer.ok:
        raise asked_in_vain(answer.code)
    if not isinstance(answer.data, dict):
        raise ProviderError("the list is no table")
    return answer.data


def _texts_of(data: Mapping[str, Any]) -> dict[str, str]:
    entries = data.get("models")
    if not isinstance(entries, list) or not entries:
        raise ProviderError("the list has no models")
    if data.get("total") != len(entries):
        raise ProviderError("the list is not whole")
    found: dict[str, str] = {}
    for entry in entries:
        name = entry.get("model") if isinstance(entry, dict) else None
        text = entry.get("pricingDesc") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name or not (text is None or isinstance(text, str)):
            raise ProviderError("the list has an entry that is no model")
        found[name] = text or ""
    return found


def _page_of(data: Mapping[str, Any]) -> tuple[int, list[tuple[str, str]]]:
    records, pages = data.get("records"), data.get("pages")
    if not isinstance(records, list) or type(pages) is not int or not 0 < pages <= _MOST_PAGES:
        raise ProviderError("the price feed has no rows")
    rows = []
    for record in records:
        if not isinstance(record, dict):
            raise ProviderError("the price feed has a row that is none")
        description, credits = record.get("modelDescription"), record.get("creditPrice")
        if not isinstance(description, str) or not isinstance(credits, str):
            raise ProviderError("the price feed has a row without a price")
        if (number := _number(credits)) is not None:
            rows.append((" ".join(description.split()), str(number)))
    return pages, rows


def _number(written: str) -> Decimal | None:
    """A number of credits; None for what is none, as in rows about models of another kind."""
    try:
        number = Decimal(written.strip())
    except DecimalException:
        return None
    return number if number.is_finite() and number > 0 else None


def _once(rows: Iterable[tuple[str, Decimal]]) -> Iterable[tuple[str, Decimal]]:
    """Rows whose description has one price; what has two says nothing."""
    prices: dict[str, set[Decimal]] = {}
    for description, credits in rows:
        prices.setdefault(description, set()).add(credits)
    return ((description, found.pop()) for description, found in prices.items() if len(found) == 1)
