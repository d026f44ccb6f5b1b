## Что не так с заказом

model-off = Модель <b>{ $model }</b> сейчас не работает. Выберите другую: /generate
model-retired = Модели <code>{ $model }</code> больше нет; её заменяет <code>{ $instead }</code>: /generate
model-no-more = Модели <code>{ $model }</code> больше нет. Выберите другую: /generate
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
moment-beyond = Этот момент уже после конца: длина — { $seconds ->
    [one] { $seconds } секунда
    [few] { $seconds } секунды
    [many] { $seconds } секунд
   *[other] { $seconds } секунды
}. Выберите момент пораньше.
moment-too-near = { $least ->
    [0] Конец должен быть позже начала.
    [one] Конец должен быть позже начала хотя бы на { $least } секунду.
    [few] Конец должен быть позже начала хотя бы на { $least } секунды.
    [many] Конец должен быть позже начала хотя бы на { $least } секунд.
   *[other] Конец должен быть позже начала хотя бы на { $least } секунды.
}
source-missing = Эта модель продолжает готовый результат: нажмите её кнопку под ним. Ничего не списано.
source-gone = Результата, который вы хотели продолжить, в вашей истории больше нет. Ничего не списано.
source-unfit = Этот результат такая модель продолжить не может. Ничего не списано.
source-too-old = Результат можно продолжить в течение { $days ->
    [one] { $days } дня
    [few] { $days } дней
    [many] { $days } дней
   *[other] { $days } дня
}, а этот старше. Ничего не списано.

## Что можно сделать из готового результата там, где его сделали

source-extend = ⏩ Продолжить
source-extend-question = Что будет дальше? Опишите словами
source-extend-song = ⏩ Продолжить
source-extend-song-question = Напишите слова, которые прозвучат дальше, или идите дальше без них
source-extend-music = ⏩ Продолжить
source-extend-music-question = Опишите, как музыка пойдёт дальше, или идите дальше без описания
source-full-hd = 📺 В 1080p
source-ultra-hd = 🖥 В 4K
source-sharper = 🔍 Выше разрешение
source-retouch = ✏️ Изменить словами
source-retouch-question = Что изменить? Опишите словами
source-replace-part = ✂️ Заменить часть
source-replace-part-question = Напишите новые слова этой части
source-wav = 💿 Получить WAV
source-music-video = 🎬 Клип
source-separate-voice = 🎤 Отделить голос

## Для чего нужны файлы

media-role-image = Изображение
media-role-first-frame = Первый кадр
media-role-last-frame = Последний кадр
media-role-reference = Образец (изображение)
media-role-mask = Маска
media-role-video = Видео
media-role-reference-video = Образец (видео)
media-role-audio = Звук

## Что можно выбрать

