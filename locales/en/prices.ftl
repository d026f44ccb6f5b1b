# Texts about prices: what is free, amounts in credits and in money, changed prices.

## Free generations

price-free-daily = Free today
price-free-newcomer = Free, a gift for newcomers
money-free-daily = It was free: nothing was charged, and it doesn’t count among today’s free ones.
money-free-newcomer = It was free: nothing was charged, and your gift is still yours.

## When the price is another

not-free-any-more = The free ones are used up. This costs { $now } ⭐ now. Nothing was charged.
free-now = This is free for you now, you need not pay { $was } ⭐. Nothing was charged.
price-out-of-range = There is no price for that. Choose other options or another model: /generate

## Amounts

credits = { $credits ->
    [one] { $credits } credit
   *[other] { $credits } credits
}
amount-words = { $stars } ({ $credits }, { $money })
amount-beside = { $stars } ({ $amount })
amount-usd = ≈ ${ $value }
amount-rub = ≈ { $value } ₽
amount-at-bank-rate = { $money } at the Bank of Russia’s rate of { $day }
amount-at-own-rate = { $money } at our own rate

## When something is given back

money-returned-to-debt = { $stars ->
    [one] { $stars } Star came back
   *[other] { $stars } Stars came back
}, and { $repaid } ⭐ of that paid what you owed.
