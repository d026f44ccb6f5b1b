help-of-gatekeeper = Что не рисуем
gatekeeper-forbid-command = Отказывать на слово
gatekeeper-permit-command = Снова разрешить слово
gatekeeper-refused = «{ $word }» я не рисую. Ничего не списано; попробуйте сказать иначе.
gatekeeper-words = { $count ->
    [0] Запретных слов нет. <code>/forbid слово</code> добавит.
   *[other] Отказываю на: { $words }. <code>/permit слово</code> уберёт слово.
}