option-acceleration = Ускорение
option-aspect-ratio = Формат кадра
option-audio = Звук
option-audio-setting = Звук результата
option-audio-weight = Вес исходного звука
option-author = Имя автора
option-background = Фон
option-background-source = Откуда фон
option-camera-fixed = Неподвижная камера
option-cfg-scale = Близость к описанию
option-character-orientation = Поворот героя как
option-continue-at = Продолжить с секунды
option-enable-pro = Лучшее качество
option-enable-prompt-expansion = Дополнить описание
option-enhance-prompt = Улучшить описание
option-expand-prompt = Дополнить описание
option-extend-at = Продолжить с секунды
option-extend-prompt = Дополнить описание
option-extend-times = Добавить секунд
option-fixed-lens = Неподвижная камера
option-full-lyrics = Все слова песни вместе с новыми
option-generate-audio = Звук
option-generate-audio-switch = Звук
option-generate-multi-clip-switch = Несколько планов
option-guidance-scale = Близость к описанию
option-image-prompt-strength = Вес образца
option-image-resolution = Разрешение
option-image-size = Формат кадра
option-infill-end-s = Новая часть: до секунды
option-infill-start-s = Новая часть: с секунды
option-instrumental = Без вокала
option-max-images = Сколько, не больше
option-mode = Режим
option-model = Версия
option-negative-prompt = Чего избегать
option-negative-tags = Каких стилей избегать
option-num-images = Сколько
option-num-inference-steps = Шаги
option-open-scenedet = Искать сцены
option-output-format = Формат файла
option-output-quality = Качество файла
option-output-resolution = Разрешение
option-pe-fast-mode = Быстрее
option-prompt-extend = Дополнить описание
option-prompt-optimizer = Улучшить описание
option-prompt-upsampling = Дополнить описание
option-quality = Качество
option-ratio = Формат кадра
option-raw = Без лишней обработки
option-rendering-speed = Скорость или качество
option-safety-tolerance = Терпимость фильтра
option-seed = Зерно (число)
option-separate-vocal = Отделить голос
option-shift = Сдвиг
option-similarity-boost = Сходство голоса
option-size = Формат кадра
option-skip-face-enhance = Не улучшать лица
option-sound = Звук
option-sound-key = Тональность
option-sound-loop = Зациклить
option-sound-tempo = Темп (ударов в минуту)
option-speed = Скорость
option-stability = Ровность голоса
option-strength = Сила изменений
option-style = Стиль
option-style-weight = Вес стиля
option-tags = Стиль
option-thinking-mode = Сначала подумать
option-title = Название
option-upscale-factor = Во сколько раз больше
option-vocal-gender = Голос
option-voice = Голос
option-weirdness-constraint = Необычность

## Как называются значения

value-true = Да
value-false = Нет
value-numbered = № { $number }
value-adaptive = Как у исходника
value-auto = Автоматически
value-balanced = Сбалансированно
value-basic = Базовое
value-character-orientation-image = Как на картинке
value-character-orientation-video = Как в видео
value-design = Дизайн
value-fiction = Фантастика
value-fun = Весело
value-general = Обычный
value-high = Высокое
value-input-image = С картинки
value-input-video = Из видео
value-landscape-16-9 = Альбомный 16:9
value-landscape-21-9 = Альбомный 21:9
value-landscape-3-2 = Альбомный 3:2
value-landscape-4-3 = Альбомный 4:3
value-lite = Лёгкий
value-medium = Среднее
value-none = Нет
value-normal = Обычно
value-opaque = Непрозрачный
value-origin = Как в исходнике
value-output-resolution-1080 = 1080p
value-output-resolution-720 = 720p
value-portrait-16-9 = Портретный 9:16
value-portrait-3-2 = Портретный 2:3
value-portrait-4-3 = Портретный 3:4
value-pro = Pro
value-quality = Лучшее качество
value-realistic = Реалистичный
value-regular = Обычное
value-square = Квадрат
value-square-hd = Квадрат HD
value-std = Стандартный
value-transparent = Прозрачный
value-turbo = Быстро
value-ultra = Максимальное
value-vocal-gender-f = Женский
value-vocal-gender-m = Мужской

## Настройки на кнопках

options-previous = ‹ Назад
options-allowed-any = несколько слов
options-allowed-number = число
options-allowed-number-between = число от { $least } до { $most }
options-allowed-number-least = число не меньше { $least }
options-allowed-number-most = число не больше { $most }
options-allowed-text = текст не длиннее { $longest ->
    [one] { $longest } символа
    [few] { $longest } символов
    [many] { $longest } символов
   *[other] { $longest } символа
}
options-allowed-whole = целое число
options-allowed-whole-between = целое число от { $least } до { $most }
options-allowed-whole-least = целое число не меньше { $least }
options-allowed-whole-most = целое число не больше { $most }
options-ask = <b>{ $option }</b>: напишите { $allowed }.
options-back = ↩️ К настройкам
options-choose = <b>{ $option }</b>: что выбрать?
options-chosen = • { $value }
options-line = { $option }: { $value }
options-more = Ещё ›
options-no-value = не задано
options-refused = Так здесь не получится. <b>{ $option }</b>: напишите { $allowed }.
options-usual = Оставить как обычно
