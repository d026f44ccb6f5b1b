generate-command = Создать видео, картинку или музыку
help-of-generate = ✨ Создание
generate-link-gone = { $found ->
    [0] Модели из этой ссылки больше нет. Выберите другую:
   *[other] Модели из этой ссылки больше нет. Может быть, одна из этих?
}

generate-choose = ✨ Что создадим? Выберите модель — или сначала напишите свою идею.
generate-choose-for = ✨ Какая модель это сделает?

    <blockquote>{ $prompt }</blockquote>
generate-choose-for-files = ✨ Принято. Что из этого сделаем? Вот модели, которые с этим работают:
generate-no-models = 😕 Сейчас работать некому. Загляните, пожалуйста, чуть позже.
generate-model-video = 🎬 { $model } · { $price }
generate-model-image = 🖼 { $model } · { $price }
generate-model-audio = 🎵 { $model } · { $price }
generate-model-video-given = 🎞 { $model } · { $price }
generate-model-image-given = 🪄 { $model } · { $price }
generate-model-audio-given = 🎙 { $model } · { $price }
generate-popular = ⭐{ $model }
generate-search = 🔎 Найти модель
generate-to-models = ↩️ Все модели
generate-to-ideas = 💡 Идеи
generate-own-words = ✍️ Своя идея
generate-it-is-my-idea = ✍️ Это моя идея
generate-ask-name = 🔎 Как называется модель? Хватит и части названия.
generate-found = 🔎 Модели с названием «{ $query }». Если это была идея, а не название, нажмите кнопку ниже.
generate-none-found = 🔎 Модели «{ $query }» не нашлось. Попробуйте написать иначе или загляните в список.
generate-ideas = 💡 С чего начнём? Нажмите на то, что нравится: потом можно всё поменять.
generate-ask-idea = ✍️ Опишите своими словами, что хотите получить. Модель выберете следом.
generate-category-video = 🎬 Видео · { $count }
generate-category-image = 🖼 Картинки · { $count }
generate-category-audio = 🎵 Звук · { $count }
generate-family = { $name } · { $count }
generate-up = ⬆️ Наверх
generate-stars = { $stars } ⭐
generate-from = от { $stars } ⭐
generate-from-stars = от { $stars }
generate-price-later = цена после выбора
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
generate-or-an-idea = { $text }

    Пока нет идеи? Возьмите готовую:
generate-words-only = Здесь нужны слова: опишите текстом, что хотите увидеть или услышать. Ничего не списано.
generate-files = { $role }: { $count ->
    [one] { $count } файл
    [few] { $count } файла
    [many] { $count } файлов
   *[other] { $count } файла
}
generate-quoted = <blockquote>{ $prompt }</blockquote>
generate-price = <b>{ $price }</b>
generate-confirm = <b>{ $model }</b>
    { $about }

    Цена: { $price }
    Ваш баланс: { $balance }

    { $words ->
        [true] Начинаем? Можно и прислать другое описание.
       *[other] Начинаем?
    }
generate-confirm-group = <b>{ $model }</b>
    { $about }

    Цена: { $price }

    { $words ->
        [true] Начинаем? Можно и прислать другое описание.
       *[other] Начинаем?
    }
generate-confirm-free = <b>{ $model }</b>
    { $about }

    Цена: <b>{ $price }</b>

    { $words ->
        [true] Начинаем? Можно и прислать другое описание. Если не получится, попытка останется у вас.
       *[other] Начинаем? Если не получится, попытка останется у вас.
    }

generate-looking = Смотрю ваш файл…
generate-ask-image = <b>{ $model }</b>

    <b>{ $role }</b>: пришлите картинку.
    { $limits }
generate-ask-images = <b>{ $model }</b>

    <b>{ $role }</b>: { $most ->
        [1] пришлите ещё одну картинку
        [one] пришлите до { $most } картинки, по одной или альбомом
        [few] пришлите до { $most } картинок, по одной или альбомом
        [many] пришлите до { $most } картинок, по одной или альбомом
       *[other] пришлите до { $most } картинки, по одной или альбомом
    }.
    { $limits }
generate-ask-video = <b>{ $model }</b>

    <b>{ $role }</b>: пришлите видео.
    { $limits }
