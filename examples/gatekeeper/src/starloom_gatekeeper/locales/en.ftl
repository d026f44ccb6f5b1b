help-of-gatekeeper = The gate
gatekeeper-forbid-command = Refuse prompts with a word
gatekeeper-permit-command = Allow a word again
gatekeeper-refused = I don’t draw “{ $word }”. Nothing was charged; please say it otherwise.
gatekeeper-words = { $count ->
    [0] No word is refused. <code>/forbid word</code> adds one.
   *[other] Refused: { $words }. <code>/permit word</code> takes one away.
}
