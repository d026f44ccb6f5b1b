good-hello = Hello
good-command = Greets
good-refusal = No { $prompt }
