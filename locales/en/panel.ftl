# What operators of the bot are told by the core. HTML: <b>, <i>, <code>.

admin-panel = ‹ Panel
admin-page-failed = This page cannot be shown just now; the others work. Its plugin’s errors stand on the plugins page.
team-not-yours = Only owners decide about roles. Nothing has changed.
team-configured = This owner stands in ADMIN_IDS, so the role can be changed there only. Nothing has changed.
team-nobody = They have no role any more. Nothing has changed.
broadcast-bad-file = This cannot go out to many: one photo, video, sound or file is fine, an album or a sticker is not. Nothing has been sent; send something else, or leave with /cancel.
broadcast-bad-text = A text of 1 to { $limit } characters is needed. Nothing has been sent.
team-letter = ✉️ A word from the people behind this bot:

    { $text }

    To answer: /support
ban-operator = This person operates the bot: an owner has to dismiss them first. Nothing has changed.
ban-reason = A ban needs a reason of at most { $limit } characters; the person reads it. Nothing has changed.
job-not-stopped = There is nothing to stop any more: it has ended, is being sent, or its provider cannot stop it. Nothing has changed.
job-is-over = This generation is over, and what was ordered is erased then; only its person can order it again. Nothing has changed.
support-answer = 💬 An answer from the people behind this bot:

    { $text }

    To write back: /support
support-bad-text = Please write 1 to { $limit } characters of text. Nothing has been sent.
maintenance-notice = Maintenance is under way: { $words }

    Nothing of yours is lost.
model-bad-price = A price is 1 Star or more, in whole Stars; a markup is a number above 0, at most 1000, such as <code>x2.5</code>. Nothing was changed.
