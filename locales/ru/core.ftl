# Тексты ядра. HTML: <b>, <i>, <code>. Имена переменных во всех языках одни и те же.

language-name = Русский

## Количества

stars = { $stars ->
    [one] { $stars } звезда
    [few] { $stars } звезды
    [many] { $stars } звёзд
   *[other] { $stars } звезды
}
time = { $seconds } с
time-minutes = { $minutes } мин { $seconds } с
day = { DAY($at) }
day-short = { DAY($at, form: "short") }
day-of-year = { DAY($at, form: "year") }
clock = { CLOCK($at) }
about-seconds = около { $seconds ->
    [one] { $seconds } секунды
    [few] { $seconds } секунд
    [many] { $seconds } секунд
   *[other] { $seconds } секунды
}
about-minutes = около { $minutes ->
    [one] { $minutes } минуты
    [few] { $minutes } минут
    [many] { $minutes } минут
   *[other] { $minutes } минуты
}

## Настройки моделей

option-duration = Длина
option-aspect = Формат кадра
option-resolution = Разрешение
option-format = Формат файла
value-of-duration = { $value } с

option-unknown = У этой модели нет настройки <code>{ $option }</code>. Начните заново: /generate
option-missing = Этой модели нужна настройка <code>{ $option }</code>. Начните заново: /generate
option-not-allowed = Значение <code>{ $value }</code> для <code>{ $option }</code> не подходит. Начните заново: /generate

## Перед генерацией

model-gone = Эта модель больше недоступна. Выберите другую: /generate
prompt-empty = Здесь пусто. Опишите словами, что хотите увидеть или услышать, — до { $limit ->
    [one] { $limit } символа.
    [few] { $limit } символов.
    [many] { $limit } символов.
   *[other] { $limit } символа.
}
prompt-too-long = Получилось { $length ->
    [one] { $length } символ
    [few] { $length } символа
    [many] { $length } символов
   *[other] { $length } символа
}, а эта модель принимает не больше { $limit }. Сократите, пожалуйста, и пришлите ещё раз.
balance-short = Не хватает звёзд: нужно { $needed } ⭐, на балансе { $available } ⭐ — не хватает { $missing } ⭐. Ничего не списано.
balance-short-in-group = Не хватает звёзд: нужно { $needed } ⭐. Ничего не списано.
price-changed = Цена только что изменилась: было { $was } ⭐, стало { $now } ⭐. Ничего не списано.
too-many-active = { $limit ->
    [one] У вас уже идёт генерация. Дождитесь её или остановите командой /cancel. Ничего не списано.
    [few] У вас уже идут { $limit } генерации. Дождитесь одной из них или остановите командой /cancel. Ничего не списано.
    [many] У вас уже идут { $limit } генераций. Дождитесь одной из них или остановите командой /cancel. Ничего не списано.
   *[other] У вас уже идут { $limit } генерации. Дождитесь одной из них или остановите командой /cancel. Ничего не списано.
}
queue-full = Ваша очередь заполнена: в ней { $queued ->
    [one] ждёт { $queued } заказ
    [few] ждут { $queued } заказа
    [many] ждут { $queued } заказов
   *[other] ждут { $queued } заказа
}. Подождите, пока один из них начнётся, или отмените его командой /cancel. Ничего не списано.
dry-run = 🧪 Пробный запуск: ничего не отправлено и не списано.

    <b>{ $model }</b>: в <code>{ $provider }</code> ушло бы описание, { $length ->
        [one] { $length } символ
        [few] { $length } символа
        [many] { $length } символов
       *[other] { $length } символа
    }{ $files ->
        [0] {""}
        [one] {" "}и { $files } файл ({ $inputs })
        [few] {" "}и { $files } файла ({ $inputs })
        [many] {" "}и { $files } файлов ({ $inputs })
       *[other] {" "}и { $files } файла ({ $inputs })
    } (настройки: { $options }), за { $price } ⭐; сервис возьмёт ${ $usd }.

## Что приходит

delivery-caption = <b>{ $model }</b>
    { $price } · готово за { $time }

delivery-link = { $about }

    📦 Файл весит { $megabytes } МБ — для Телеграма это слишком много, поэтому он ждёт вас здесь: <a href="{ $address }">скачать</a>

    Ссылка работает { $hours ->
        [one] { $hours } час
        [few] { $hours } часа
        [many] { $hours } часов
       *[other] { $hours } часа
    }, и она только ваша: сохраните файл вовремя.
delivery-buttons = Что делаем дальше?
delivery-audio-title = Ваша запись

result-gone = Этот результат уже не прислать ещё раз: он удалён из чата или срок его хранения вышел. Ничего не списано. Сделать новый: /generate
original-gone = Исходного файла больше нет, осталась картинка в чате. Ничего не списано.

## Когда прислать нечего

money-returned = { $stars ->
    [one] { $stars } звезда вернулась на баланс.
    [few] { $stars } звезды вернулись на баланс.
    [many] { $stars } звёзд вернулись на баланс.
   *[other] { $stars } звезды вернулось на баланс.
}
money-untouched = Ничего не списано.

notice-input-rejected = 😕 Модель <b>{ $model }</b> не приняла это описание. { $money }

    Попробуйте другими словами: /generate
    <code>{ $request }</code>
notice-safety = 🚫 Модель <b>{ $model }</b> отказалась делать это из соображений безопасности{ $filter ->
        [child] : дети
        [celebrity] : известный человек
        [dangerous] : опасные действия
        [hate] : ненависть
        [prohibited] : запрещённые темы
        [third_party] : чужое произведение
        [sexual] : сексуальные темы
        [toxic] : оскорбления
        [violence] : насилие
        [vulgar] : грубость
       *[unknown] {""}
    }. { $money }

    Попробуйте описать что-нибудь другое: /generate
    <code>{ $request }</code>
