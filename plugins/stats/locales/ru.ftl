help-of-stats = 📊 Статистика
stats-command = Общая статистика
stats-command-mine = Ваша статистика
stats-title = Статистика
stats-title-mine = Ваша статистика
stats-span-all = За всё время
stats-head = 📊 <b>{ $title }</b> · { $span }
stats-number = { $number }
stats-share = { $percent } %
stats-share-none = –
stats-rank = { $count } · { $share }

stats-period-today = Сегодня
stats-period-week = 7 дней
stats-period-month = 30 дней
stats-period-all = Всё время
stats-chosen = • { $label } •
stats-more = ➕ { $title }
stats-back = ‹ Назад

stats-by-hour = По часам
stats-by-day = По дням
stats-by-month = По месяцам
stats-by-model = По моделям
stats-delivered = готово
stats-failed = не вышло
stats-stopped = отменено
stats-other-models = { $count ->
    [one] Ещё { $count } модель
    [few] Ещё { $count } модели
    [many] Ещё { $count } моделей
   *[other] Ещё { $count } модели
}
stats-empty = За это время ничего не создано.
stats-empty-mine = За это время вы ничего не создавали. Начать можно с /generate.

stats-line-delivered = ✅ Готово: <b>{ $count }</b> (успешно { $share })
stats-line-failed = ❌ Не вышло: { $count }
stats-line-stopped = ⏹ Отменено: { $count }
stats-model = { $name } — { $count }
stats-line-models = 🏆 { $models }
stats-line-people = 👥 { $count ->
    [one] { $count } человек
    [few] { $count } человека
    [many] { $count } человек
   *[other] { $count } человека
}, впервые: { $newcomers }
stats-line-people-all = 👥 { $count ->
    [one] { $count } человек
    [few] { $count } человека
    [many] { $count } человек
   *[other] { $count } человека
}
stats-line-stars = ⭐ Потрачено: { $stars }
stats-line-given = 🎁 Бесплатно: { $stars }
stats-line-back = ↩️ Возвращено позже: { $stars }
stats-line-cost = 💵 Заплачено провайдерам: { $usd }
stats-line-duration = 🎬 Создано видео и звука: { $time }
stats-line-wait = ⏱ Половина результатов пришла за { $time }
stats-time-seconds = { $seconds } с
stats-time-minutes = { $minutes } мин
stats-time-hours = { $hours } ч { $minutes } мин
stats-line-tokens = 🔤 Токенов в запросах: { $count }

stats-section = <b>{ $title }</b>

    { $text }
stats-section-gone = Этих данных больше нет. Откройте /stats заново.
stats-no-picture = Картинку сейчас нарисовать не удалось, но цифры выше верны.
