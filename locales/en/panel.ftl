# What operators of the bot are told by the core. HTML: <b>, <i>, <code>.

admin-panel = ‹ Panel
admin-page-failed = This page cannot be shown just now; the others work. Its plugin’s errors stand on the plugins page.
team-not-yours = Only owners decide about roles. Nothing has changed.
team-configured = This owner stands in ADMIN_IDS, so the role can be changed there only. Nothing has changed.
team-nobody = They have no role any more. Nothing has changed.
