# Scheduled series. HTML: <b>, <i>, <code>.

help-of-production = 🎬 Series
production-schedule-command = What is made next
production-pause-command = Pause the series
production-resume-command = Let the series go on

production-none = No series is declared. The operator’s guide says how to set characters, times and platforms.
production-head = ⏰ <b>What is next</b>
production-next = { DAY($day, form: "short") }, { CLOCK($at) } — { $name }
production-never = The times of the series never come.
production-last = <b>The last ones</b>
production-run-due = ⏳ { CLOCK($at) } { $name }: about to begin
production-run-making = 🎬 { CLOCK($at) } { $name }: is being made
production-run-publishing = 📤 { CLOCK($at) } { $name }: is being published
production-run-done = ✅ { CLOCK($at) } { $name }
production-run-failed = ❌ { CLOCK($at) } { $name }: failed
production-run-skipped = ⏭ { CLOCK($at) }: skipped
production-missed-skip = What is missed is skipped.
production-missed-catch_up = What is missed is made later.
production-paused = ⏸ Paused: nothing new begins. What is being made will be finished and published. Go on with /resume.
production-paused-by = ⏸ <b>Paused</b> by { $name }, { DAY($day, form: "short") }, { CLOCK($at) }. Go on with /resume.
production-resumed-skip = ▶️ The series goes on. What was missed meanwhile is skipped.
production-resumed-catch_up = ▶️ The series goes on, with what was missed meanwhile first.
production-was-paused = It is paused already: { $name }, { DAY($day, form: "short") }, { CLOCK($at) }.
production-was-resumed = It goes on already: { $name }, { DAY($day, form: "short") }, { CLOCK($at) }.
production-runs-already = The series is not paused.
