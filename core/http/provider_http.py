"""What a provider speaks HTTP with: requests with retries, limits and breakers, and files as streams."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp.abc import AbstractResolver
from yarl import URL

from core.clock import Clock
from core.http.addresses import PUBLIC_ONLY, AddressPolicy
from core.http.breaker import BreakerSettings, Circuit
from core.http.connections import Connections, Timeouts
from core.http.fetching import Fetch, stream
from core.http.proxies import ProviderProxies
from core.http.rate_limits import RateLimit
from core.http.reply import BadReply, FetchRefused, NotResumed, NotSent, Reply, ReplyLost
from core.http.resuming import Passed, Tries
from core.http.retrying import TOO_MANY, Random, RetrySettings, asked_wait, is_fault, passes, wait_before
from core.http.sending import Body, Outgoing, Sieve, encoded, send
from core.observability.metrics import Metrics

_log = structlog.stdlib.get_logger(__name__)

LONGEST_REPLY = 4 * 1024 * 1024
"""Bytes of a reply, unless the caller allows another number."""
LONGEST_TURN = 30.0
"""Seconds that a request waits for its turn at a rate limit."""
DEFAULT_LIMIT = "default"

Renew = Callable[[], Awaitable[str]]
"""Asks for the present address of a file whose address has expired."""

StatusOf = Callable[[Reply], int]
"""Reads what a reply means where its HTTP status does not say, in the numbers of HTTP."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How patient the layer is."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    retries: RetrySettings = field(default_factory=RetrySettings)
    breaker: BreakerSettings = field(default_factory=BreakerSettings)


class HttpLayer:
    """The HTTP of one process: shared connections, and for each provider a face of its own.

    `policy` says where files may be fetched from; `resolver` and `random` are for tests.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        settings: HttpSettings | None = None,
        policy: AddressPolicy = PUBLIC_ONLY,
        metrics: Metrics | None = None,
        resolver: AbstractResolver | None = None,
        random: Random = random.random,
        proxies: ProviderProxies | None = None,
    ) -> None:
        self.clock = clock
        self.settings = settings or HttpSettings()
        self.metrics = metrics or Metrics()
        self.random = random
        self.sharers = 1
        """How many processes, with this one, use the providers' keys."""
        self._providers: dict[str, ProviderHttp] = {}
        self._limits: list[RateLimit] = []
        self.breaker_opened = asyncio.Event()
        """Set whenever a breaker opens, or stays open after another fault; whoever waits for it clears it."""
        self.connections = Connections(
            policy=policy, timeouts=self.settings.timeouts, resolver=resolver, proxies=proxies
        )

    def provider(self, name: str) -> ProviderHttp:
        """The face for one provider: one and the same, however often it is asked for."""
        if name not in self._providers:
            self._providers[name] = ProviderHttp(name, self)
        return self._providers[name]

    def is_open(self, provider: str, model: str = "") -> bool:
        """Whether requests to a provider for a model are held back just now; see `ProviderHttp.open_for`."""
        face = self._providers.get(provider)
        return face is not None and face.open_for(model)

    def share(self, sharers: int, *, joining: bool = False) -> None:
        """Keep to an equal part of every rate limit among so many processes; see `RateLimit.share`."""
        self.sharers = sharers
        for limit in self._limits:
            limit.share(sharers, joining=joining)

    def rate_limit(self, *, calls: int, seconds: float) -> RateLimit:
        """A limit of a provider's key, of which this process keeps to its part."""
        limit = RateLimit(self.clock, calls=calls, seconds=seconds, longest=LONGEST_TURN)
        limit.share(self.sharers)
        self._limits.append(limit)
        return limit

    async def close(self) -> None:
        """Close all connections."""
        await self.connections.close()


