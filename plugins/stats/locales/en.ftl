help-of-stats = 📊 Statistics
stats-command = Everybody’s statistics
stats-command-mine = Your own statistics
stats-title = Statistics
stats-title-mine = Your statistics
stats-span-all = All time
stats-head = 📊 <b>{ $title }</b> · { $span }
stats-number = { $number }
stats-share = { $percent }%
stats-share-none = –
stats-rank = { $count } · { $share }

stats-period-today = Today
stats-period-week = 7 days
stats-period-month = 30 days
stats-period-all = All time
stats-chosen = • { $label } •
stats-more = ➕ { $title }
stats-back = ‹ Back

stats-by-hour = By hour
stats-by-day = By day
stats-by-month = By month
stats-by-model = By model
stats-delivered = delivered
stats-failed = failed
stats-stopped = stopped
stats-other-models = { $count ->
    [one] { $count } more model
   *[other] { $count } more models
}
stats-empty = Nothing was generated in this time.
stats-empty-mine = You have not generated anything in this time. /generate is the way to begin.

stats-line-delivered = ✅ Delivered: <b>{ $count }</b> ({ $share } success)
stats-line-failed = ❌ Failed: { $count }
stats-line-stopped = ⏹ Stopped: { $count }
stats-model = { $name } — { $count }
stats-line-models = 🏆 { $models }
stats-line-people = 👥 { $count ->
    [one] { $count } person
   *[other] { $count } people
}, { $newcomers } for the first time
stats-line-people-all = 👥 { $count ->
    [one] { $count } person
   *[other] { $count } people
}
stats-line-stars = ⭐ Spent: { $stars }
stats-line-given = 🎁 Free of charge: { $stars }
stats-line-back = ↩️ Given back later: { $stars }
stats-line-cost = 💵 Paid to providers: { $usd }
stats-line-duration = 🎬 Video and sound made: { $time }
stats-line-wait = ⏱ Half of the results came within { $time }
stats-time-seconds = { $seconds } s
stats-time-minutes = { $minutes } min
stats-time-hours = { $hours } h { $minutes } min
stats-line-tokens = 🔤 Tokens in prompts: { $count }

stats-section = <b>{ $title }</b>

    { $text }
stats-section-gone = These figures aren’t there any more. Open /stats again.
stats-no-picture = The picture couldn’t be drawn just now; the figures above are right.
