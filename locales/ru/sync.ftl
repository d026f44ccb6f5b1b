# Что администраторы узнают из списков моделей и цен у поставщиков. HTML: <b>, <i>, <code>.

sync-head = 🔄 <b>{ $provider }: модели и цены</b>
sync-gone = ⛔ <b>{ $model }</b> (<code>{ $id }</code>): больше нет в списке, выключена
sync-back = ✅ <b>{ $model }</b> (<code>{ $id }</code>): снова в списке, как раньше
sync-risen = ⬆️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }, уже действует
sync-fallen = ⬇️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }, ждёт вашего решения
sync-mixed = ↕️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }; выключена до вашего решения
sync-unreadable = ❔ <b>{ $model }</b> (<code>{ $id }</code>): цену не удаётся точно прочитать; выключена до вашего решения. <i>{ $text }</i>
sync-approved = 👍 <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }, решение оператора <code>{ $operator }</code>
sync-kept = ✋ <b>{ $model }</b> (<code>{ $id }</code>): цена остаётся прежней, решение оператора <code>{ $operator }</code>
sync-more = … и ещё { $count }: <code>python run.py models changes</code>
sync-fresh = 🆕 Появилось там и не предлагается здесь: { $count }. <code>{ $models }</code>
    { $page }
sync-decide = Решить: /models_changes
sync-alarm-unread = ⚠️ Список не читается (<i>{ $detail }</i>). Ничего не изменено; попытки — каждый час.
sync-alarm-vanished = ⚠️ Из списка разом пропало слишком много моделей ({ $detail }). Вряд ли это правда: ничего не изменено. Посмотрите, пожалуйста.
sync-alarm-garbled = ⚠️ Слишком много цен разом не читается ({ $detail }). Ничего не изменено. Посмотрите, пожалуйста.
