## Команды

admin-command = Панель: как дела и всё управление
admin-inbox-command = Что ждёт решения
admin-payment-command = Платёж и его возврат
admin-payments-command = Платежи человека
admin-promos-command = Промокоды
admin-grant-command = Дать или снять звёзды
admin-debts-command = Кто должен звёзды
admin-ledger-command = Выписка и проверка учёта
admin-reconcile-command = Сверить с Telegram сейчас

## Везде

admin-old-button = Эта кнопка больше ничего не значит. Ничего не изменилось.
admin-no = ✖️ Нет, оставить
admin-nothing-done = Хорошо, ничего не изменилось.
admin-done = ✅ Готово.
admin-decided = ⏳ Решение принято и исполняется; это может занять несколько минут.
admin-not-done = Сейчас это выполнить нельзя. Ничего не изменилось; смотрите карточку.
admin-newer = ‹ Новее
admin-older = Старше ›
admin-by-you = вы
admin-by-other = оператор <code>{ $operator }</code>
admin-by-somebody = Кто-то другой
admin-by-itself = { $actor }
admin-code = <code>{ $value }</code>
admin-more-lines = … и ещё { $count }.
admin-balance = Баланс: <b>{ $available } ⭐</b>{ $held ->
    [0] {""}
   *[other] , отложено { $held } ⭐
}{ $owed ->
    [0] {""}
   *[other] , долг { $owed } ⭐
}
admin-entry = { $amount } ⭐ · { $source } → { $target } · { $at }
admin-account-telegram = Telegram
admin-account-user = баланс
admin-account-held = отложено
admin-account-debt = долг
admin-account-manual = перевод на карту
admin-account-revenue = выручка
admin-account-promo = подарки
admin-account-refund = возвраты
admin-account-adjustment = исправления

## Входящие

admin-inbox-empty = 📭 Решения ничего не ждёт.
admin-inbox = { $count ->
    [one] 📬 Решения ждёт { $count } запрос.
    [few] 📬 Решения ждут { $count } запроса.
    [many] 📬 Решения ждут { $count } запросов.
   *[other] 📬 Решения ждут { $count } запроса.
} Показываю { $shown }, начиная с самых старых:
admin-case-topup = 💳 <b>Пополнение переводом на карту</b>
    От <code>{ $person }</code>
    Просит: <b>{ $rub } ₽ = { $stars } ⭐</b>
    USD/RUB { $rate } на { $day }{ $source ->
        [own] , задан оператором
       *[other] {""}
    }. Чек выше.
admin-case-refund = ↩️ <b>Просят вернуть звёзды</b>
    От <code>{ $person }</code>
    { $about }
    { $said }
admin-case-payment = Платёж <code>{ $charge }</code>: <b>{ $stars } ⭐</b>{ $bonus ->
    [0] {""}
   *[other] {" "}и { $bonus } ⭐ бонуса
}
admin-case-generation = Генерация <code>{ $job }</code>: <b>{ $stars } ⭐</b>
admin-case-words = Почему: <i>{ $words }</i>
admin-case-no-words = Причина не указана.
admin-case-debt = ⚠️ <b>Telegram забрал платёж обратно</b>
    От <code>{ $person }</code>
    Платёж <code>{ $charge }</code>: <b>{ $stars } ⭐</b>
    Снято с баланса: { $taken } ⭐. Уже потрачено и теперь в долгу: <b>{ $owed } ⭐</b>.
admin-case-other = Запрос вида { $kind } от <code>{ $person }</code>.
admin-case-again = 🔁 { $why }
admin-case-missing = Уже потрачено: <b>{ $missing } ⭐</b> из того, что снял бы возврат.
admin-case-history = Последние записи:
    { $entries }
admin-case-done = ✅ Решение ({ $who }, { $at } UTC): { $what }.
admin-case-decided = ⏳ Решение ({ $who }, { $at } UTC): { $what }. Исполняется.
admin-case-anew = С тех пор запрос открылся заново: на карточке видно, как он стоит сейчас. Ничего не изменилось.
admin-case-yours = Вы это уже решили: { $what }.
admin-case-second = Первым успел { $who }: { $what }. Больше ничего не изменилось.
admin-amount-ask = Человек просил { $stars } ⭐ ({ $rub } ₽). Сколько пришло на самом деле? Напишите звёзды целым числом, например <code>94</code>, или рубли, например <code>500 ₽</code>. Выйти: /cancel

admin-do-approve = ✅ Зачислить { $stars } ⭐
admin-do-roubles = { $rub } ₽ = { $stars } ⭐
admin-do-amount = ✏️ Другая сумма
admin-do-decline = ❌ Отклонить
admin-do-decline-unreadable = ❌ Не разобрать
admin-do-decline-used = ❌ Уже был
admin-do-refund = ↩️ Вернуть { $stars } ⭐
admin-do-give-back = ↩️ Отдать { $stars } ⭐ на баланс
admin-do-debt = ↩️ Вернуть, { $missing } ⭐ в долг
admin-do-forgive = ↩️ Вернуть, простить { $missing } ⭐
admin-do-keep = Оставить долг
admin-do-forgive-debt = 🤝 Простить { $stars } ⭐