notice-too-large = 📦 Модель <b>{ $model }</b> сделала файл, который слишком велик для Телеграма, а передать его вам иначе я не могу. { $money }

    Файл покороче или поменьше дойдёт: /generate
    <code>{ $request }</code>
notice-out-of-credit = 😕 Модель <b>{ $model }</b> сейчас не работает. { $money }

    Мы уже разбираемся. А пока попробуйте другую модель: /generate
    <code>{ $request }</code>
notice-rate-limited = 😕 Модель <b>{ $model }</b> сейчас перегружена. { $money }

    Попробуйте через несколько минут: /generate
    <code>{ $request }</code>
notice-provider-fault = 😕 Модель <b>{ $model }</b> не справилась. { $money }

    Попробуйте ещё раз или выберите другую модель: /generate
    <code>{ $request }</code>
notice-expired = 😕 Модель <b>{ $model }</b> потеряла результат раньше, чем мы его забрали. { $money }

    Попробуйте, пожалуйста, ещё раз: /generate
    <code>{ $request }</code>
notice-unavailable = 🔧 Модель <b>{ $model }</b> сейчас закрыта на обслуживание. { $money }

    Попробуйте позже или выберите другую модель: /generate
    <code>{ $request }</code>
notice-unauthorized = 😕 Модель <b>{ $model }</b> сейчас не пускает нас. { $money }

    Мы уже разбираемся. А пока попробуйте другую модель: /generate
    <code>{ $request }</code>
notice-key-limit = 😕 Модель <b>{ $model }</b> пока исчерпала свой лимит. { $money }

    Мы уже разбираемся. А пока попробуйте другую модель: /generate
    <code>{ $request }</code>
notice-source-gone = 😕 <b>{ $model }</b> больше не хранит результат, который нужно было продолжить. { $money }

    Создайте новый и продолжите его: /generate
    <code>{ $request }</code>
notice-submission-lost = 😕 Мы отправили ваш заказ модели <b>{ $model }</b>, но так и не узнали, дошёл ли он. { $money }

    Попробуйте, пожалуйста, ещё раз: /generate
    <code>{ $request }</code>
notice-took-too-long = ⌛ Модель <b>{ $model }</b> не уложилась в срок, и мы перестали ждать. { $money }

    Попробуйте ещё раз или выберите другую модель: /generate
    <code>{ $request }</code>
notice-withheld = 🛡 Результат модели <b>{ $model }</b> не показан: он не подходит под здешние правила. { $money }

    Скажите иначе: /generate
    <code>{ $request }</code>
notice-undeliverable = 😕 Модель <b>{ $model }</b> всё сделала, но Telegram не принял файл. { $money }

    Попробуйте, пожалуйста, ещё раз: /generate
    <code>{ $request }</code>
notice-not-collected = ⌛ Результат модели <b>{ $model }</b> долго ждал вас, но отправить его не получилось. { $money }

    Закажите его снова, когда захотите: /generate
    <code>{ $request }</code>
notice-balance-short = 😕 Когда модель <b>{ $model }</b> собиралась начать, звёзд не хватило. { $money }

    Проверьте баланс: /start
    <code>{ $request }</code>
notice-cancelled = 🛑 Остановлено: <b>{ $model }</b>. { $money }
    <code>{ $request }</code>

## Плагины

plugin-health-failed = проверка не удалась: <code>{ $error }</code>
plugin-health-unknown = что именно, неизвестно
plugin-gate-failed = Проверка, без которой нельзя продолжить, сейчас не работает. Попробуйте, пожалуйста, через несколько минут. Ничего не списано.

## Для администраторов

alert-plugin-failed = ⚠️ Плагин <b>{ $plugin }</b> не запустился: { $reason }
alert-plugin-suspended = ⚠️ Плагин <b>{ $plugin }</b> приостановлен: { $reason }
alert-plugin-unhealthy = 🩺 Плагин <b>{ $plugin }</b> включён, но то, что ему нужно, не работает: { $reason }

    Пока это так, его функции могут не срабатывать. Проверка повторяется, и когда всё наладится, вы об этом узнаете.
alert-plugin-healthy = 💚 Плагин <b>{ $plugin }</b>: всё, что ему нужно, снова работает.
alert-provider-rests = ⚠️ <b>{ $provider }</b> не принимает заказы: { $reason ->
    [out_of_credit] на счёте кончились деньги
    [unauthorized] наш ключ не принят
    [key_limit] наш ключ исчерпал свой лимит
   *[other] { $reason }
}. Его модели не предлагаются { $minutes ->
    [one] { $minutes } минуту
    [few] { $minutes } минуты
    [many] { $minutes } минут
   *[other] { $minutes } минуты
}, потом попробую снова.
alert-model-gone = ⚠️ У провайдера <b>{ $provider }</b> больше нет модели <code>{ $model }</code>. Кто её заказал, получил звёзды обратно или результат от другого провайдера. Сутки или до перезапуска она не предлагается; потом её снова попробует следующий заказ.

    Если она исчезла насовсем, выключите её: /models
alert-generation = ⚠️ Генерация <code>{ $request }</code> в <b>{ $provider }</b> требует внимания: { $kind } ({ $detail })

## История

favourites-full = В избранном уже { $most ->
    [one] { $most } работа
    [few] { $most } работы
    [many] { $most } работ
   *[other] { $most } работы
}: больше не поместится. Сначала уберите что-нибудь: /history
erasure-changed = За это время что-то изменилось, поэтому ничего не стёрто. Посмотрите, пожалуйста, ещё раз: /privacy
