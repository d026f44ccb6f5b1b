# Что администраторы узнают о книге счетов.
alert-ledger = 🚨 <b>Книга счетов не сходится.</b> { $count ->
        [one] Найдено { $count } расхождение:
        [few] Найдено { $count } расхождения:
        [many] Найдено { $count } расхождений:
       *[other] Найдено { $count } расхождения:
    }
    <pre>{ $problems }</pre>
    Счетов: { $accounts }, записей: { $entries }, сумма по всем: { $total } (должна быть 0).
    Ничего не изменено. Записи человека покажет <code>python run.py ledger statement ID</code>, проверку повторит <code>python run.py ledger check</code>.
