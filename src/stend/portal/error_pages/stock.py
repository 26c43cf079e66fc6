"""Codes of the rules of `stock`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.stock.domain import StockErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        StockErrorCode.INVALID_RESERVATION,
        Text(
            "Строки резерва нарушают правило склада.",
            "The lines of the reservation break a rule of the warehouse.",
        ),
        Text(
            "Строк нет или больше 50, либо количество вне пределов 1–99.",
            "No line or more than 50, or a quantity outside of 1 to 99.",
        ),
        Text(
            "Исправьте названные строки и резервируйте снова, с новым message_id.",
            "Correct the lines that are named and reserve again, with a new message_id.",
        ),
    ),
    ErrorPage(
        StockErrorCode.INVALID_RESTOCK,
        Text(
            "Поставки такого размера не бывает.",
            "No delivery of goods has this size.",
        ),
        Text(
            "Количество вне пределов 1–10 000.",
            "A quantity outside of 1 to 10,000.",
        ),
        Text(
            "Исправьте количество. Большую поставку разделите на несколько.",
            "Correct the quantity. Divide a larger delivery into several.",
        ),
    ),
    ErrorPage(
        StockErrorCode.OUT_OF_STOCK,
        Text(
            "На складе меньше товара, чем просят.",
            "The warehouse has less than is asked for.",
        ),
        Text(
            "Товар раскупили или он зарезервирован под другие заказы. Резервируется всё или "
            "ничего.",
            "The product is sold out or reserved for other orders. All is reserved, or nothing.",
        ),
        Text(
            "Возьмите меньше, уберите товар или пополните склад командой RestockProduct. Заказ, "
            "которому не хватило товара, становится failed.",
            "Take fewer, leave the product out, or add to the warehouse with RestockProduct. An "
            "order that lacks goods becomes failed.",
        ),
    ),
    ErrorPage(
        StockErrorCode.RESERVATION_NOT_FOUND,
        Text(
            "Такого резерва нет.",
            "There is no such reservation.",
        ),
        Text(
            "CommitStock пришла раньше, чем ReserveStock, или номер заказа неверен.",
            "CommitStock came before ReserveStock, or the order id is wrong.",
        ),
        Text(
            "Сначала зарезервируйте товар. Все резервы перечислит ListReservations.",
            "Reserve first. ListReservations lists all reservations.",
        ),
    ),
    ErrorPage(
        StockErrorCode.RESERVATION_RELEASED,
        Text(
            "Резерв уже снят, поэтому занять или списать по нему товар нельзя.",
            "The reservation was released, so nothing can be reserved or committed under it.",
        ),
        Text(
            "Заказ отменён или не состоялся. Так же отвечают на ReserveStock, которая пришла "
            "после своей отмены: от неё остаётся надгробие.",
            "The order was cancelled or has failed. The answer is the same to a ReserveStock that "
            "comes after its own release, which leaves a tombstone.",
        ),
        Text(
            "Ничего: отмена главнее. Если товар всё же нужен, оформите новый заказ.",
            "Nothing: the release counts. If the goods are still wanted, place a new order.",
        ),
    ),
    ErrorPage(
        StockErrorCode.RESERVATION_COMMITTED,
        Text(
            "Товар по этому резерву уже отдан, снять резерв нельзя.",
            "The goods of this reservation have left the warehouse, so it cannot be released.",
        ),
        Text(
            "ReleaseStock пришла после CommitStock.",
            "ReleaseStock came after CommitStock.",
        ),
        Text(
            "Верните товар на склад командой RestockProduct.",
            "Bring the goods back with RestockProduct.",
        ),
    ),
    ErrorPage(
        StockErrorCode.RESERVATION_ID_REUSED,
        Text(
            "Резерв с этим номером уже есть, и строки в нём другие.",
            "This reservation was made before, with other lines.",
        ),
        Text(
            "Один reservation_id взят для двух заказов.",
            "One reservation_id was taken for two orders.",
        ),
        Text(
            "Берите номер заказа: у каждого заказа один резерв.",
            "Take the order id: each order has one reservation.",
        ),
    ),
    ErrorPage(
        StockErrorCode.RESTOCK_ID_REUSED,
        Text(
            "Поставка с этим номером уже есть, с другим товаром или количеством.",
            "This delivery of goods was booked before, with another product or quantity.",
        ),
        Text(
            "Один restock_id взят дважды.",
            "One restock_id was taken twice.",
        ),
        Text(
            "Дайте каждой поставке свой номер.",
            "Give each delivery of goods an id of its own.",
        ),
    ),
    ErrorPage(
        StockErrorCode.MESSAGE_ID_REUSED,
        Text(
            "С этим message_id уже приходила другая команда.",
            "This message_id came before with another command.",
        ),
        Text(
            "Тип или тело изменились, а message_id остался прежним.",
            "The type or the body changed and the message_id did not.",
        ),
        Text(
            "Новой команде — новый message_id. Прежний повторяют только с прежней командой.",
            "A new command takes a new message_id. Repeat an old one only with its old command.",
        ),
    ),
)
