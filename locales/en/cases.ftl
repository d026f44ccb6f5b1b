# What operators decide: top-ups by card transfer, refunds, debts. HTML: <b>, <i>, <code>.

case-unknown = I don’t know this request any more. Nothing was changed.
alert-case-stuck = ⚠️ The decision <b>{ $decision }</b> on the request <code>{ $case }</code> still could not be carried out. I keep trying; the log says why it fails.