admin-decision-amount = зачислено { $amount } ⭐
admin-decision-rub = зачислено за { $amount } ₽
admin-decision-topup-approve = зачислено, как просили
admin-decision-topup-decline = отклонено
admin-decision-topup-decline-unreadable = отклонено, чек не разобрать
admin-decision-topup-decline-used = отклонено, чек уже был
admin-decision-refund-refund = возвращено
admin-decision-refund-debt = возвращено, потраченное записано в долг
admin-decision-refund-forgive = возвращено, потраченное прощено
admin-decision-refund-decline = отклонено
admin-decision-debt-keep = долг остаётся
admin-decision-debt-forgive = долг прощён

## Платежи

admin-payment-usage = Добавьте к команде номер платежа, как он стоит в списке Telegram:
    <code>/payment CHARGE_ID</code>
    Платежи человека: <code>/payments USER_ID</code>
admin-payments-usage = Добавьте к команде номер человека:
    <code>/payments USER_ID</code>
admin-payments-none = Платежей от <code>{ $person }</code> нет.
admin-payments = 💳 <b>Платежи</b> <code>{ $person }</code>: { $count }, здесь { $shown }, сначала новые

    { $lines }

    { $lines }
admin-payments-line = { $at } · { $stars } ⭐ · { $kind }{ $refunded ->
    [yes] {" "}· возвращён
   *[no] {""}
}
    <code>{ $charge }</code>
admin-payments-open = { $stars } ⭐ · { $charge }
admin-payment = 💳 <b>Платёж на { $stars } ⭐</b>{ $bonus ->
    [0] {""}
   *[other] {" "}+ { $bonus } ⭐ бонуса
}
    <code>{ $charge }</code>
    От <code>{ $person }</code>, { $at } UTC
    За что: { $kind }{ $order ->
        [none] {""}
       *[other] , заказ <code>{ $order }</code>
    }
    { $served ->
        [yes] Всё, что из него следует, сделано.
       *[no] ⏳ Зачислен; остальное ещё делается.
    }
admin-kind-stars = звёзды
admin-kind-generation = генерация
admin-kind-plan = месячный план
admin-kind-sale = продажа отдельной функции
admin-kind-unknown = заказ, которого мы не знаем
admin-refund-state-none = Не возвращён.
admin-refund-state = Возврат: <b>{ $state }</b> ({ $who }, { $at } UTC). Снято с баланса: { $taken } ⭐{ $owed ->
    [0] {""}
   *[other] , в долгу: { $owed } ⭐
}.{ $error ->
    [none] {""}
   *[other] {" "}Ответ Telegram: <code>{ $error }</code>.
}
admin-refund-state-begun = начат
admin-refund-state-taking = звёзды снимаются с баланса
admin-refund-state-asking = ждём ответа Telegram
admin-refund-state-refunded = сделан
admin-refund-state-done = сделан
admin-refund-state-undoing = отказ, снятое возвращается
admin-refund-state-refused = не сделан, ничего не изменилось
admin-refund-preview = Возврат снимет с баланса { $wanted } ⭐.{ $missing ->
    [0] {""}
   *[other] {" "}<b>Из них { $missing } ⭐ уже потрачено:</b> их можно записать в долг или простить.
}
admin-refund-no = ✖️ Нет
admin-refund-done = ✅ Возвращено.
admin-refund-before = Возврат уже сделан раньше ({ $who }). Ничего не изменилось.
admin-refund-under-way = Возврат уже идёт ({ $who }). Ничего не изменилось.
admin-refund-waiting = ⏳ Telegram ещё не ответил. Возврат продолжится сам.
admin-refund-short = Не возвращено: часть звёзд потрачена. Решите, что с ними делать.
admin-refund-refused = Telegram отказал. Ничего не изменилось; смотрите карточку.

## Вручную

admin-grant-usage = Напишите, кому, сколько и почему (человек это прочтёт; до { $limit } знаков):
    <code>/grant USER_ID AMOUNT REASON</code>
    Чтобы снять звёзды, поставьте перед числом минус: <code>/grant 123456789 -50 оплачено дважды</code>
admin-grant-give-ask = Дать <b>{ $stars } ⭐</b> человеку <code>{ $person }</code>?
    Он прочтёт: <i>{ $reason }</i>
    { $balance }
admin-grant-take-ask = Снять <b>{ $stars } ⭐</b> у человека <code>{ $person }</code>?
    Он прочтёт: <i>{ $reason }</i>
    { $balance }
admin-grant-give = ✅ Дать { $stars } ⭐
admin-grant-take = ✅ Снять { $stars } ⭐
admin-grant-press = Ответьте, пожалуйста, одной из кнопок или выйдите: /cancel
admin-grant-given = ✅ Человеку <code>{ $person }</code> дано { $stars } ⭐, он об этом знает.
    { $balance }
admin-grant-taken = ✅ У человека <code>{ $person }</code> снято { $stars } ⭐, он об этом знает.
    { $balance }