class ProviderHttp:
    """HTTP for one provider.

    The statuses of replies are not turned into exceptions: the provider reads them. What is raised is always
    a ProviderError: `NotSent` where the request surely did not reach the provider, `ReplyLost` where nobody
    knows. Bodies, keys and prompts are never logged.
    """

    def __init__(self, name: str, layer: HttpLayer) -> None:
        self.name = name
        self._layer = layer
        self._clock = layer.clock
        self._limits: dict[str, RateLimit] = {}
        self._circuit = Circuit(name, layer.clock, layer.settings.breaker, self._breaker_changed)

    def limits(self, name: str, *, calls: int, seconds: float) -> None:
        """Declare a rate limit: at most `calls` in any `seconds`. Requests name it; `default` is everybody's.

        It is the limit of the whole key: the workers of all processes share it equally by themselves.
        """
        self._limits[name] = self._layer.rate_limit(calls=calls, seconds=seconds)

    def limit(self, name: str = DEFAULT_LIMIT) -> RateLimit | None:
        """A rate limit that was declared, for what is not done by `request`; None without one."""
        return self._limits.get(name)

    def open_for(self, model: str = "") -> bool:
        """Whether requests for the model (or any, if none is named) would be held back just now.

        That is so after many faults in a row, until a wait is over and one request may try.
        """
        return self._circuit.is_open(model)

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: Body = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool,
        limit: str = DEFAULT_LIMIT,
        model: str = "",
        request_id: str = "",
        seconds: float | None = None,
        longest: int = LONGEST_REPLY,
        status_of: StatusOf | None = None,
        sieve: Callable[[], Sieve] | None = None,
        named_by_others: bool = False,
    ) -> Reply:
        """Make a request and read the whole reply; redirects are not followed.

        `data` is bytes, the fields of a form, or a function that makes the body anew for each attempt, as one
        that streams must be (`aiohttp.FormData`, say); `json` is sent as JSON.
        `safe` says that making it twice does no harm: then it is tried again after a lost reply, a 429 and
        statuses from 500 on, with `Retry-After` observed. Otherwise only after it surely was not sent.
        `seconds` is how long one attempt may take, `longest` the most bytes of the reply. `model` is for the
        breaker, `request_id` for the log where it is not that of the job in hand. `status_of` reads the real
        status of providers that answer 200 with an error inside, for retries and breakers; the reply comes
        back as it is. `sieve` is for replies that carry whole files: it makes, for each attempt, what takes
        the bytes and answers those to be kept. `named_by_others` says that the address came in a reply: then
        it must be a public one, as those of files must.

        Raises:
            NotSent: it surely did not reach the provider; there is no connection, its breaker is open, or
                its turn at the rate limit would come too late.
            ReplyLost: it may have reached the provider.
            BadReply: the reply is longer than allowed; a ReplyLost as well.

        """
        given = dict(headers or {})
        if json is not None:
            given.setdefault("Content-Type", "application/json")
            data = encoded(json)
        outgoing = Outgoing(
            method=method,
            url=str(URL(url).update_query(params)) if params else url,
            headers=given,
            body=data,
            seconds=seconds or self._layer.settings.timeouts.reply,
            longest=longest,
            sieve=sieve,
        )
        call = _Call(
            outgoing,
            safe=safe,
            limit=limit,
            model=model,
            request_id=request_id or _current_request(),
            status_of=status_of,
            public_only=named_by_others,
        )
        return await self._with_retries(call)

    def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        request_id: str = "",
        renew: Renew | None = None,
    ) -> Fetch:
        """The bytes of a file, as they arrive, from a public address; see `Fetch` for what is raised.

        `headers` go to the address itself and are not taken along to another server. Where the address has
        expired (401, 403, 404, 410), `renew` is asked for another, and the download goes on there.
        """
        about = request_id or _current_request()
        return Fetch(lambda fetch: self._fetched(url, headers or {}, about, fetch, renew))

    async def _with_retries(self, call: _Call) -> Reply:
        settings = self._layer.settings.retries
        attempt = 1
        while True:
            last = attempt >= settings.attempts
            try:
                reply = await self._attempt(call)
            except (NotSent, ReplyLost) as error:
                if last or not call.may_repeat(error):
                    raise
                wait = 0.0
            else:
                asked = asked_wait(reply.headers, self._clock.now()) or 0.0
                status = call.status(reply)
                if status == TOO_MANY and (limit := self.limit(call.limit)) is not None:
                    limit.hold(min(asked, settings.longest_wait))
                if last or not call.safe or not passes(status) or asked > settings.longest_wait:
                    return reply
                wait = asked
            self._layer.metrics.http_retries.labels(self.name).inc()
            await self._clock.sleep(wait + wait_before(attempt, settings, self._layer.random))
            attempt += 1

    async def _attempt(self, call: _Call) -> Reply:
        self._circuit.check(call.model)
        await self._turn(call.limit)
        connections = self._layer.connections
        if call.public_only:
            session = connections.public()
        else:
            session = connections.kept() if call.safe else connections.fresh()
        begun = self._clock.monotonic()
        result = "broken_off"
        try:
            with self._circuit.calling(call.model) as outcome:
                try:
                    reply = await send(session, call.outgoing)
                except (NotSent, ReplyLost) as error:
                    outcome.fault = True
                    result = _name_of(error)
                    raise
                status = call.status(reply)
                outcome.fault = is_fault(status)
                result = str(status)
                return reply
        finally:
            self._note(call, result, self._clock.monotonic() - begun)

    async def _turn(self, name: str) -> None:
        limit = self._limits.get(name)
        if limit is not None:
            waited = await limit.turn()
            self._layer.metrics.http_limit_wait_seconds.labels(self.name, name).observe(waited)
        elif name != DEFAULT_LIMIT:
            raise ValueError(f"no rate limit {name!r} was declared")

    async def _fetched(
        self, url: str, headers: Mapping[str, str], request_id: str, fetch: Fetch, renew: Renew | None
    ) -> AsyncIterator[bytes]:
        passed, result = Passed(), "broken_off"
        tries = Tries(self._layer.settings.retries.attempts, renewable=renew is not None)
        begun = self._clock.monotonic()
        try:
            while True:
                try:
                    async for chunk in stream(
                        self._layer.connections.public(),
                        url,
                        headers=headers,
                        silence=self._layer.settings.timeouts.silence,
                        fetch=fetch,
                        passed=passed,
                    ):
                        yield chunk
                    result = "200"
                    return
                except (NotSent, ReplyLost, FetchRefused) as error:
                    result = _name_of(error)
                    tries.failed(error, passed)
                    if renew is not None and tries.renewing:
                        url = await renew()
                        continue
                wait = wait_before(tries.vain, self._layer.settings.retries, self._layer.random)
                await self._clock.sleep(wait)
        finally:
            self._layer.metrics.http_fetched_bytes.labels(self.name).inc(passed.bytes)
            _log.info(
                "file fetched",
                provider=self.name,
                request_id=request_id,
                result=result,
                bytes=passed.bytes,
                resumed=tries.resumed,
                seconds=round(self._clock.monotonic() - begun, 3),
            )

    def _note(self, call: _Call, result: str, seconds: float) -> None:
        metrics, method = self._layer.metrics, call.outgoing.method
        metrics.http_requests.labels(self.name, method, result).inc()
        metrics.http_request_seconds.labels(self.name, method).observe(seconds)
        write = _log.debug if result.startswith("2") and call.safe else _log.info
        write(
            "request",
            provider=self.name,
            request_id=call.request_id,
            method=method,
            path=call.outgoing.path,
            status=result,
            seconds=round(seconds, 3),
        )

    def _breaker_changed(self, model: str, is_open: bool) -> None:
        self._layer.metrics.http_breaker_open.labels(self.name, model).set(is_open)
        if is_open:
            self._layer.breaker_opened.set()


@dataclass(frozen=True, slots=True)
class _Call:
    """A request with how it may be made."""

    outgoing: Outgoing
    safe: bool
    limit: str
    model: str
    request_id: str
    status_of: StatusOf | None
    public_only: bool

    def status(self, reply: Reply) -> int:
        """What the reply means; its own status where the provider's reading of it fails."""
        if self.status_of is None:
            return reply.status
        try:
            return self.status_of(reply)
        except Exception:
            # The provider meets the same reply right after this, and says what it is.
            return reply.status

    def may_repeat(self, error: NotSent | ReplyLost) -> bool:
        """Whether the request may be made again after an error."""
        return error.again if isinstance(error, NotSent) else self.safe and not isinstance(error, BadReply)


def _current_request() -> str:
    """The id that the pipeline gave to everything that is logged just now."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _name_of(error: Exception) -> str:
    names: dict[type[Exception], str] = {
        NotSent: "not_sent",
        ReplyLost: "lost",
        BadReply: "unreadable",
        NotResumed: "not_resumed",
        FetchRefused: "refused",
    }
    return names.get(type(error), type(error).__name__)
