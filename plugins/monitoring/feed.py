"""What Starloom's own generations have to tell."""

from __future__ import annotations

from plugins.monitoring.part import Part
from starloom.api import FailureReason, Job, JobState, NotificationType, hookimpl, is_production

_TOLD = {
    JobState.SUBMITTED: NotificationType.VIDEO_STARTED,
    JobState.DELIVERED: NotificationType.VIDEO_COMPLETED,
    JobState.FAILED: NotificationType.VIDEO_FAILED,
    JobState.EXPIRED: NotificationType.VIDEO_FAILED,
}
_OF_PEOPLE = frozenset(
    {FailureReason.INPUT_REJECTED.value, FailureReason.SAFETY.value, "balance_short", "not_collected"}
)
"""Reasons that are about what somebody ordered, and nothing that an operator could mend."""


class Feed(Part):
    """Notifications of generations: all of the series', and those of people's that an operator could mend."""

    @hookimpl
    async def generation_changed(self, job: Job) -> None:
        """Queue what the change means to operators."""
        kind = _TOLD.get(job.state)
        if kind is None or not self._matters(job, kind):
            return
        details: dict[str, object] = {
            "model": job.model_id,
            "provider": job.provider,
        }
        if kind is NotificationType.VIDEO_FAILED:
            details["reason"] = job.failure or job.state.value
        else:
            details["request"] = job.id
        begun, ended = job.since(JobState.SUBMITTED), job.since(JobState.DELIVERED)
        if kind is NotificationType.VIDEO_COMPLETED and begun and ended:
            details["seconds"] = round((ended - begun).total_seconds())
            details["usd"] = float(job.cost_usd)
        await self.context.notifications.queue_notification(
            kind, details=details, key=f"job:{job.id}:{kind.value}"
        )

    def _matters(self, job: Job, kind: NotificationType) -> bool:
        if is_production(job) or self.config.everything_made:
            return True
        return kind is NotificationType.VIDEO_FAILED and job.failure not in _OF_PEOPLE