admin-debts-none = Никто ничего не должен.
admin-debts = <b>Должников: { $count }, общий долг { $stars } ⭐.</b> Здесь { $shown }, сначала большие. Долг гасится из следующих звёзд, которые придут человеку. Чтобы простить, нажмите на него:
admin-debt = { $person }: { $owed } ⭐
admin-debt-ask = Простить человеку <code>{ $person }</code> долг в <b>{ $owed } ⭐</b>? Он об этом узнает.
admin-debt-gone = Прощать здесь уже нечего. Ничего не изменилось.
admin-debt-forgiven = ✅ Прощено { $stars } ⭐ человеку { $person }.

## Учёт

admin-ledger-usage = Напишите, что показать:
    <code>/ledger USER_ID</code> — последние записи человека
    <code>/ledger check</code> — проверка всего учёта
admin-ledger-now = 🧮 Проверить учёт сейчас
admin-ledger-checked = 🧮 <b>Учёт сходится.</b>
    Счетов: { $accounts }. Записей: { $entries }. Сумма по всем счетам: { $total }. Расхождений: { $count }.
admin-ledger-wrong = 🚨 <b>Учёт не сходится.</b>
    Счетов: { $accounts }. Записей: { $entries }. Сумма по всем счетам: { $total }. Расхождений: { $count }.
admin-ledger-problem = • { $problem }
admin-ledger-nothing = На счёте <code>{ $person }</code> ещё ничего не происходило.
admin-ledger-statement = 📒 <b>Счёт</b> <code>{ $person }</code>
    { $balance }

    Последние записи ({ $count }), сначала новые:
    { $lines }
admin-ledger-entry = { $entry }
    <code>{ $key }</code> · { $actor }
admin-reconcile = 🔎 <b>Сверено со списком Telegram</b>
    Платежей и возвратов в списке: { $seen } (страниц: { $pages })
    Зачислено сейчас: { $credited } ({ $stars } ⭐)
    Возвратов учтено сейчас: { $refunds }
    Наших, которых у Telegram нет: { $missing }
    Ещё не прошли у Telegram: { $waiting }
    Не учтено: { $failed }
admin-reconcile-history = Из времени до этой базы, не зачислено: { $count ->
    [one] { $count } платёж
    [few] { $count } платежа
    [many] { $count } платежей
   *[other] { $count } платежа
} ({ $stars } ⭐).
admin-reconcile-error = ⚠️ Сверка не закончена: <code>{ $error }</code>. Продолжу через несколько минут.
admin-reconcile-goes-on = Список длинный: остальное через несколько минут.

## Промокоды

admin-promos-usage = Промокоды: список — /promos
    <code>/promos new STARS PEOPLE [30d или 2030-12-31] [NAME]</code> создаёт код, например <code>/promos new 100 50 30d ВЕСНА</code>
    <code>/promos end NAME</code> прекращает код досрочно
admin-promos-none = 🎟 Промокодов пока нет.
admin-promos = 🎟 <b>Промокоды:</b> { $count }

    { $lines }
admin-promo-line = <code>{ $code }</code> · { $stars } ⭐ · осталось { $left } из { $uses } · { $state }
admin-promo-open = 🎟 { $code }
admin-promo-new = ➕ Новый код
admin-promo-all = ‹ Все коды
admin-promo-end = ⏹ Прекратить
admin-promo = 🎟 <code>{ $code }</code> — { $state }
    Даёт { $stars } ⭐ по одному разу { $uses ->
        [one] { $uses } человеку
        [few] { $uses } людям
        [many] { $uses } людям
       *[other] { $uses } человека
    }.
    Использован: { $used }. Осталось: { $left }.
    { $until ->
        [none] Срок не задан.
       *[other] Действует до { $until } UTC.
    }
    Создал: { $who }.
admin-promo-active = действует
admin-promo-used-up = исчерпан
admin-promo-over = истёк
admin-promo-ended = прекращён
admin-promo-made = ✅ Код создан; нажатие его скопирует:
admin-promo-ended-before = Его уже прекратил { $who }. Ничего не изменилось.
admin-promo-number = Нужно целое число от 1, цифрами. Или выйдите: /cancel
admin-ask-code-stars = Сколько звёзд код даёт каждому?
admin-ask-code-uses = Сколько человек могут им воспользоваться?
admin-ask-code-until = Сколько он действует? Напишите дни, например <code>30d</code>, или последний день, например <code>2030-12-31</code>.
admin-ask-code-name = Как его назвать? От 3 до 16 букв, цифр, «-» и «_». Сгенерированный код нельзя угадать.
admin-skip-code-until = ♾ Без срока
admin-skip-code-name = 🎲 Сгенерировать

## Цены моделей

admin-models-command = Цены моделей, которые ждут решения
admin-models-none = Ни одна цена модели не ждёт решения.
admin-models-changes = 🏷 <b>Цены, которые ждут решения: { $count }</b> (показано: { $shown })
admin-change-fallen = { $number }. ⬇️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }. Пока действует прежняя цена.
admin-change-mixed = { $number }. ↕️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }. Пока модель выключена.
admin-change-unreadable = { $number }. ❔ <b>{ $model }</b> (<code>{ $id }</code>): цену не удаётся точно прочитать, пока модель выключена. <i>{ $text }</i>
admin-change-approve = ✅ { $number } новая цена
admin-change-keep = ✋ { $number } прежняя цена
admin-change-approved = Готово: теперь действует новая цена.
admin-change-kept = Готово: цена остаётся прежней.
admin-change-too-late = Это уже решено или с тех пор изменилось. Вот как обстоит дело сейчас.

