help-of-$name = $title
$dashed-command = Поздороваться
$dashed-again = Ещё раз
$dashed-hello = Здравствуйте, { $$name }! { $$count ->
    [one] Мы виделись { $$count } раз.
    [few] Мы виделись { $$count } раза.
   *[other] Мы виделись { $$count } раз.
}
