"""Every limit an operator can set, in the `[limits]` table of `plugins.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
)


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UpdateLimits(_Limits):
    """How much one person may ask of the bot; admins are exempt."""

    actions_per_minute: PositiveFloat = 20
    """Messages and pressed buttons of one person; beyond that one polite notice, then silence."""
    burst: PositiveInt = 30
    """Actions that may come at once before the rate counts."""
    same_button_seconds: NonNegativeFloat = 2
    """The same button of the same message acts once within this many seconds."""
    dialogue_hours: PositiveFloat = 24
    """A dialogue is forgotten this many hours after its last step."""
    lanes: PositiveInt = 200
    """How many people are answered at the same time."""


class SendingLimits(_Limits):
    """How fast the bot may send, as Telegram allows it."""

    messages_per_second: PositiveFloat = 30
    """Messages over all chats."""
    chat_messages_per_second: PositiveFloat = 1
    """Messages to one chat, where they keep coming."""
    chat_burst: PositiveInt = 3
    """Messages to one chat that may go at once before the rate counts."""
    group_messages_per_minute: PositiveFloat = 20
    """Messages to one group."""
    progress_seconds: NonNegativeFloat = 3
    """The least time between two edits that show progress in one message."""
    longest_wait_seconds: PositiveFloat = 600
    """The longest wait asked for by Telegram that is obeyed; a longer one fails the send."""


class GenerationLimits(_Limits):
    """How much is generated at once, and how long it may take."""

    active_per_person: PositiveInt = 1
    """Generations of one person that are made at the same time."""
    queued_per_person: NonNegativeInt = 3
    """Further ones that may wait for those to end; with 0, an order is refused while all places are taken."""
    concurrent: PositiveInt = 20_000
    """Generations that one worker looks after at the same time; most of them wait for their providers."""
    deliveries: PositiveInt = 64
    """Results of one provider that one worker brings to Telegram at the same time."""
    deadline_minutes: PositiveFloat = 60
    """After this a generation that has not ended is expired and its price released."""
    unknown_minutes: PositiveFloat = 10
    """After this a status that nobody understands is told to the admins."""
    keep_result_hours: PositiveFloat = 72
    """How long a result waits for a person who blocked the bot."""
    originals: Literal["never", "on_demand", "always"] = "on_demand"
    """When people get the uncompressed file of a photo: behind every photo, when they ask, or not at all."""
    link_hours: Annotated[float, Field(gt=0, le=168)] = 24
    """How long a link holds to a file that is too large for Telegram."""


TimeLimit = Literal[
    "start_seconds",
    "stop_seconds",
    "handler_seconds",
    "pre_checkout_seconds",
    "hook_seconds",
    "image_seconds",
    "scheduled_seconds",
]
"""How long one call into a plugin may take: the key of `[limits.plugins]` that says it."""


class PluginLimits(_Limits):
    """How long a plugin's code may take, and when it is suspended. All times are seconds."""

    import_seconds: PositiveFloat = 20
    """A plugin has so long to be imported."""
    start_seconds: PositiveFloat = 20
    """A plugin has so long to start."""
    stop_seconds: PositiveFloat = 10
    """A plugin has so long to stop."""
    handler_seconds: PositiveFloat = 30
    """A plugin has so long for one update."""
    pre_checkout_seconds: PositiveFloat = 8
    """A plugin has so long to approve a payment; Telegram itself waits 10 seconds."""
    hook_seconds: PositiveFloat = 5
    """A plugin has so long for one hook."""
    image_seconds: PositiveFloat = 15
    """A plugin has so long to make another picture of a result's picture."""
    image_bytes: PositiveInt = 20_971_520
    """The size of a picture that plugins are shown, and of what they make of it."""
    drain_seconds: PositiveFloat = 10
    """How long running handlers may go on when their plugin is disabled."""
    cancel_seconds: PositiveFloat = 1
    """How long cancelled code may take to end before it is left to itself."""
    errors: PositiveInt = 10
    """A plugin is suspended at this many errors within the window."""
    errors_window_seconds: PositiveFloat = 300
    """How long that window is."""
    retry_seconds: NonNegativeFloat = 600
    """A suspended plugin tries again after this, after twice as long the next time, and so on; 0: never."""
    waiting_notifications: PositiveInt = 1000
    """Notifications that may wait for one plugin; more are dropped and count as errors."""
    follow_seconds: PositiveFloat = 1
    """How often each instance looks whether a plugin was switched."""
    blocking_seconds: PositiveFloat = 1
    """Code that holds up the event loop for longer is named; the third time its plugin is suspended."""
    scheduled_seconds: PositiveFloat = 600
    """How long one run of a scheduled task may take."""
    health_seconds: PositiveFloat = 60
    """How often plugins are asked whether all they depend on works."""
    concurrent: PositiveInt = 100
    """Handlers of one plugin that run at the same time; keep it below `limits.updates.lanes`."""
    busy_seconds: PositiveFloat = 2
    """How long a call waits for one of those places before the person is told to try again."""
    messages_per_second: PositiveFloat = 20
    """What one plugin may send of its own accord; the first 30 answers to an update are not counted."""
    waiting_messages: PositiveInt = 1000
    """Messages of one plugin that may wait for that; one more is an error."""
    rows: PositiveInt = 100_000
    """Rows that one plugin may keep in collections of its own."""
    memory_bytes: PositiveInt = 268_435_456
    """What one plugin may hold in memory; one that holds more is suspended."""
    metric_series: PositiveInt = 200
    """Combinations of labels that one metric of a plugin may have."""
    row_bytes: PositiveInt = 65_536
    """The size of one of them, or of a note about a person, as JSON."""
    stored_bytes: PositiveInt = 268_435_456
    """The size of all of them together, as JSON."""
    store_bytes: PositiveInt = 262_144
    """The size of all that one plugin keeps in `context.store`, as JSON."""

    def seconds(self, limit: TimeLimit) -> float:
        """How long that is."""
        return float(getattr(self, limit))


class InstanceLimits(_Limits):
    """How instances take turns. All times are seconds."""

    lease_seconds: PositiveFloat = 60
    """After this without a heartbeat another instance takes over."""
    heartbeat_seconds: PositiveFloat = 20
    """How often the one that has a lease renews it."""


class WebLimits(_Limits):
    """What the web server takes."""

    body_bytes: PositiveInt = 1_048_576
    """The largest body of a request."""


class Limits(_Limits):
    """All limits, by what they limit."""

    updates: UpdateLimits = Field(default_factory=UpdateLimits)
    sending: SendingLimits = Field(default_factory=SendingLimits)
    generation: GenerationLimits = Field(default_factory=GenerationLimits)
    plugins: PluginLimits = Field(default_factory=PluginLimits)
    instances: InstanceLimits = Field(default_factory=InstanceLimits)
    web: WebLimits = Field(default_factory=WebLimits)