## Панель

admin-front = 🎛 <b>Панель</b>
admin-front-people = 👥 Людей: <b>{ $people }</b>, сегодня были { $today }, сейчас { $here }
admin-front-jobs = ⚙️ Делается: <b>{ $running }</b>, ждёт в очередях { $waiting }
    ✅ Завершено сегодня: { $ended }{ $rate ->
        [none] {""}
       *[other] , из них успешно <b>{ $rate } %</b>
    }
admin-front-money = ⭐ Сегодня: <b>{ $stars } ⭐</b> = ${ $usd } при выводе, провайдерам ${ $cost }, остаётся <b>${ $margin }</b>
    📅 7 дней: { $week } ⭐ = ${ $week_usd }, остаётся ${ $week_margin }
admin-front-credit = 🏦 { $provider }: { $remaining } { $unit }{ $usd ->
    [none] {""}
   *[other] {" "}(${ $usd })
}
admin-front-health = { $errors ->
    [0] 🟢 За 24 часа ошибок нет
    [one] 🟠 За 24 часа { $errors } ошибка
    [few] 🟠 За 24 часа { $errors } ошибки
    [many] 🟠 За 24 часа { $errors } ошибок
   *[other] 🟠 За 24 часа { $errors } ошибки
}, на посту { $time }
admin-span-days = { $days } д { $hours } ч
admin-span-hours = { $hours } ч { $minutes } мин
admin-chart = 📈 График
admin-again = 🔄 Обновить
admin-no-chart = Картинку сейчас не нарисовать. Цифры есть в /stats.
admin-chart-title = Как дела
admin-chart-span = Последние 30 дней
admin-chart-stars = Заработано звёзд
admin-chart-ends = Генерации
admin-chart-good = доставлены
admin-chart-bad = не удались
admin-chart-empty = Пока ничего
admin-chart-day = { DAY($day, form: "short") }
admin-number = { $value }
admin-person = { $name ->
    [none] {""}
   *[other] { $name }{" "}
}{ $username ->
    [none] {""}
   *[other] @{ $username }{" "}
}<code>{ $id }</code>
admin-nobody-found = Никого похожего не нахожу. Напишите номер, @имя или часть имени того, кто уже писал этому боту. Выйти: /cancel
admin-several-found = Похожих несколько. Кто из них?

## Команда

admin-page-team = 👑 Команда
admin-team = 👑 <b>Команда: { $count }</b>
    { $lines }

    Наблюдатели смотрят, поддержка помогает людям, администраторы ведут бота, владельцы назначают. Указанные в ADMIN_IDS остаются владельцами.
admin-team-line = • { $person } — { $role }
admin-team-open = ✏️ { $name }
admin-team-add = ➕ Назначить
admin-team-ask = Кого назначить? Напишите номер, @имя или часть имени. Человек должен был писать этому боту. Выйти: /cancel
admin-team-card = { $person }
    Роль: <b>{ $role }</b>
admin-team-all = ‹ Команда
admin-team-done = Готово: { $role }.
admin-team-second = Первым успел { $who }: { $role }. Больше ничего не изменилось.
admin-team-to-viewer = 👁 Сделать наблюдателем
admin-team-to-support = 💬 Сделать поддержкой
admin-team-to-admin = 🛠 Сделать администратором
admin-team-to-owner = 👑 Сделать владельцем
admin-team-to-none = ✖️ Снять роль
admin-role-viewer = наблюдатель
admin-role-support = поддержка
admin-role-admin = администратор
admin-role-owner = владелец
admin-role-none = роли нет

## Плагины

admin-plugins-command = Плагины: состояние и настройки
admin-page-plugins = 🧩 Плагины
admin-plugins = 🧩 <b>Плагинов: { $count }, включено: { $on }</b>
    { $lines }
admin-plugin-line = { $state ->
    [on] 🟢
    [off] ⚪
    [failed] 🔴
    [unhealthy] 🟡
   *[other] 🟠
} <b>{ $name }</b>{ $version ->
    [none] {""}
   *[other] {" "}{ $version }
} — { $state ->
    [on] включён
    [off] выключен
    [failed] не запустился
    [unhealthy] включён, но не здоров
   *[other] приостановлен
}{ $errors ->
    [0] {""}
   *[other] , ошибок: { $errors }
}
admin-plugin-open = { $state ->
    [on] 🟢
    [off] ⚪
    [failed] 🔴
    [unhealthy] 🟡
   *[other] 🟠
} { $name }
admin-plugin = Модуль: <code>{ $module }</code>, загружен за { $time } мс
    Хуки: { $hooks ->
        [none] нет
       *[other] <code>{ $hooks }</code>
    }
    Команд, кнопок и шагов: { $answers }
    { $requires ->
        [none] Другие плагины ему не нужны
       *[other] Ему нужны: <code>{ $requires }</code>
    }. Он нужен: { $required_by ->
        [none] никому
       *[other] <code>{ $required_by }</code>
    }.
    Разрешено в plugins.toml: { $grants ->
        [none] ничего сверх обычного
       *[other] <code>{ $grants }</code>
    }
