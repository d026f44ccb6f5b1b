# Серии по расписанию. HTML: <b>, <i>, <code>.

help-of-production = 🎬 Серии
production-schedule-command = Что делается дальше
production-pause-command = Приостановить серию
production-resume-command = Продолжить серию

production-none = Серия не объявлена. Как задать персонажей, время и площадки, сказано в руководстве оператора.
production-head = ⏰ <b>Что дальше</b>
production-next = { DAY($day, form: "short") }, { CLOCK($at) } — { $name }
production-never = Время этой серии никогда не наступит.
production-last = <b>Последние</b>
production-run-due = ⏳ { CLOCK($at) } { $name }: сейчас начнётся
production-run-making = 🎬 { CLOCK($at) } { $name }: делается
production-run-publishing = 📤 { CLOCK($at) } { $name }: публикуется
production-run-done = ✅ { CLOCK($at) } { $name }
production-run-failed = ❌ { CLOCK($at) } { $name }: не получилось
production-run-skipped = ⏭ { CLOCK($at) }: пропущено
production-missed-skip = Пропущенное не делается.
production-missed-catch_up = Пропущенное делается позже.
production-paused = ⏸ Пауза: нового не начинаю. Что уже делается, будет готово и опубликовано. Продолжить: /resume.
production-paused-by = ⏸ <b>Пауза</b>: { $name }, { DAY($day, form: "short") }, { CLOCK($at) }. Продолжить: /resume.
production-resumed-skip = ▶️ Серия продолжается. Пропущенное за это время не делается.
production-resumed-catch_up = ▶️ Серия продолжается; сначала — пропущенное за это время.
production-was-paused = Пауза уже стоит: { $name }, { DAY($day, form: "short") }, { CLOCK($at) }.
production-was-resumed = Серия уже продолжается: { $name }, { DAY($day, form: "short") }, { CLOCK($at) }.
production-runs-already = Серия и так не на паузе.
