start-command = Баланс и что я умею
help-command = Всё, что я умею
lang-command = Выбрать язык
cancel-command = Выйти или остановить

start-friend = друг
start-welcome = 👋 Здравствуйте, <b>{ $name }</b>!

    Я делаю видео, картинки и музыку по вашим словам. Просто напишите, что хотите увидеть или услышать: цену я всегда называю заранее.

    Ваш баланс: <b>{ $balance }</b>
start-welcome-back = 👋 Рад видеть вас, <b>{ $name }</b>!

    Напишите, что хотите увидеть или услышать, и я это сделаю.

    Ваш баланс: <b>{ $balance }</b>
start-held = Отложено на то, что сейчас делается: { $held }

menu-create = ✨ Создать
menu-top-up = ⭐ Пополнить
menu-balance = 💰 Баланс
menu-language = 🌐 Язык
menu-help = ❔ Помощь

help = Вот что я умею:

    { $commands }

    Или просто напишите, что хотите увидеть или услышать.
help-line = /{ $command } — { $description }

lang-choose = 🌐 На каком языке будем общаться?
lang-current = ✓ { $language }
lang-chosen = 🌐 Язык выбран: { $language }.
lang-chosen-short = { $language } ✓
lang-gone = Этот язык больше недоступен.

cancel-left = Хорошо, выходим. Ничего не списано.
cancel-left-running = Хорошо, выходим. Генерация ещё идёт — чтобы остановить и её, отправьте /cancel ещё раз.
cancel-stopping = 🛑 Останавливаю…
cancel-too-late = Остановить уже нельзя: всё готово или вот-вот будет. Сейчас пришлю.
cancel-nothing = Отменять нечего. Чтобы создать что-нибудь новое: /generate