admin-plugin-unhealthy = 🩺 Не работает то, что ему нужно: { $reason }
admin-plugin-errors = Ошибок за последние минуты: { $count }, последняя: <code>{ $last }</code>
admin-plugin-reason = Почему: <code>{ $reason }</code>
admin-plugin-warnings = Исправить: <code>{ $warnings }</code>
admin-plugin-on = ⏻ Включить
admin-plugin-off = ⏻ Выключить
admin-plugin-ask-on = Включить <code>{ $name }</code>?{ $count ->
    [0] {""}
   *[other] {" "}Вместе с ним включатся те, кто ему нужен: { $others }.
}
admin-plugin-ask-off = Выключить <code>{ $name }</code>? Его кнопки ответят, что функция выключена; начатые генерации завершатся как обычно.{ $count ->
    [0] {""}
   *[other] {" "}<b>Вместе с ним выключатся те, кому он нужен:</b> { $others }.
}
admin-plugin-is-on = { $name }: включён.
admin-plugin-is-off = { $name }: выключен.
admin-plugin-not = { $name }: переключить не удалось, причина на карточке.
admin-plugin-second-on = Первым успел { $who }: плагин включён.
admin-plugin-second-off = Первым успел { $who }: плагин выключен.
admin-plugin-to-settings = 🔧 Настройки
admin-plugin-back = ‹ Назад
admin-plugin-all = ‹ Плагины
admin-plugin-settings = 🔧 <b>{ $name }</b>: { $count ->
    [0] настраивать нечего.
   *[other] настройки. Нажмите на любую, чтобы изменить: это сработает сразу и везде, и будет важнее plugins.toml.
}
    { $lines }
admin-plugin-setting = <code>{ $name } = { $value }</code>{ $origin ->
    [default] {" "}(по умолчанию)
    [chosen] {" "}(изменено здесь)
   *[file] {" "}(plugins.toml)
}
    <code>{ $kind }</code>{ $about ->
        [none] {""}
       *[other] {" "}— <code>{ $about }</code>
    }
admin-set = 🔧 <b>{ $plugin }</b>: <code>{ $setting }</code>{ $about ->
    [none] {""}
   *[other] {""}
        <code>{ $about }</code>
    }

    Сейчас: <code>{ $value }</code>{ $origin ->
        [default] {" "}(по умолчанию)
        [chosen] {" "}(изменено здесь)
       *[file] {" "}(plugins.toml)
    }
    По умолчанию: { $default ->
        [none] нет, значение нужно задать
       *[other] <code>{ $default }</code>
    }
    Подходит: { $takes }.

    Изменение действует сразу: плагин перезапустится с ним.
admin-set-takes-switch = включено или выключено
admin-set-takes-choice = одно из { $choices }
admin-set-takes-whole = целое число
admin-set-takes-number = число
admin-set-takes-text = текст
admin-set-takes-list = несколько значений через запятую или каждое с новой строки, или - если их нет
admin-set-takes-fixed = то, что можно задать только в plugins.toml
admin-set-bounds = { $takes }{ $least ->
        [none] {""}
       *[other] {" "}от { $least }
    }{ $most ->
        [none] {""}
       *[other] {" "}до { $most }
    }
admin-set-switch-on = ⏻ Включить
admin-set-switch-off = ⏻ Выключить
admin-set-write = ✏️ Написать другое значение
admin-set-undo = ↩️ Вернуть как в plugins.toml
admin-set-ask = ✏️ Напишите новое значение <code>{ $setting }</code>: { $takes }.
admin-set-refused = Это не подходит, ничего не изменилось. Подходит: { $takes }.{ $reason ->
    [none] {""}
   *[other] {""}
        Плагин отвечает: <code>{ $reason }</code>
    }
admin-set-done = { $plugin }: { $setting } теперь { $value }.
admin-set-second = Первым успел { $who }: плагин уже изменён, сейчас ничего не изменилось. Вот как он настроен.
admin-set-stale = Этот плагин тем временем изменил кто-то другой; сейчас ничего не изменилось. Вот как он настроен.
admin-set-broken = { $setting } теперь { $value }, но с этим { $plugin } не запускается: причина на его карточке.
admin-set-gone = Этой настройки больше нет. Ничего не изменилось.

## Рассылки

admin-broadcast-command = Написать всем или подарить многим
admin-page-broadcasts = 📣 Рассылки
admin-broadcasts = 📣 <b>Рассылки</b>{ $count ->
    [0] : пока ни одной.
   *[other] , сначала новые:
}
admin-broadcast-open = { $state ->
    [draft] ✏️
    [running] ▶️
    [paused] ⏸
    [stopped] ⏹
   *[other] ✅
} { $at } · { $reached }
admin-broadcast-new = ➕ Сообщение
admin-broadcast-gift = 🎁 Звёзды многим
admin-broadcast-ask-text = Что написать людям? Пришлите текст с любым оформлением или одно фото, видео, файл с подписью: они уйдут точно такими. Пока вы не подтвердите, ничего не отправится. Выйти: /cancel
admin-broadcast-ask-gift = Сколько звёзд каждому и почему? Например <code>50 извините за вчерашний сбой</code>. Причину люди прочтут. Пока вы не подтвердите, ничего не начислится. Выйти: /cancel
admin-broadcast = 📣 <b>{ $what ->
    [none] Сообщение
   *[other] { $what }
}</b>, автор { $author }{ $file ->
        [none] {""}
        [photo] , с фото
        [video] , с видео
       *[other] , с файлом
    }
    <blockquote>{ $text }</blockquote>
    Кому: { $activity ->
        [any] всем
        [week] кто был за последние 7 дней
        [month] кто был за последние 30 дней
       *[away] кого не было 30 дней
    }, { $language ->
        [any] на любом языке
       *[other] { $language }
    } — <b>{ $count }</b>