generate-ask-videos = <b>{ $model }</b>

    <b>{ $role }</b>: { $most ->
        [1] пришлите ещё одно видео
        [one] пришлите до { $most } видео, по одному или альбомом
        [few] пришлите до { $most } видео, по одному или альбомом
        [many] пришлите до { $most } видео, по одному или альбомом
       *[other] пришлите до { $most } видео, по одному или альбомом
    }.
    { $limits }
generate-ask-audio = <b>{ $model }</b>

    <b>{ $role }</b>: пришлите голосовое сообщение или звуковой файл.
    { $limits }
generate-ask-audios = <b>{ $model }</b>

    <b>{ $role }</b>: { $most ->
        [1] пришлите ещё одну запись: голосовое сообщение или звуковой файл
        [one] пришлите до { $most } записи: голосовые сообщения или звуковые файлы, по одному
        [few] пришлите до { $most } записей: голосовые сообщения или звуковые файлы, по одному
        [many] пришлите до { $most } записей: голосовые сообщения или звуковые файлы, по одному
       *[other] пришлите до { $most } записи: голосовые сообщения или звуковые файлы, по одному
    }.
    { $limits }
generate-limit-size = { $formats }, до { $megabytes } МБ
generate-limit-between = от { $least } до { $most } с
generate-limit-most = до { $most } с
generate-limit-least = от { $least } с
generate-choose-needed = <b>{ $model }</b>

    С чего начнём? Нужно что-то одно из этого.
generate-choose-optional = <b>{ $model }</b>

    Можно добавить файлы или обойтись без них. Выберите, что добавить, или просто пришлите.
generate-have-files = { $role }: { $count } из { $most }. Пришлите ещё или нажмите кнопку.
generate-done = ✅ Это всё
generate-skip = ⏭ Дальше без этого
generate-add-files = 📎 Добавить файл
generate-other-files = 🗑 Другие файлы
generate-file-wanted = Здесь нужен файл, а не слова. Пришлите его или выйдите: /cancel. Ничего не списано.
generate-words-kept = ✍️ Описание есть. Теперь нужен файл:
generate-no-words = Этой модели слова не нужны: нажмите кнопку под последним сообщением.
generate-no-files = Эта модель работает только по описанию и файлов не берёт. Напишите, что хотите получить, или выберите модель для файла.
generate-models-for-file = 📎 Модели для этого файла
generate-no-room = Больше таких файлов не поместится: взяты те, что пришли первыми.

generate-tune = ⚙️ Настройки
generate-options = <b>{ $model }</b> · { $price }

    Нажмите на то, что хотите изменить.
generate-options-done = ✅ Готово

generate-make = ✨ Создать за { $price } ⭐
generate-again = 🔄 Ещё раз за { $price } ⭐
generate-price-changed = Пока вы выбирали, цена изменилась: было { $was } ⭐, стало <b>{ $now } ⭐</b>. Ничего не списано.

    Начинаем по новой цене?
generate-balance-short = 😕 Не хватает звёзд: нужно { $needed } ⭐, на балансе { $available } ⭐ — не хватает <b>{ $missing } ⭐</b>. Ничего не списано.

    Можно выбрать модель подешевле или вернуться, когда звёзд будет достаточно.
generate-short-in-group = 😕 На это не хватает звёзд: нужно <b>{ $needed } ⭐</b>. Ничего не списано.

    Ваш баланс видите только вы: пополните его в личном чате и нажмите здесь «Ещё раз» или выберите модель подешевле.
generate-private-top-up = ⭐ Пополнить в личном чате
generate-private-chat = 🔒 Открыть личный чат
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
generate-terms-accept = ✅ Принимаю, дальше
generate-back = ↩️ Назад
generate-free-over = Пока вы выбирали, бесплатные попытки закончились. Теперь это стоит <b>{ $now } ⭐</b>. Ничего не списано.

    Начинаем за эту цену?
generate-free-now = Хорошая новость: теперь это <b>{ $price }</b>. Ничего не списано.

    Начинаем?
generate-begun = Начинаем!
generate-dropped = Хорошо, не будем. Ничего не списано. Начать заново: /generate
generate-model-gone = Эта модель больше недоступна. Выберите, пожалуйста, другую.

