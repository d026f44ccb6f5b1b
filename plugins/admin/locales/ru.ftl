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
admin-front = 🎛 <b>Панель</b>
admin-no = ✖️ Нет, оставить
admin-nothing-done = Хорошо, ничего не изменилось.
admin-done = ✅ Готово.
admin-decided = ⏳ Решение принято и исполняется; это может занять несколько минут.
admin-not-done = Сейчас это выполнить нельзя. Ничего не изменилось; смотрите карточку.
admin-newer = ‹ Новее
admin-older = Старше ›
admin-by-you = вы
admin-by-other = оператор <code>{ $operator }</code>
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