admin-broadcast-of-stars = { $stars } ⭐ каждому
admin-broadcast-figures = { $state ->
    [draft] Черновик
    [running] ▶️ Идёт
    [paused] ⏸ На паузе
    [stopped] ⏹ Остановлена
   *[other] ✅ Завершена
}: { $reached } из { $total }. Дошло: { $sent }, заблокировали бота: { $blocked }, не удалось: { $failed }.
admin-broadcast-over = 📣 Ваша рассылка закончилась.
admin-broadcast-any = Любой язык
admin-broadcast-to-any = Все
admin-broadcast-to-week = Были за 7 дней
admin-broadcast-to-month = Были за 30 дней
admin-broadcast-to-away = Не были 30 дней
admin-broadcast-chosen = ✓ { $label }
admin-broadcast-test = 🧪 Показать мне, как им
admin-broadcast-begin-ask = 📣 Отправить …
admin-broadcast-begin = 📣 Да, { $count }
admin-broadcast-pause = ⏸ Пауза
admin-broadcast-go-on = ▶️ Продолжить
admin-broadcast-stop = ⏹ Остановить совсем
admin-broadcast-sure = Отправить сейчас? Получателей: <b>{ $count }</b>.{ $stars ->
    [0] {""}
   *[other] {" "}Каждому { $stars } ⭐, вместе <b>{ $all } ⭐</b>.
} Можно поставить на паузу; дошедшее не отозвать.
admin-broadcast-second = Первым успел { $who }: { $state ->
    [draft] теперь она для других людей. Ничего не отправлено.
    [running] рассылка идёт.
    [paused] рассылка на паузе.
    [stopped] рассылка остановлена.
   *[other] рассылка закончилась.
} Больше ничего не изменилось.
admin-broadcast-all = ‹ Рассылки

## Люди

admin-user-command = Найти человека: номер, @имя или имя
admin-page-users = 👥 Люди
admin-users = 👥 <b>Людей: { $count }</b>
admin-users-find = 🔎 Найти человека
admin-users-table = 📋 Таблица всех
admin-users-ask = Кого ищете? Напишите номер, @имя или часть имени. Выйти: /cancel
admin-users-latest = 📋 <b>Людей: { $count }</b>, здесь { $shown }, кто был последним; все — в файле.
    <pre>{ $table }</pre>
admin-users-column-id = номер
admin-users-column-name = имя
admin-users-column-generations = генераций
admin-users-column-seen = был
admin-users-column-payments = платежей
admin-users-column-paid = ⭐
admin-user = 👤 { $person }
    Язык: { $language }. С нами с { $since }, последний раз { $seen }.{ $blocked ->
        [yes] {" "}<b>Заблокировал бота.</b>
       *[no] {""}
    }
    { $balance }
    Генераций: { $count }, доставлено { $delivered }, заработано на них { $spent } ⭐
    Платежей: { $payments }, { $paid } ⭐
admin-user-is-banned = ⛔ Заблокирован { $until ->
    [none] навсегда
   *[other] до { $until } UTC
}: { $reason }
admin-user-to-entries = 📒 Записи
admin-user-to-jobs = 🎬 Генерации
admin-user-to-word = ✉️ Написать
admin-user-give = 🎁 Дать или снять ⭐
admin-user-ban = ⛔ Заблокировать
admin-user-unban = ✅ Разблокировать
admin-user-back = ‹ Назад
admin-user-jobs = 🎬 { $person }
    { $count ->
        [0] Для этого человека ещё ничего не делали.
       *[other] Последние генерации: { $count }
    }
admin-user-entries = 📒 <b>Последние записи</b>
    { $lines }
admin-user-empty = На этом счёте ещё ничего не происходило.
admin-person-word-ask = Что написать? Получит { $person }, от имени команды. Выйти: /cancel
admin-person-give-ask = Сколько звёзд и почему? Для { $person }. Например <code>50 извините за задержку</code> или <code>-50 оплачено дважды</code>, чтобы снять. Я переспрошу. Выйти: /cancel
admin-person-ban-ask = На сколько заблокировать и почему? { $person }. Например <code>7d спам</code>; без срока — навсегда. Причину человек прочтёт. Выйти: /cancel
admin-user-written = ✅ Отправлено.
admin-user-unreachable = Человек заблокировал бота или удалён: ничего не отправлено.
admin-user-banned = ⛔ Заблокирован { $until ->
    [none] навсегда
   *[other] до { $until } UTC
}.
admin-user-second-ban = Первым успел { $who }: человек заблокирован. Больше ничего не изменилось.
admin-user-second-language = Первым успел { $who }{ $language ->
    [none] {""}
   *[other] : теперь { $language }
}. Больше ничего не изменилось.
admin-user-second-unban = Первым успел { $who }: человек разблокирован. Больше ничего не изменилось.

