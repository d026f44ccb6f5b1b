generate-command = Создать видео, картинку или музыку

generate-choose = ✨ Что создадим? Выберите модель — или сначала напишите свою идею.
generate-choose-for = ✨ Какая модель это сделает?

    <blockquote>{ $prompt }</blockquote>
generate-no-models = 😕 Сейчас работать некому. Загляните, пожалуйста, чуть позже.
generate-model-video = 🎬 { $model } · { $price }
generate-model-image = 🖼 { $model } · { $price }
generate-model-audio = 🎵 { $model } · { $price }
generate-stars = { $stars } ⭐
generate-free = бесплатно
generate-free-daily = сегодня бесплатно, { $left ->
    [one] осталась { $left } попытка
    [few] осталось { $left } попытки
    [many] осталось { $left } попыток
   *[other] осталось { $left } попытки
}
generate-free-newcomer = бесплатно, подарок новичку, { $left ->
    [one] осталась { $left } попытка
    [few] осталось { $left } попытки
    [many] осталось { $left } попыток
   *[other] осталось { $left } попытки
}
generate-make-free = ✨ Создать бесплатно
generate-previous = ‹ Назад
generate-next = Ещё ›
generate-other-model = ↩️ Другая модель
generate-drop = ✖️ Отмена

generate-ask-prompt = <b>{ $model }</b> · { $price }

    Опишите своими словами, что хотите получить, — до { $limit ->
        [one] { $limit } символа
        [few] { $limit } символов
        [many] { $limit } символов
       *[other] { $limit } символа
    }.
generate-words-only = Здесь нужны слова: опишите текстом, что хотите увидеть или услышать. Ничего не списано.
generate-option = { $option }: { $value }
generate-confirm = <b>{ $model }</b>
    { $options }

    <blockquote>{ $prompt }</blockquote>

    Цена: <b>{ $price }</b> { $money }
    Ваш баланс: { $balance }

    Начинаем? Можно и прислать другое описание.
generate-confirm-free = <b>{ $model }</b>
    { $options }

    <blockquote>{ $prompt }</blockquote>

    Цена: <b>{ $price }</b>

    Начинаем? Можно и прислать другое описание. Если не получится, попытка останется у вас.
generate-make = ✨ Создать за { $price } ⭐
generate-again = 🔄 Ещё раз за { $price } ⭐
generate-price-changed = Пока вы выбирали, цена изменилась: было { $was } ⭐, стало <b>{ $now } ⭐</b>. Ничего не списано.

    Начинаем по новой цене?
generate-balance-short = 😕 Не хватает звёзд: нужно { $needed } ⭐, на балансе { $available } ⭐ — не хватает <b>{ $missing } ⭐</b>. Ничего не списано.

    Можно выбрать модель подешевле или вернуться, когда звёзд будет достаточно.
generate-balance-owed = { $text }

    Из них { $owed } ⭐ пойдут на возврат долга.
generate-can-be-paid = { $text }

    А можно оплатить прямо здесь: после оплаты всё начнётся само.
generate-pay-exact = ⭐ Оплатить { $stars } ⭐ и начать
generate-pay-package = 🛍 Взять { $stars } ⭐ и начать
generate-invoice-below = 🧾 Ниже счёт: { $stars }. Как только он будет оплачен, я начну работу.
generate-terms = Условия покупки: /terms
generate-terms-question = 📄 Один вопрос перед первой покупкой. Вот условия:

    { $terms }

    Вы согласны с ними?
generate-terms-accept = ✅ Согласен, дальше
generate-free-over = Пока вы выбирали, бесплатные попытки закончились. Теперь это стоит <b>{ $now } ⭐</b>. Ничего не списано.

    Начинаем за эту цену?
generate-free-now = Хорошая новость: теперь это <b>{ $price }</b>. Ничего не списано.

    Начинаем?
generate-begun = Начинаем!
generate-dropped = Хорошо, не будем. Ничего не списано. Начать заново: /generate
generate-model-gone = Эта модель больше недоступна. Выберите, пожалуйста, другую.

generate-busy = ⏳ <b>{ $model }</b> ещё работает над вашим заказом. Когда всё будет готово, присылайте следующую идею.
generate-waiting = ⏳ <b>{ $model }</b> · { $price }

    Вот-вот начнём…
generate-running = ⏳ <b>{ $model }</b> · { $price }

    { $bar } { $percent }%
generate-sending = 📤 <b>{ $model }</b>: готово! Отправляю вам…
generate-stop = 🛑 Остановить
generate-stopping = Останавливаю…
generate-too-late = Остановить уже нельзя: всё готово или вот-вот будет.
generate-is-running = Уже делаем.
generate-is-over = С этим уже всё. Создать ещё: /generate
generate-old-button = Эта кнопка устарела. Ничего не списано. Начать заново: /generate
