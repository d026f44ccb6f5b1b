help-of-$name = $title
$dashed-command = Say hello
$dashed-again = Once more
$dashed-hello = Hello, { $$name }! { $$count ->
    [one] We have met once.
   *[other] We have met { $$count } times.
}