## Генерации

admin-job-command = Найти генерацию по любому признаку
admin-page-jobs = 🎬 Генерации
admin-jobs = 🎬 <b>Делается сейчас: { $count }</b>{ $count ->
    [0] {""}
   *[other] {" "}(новейшие)
}
admin-jobs-find = 🔎 Найти генерацию
admin-jobs-ask = Какую? Напишите номер запроса, номер задачи у провайдера, человека (номер, @имя), номер модели или состояние, например <code>failed</code>. Выйти: /cancel
admin-jobs-none = Таких генераций не нахожу. Ничего не изменилось.
admin-jobs-found = Новейшие из них: { $count }
admin-job-open = { $state ->
    [delivered] ✅
    [released] ↩️
    [failed] ❌
    [cancelled] ⏹
    [expired] ⌛
    [queued] 🕓
   *[other] ⚙️
} { $at } { $model }
admin-job = 🎬 <code>{ $job }</code> — <b>{ $state }</b>
    { $model }, { $provider }{ $task ->
        [none] {""}
       *[other] , задача <code>{ $task }</code>
    }
    Для { $person }
    Цена: { $price } ⭐, { $moved ->
        [held] отложена
        [charged] заработана
        [returned] возвращена
        [free] подарена
        [free-held] бесплатно, ещё не завершена
        [free-returned] бесплатно, не удалась
       *[nothing] не откладывалась
    }{ $failure ->
        [none] {""}
       *[other] .
        Почему: <code>{ $failure }</code>
    }{ $detail ->
        [none] {""}
       *[other] {" "}<code>{ $detail }</code>
    }
admin-job-stage = { $at } · { $state }{ $seconds ->
    [none] {""}
   *[other] , { $seconds } с
}
admin-job-over = Сделать её заново нельзя: заказ стёрт, когда она закончилась. { $moved ->
    [held] Цена вернётся сама.
    [returned] Цена уже возвращена.
   *[other] За неё ничего не взято.
} В карточке человека можно попросить его заказать ещё раз или начислить ему звёзды.
admin-job-retry = 🔁 Проверить сейчас
admin-job-cancel = ⏹ Остановить
admin-job-refund = ↩️ Вернуть цену
admin-job-redeliver = 📤 Доставить ещё раз
admin-job-person = 👤 Чья она
admin-job-did-retry = Уже проверяется.
admin-job-did-cancel = Остановлена; цена возвращается.
admin-job-refunded = Цена возвращена, человек об этом знает.
admin-job-did-redeliver = Отправлено ещё раз, бесплатно.
admin-job-second = Первым успел { $who }. Больше ничего не изменилось.
admin-state-created = заказана
admin-state-queued = ждёт в очереди человека
admin-state-held = цена отложена
admin-state-submitted = передана провайдеру
admin-state-running = делается
admin-state-ready = готова
admin-state-delivering = отправляется
admin-state-delivered = доставлена
admin-state-failed = не удалась
admin-state-cancelled = остановлена
admin-state-expired = истекла
admin-state-released = цена возвращена, завершена

## Обслуживание

admin-upkeep-command = Пауза для всех, экземпляры, журнал, ошибки
admin-page-upkeep = 🛠 Обслуживание
admin-upkeep = 🛠 <b>Обслуживание</b>
    { $paused ->
        [yes] ⏸ <b>Пауза: бот отвечает только команде.</b> Люди читают: { $notice ->
            [none] обычные слова.
           *[other] { $notice }
        }
       *[no] ▶️ Бот отвечает всем.
    }
    Журнал с уровня: <code>{ $level }</code>

    Экземпляры:
    { $instances }
admin-instance = • <code>{ $name }</code> — { $duty ->
    [both] говорит с людьми и делает генерации
    [reads] говорит с людьми
    [works] делает генерации
   *[waits] наготове
}, с { $since } UTC
admin-upkeep-pause = ⏸ Пауза для всех
admin-upkeep-resume = ▶️ Снова отвечать всем
admin-upkeep-ask = Отвечать будем только команде; начатые генерации продолжатся. Что прочтут люди? Короткий текст для всех, или по тексту на каждый язык: с новой строки код языка, дальше текст (<code>{ $languages }</code>), или <code>-</code>, чтобы оставить обычный. Выйти: /cancel
admin-upkeep-notice = { $language ->
    [any] <i>{ $words }</i>
   *[other] { $language }: <i>{ $words }</i>
}
admin-level-second = Первым успел { $who }{ $level ->
    [none] {""}
   *[other] : теперь { $level }
}. Больше ничего не изменилось.
admin-upkeep-second = Первым успел { $who }. Больше ничего не изменилось.
admin-upkeep-back = ‹ Обслуживание
admin-level = { $chosen ->
    [True] ✓ { $level }
   *[other] { $level }
}
admin-errors-open = ⚠️ Последние ошибки
admin-errors = ⚠️ <b>Последние ошибки</b>{ $count ->
    [0] : за неделю ни одной.
   *[other] , сначала новые:
}
    { $lines }
