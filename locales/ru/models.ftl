## Что не так с заказом

model-off = Модель <b>{ $model }</b> сейчас не работает. Выберите другую: /generate
model-retired = Модели <code>{ $model }</code> больше нет; её заменяет <code>{ $instead }</code>: /generate
model-misspelt = Модели <code>{ $model }</code> нет. Может быть, <code>{ $nearest }</code>? Все модели: /generate
prompt-too-short = Слишком коротко: { $length }, а этой модели нужно не меньше { $limit ->
    [one] { $limit } знака
    [few] { $limit } знаков
    [many] { $limit } знаков
   *[other] { $limit } знака
}. Напишите подробнее и отправьте ещё раз.
input-unknown = Этой модели не нужны файлы для <code>{ $field }</code>. Начните заново: /generate
input-missing =
    Не хватает того, с чем работает эта модель: «{ $role ->
       *[image] { media-role-image }
        [first_frame] { media-role-first-frame }
        [last_frame] { media-role-last-frame }
        [reference] { media-role-reference }
        [mask] { media-role-mask }
        [video] { media-role-video }
        [reference_video] { media-role-reference-video }
        [audio] { media-role-audio }
    }».
    Нужно файлов: { $least }, получено: { $count }.
input-too-many =
    Файлов больше, чем эта модель берёт для «{ $role ->
       *[image] { media-role-image }
        [first_frame] { media-role-first-frame }
        [last_frame] { media-role-last-frame }
        [reference] { media-role-reference }
        [mask] { media-role-mask }
        [video] { media-role-video }
        [reference_video] { media-role-reference-video }
        [audio] { media-role-audio }
    }».
    Можно файлов: { $most }, получено: { $count }.
inputs-one-of = Этой модели нужно хотя бы одно из этого: <code>{ $fields }</code>. Начните заново: /generate
inputs-exclusive = Эта модель берёт только что-то одно из этого: <code>{ $fields }</code>. Начните заново: /generate
options-forbidden = Вместе это для модели невозможно: <code>{ $options }</code>. Измените что-нибудь одно.

## Для чего нужны файлы

media-role-image = Изображение
media-role-first-frame = Первый кадр
media-role-last-frame = Последний кадр
media-role-reference = Образец (изображение)
media-role-mask = Маска
media-role-video = Видео
media-role-reference-video = Образец (видео)
media-role-audio = Звук
