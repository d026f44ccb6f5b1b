"""A chat written down as a person would read it on the screen."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.people.views import Button, MediaView, MessageView

_INDENT = "    "
_MARKS = {"url": " ↗", "pay": " ⭐", "web_app": " ▣", "disabled": " ✕"}


def write_transcript(messages: Iterable[MessageView]) -> str:
    """Messages one below the other: who, text, media described, buttons; edited ones as they are now."""
    return "\n".join(_message(message) for message in messages)


def describe_media(media: MediaView) -> str:
    """A media in a few words, such as `video clip.mp4, 640x360, 4.0 s, 12.3 kB`."""
    parts = [f"{media.kind} {media.file_name}" if media.file_name else media.kind]
    if media.width and media.height:
        parts.append(f"{media.width}x{media.height}")
    if media.duration is not None:
        parts.append(f"{media.duration:.1f} s")
    if media.title or media.performer:
        parts.append(" – ".join(text for text in (media.performer, media.title) if text))
    parts.append(_size(media.size))
    return ", ".join(parts)


def _message(message: MessageView) -> str:
    if message.service is not None:
        service = message.service
        amount = f" {service.amount} {service.currency}" if service.amount is not None else ""
        return f"-- {message.sender_name}: {service.kind.replace('_', ' ')}{amount} --"
    parts = []
    if message.forwarded:
        parts.append("[forwarded]")
    if message.via:
        parts.append(f"[via @{message.via}]")
    if message.media is not None:
        parts.append(f"[{describe_media(message.media)}]")
    if message.invoice is not None:
        invoice = message.invoice
        paid = ", paid" if invoice.paid else ""
        parts.append(
            f"[invoice {invoice.title}: {invoice.description}, {invoice.amount} {invoice.currency}{paid}]"
        )
    if message.text:
        parts.append(message.text)
    if message.edited:
        parts.append("(edited)")
    body = " ".join(parts).replace("\n", f"\n{_INDENT}")
    lines = [f"{message.sender_name}: {body}"]
    lines += [_INDENT + " ".join(f"[{_label(button)}]" for button in row) for row in message.buttons]
    return "\n".join(lines)


def _label(button: Button) -> str:
    return button.label + _MARKS.get(button.kind, "")


def _size(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"
