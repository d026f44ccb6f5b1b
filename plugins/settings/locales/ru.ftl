settings-command = Ваши настройки
setmodel-command = Выбрать модель
reset-command = Сбросить все настройки
help-of-settings = ⚙️ Настройки

unknown-command-setduration = Длина теперь — настройка каждой модели. Отправьте /settings и выберите «Мои настройки модели» или поменяйте её в заказе до подтверждения.
unknown-command-setresolution = Разрешение теперь — настройка каждой модели. Отправьте /settings и выберите «Мои настройки модели» или поменяйте его в заказе до подтверждения.

settings = ⚙️ <b>Настройки</b>

    🎨 Модель: <b>{ $model }</b>{ $off ->
        [yes] {" "}(сейчас недоступна)
       *[no] {""}
    }
    🎛 Свои настройки модели: { $options ->
        [0] нет
       *[other] { $options }
    }
    🌐 Язык: { $language }
    ⭐ Суммы: { $units }
    🕒 Ваше время: { CLOCK($now) } (UTC{ $offset })
    📝 Описания: { $keeps ->
        [yes] хранятся в истории
       *[no] не хранятся
    }
settings-none = спрашиваю каждый раз
settings-saved = Сохранено ✓
settings-back = ‹ Назад
settings-to-model = 🎨 { $model }
settings-to-any-model = 🎨 Выбрать модель
settings-to-options = 🎛 Мои настройки модели
settings-to-language = 🌐 Язык
settings-to-units = ⭐ Суммы
settings-to-notify = 🔔 Уведомления
settings-to-clock = 🕒 Время
settings-to-keep = 📝 Мои описания
settings-to-reset = ↺ Сбросить всё

## Модель

settings-model = 🎨 <b>Ваша модель</b>: { $model }

    Она делает всё, что вы просто пишете мне. Выберите другую кнопками или напишите её название целиком или частью.
settings-kind-video = 🎬 Видео ({ $count })
settings-kind-image = 🖼 Картинки ({ $count })
settings-kind-audio = 🎵 Звук ({ $count })
settings-no-model = 🙋 Спрашивать каждый раз
settings-all-models = 🎨 Все модели
settings-model-list = 🎨 Какую выбрать? Страница { $page } из { $pages }.
settings-model-chosen = ✅ Теперь ваша модель — <b>{ $model }</b>. Просто напишите, что хотите получить.
settings-model-unknown = { $found ->
    [0] Модели «{ $name }» я не знаю. Напишите иначе или посмотрите все.
   *[other] Модели «{ $name }» я не знаю. Может быть, одна из этих?
}
settings-model-off = { $found ->
    [0] Модель «{ $name }» сейчас недоступна. Посмотрите все.
   *[other] Модель «{ $name }» сейчас недоступна. Может быть, одна из этих?
}
settings-model-gone = Эта модель больше недоступна. Выберите, пожалуйста, другую.
settings-model-words-only = Напишите название модели словами или выберите кнопками.

## Её настройки

settings-options = 🎛 <b>{ $model }</b>: с чего начинаются ваши заказы.

    Каждый заказ можно поменять и отдельно, до подтверждения.
settings-usual-options = ↺ Вернуть обычные

## Суммы

settings-units = ⭐ <b>Суммы</b>

    Всё оплачивается звёздами. Что ещё показывать рядом с ними?

    Например: { $example }
settings-units-all = Звёзды, кредиты и деньги
settings-units-stars = Только звёзды
settings-units-credits = Звёзды и кредиты
settings-units-money = Звёзды и деньги

## Уведомления

settings-notify = 🔔 <b>Что я пишу без вашей просьбы</b>

    О ваших деньгах я сообщаю всегда.
settings-reminders = { $on ->
    [yes] ✅
   *[no] ☐
} Если что-то идёт долго
settings-sound = { $on ->
    [yes] ✅
   *[no] ☐
} Звук, когда готово
settings-news = { $on ->
    [yes] ✅
   *[no] ☐
} Новости этого бота

## Время

settings-clock = 🕒 <b>Который у вас час?</b>

    Telegram мне этого не говорит, поэтому я считаю по UTC. Нажмите своё время или напишите его, например <code>{ CLOCK($now) }</code>.
settings-clock-refused = Не получилось прочитать это как время.

## Описания

settings-keep = 📝 <b>Ваши описания</b>

    { $kept ->
        [yes] Я храню их, чтобы история могла их показать и сделать то же ещё раз.
       *[no] Я их не храню: описание удаляется, как только результат у вас. Если разрешите хранить, история сможет их показать и сделать то же ещё раз.
    }
settings-keep-yes = 📝 Хранить мои описания
settings-keep-no = 🗑 Больше не хранить

## Сброс

settings-reset = ↺ <b>Сбросить все настройки?</b>

    Модель, её настройки, суммы, время, уведомления и разрешение хранить описания станут такими, как в самом начале. Язык, звёзды и история останутся.
settings-reset-yes = ↺ Да, сбросить всё
settings-reset-done = ↺ Готово, всё как в самом начале.
