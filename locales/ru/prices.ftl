# Тексты о ценах: что бесплатно, суммы в кредитах и в деньгах, изменившиеся цены.

## Бесплатные генерации

price-free-daily = Сегодня бесплатно
price-free-newcomer = Бесплатно, подарок новичку
money-free-daily = Это было бесплатно: ничего не списано, и бесплатная попытка на сегодня осталась у вас.
money-free-newcomer = Это было бесплатно: ничего не списано, и подарок остаётся у вас.

## Когда цена уже другая

not-free-any-more = Бесплатные закончились. Теперь это стоит { $now } ⭐. Ничего не списано.
free-now = Теперь это для вас бесплатно, платить { $was } ⭐ не нужно. Ничего не списано.
price-out-of-range = Для этого нет цены. Выберите другие настройки или другую модель: /generate

## Суммы

credits = { $credits ->
    [one] { $credits } кредит
    [few] { $credits } кредита
    [many] { $credits } кредитов
   *[other] { $credits } кредита
}
amount-words = { $stars } ({ $credits }, { $money })
amount-beside = { $stars } ({ $amount })
amount-usd = ≈ { $value } $
amount-rub = ≈ { $value } ₽
amount-at-bank-rate = { $money } по курсу Банка России на { $day }
amount-at-own-rate = { $money } по нашему курсу

## Когда что-то возвращается

money-returned-to-debt = { $stars ->
    [one] Вернулась { $stars } звезда
    [few] Вернулись { $stars } звезды
    [many] Вернулось { $stars } звёзд
   *[other] Вернулось { $stars } звезды
}, из них { $repaid } ⭐ пошли на возврат долга.
