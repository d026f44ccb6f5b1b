# О чём узнают операторы. HTML: <b>, <i>, <code>.

help-of-monitoring = Наблюдение

## Команды

monitoring-id-command = Номер этого чата
monitoring-notifications-command = Кому о чём сообщать
monitoring-test-command = Отправить проверку

## Уведомления

monitoring-head = { $icon } <b>{ $title }</b>
monitoring-severity-error = Ошибка · { $type }
monitoring-severity-critical = Критично · { $type }
monitoring-message = { $text }
monitoring-detail = { $label }: { $value }
monitoring-number = { $number }
monitoring-moment = { DAY($at, form: "short") }, { CLOCK($at) }
monitoring-yes = да
monitoring-no = нет
monitoring-count = { $count ->
    [one] { $count } раз
    [few] { $count } раза
    [many] { $count } раз
   *[other] { $count } раза
}, { CLOCK($first) } – { CLOCK($last) }
monitoring-more = { $count ->
    [one] Таких разных пока { $count }, это последнее.
    [few] Таких разных уже { $count }, это последнее.
    [many] Таких разных уже { $count }, это последнее.
   *[other] Таких разных уже { $count }, это последнее.
} { CLOCK($at) }
monitoring-taken = 👤 Занимается: { $name }.
monitoring-take = 👤 Займусь
monitoring-mute = { $hours ->
    [one] 🔕 Молчать { $hours } час
    [few] 🔕 Молчать { $hours } часа
    [many] 🔕 Молчать { $hours } часов
   *[other] 🔕 Молчать { $hours } часа
}
monitoring-you-took = Отмечено: занимаетесь вы.
monitoring-was-taken = Этим уже занимается { $name }.
monitoring-old = Это слишком старое сообщение; ничего не изменилось.
monitoring-muted = Больше об этом не сообщаю: { DAY($day, form: "short") }, { CLOCK($at) } — снова начну.
monitoring-was-muted = Уже отключено, это сделал(а) { $name }: { DAY($day, form: "short") }, { CLOCK($at) } — снова начну сообщать.

## Кому о чём сообщать

monitoring-id = Этот чат: <code>{ $chat }</code>
    Вы: <code>{ $person }</code>
monitoring-id-unsigned = Этот чат: <code>{ $chat }</code>
monitoring-notifications = 🔔 <b>Кому о чём сообщать</b>

    Нажмите на строку, чтобы сменить получателей.
    { $admins ->
        [one] { $admins } чат администраторов
        [few] { $admins } чата администраторов
        [many] { $admins } чатов администраторов
       *[other] { $admins } чата администраторов
    }, { $monitoring ->
        [one] { $monitoring } чат наблюдения.
        [few] { $monitoring } чата наблюдения.
        [many] { $monitoring } чатов наблюдения.
       *[other] { $monitoring } чата наблюдения.
    }
monitoring-switch = { $icon } { $type }: { $audience }
monitoring-audience-all = всем
monitoring-audience-admins = админам
monitoring-audience-monitoring = наблюдению
monitoring-audience-nobody = никому
monitoring-test-button = 📨 Отправить проверку
monitoring-changed-by = Это уже изменил(а) { $name }. Вот как есть сейчас.
monitoring-changed-meanwhile = Это только что изменил кто-то ещё. Вот как есть сейчас.
monitoring-test-sent = { $count ->
    [0] Проверку некуда отправить: ни одного чата не задано.
    [one] 📨 Проверка уходит в { $count } чат.
    [few] 📨 Проверка уходит в { $count } чата.
    [many] 📨 Проверка уходит в { $count } чатов.
   *[other] 📨 Проверка уходит в { $count } чата.
}

monitoring-type-video_started = Видео начато
monitoring-short-video_started = Начало видео
monitoring-type-video_completed = Видео готово
monitoring-short-video_completed = Готовые видео
monitoring-type-video_failed = Видео не получилось
monitoring-short-video_failed = Неудачи с видео
monitoring-type-upload_started = Загрузка началась
monitoring-short-upload_started = Начало загрузки
monitoring-type-upload_completed = Опубликовано
monitoring-short-upload_completed = Публикации
monitoring-type-upload_failed = Загрузка не удалась
monitoring-short-upload_failed = Неудачи загрузки
monitoring-type-credits_low = Кредиты заканчиваются
monitoring-short-credits_low = Мало кредитов
monitoring-type-credits_critical = Кредиты почти кончились
monitoring-short-credits_critical = Кредиты на исходе
monitoring-type-budget_warning = Бюджет
monitoring-short-budget_warning = Бюджет
monitoring-type-system_error = Нужно ваше внимание
monitoring-short-system_error = Ошибки
monitoring-type-daily_summary = День в цифрах
monitoring-short-daily_summary = Итоги дня
monitoring-type-weekly_report = Неделя в цифрах
monitoring-short-weekly_report = Итоги недели
monitoring-type-scheduler_status = Расписание
monitoring-short-scheduler_status = Расписание
monitoring-type-proxy_status = Прокси
monitoring-short-proxy_status = Прокси