admin-error = • { $at } · <code>{ $source }</code>{ $reference ->
    [none] {""}
   *[other] {" "}· запрос <code>{ $reference }</code>
} · <code>{ $instance }</code>
    <code>{ $words }</code>

## Поддержка

admin-page-support = 💬 Поддержка
admin-support = 💬 <b>Поддержка</b>: { $count ->
    [0] ответа никто не ждёт.
    [one] ответа ждёт { $count } человек.
    [few] ответа ждут { $count } человека.
    [many] ответа ждут { $count } человек.
   *[other] ответа ждут { $count } человека.
}
admin-thread-open = 💬 { $name } · { $at }
admin-thread = 💬 <b>{ $person }</b>{ $waits ->
    [yes] {" "}ждёт ответа
   *[no] {" "}уже с ответом
}

    { $lines }
admin-thread-line = <i>{ $at }, { $who }:</i>
    { $text }
admin-thread-answer = ↩️ Ответить
admin-thread-ask = Что ответить? Уйдёт от имени команды. Выйти: /cancel
admin-thread-answered = ✅ Ответ отправлен.
admin-thread-second = { $who } уже ответил; ваш ответ не отправлен.

## Модели

admin-page-models = 🧠 Модели
admin-models = 🧠 <b>Моделей: { $count }</b>, страница { $page } из { $pages }. Решённое здесь действует на всех экземплярах через секунды и важнее plugins.toml.
admin-model-open = { $off ->
    [yes] ⚪{" "}
   *[no] {""}
}{ $pinned ->
    [yes] 📌{" "}
   *[no] {""}
}{ $stars ->
    [none] {""}
   *[other] { $stars } ⭐{" "}
}{ $title }
admin-models-sync = 🔄 Прочесть списки провайдеров
admin-models-waiting = 🏷 Цены ждут решения: { $count }
admin-models-syncing = Читаю списки провайдеров. Это займёт от секунд до минут; напишу, когда закончу.
admin-models-synced = 🔄 { $provider }: { $failed ->
    [yes] список использовать нельзя; ничего не изменилось.
   *[no] сравнено { $looked }, изменилось { $changed }, новых у провайдера { $fresh }.
}
admin-models-no-lists = Ни у одного включённого провайдера нет списка моделей.
admin-model = 🧠 <b>{ $title }</b> <code>{ $id }</code>, { $provider }
    { $off ->
        [yes] ⚪ <b>Выключена оператором.</b>
       *[no] { $reason ->
            [none] 🟢 Предлагается.
           *[other] 🔴 Не предлагается: <code>{ $reason }</code>
        }
    }
    Цена по умолчанию: { $stars ->
        [none] зависит от заказа
       *[other] { $stars } ⭐
    }{ $own ->
        [stars] , задана здесь
        [markup] , с наценкой { $markup }, заданной здесь
       *[none] {""}
    }
    { $pinned ->
        [yes] 📌 Стоит среди популярных.
       *[no] Популярна, только если её берут.
    } { $free ->
        [yes] 🎁 Бесплатна в пределах дневного лимита.
       *[no] Бесплатной не бывает.
    }
admin-model-off-do = ⚪ Выключить
admin-model-off-undo = 🟢 Включить
admin-model-pinned-do = 📌 Закрепить
admin-model-pinned-undo = 📌 Открепить
admin-model-free-do = 🎁 Сделать бесплатной
admin-model-free-undo = 🎁 Не бесплатная
admin-model-price = 💲 Цена или наценка
admin-model-price-ask = Сколько она стоит? Звёзды целым числом, например <code>12</code>; наценка на цену провайдера, например <code>x2.5</code>; или <code>-</code>, чтобы оставить обычную. Уже заказанное цену сохранит. Выйти: /cancel
admin-model-second = Первым успел { $who }; вот как обстоит дело сейчас.
admin-model-all = ‹ Модели

## Деньги

admin-page-money = 💰 Деньги
admin-money = 💰 <b>Деньги</b>
    Ждут решения: { $waiting }, из них пополнений переводом: { $topups }
admin-money-totals = <b>{ $what ->
    [today] Сегодня
   *[month] В этом месяце
}</b>: платежей { $payments }, { $paid } ⭐; возвращено { $returned } ⭐
    Заработано { $earned } ⭐ = ${ $usd } при выводе, провайдерам ${ $cost }, остаётся <b>${ $margin }</b>
admin-money-ways = Платёж: <code>/payment CHARGE_ID</code>, платежи человека: <code>/payments USER_ID</code>, звёзды вручную: <code>/grant USER_ID AMOUNT REASON</code>
admin-money-inbox = 📬 Ждут решения: { $count }
admin-money-reconcile = 🔎 Сверить сейчас
admin-money-codes = 🎟 Промокоды
admin-money-debts = ⚖️ Долги
admin-money-export = 📤 Платежи этого месяца

## Журнал действий

admin-page-journal = 📜 Журнал действий
admin-journal = 📜 <b>Последние действия команды: { $count }</b>, сначала новые
    { $lines }
admin-journal-line = • { $at } · { $who } · <code>{ $what }</code>{ $before ->
    [none] {""}
   *[other] {" "}<code>{ $before }</code>
}{ $after ->
    [none] {""}
   *[other] {" "}→ <code>{ $after }</code>
}
