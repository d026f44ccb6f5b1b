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
start-in-group = 👋 Всем привет! Я делаю видео, картинки и музыку по вашим словам.

    Отправьте <code>/generate</code> и то, что хотите увидеть или услышать, а на мои сообщения отвечайте «ответом». Кто заказывает, тот и платит, и кнопки под заказом — только для него.
start-held = Отложено на то, что сейчас делается: { $held }

menu-create = ✨ Создать
menu-top-up = ⭐ Пополнить
menu-balance = 💰 Баланс
menu-settings = ⚙️ Настройки
menu-private-chat = 💬 Открыть личный чат
menu-language = 🌐 Язык
menu-help = ❔ Помощь

help = Вот что я умею.

    { $commands }

    Или просто напишите, что хотите увидеть или услышать.
help-in-group = Вот что я умею в группе.

    { $commands }

    Отвечайте на мои сообщения «ответом». Кто заказывает, тот и платит.
help-heading = <b>{ $title }</b>
help-of-start = 👋 С чего начать
help-of-admins = 🛠 Для администраторов
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