## Подробности

monitoring-detail-model = Модель
monitoring-detail-provider = Провайдер
monitoring-detail-request = Запрос
monitoring-detail-reason = Причина
monitoring-detail-seconds = Время, секунд
monitoring-detail-usd = Стоимость, $
monitoring-detail-chat = Чат
monitoring-detail-state = Состояние
monitoring-detail-at = Отправлено
monitoring-detail-character = Персонаж
monitoring-detail-platform = Площадка
monitoring-detail-remaining = Осталось
monitoring-detail-usage-percent = Израсходовано, %
monitoring-detail-limit = Предел
monitoring-detail-scope = На что
monitoring-detail-proxy = Прокси
monitoring-detail-purpose = Куда ведёт
monitoring-detail-run = Запуск
monitoring-detail-address = Адрес
monitoring-detail-error = Ошибка
monitoring-detail-plan = Тариф
monitoring-word-input-rejected = заказ отклонён
monitoring-word-safety = отклонено фильтром безопасности
monitoring-word-out-of-credit = у провайдера кончились кредиты
monitoring-word-rate-limited = слишком много запросов
monitoring-word-provider-fault = сбой у провайдера
monitoring-word-expired = результата не было вовремя
monitoring-word-unavailable = провайдер недоступен
monitoring-word-unauthorized = провайдер не принимает ключ
monitoring-word-key-limit = исчерпан лимит ключа
monitoring-word-source-gone = прежнего результата больше нет
monitoring-word-chat-gone = этот чат удалён, или меня из него убрали; сутки я его не трогаю
monitoring-word-test = проверка: всё, что должно приходить в этот чат, приходит
monitoring-detail-period = Период
monitoring-detail-by = Кто
monitoring-word-budget-warning = израсходована большая часть
monitoring-word-budget-critical = израсходован почти весь
monitoring-word-budget-stopped = исчерпан: новых заказов не беру, что идёт — закончу
monitoring-word-missed = запуск пропущен
monitoring-word-paused = серия на паузе
monitoring-word-resumed = серия продолжается
monitoring-word-budget = бюджет серии исчерпан
monitoring-word-budget-reached = исчерпан бюджет самого бота
monitoring-word-order-refused = заказ не подходит модели, или модель выключена
monitoring-word-gone = генерации больше нет
monitoring-word-result-gone = результата больше нет
monitoring-word-platform-gone = эта площадка больше не объявлена
monitoring-word-not-reached = площадка недоступна
monitoring-word-proxy-up = снова отвечает
monitoring-word-proxy-down = не отвечает; работаю через следующий
monitoring-word-proxy-all-down = не отвечает, и другие тоже; пробую дальше
monitoring-word-all-providers = все провайдеры
monitoring-word-production = серия
monitoring-word-day = сегодня
monitoring-word-month = этот месяц
monitoring-word-telegram = к Telegram
monitoring-word-providers = к провайдерам
monitoring-word-webhook-silent = площадка приняла видео и не сообщила, что с ним стало

## Цифры

monitoring-page = 🔔 Уведомления
monitoring-status-command = Как дела сегодня
monitoring-credits-command = Сколько осталось у провайдеров
monitoring-daily-command = День в цифрах
monitoring-weekly-command = Последние семь дней в цифрах
monitoring-character-command = Видео по персонажам
monitoring-platform-command = Видео по площадкам
monitoring-budget-command = Сколько израсходовано из бюджета
monitoring-restart-command = Перезапустить бота

monitoring-status-head = 📊 <b>{ DAY($day, form: "year") }</b>
monitoring-status-running = ▶️ Серия идёт.
monitoring-status-paused = ⏸ Серия на паузе: { $name }. /resume
monitoring-status-none = Серия не объявлена.
monitoring-status-made = { $count ->
    [one] Сегодня завершилась { $count } генерация.
    [few] Сегодня завершились { $count } генерации.
    [many] Сегодня завершилось { $count } генераций.
   *[other] Сегодня завершилось { $count } генерации.
}
monitoring-proxies-telegram = { "" }
    🛰 Прокси к Telegram:
