good-hello = Привет
good-command = Здоровается
good-refusal = Нет { $prompt }
