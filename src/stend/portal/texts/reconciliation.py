"""The reconciliation: its runs, what they find, and what each finding means."""

from collections.abc import Mapping

from stend.kit.languages import Text

_KINDS: Mapping[str, tuple[Text, Text]] = {
    "payment-missing": (
        Text("Платежа нет", "No payment"),
        Text(
            "Заказ доставлен, а банк о его платеже не знает.",
            "The order was delivered, and the bank knows of no payment for it.",
        ),
    ),
    "payment-not-captured": (
        Text("Деньги не списаны", "Money not captured"),
        Text(
            "Заказ доставлен, а деньги с карты не списаны.",
            "The order was delivered, and the money was not taken from the card.",
        ),
    ),
    "payment-amount-differs": (
        Text("Сумма не та", "Amount differs"),
        Text(
            "У Лавки осталось не столько, сколько стоит доставленный заказ.",
            "What the shop has kept is not what the delivered order costs.",
        ),
    ),
    "payment-not-returned": (
        Text("Деньги не возвращены", "Money not returned"),
        Text(
            "Заказ отменён или не удался, а деньги списаны и не возвращены.",
            "The order was cancelled or failed, and the money was taken and not given back.",
        ),
    ),
    "payment-without-order": (
        Text("Платёж без заказа", "Payment without an order"),
        Text(
            "Банк держит или списал деньги по ссылке, под которой нет заказа.",
            "The bank holds or has taken money under a reference that is no order.",
        ),
    ),
    "hold-left-over": (
        Text("Холд не снят", "Hold left over"),
        Text(
            "Заказ отменён или не удался, а деньги на карте всё ещё заблокированы.",
            "The order was cancelled or failed, and the money on the card is still held.",
        ),
    ),
    "reservation-missing": (
        Text("Резерва нет", "No reservation"),
        Text(
            "Товар отдан, а склад о резерве заказа не знает.",
            "The goods were handed over, and the stock knows of no reservation for the order.",
        ),
    ),
    "reservation-without-order": (
        Text("Резерв без заказа", "Reservation without an order"),
        Text(
            "Склад держит или списал товар под номером, которого нет среди заказов.",
            "The stock keeps or has given away goods under an id that is no order.",
        ),
    ),
    "goods-not-committed": (
        Text("Товар не списан", "Goods not committed"),
        Text(
            "Товар покинул склад, а в учёте он не списан.",
            "The goods have left the store, and its books do not say so.",
        ),
    ),
    "goods-not-released": (
        Text("Резерв не снят", "Goods not released"),
        Text(
            "Заказ отменён или не удался, а товар всё ещё в резерве.",
            "The order was cancelled or failed, and its goods are still reserved.",
        ),
    ),
    "goods-not-returned": (
        Text("Товар списан зря", "Goods committed for nothing"),
        Text(
            "Заказ отменён или не удался до выдачи, а товар списан.",
            "The order was cancelled or failed before the handover, and its goods are gone.",
        ),
    ),
    "goods-differ": (
        Text("Товар не тот", "Goods differ"),
        Text(
            "Списано не то, что заказано.",
            "What was committed is not what was ordered.",
        ),
    ),
    "goods-written-off": (
        Text("Товар в убытке", "Goods written off"),
        Text(
            "Заказ отменён, когда курьер уже забрал товар. Убыток известен и учтён.",
            "The order was cancelled when the courier had the goods. The loss is known and booked.",
        ),
    ),
    "delivery-missing": (
        Text("Доставки нет", "No delivery"),
        Text(
            "Товар отдан курьеру, а служба доставки об этом заказе не знает.",
            "A courier was given the goods, and the delivery service does not know the order.",
        ),
    ),
    "delivery-not-completed": (
        Text("Доставка не закончена", "Delivery not completed"),
        Text(
            "Заказ считается доставленным, а у службы доставки — нет.",
            "The order counts as delivered, and the delivery service says otherwise.",
        ),
    ),
    "delivery-not-cancelled": (
        Text("Доставка не отменена", "Delivery not cancelled"),
        Text(
            "Заказ отменён или не удался, а курьер его везёт или уже вручил.",
            "The order was cancelled or failed, and a courier is under way with it or has brought "
            "it.",
        ),
    ),
    "delivery-never-picked-up": (
        Text("Курьер товар не забирал", "Never picked up"),
        Text(
            "Товар списан в убыток как отданный курьеру, а курьер его не получал.",
            "The goods were written off as handed over, and no courier ever had them.",
        ),
    ),
    "delivery-without-order": (
        Text("Доставка без заказа", "Delivery without an order"),
        Text(
            "Курьер едет или съездил с номером, которого нет среди заказов.",
            "A courier is or was under way with an id that is no order.",
        ),
    ),
    "points-missing": (
        Text("Баллов нет", "Points missing"),
        Text(
            "Заказ доставлен, а баллы за него не начислены.",
            "The order was delivered, and no points were accrued for it.",
        ),
    ),
    "points-not-reversed": (
        Text("Баллы не сняты", "Points not reversed"),
        Text(
            "Заказ отменён или не удался, а баллы за него остались.",
            "The order was cancelled or failed, and its points are still there.",
        ),
    ),
    "saga-stuck": (
        Text("Сага застряла", "Saga stuck"),
        Text(
            "Шаг, от которого нельзя отказаться, повторяется больше пяти минут.",
            "A step that nobody may refuse has been tried for more than five minutes.",
        ),
    ),
    "books-out-of-balance": (
        Text("Счета не сходятся", "Books out of balance"),
        Text(
            "Сумма счетов банка не ноль или остаток счёта не равен сумме платежей.",
            "The bank's accounts do not sum to nothing, or one is not the sum of its payments.",
        ),
    ),
    "goods-out-of-balance": (
        Text("Резервы не сходятся", "Stock out of balance"),
        Text(
            "В остатках зарезервировано не столько, сколько в резервах заказов.",
            "The quantity kept back is not what the reservations keep.",
        ),
    ),
}