monitoring-proxies-providers = { "" }
    🛰 Прокси к провайдерам:
monitoring-proxy-used = 🟢 { $proxy }: в работе
monitoring-proxy-waits = ⚪ { $proxy }: отвечает, сейчас не нужен
monitoring-proxy-down = 🔴 { $proxy }: не отвечает
monitoring-success = Успешно: { $percent } %
monitoring-no-success = Успешно: пока ничего не завершилось.
monitoring-progress = { $bar } { $done } из { $target } ({ $percent } %)
monitoring-report-head = <b>{ $title }</b> · { $span }
monitoring-report-nothing = Ничего не происходило.
monitoring-videos = 🎬 Готово: { $done }, не получилось: { $failed }
monitoring-skipped = ⏭ Пропущено: { $count }
monitoring-times = ⏱ В среднем { $average }, всего { $total }
monitoring-cost = 💵 Серия: { $usd }
monitoring-everybody = 👥 Генерации людей и серии: готово { $delivered }, не получилось { $failed }; заработано: { $stars }
monitoring-everybody-cost = 💵 Взяли провайдеры: { $usd }
monitoring-by-character = По персонажам
monitoring-by-platform = По площадкам
monitoring-pair = • { $name }: ✅ { $good }{ $bad ->
    [0] {""}
   *[other] , ❌ { $bad }
}
monitoring-last-week = За последние семь дней:
monitoring-no-series = Рассказать нечего: серия не объявлена.
monitoring-unknown-name = Не знаю «{ $name }». Есть: { $names }
monitoring-credits-head = 🪙 <b>Кредиты</b>
monitoring-no-credits = Пока ни один провайдер не сказал, сколько осталось. Я спрашиваю их каждые несколько минут.
monitoring-credit = <b>{ $name }</b>: осталось { $remaining } { $unit }
monitoring-credit-usd = Это { $usd }
monitoring-credit-plan = Тариф: { $plan }, { $monthly } в месяц{ $bonus ->
    [0] {""}
   *[other] , ещё { $bonus } в день
}
monitoring-credit-used = { $mark } Израсходовано: { $used } ({ $percent } %) · { $level }
monitoring-credit-no-plan = Тариф для него не задан, поэтому долю расхода сказать не могу.
monitoring-level-healthy = В НОРМЕ
monitoring-level-warning = ВНИМАНИЕ
monitoring-level-critical = КРИТИЧНО
monitoring-level-stopped = ИСЧЕРПАНО
monitoring-budget-head = 💸 <b>Бюджет</b>
monitoring-budget = { $mark } { $name }, { $period }: { $used } из { $limit } ({ $percent } %), из них делается на { $running } · { $level }
monitoring-budget-series = 🎬 Серия в этом месяце: { $usd }; отложено на идущее: { $held }
monitoring-no-budget = Бюджет не задан. Как его задать, сказано в руководстве оператора.
monitoring-all-providers = Все провайдеры
monitoring-per-day = сегодня
monitoring-per-month = в этом месяце
monitoring-percent = { $percent } %
monitoring-chart-done = Готово
monitoring-chart-failed = Не получилось
monitoring-chart-by-day = По дням
monitoring-chart-used = Израсходовано
monitoring-chart-credits = Кредиты
monitoring-time-seconds = { $seconds } с
monitoring-time-minutes = { $minutes } мин
monitoring-time-hours = { $hours } ч { $minutes } мин

## Перезапуск

monitoring-restart-ask = 🔄 Перезапустить бота? То, что у людей идёт, продолжится; ничего не потеряется. Несколько секунд бот никому не ответит.
monitoring-restart-yes = 🔄 Перезапустить
monitoring-restart-no = ✖️ Нет
monitoring-restart-not = Перезапуска не будет.
monitoring-restart-old = Этот вопрос слишком старый. Спросите снова: /restart
monitoring-restart-already = Перезапуск только что начал { $name }.
monitoring-restart-goes = 🔄 Перезапускаюсь. Напишу, когда вернусь.
monitoring-restart-done = 🔄 Перезапуск выполнен.
monitoring-restart-back = ✅ Я вернулся через { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
    [many] { $seconds } секунд
   *[other] { $seconds } секунды
}. Попросил { $name }.
