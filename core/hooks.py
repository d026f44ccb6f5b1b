"""The hooks that plugins may implement, all of them `async`.

Four kinds. A *notification* tells every plugin that something happened; what a plugin raises there is
counted and logged and reaches nobody else. A *decision* asks every plugin whether something may happen; a
plugin that fails or is late there counts as a refusal, and the first refusal wins. A *collection* asks every
plugin for its share of something; one that fails or is late has none. A *transformation* hands something from
plugin to plugin, each of which may make something else of it; one that fails or is late leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.admin.pages import AdminPage
from core.generation.job import Job
from core.generation.progress import DeliveryProgress
from core.notifications.notification import Notification
from core.plugin import hookspec
from core.plugin_views import MenuPlace
from core.plugins.status import Unhealthy
from core.statistics.periods import Period
from core.statistics.sections import Section
from core.telegram.types import Keyboard
from core.users import User

NOTIFICATION = "notification"
DECISION = "decision"
COLLECTION = "collection"
TRANSFORMATION = "transformation"
NEEDED_GRANTS: dict[str, str] = {"price_for": "billing"}
"""What a plugin must be granted to implement a hook."""

KINDS: dict[str, str] = {}
"""What kind each hook is of, by its name."""

_SpecT = TypeVar("_SpecT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision against something. `key` is a message key of the plugin's bundle with its variables."""

    key: str
    variables: dict[str, object] = field(default_factory=dict)


def _notification(specification: _SpecT) -> _SpecT:
    KINDS[specification.__name__] = NOTIFICATION
    return hookspec(specification)


def _decision(specification: _SpecT) -> _SpecT:
    KINDS[specification.__name__] = DECISION
    return hookspec(specification)


def _collection(specification: _SpecT) -> _SpecT:
    KINDS[specification.__name__] = COLLECTION
    return hookspec(specification)


def _transformation(specification: _SpecT) -> _SpecT:
    KINDS[specification.__name__] = TRANSFORMATION
    return hookspec(specification)


class HookSpecifications:
    """One method a hook; the docstring is its reference.

    An implementation is `async`, carries `@hookimpl`, and takes the arguments it needs by these names.
    """

    @_notification
    async def person_arrived(self, user: User) -> None:
        """Notification: somebody wrote to the bot for the first time."""

    @_notification
    async def generation_changed(self, job: Job) -> None:
        """Notification: a job entered another state, `job.state`. The same change may be told twice."""

    @_notification
    async def generation_slow(self, job: Job) -> None:
        """Notification: a job has been running for much longer than its model usually takes, and goes on.

        Told again where another instance has taken the job over: send with a durable key, so that the person
        hears it once.
        """

    @_notification
    async def delivery_progress(self, job: Job, progress: DeliveryProgress) -> None:
        """Notification: how far a result is on its way to Telegram.

        Told at most every three seconds, and only when something has changed.
        """

    @_notification
    async def operators_notified(self, notification: Notification) -> None:
        """Notification: operators are about to be told of something; its `severity` says how bad it is.

        It comes once for each notification, however many are told as one. After a crash one may come twice.
        """

    @_collection
    async def result_keyboard(self, job: Job) -> Keyboard | None:
        """Collection: the buttons of this plugin below a result that is about to be sent; None for none.

        The rows of several plugins stand one below the other. Asked again when a send has to be repeated.
        An album takes no buttons: there they go with a short message below it.
        """
        return None

    @_collection
    async def menu_entries(self, user: User, place: MenuPlace) -> Keyboard | None:
        """Collection: the buttons of this plugin below `/start` or in `/settings`; None for none.

        Asked each time one of the two is shown to a person, in whose language the buttons are to be
        (`context.catalogue.translator(user.language or user.telegram_language)`).
        """
        return None

    @_collection
    async def statistics_section(self, viewer: User, period: Period) -> Section | None:
        """Collection: what this plugin adds to `/stats`, in the viewer's language; None for nothing."""
        return None

    @_collection
    async def admin_pages(self) -> Sequence[AdminPage] | None:
        """Collection: the pages that this plugin adds to `/admin`, which lists them by role."""
        return None

    @_collection
    async def check_health(self) -> Unhealthy | None:
        """Collection: what does not work of all that this plugin depends on (a server, a key); or None.

        Asked every minute in each instance. It is shown in `/plugins` and in the metrics; found twice in a
        row it is told to the admins, once, and its end as well. Raising, or taking longer than a hook may,
        tells that the check itself failed. It is no error of the plugin's, and the bot stays ready.
        """
        return None

    @_collection
    async def export_person(self, user: User) -> Mapping[str, Any] | None:
        """Collection: what this plugin keeps about a person, for the copy of their data that they asked for.

        JSON-like values and times; None for nothing. What stands in the person's settings is told already.
        """
        return None

    @_collection
    async def erase_person(self, user: User) -> None:
        """Collection: erase what this plugin keeps about a person, who has asked for it.

        Called again after a failure, for a day, then with nothing but the person's id in `user`; it must then
        do the rest. A plugin that is off is not called.
        """

    @_decision
    async def may_generate(
        self, user: User, model_id: str, prompt: str, options: dict[str, Any]
    ) -> Refusal | None:
        """Decision: may this person generate this? Asked before any money is held; None allows it."""
        return None

    @_decision
    async def may_deliver(self, job: Job) -> Refusal | None:
        """Decision: may this result go to the person who ordered it? Asked before anything of it is sent.

        `job.results` says where its files are. None allows it. A refusal gives the Stars back, and the person
        is told that the result was withheld; its key is for the log. Asked again after a crash.
        """
        return None

    @_transformation
    async def rewrite_prompt(self, user: User, model_id: str, prompt: str) -> str | None:
        """Transformation: what the provider is asked instead of these words; None leaves them.

        Asked before `may_generate`, which decides on what is asked in the end. The price stays that of the
        person's own words. What the model does not take (it is too long, say) is passed over.
        """
        return None

    @_transformation
    async def rewrite_image(self, job: Job, number: int, image: bytes) -> bytes | None:
        """Transformation: what is delivered in the place of a picture, with a watermark, say; None leaves it.

        Asked of each picture (PNG, JPEG, WebP) of a result on its way to Telegram: the one in
        `job.results[number]`. A picture has at most 20 MiB, the answer too, and the hook 15 seconds: hand the
        work to `asyncio.to_thread`. A picture that is larger, and one with which a plugin fails, is late, or
        answers with no picture, is delivered as it was. Asked again after a crash.
        """
        return None

    @_transformation
    async def price_for(self, user: User, model_id: str, stars: int) -> int | None:
        """Transformation: what one generation costs this person, in whole Stars; None leaves the price.

        Needs `grants = ["billing"]`. Asked wherever a price is shown to somebody, and once more before it is
        held; where it is another one then, the person is asked again. What is free stays free, and the same
        question must have the same answer for some minutes. It is between 1 and 1,000,000,000 Stars.
        """
        return None

    @_decision
    async def may_redeem(self, user_id: int, code: str) -> Refusal | None:
        """Decision: may this person redeem this promo code? Asked before it is taken; None allows it.

        `code` is in capitals. Who has redeemed it already is not asked about again.
        """
        return None