TEXTS: Mapping[str, Text] = {
    "nav.reconciliation": Text("Сверка", "Reconciliation"),
    "recon.title": Text("Сверка", "Reconciliation"),
    "recon.intro": Text(
        "Сходятся ли заказы, деньги, товар, доставки и баллы у всех сервисов.",
        "Whether the orders, money, goods, deliveries and points of all services agree.",
    ),
    "recon.run_now": Text("Сверить сейчас", "Run now"),
    "recon.under_way.waiting": Text("новая сверка ждёт очереди", "a new run waits for its turn"),
    "recon.under_way.running": Text("сверка идёт", "a run is under way"),
    "recon.shown": Text("Сверка от {time} UTC", "Run of {time} UTC"),
    "recon.state.waiting": Text("ждёт", "waiting"),
    "recon.state.running": Text("идёт", "running"),
    "recon.state.clean": Text("всё сходится", "all agrees"),
    "recon.state.findings": Text("есть расхождения", "differences"),
    "recon.state.incomplete": Text("не завершена", "incomplete"),
    "recon.cause.schedule": Text("по расписанию", "by schedule"),
    "recon.cause.request": Text("по запросу", "on request"),
    "recon.fact.cause": Text("Запуск", "Begun"),
    "recon.fact.took": Text("Длилась", "Took"),
    "recon.fact.orders": Text("Заказов", "Orders"),
    "recon.fact.compared": Text("Сверено", "Compared"),
    "recon.fact.in_progress": Text("Ещё в пути", "In progress"),
    "recon.fact.payments": Text("Платежей", "Payments"),
    "recon.fact.reservations": Text("Резервов", "Reservations"),
    "recon.fact.deliveries": Text("Доставок", "Deliveries"),
    "recon.fact.points_compared": Text("Баллы сверены", "Points compared"),
    "recon.hint.in_progress": Text(
        "Сага заказа ещё шла, когда началась сверка: его деньги и товар в движении.",
        "The order's saga was running when the run began: its money and goods are on the move.",
    ),
    "recon.hint.points_compared": Text(
        "У заказов, которые завершились после прошлой полной сверки.",
        "Of orders that ended since the last complete run.",
    ),
    "recon.findings": Text("Расхождения", "Differences"),
    "recon.found": Text("расхождений: {found}", "differences: {found}"),
    "recon.lost": Text("известных убытков: {lost}", "known losses: {lost}"),
    "recon.none.title": Text("Всё сходится", "All agrees"),
    "recon.none.what": Text(
        "За каждый доставленный заказ деньги списаны, товар отгружен, курьер его вручил и баллы "
        "начислены, за остальные завершённые — ничего.",
        "For every delivered order the money was taken, the goods shipped and handed to the "
        "customer, and the points accrued; for every other one that has ended, nothing.",
    ),
    "recon.more": Text(
        "Показаны первые {shown} из {total}.", "The first {shown} of {total} are shown."
    ),
    "recon.column.kind": Text("Что не так", "What differs"),
    "recon.column.order": Text("Заказ или счёт", "Order or account"),
    "recon.column.expected": Text("Должно быть", "Expected"),
    "recon.column.actual": Text("Есть", "Actual"),
    "recon.column.amount": Text("Сумма", "Amount"),
    "recon.column.run": Text("Начало, UTC", "Began, UTC"),
    "recon.column.state": Text("Итог", "Outcome"),
    "recon.column.compared": Text("Сверено", "Compared"),
    "recon.column.found": Text("Расхождений", "Differences"),
    "recon.column.took": Text("Длилась", "Took"),
    "recon.column.cause": Text("Запуск", "Begun"),
    "recon.column.account": Text("Счёт", "Account"),
    "recon.column.balance": Text("Остаток", "Balance"),
    "recon.column.sku": Text("Товар", "Product"),
    "recon.column.on_hand": Text("Свободно", "On hand"),
    "recon.column.reserved": Text("В резерве", "Reserved"),
    "recon.accounts": Text("Счета банка", "Accounts of the bank"),
    "recon.accounts.sum": Text("Вместе", "Together"),
    "recon.accounts.sum.hint": Text("всегда ноль: двойная запись", "always nothing: double entry"),
    "recon.account.cards": Text("карты покупателей", "customers' cards"),
    "recon.account.holds": Text("холды", "holds"),
    "recon.account.clearing": Text("клиринг", "clearing"),
    "recon.account.merchant": Text("счёт Лавки", "Lavka's account"),
    "recon.goods": Text("Товар на складе", "Goods in stock"),
    "recon.goods.pieces": Text("штук", "pieces"),
    "recon.history": Text("История", "History"),
    "recon.empty.title": Text("Сверок ещё не было", "No run yet"),
    "recon.empty.what": Text(
        "Первая пройдёт сама через минуту после старта. Или запустите её сейчас.",
        "The first one comes by itself a minute after the start. Or run one now.",
    ),
    "recon.first": Text("Идёт первая сверка", "The first run is under way"),
    "recon.first.what": Text("Итог появится здесь сам.", "Its outcome will be here by itself."),
    "recon.incomplete.title": Text(
        "Сверка не завершена: сходится ли всё, неизвестно",
        "The run is incomplete: whether all agrees is unknown",
    ),
    "recon.incomplete.what": Text("Следующая сверка попробует снова.", "The next run tries again."),
    "recon.failure.away.title": Text("Сервис orders не отвечает", "The service orders is away"),
    "recon.failure.away.what": Text(
        "Страница обновится сама, когда он ответит.",
        "The page follows by itself when it answers.",
    ),
    "recon.failure.refused.title": Text("Сервис orders отказал", "The service orders refuses"),
    "recon.failure.refused.what": Text(
        "Это его ответ; страница попробует снова.",
        "This is its answer; the page tries again.",
    ),
    "recon.failure.forgotten.title": Text("Такой сверки нет", "There is no such run"),
    "recon.failure.forgotten.what": Text(
        "Хранятся последние сто. Откройте последнюю.",
        "The last hundred are kept. Open the last one.",
    ),
    "recon.failure.strange.title": Text(
        "Ответил не сервис orders", "What answered is not the service orders"
    ),
    "recon.failure.strange.what": Text(
        "Проверьте, что стоит на его порту.", "Check what stands at its port."
    ),
    "recon.last": Text("Последняя сверка", "The last run"),
    **{f"recon.kind.{kind}": title for kind, (title, _) in _KINDS.items()},
    **{f"recon.what.{kind}": meaning for kind, (_, meaning) in _KINDS.items()},
}
