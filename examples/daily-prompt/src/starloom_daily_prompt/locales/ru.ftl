help-of-daily_prompt = Клуб «Каждый день»
daily-prompt-command = Идея для картинки каждый день
daily-prompt-about = 🗓 <b>Клуб «Каждый день»</b>
    Каждый день — идея для картинки. { $days ->
        [0] Напишите, что вы в ней видите, и я нарисую.
        [one] Вы рисовали { $days } день.
        [few] Вы рисовали { $days } дня.
       *[other] Вы рисовали { $days } дней.
    }
daily-prompt-join = Вступить в клуб
daily-prompt-leave = Выйти из клуба
daily-prompt-joined = Добро пожаловать в клуб! Следующая идея придёт сама; выйти можно через /club.
daily-prompt-left = Вы вышли из клуба. Вернуться можно через /club.
daily-prompt-sent = { $members ->
    [one] Идею дня получил { $members } участник.
    [few] Идею дня получили { $members } участника.
   *[other] Идею дня получили { $members } участников.
}
daily-prompt-today = 💡 Идея дня: <b>{ $idea }</b>
    Напишите своими словами, что вы видите, и я нарисую.
daily-prompt-praise = { $days ->
    [one] 🌱 { $days } день в клубе. Отлично!
    [few] 🌱 { $days } дня в клубе. Отлично!
   *[other] 🌱 { $days } дней в клубе. Отлично!
}
daily-prompt-idea-1 = дверь там, где её быть не должно
daily-prompt-idea-2 = самое тихое место, какое вы знаете
daily-prompt-idea-3 = машина, которая боится дождя
daily-prompt-idea-4 = завтрак на другой планете
daily-prompt-idea-5 = карта вашей недели
daily-prompt-idea-6 = зверь, которого ещё нет
daily-prompt-idea-7 = последний свет на улице
