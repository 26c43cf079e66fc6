"""Codes of the rules of `delivery`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.delivery.domain.delivery import DeliveryErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        DeliveryErrorCode.DELIVERY_NOT_FOUND,
        Text(
            "Такой доставки нет. В delivery это доставка заказа курьером, в notifications — "
            "отправка вебхука.",
            "There is no such delivery. In delivery it is a courier who brings an order, in "
            "notifications a webhook that is sent.",
        ),
        Text(
            "Курьера этому заказу ещё не назначали, запись стара и удалена, или номер неверен.",
            "No courier was assigned to the order yet, the entry is old and was removed, or the "
            "id is wrong.",
        ),
        Text(
            "Найдите номер в списке: ListDeliveries в delivery, GET "
            "/api/v1/webhooks/{webhook_id}/deliveries в notifications.",
            "Find it in the list: ListDeliveries of delivery, GET "
            "/api/v1/webhooks/{webhook_id}/deliveries of notifications.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.DELIVERY_STATE_FORBIDDEN,
        Text(
            "Из нынешнего состояния доставки такого шага нет.",
            "There is no such step from the present state of the delivery.",
        ),
        Text(
            "Курьер уже забрал заказ или доставка закончена. Так же отвечают на AssignCourier, "
            "которая пришла после отмены.",
            "The courier has picked the order up, or the delivery is over. The answer is the same "
            "to an AssignCourier that comes after the cancellation.",
        ),
        Text(
            "Прочитайте доставку (GetDelivery) и решайте по её состоянию.",
            "Read the delivery (GetDelivery) and decide from its state.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.ASSIGNMENT_CONFLICT,
        Text(
            "Этому заказу уже назначен курьер, но с другим адресом, окном или складом.",
            "This order was assigned before, with another address, slot or store.",
        ),
        Text(
            "AssignCourier повторили с другими полями.",
            "AssignCourier was repeated with other fields.",
        ),
        Text(
            "Повторяйте вызов без изменений. Если доставка неверна, отмените её.",
            "Repeat the call as it was. If the delivery is wrong, cancel it.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.NO_COURIER_AVAILABLE,
        Text(
            "Свободных курьеров нет.",
            "No courier is free.",
        ),
        Text(
            "Каждый из двадцати курьеров несёт столько заказов, сколько может.",
            "Each of the twenty couriers has as many orders as he can carry.",
        ),
        Text(
            "Повторите через несколько секунд: курьеры освобождаются. Сага повторяет сама.",
            "Try again in a few seconds: couriers become free. The saga does so by itself.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.STORE_UNKNOWN,
        Text(
            "Такого склада нет.",
            "There is no such store.",
        ),
        Text(
            "Опечатка в store_id. Ошибка перечисляет все склады.",
            "A typo in the store_id. The error lists all stores.",
        ),
        Text(
            "Возьмите названный склад или не указывайте его: подойдёт ближайший к адресу.",
            "Take one that is named, or leave it out for the one nearest to the address.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.COURIER_UNKNOWN,
        Text(
            "Такого курьера нет.",
            "There is no such courier.",
        ),
        Text(
            "Курьеров двадцать: от cou_01 до cou_20.",
            "There are twenty of them: cou_01 to cou_20.",
        ),
        Text(
            "Найдите номер в списке курьеров.",
            "Find the id in the list of couriers.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.CURSOR_TOO_OLD,
        Text(
            "События после этого курсора уже удалены, и часть их была бы пропущена.",
            "Events after this cursor are no longer kept, and some would be missed.",
        ),
        Text(
            "Читатель отсутствовал дольше, чем хранится поток событий.",
            "The reader was away for longer than the feed of events is kept.",
        ),
        Text(
            "Прочитайте нынешнее состояние (ListDeliveries) и следите дальше с пустым курсором.",
            "Read the present state (ListDeliveries), then watch with an empty cursor.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.CURSOR_UNKNOWN,
        Text(
            "Поток событий до этого курсора не дошёл.",
            "The feed of events has not come as far as this cursor.",
        ),
        Text(
            "Данные Redis стёрты, или курсор из другого потока.",
            "The data of Redis was erased, or the cursor is of another feed.",
        ),
        Text(
            "Прочитайте нынешнее состояние (ListDeliveries) и следите дальше с пустым курсором.",
            "Read the present state (ListDeliveries), then watch with an empty cursor.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.OFFER_GONE,
        Text(
            "Этот заказ вам не предложен или уже не ваш.",
            "This order is not offered to you, or not yours any more.",
        ),
        Text(
            "Предложение истекло, его принял другой курьер, или заказ отменён.",
            "The offer has expired, another courier took it, or the order was cancelled.",
        ),
        Text(
            "Дождитесь следующего предложения.",
            "Wait for the next offer.",
        ),
    ),
    ErrorPage(
        DeliveryErrorCode.SESSION_REPLACED,
        Text(
            "Этот сеанс курьера закончен.",
            "This session of the courier is over.",
        ),
        Text(
            "Курьер открыл новый сеанс, или этот слишком долго молчал.",
            "The courier has started another session, or this one was silent for too long.",
        ),
        Text(
            "Начните новый сеанс. Принятые заказы за это время могли перейти к другому.",
            "Start another session. What was accepted may be with somebody else by now.",
        ),
    ),
)