generate-busy = ⏳ <b>{ $model }</b> ещё работает над вашим заказом. Когда всё будет готово, присылайте следующую идею.
generate-full = ⏳ Ваша очередь заполнена: <b>{ $model }</b> ещё работает, и { $queued ->
    [one] ждёт { $queued } заказ
    [few] ждут { $queued } заказа
    [many] ждут { $queued } заказов
   *[other] ждут { $queued } заказа
}. Присылайте следующую идею, когда один из них начнётся.
generate-joined = Заказ в очереди и начнётся сам.
generate-underway = ⏳ <b>{ $model }</b> · { $price }
generate-queued = { $position ->
    [1] Следующий в вашей очереди: начну сам, как только будет готов предыдущий заказ. Цена отложена и не изменится.
   *[other] Номер { $position } в вашей очереди: начну сам, как только дойдёт черёд. Цена отложена и не изменится.
}
generate-waiting = Вот-вот начнём…
generate-usually = Обычно это занимает { $time }.
generate-queued-usually = Когда начну, это обычно займёт { $time }.
generate-working = Работаем…
generate-percent = { $bar } { $percent } %
generate-bar = { $bar }
generate-left = Осталось { $time }
generate-longer = Сегодня чуть дольше, чем обычно.
generate-sending = 📤 <b>{ $model }</b>: готово! Отправляю вам…
generate-sending-file = 📤 <b>{ $model }</b>: готово! Отправляю файл { $file } из { $files }…
generate-fetching = Забираю готовое…
generate-megabytes = { $megabytes } МБ
generate-speed = { $megabytes } МБ/с
generate-last-step = Ещё мгновение…
generate-slow = ⏳ <b>{ $model }</b>: сегодня дольше{ $usual }. Продолжаю ждать; от вас ничего не нужно.

    { $money } Если ждать не хочется, можно остановить.
generate-slow-usual = ; обычно это занимает { $time }
generate-slow-money = { $stars ->
    [one] { $stars } ⭐ остаётся отложенной и вернётся на баланс, если ничего не получится.
    [few] { $stars } ⭐ остаются отложенными и вернутся на баланс, если ничего не получится.
    [many] { $stars } ⭐ остаются отложенными и вернутся на баланс, если ничего не получится.
   *[other] { $stars } ⭐ остаются отложенными и вернутся на баланс, если ничего не получится.
}
generate-slow-free = Это по-прежнему бесплатно. Если ничего не получится, попытка останется у вас.
generate-stop = 🛑 Остановить
generate-stopping = Останавливаю. Ничего не будет списано.
generate-too-late = Остановить уже нельзя: всё готово или вот-вот будет.
generate-is-running = Уже делаем.
generate-is-over = С этим уже всё. Создать ещё: /generate
generate-old-button = Эта кнопка устарела. Ничего не списано. Начать заново: /generate

generate-once-more = 🔁 Ещё раз
generate-vary = 🎲 Вариант
generate-with-other-model = 🧩 Другая модель
generate-upscale = 🔍 Увеличить
generate-original = 📄 Исходный файл
generate-image-to-video = 🎬 Оживить
generate-image-to-image = 🖌 Изменить
generate-video-to-video = 🎞 Доработать
generate-audio-to-video = 🎬 Сделать видео
generate-audio-to-audio = 🎙 Доработать
generate-view-1 = { $prompt }, с другого ракурса
generate-view-2 = { $prompt }, при другом освещении
generate-view-3 = { $prompt }, крупнее
generate-view-4 = { $prompt }, издалека
generate-words-forgotten = Вашего описания у меня больше нет: я помню его только сутки или пока вы его не сотрёте. Напишите, пожалуйста, ещё раз.
generate-which-file = В этом результате { $count ->
    [one] { $count } файл
    [few] { $count } файла
    [many] { $count } файлов
   *[other] { $count } файла
}. Какой возьмём? Номера идут по порядку отправки.
generate-file-number = { $number }
generate-all-files = ✅ Все сразу
generate-goes-on-from = ⏩ Из вашего результата: { $model }
generate-goes-on-from-file = ⏩ Из вашего результата: { $model }, файл { $number }
generate-ask-more = <b>{ $model }</b> · { $price }
    { $source }

    { $question }: до { $limit ->
        [one] { $limit } символа
        [few] { $limit } символов
        [many] { $limit } символов
       *[other] { $limit } символа
    }.
generate-begins-below = <b>{ $model }</b> продолжает готовый результат { $makers }: создайте его, и кнопка появится под ним. Или выберите модель, с которой начать:
generate-result-gone = Не нахожу этот результат в чате. Пришлите его файлом, и продолжим с него.
generate-not-yours = Это чужой заказ. Создать свой: /generate
