"""Every stable error code in plain words: what it means, why it comes and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from google.rpc import code_pb2

from stend.kit.errors import EdgeErrorCode
from stend.kit.languages import Text
from stend.shop.orders.api.grpc import faults as grpc_faults
from stend.shop.orders.api.rest import faults as rest_faults
from stend.shop.orders.domain import OrderErrorCode


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """`statuses`: the protocol and its own word for this code."""

    code: StrEnum
    meaning: Text
    cause: Text
    action: Text

    @property
    def statuses(self) -> tuple[tuple[str, str], ...]:
        kind = rest_faults.FAULTS[self.code]
        return (
            ("rest", f"{kind.status} {kind.title}"),
            ("grpc", code_pb2.Code.Name(grpc_faults.FAULTS[self.code])),
        )


EDGE: tuple[ErrorPage, ...] = (
    ErrorPage(
        EdgeErrorCode.MALFORMED_MESSAGE,
        Text(
            "Тело запроса не разбирается как формат протокола: это не JSON или не protobuf.",
            "The body cannot be parsed as the protocol's format: it is not JSON or not protobuf.",
        ),
        Text(
            "Лишняя запятая, кавычки другого вида, обрезанное тело, чужая кодировка. "
            "В оболочке часто теряются кавычки вокруг JSON.",
            "A trailing comma, curly quotes, a truncated body, another encoding. "
            "A shell often eats the quotes around JSON.",
        ),
        Text(
            "Проверьте место, которое называет ошибка. Возьмите команду из песочницы: "
            "кавычки в ней уже верны.",
            "Look at the place that the error names. Take the command from the playground: "
            "its quoting is right.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.INVALID_ARGUMENT,
        Text(
            "Сообщение разобрано, но поле нарушает контракт: тип, образец, длину или "
            "обязательность.",
            "The message was parsed, but a field breaks the contract: its type, pattern, length "
            "or presence.",
        ),
        Text(
            "Число строкой, дата без смещения, неизвестное поле или опечатка в его имени.",
            "A number as a string, a date without an offset, an unknown field or a misspelt one.",
        ),
        Text(
            "Ошибка перечисляет поля и правила. Сверьте их с контрактом: openapi.yaml или "
            "orders.proto.",
            "The error lists fields and rules. Compare them with the contract: openapi.yaml or "
            "orders.proto.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.MESSAGE_TOO_LARGE,
        Text(
            "Тело больше, чем сервис готов прочитать.",
            "The body is larger than the service is willing to read.",
        ),
        Text(
            "В одном запросе слишком много данных или тело не то, что вы думали.",
            "Too much data in one request, or the body is not what you thought.",
        ),
        Text(
            "Разделите данные на несколько запросов. Предел назван в тексте ошибки.",
            "Split the data into several requests. The text of the error names the limit.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        Text(
            "Тип содержимого не тот, который понимает операция.",
            "The media type is not one that the operation understands.",
        ),
        Text(
            "Нет заголовка Content-Type: application/json. curl с -d без -H посылает тип формы.",
            "Content-Type: application/json is missing. curl with -d and no -H sends the type of "
            "a form.",
        ),
        Text(
            "Добавьте заголовок Content-Type: application/json.",
            "Add the header Content-Type: application/json.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.NO_SUCH_OPERATION,
        Text(
            "По этому адресу нет ресурса, или у сервиса нет такого метода.",
            "There is no resource at this address, or the service has no such method.",
        ),
        Text(
            "Опечатка в пути, другая версия API, имя метода без пакета.",
            "A typo in the path, another version of the API, a method name without its package.",
        ),
        Text(
            "Сверьте адрес со справкой API; в gRPC метод пишется полностью: "
            "lavka.orders.v1.Orders/GetOrder.",
            "Compare the address with the API reference; in gRPC a method is written in full: "
            "lavka.orders.v1.Orders/GetOrder.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        Text(
            "Ресурс есть, но этот метод HTTP он не принимает.",
            "The resource exists but does not accept this HTTP method.",
        ),
        Text(
            "GET вместо POST или наоборот. Отмена — это POST на /cancellation, а не DELETE.",
            "GET instead of POST or the other way round. Cancelling is a POST to /cancellation, "
            "not a DELETE.",
        ),
        Text(
            "Заголовок Allow в ответе перечисляет допустимые методы.",
            "The header Allow of the answer lists the methods that are accepted.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.FORBIDDEN,
        Text(
            "Порт стенда отказал самому отправителю: чужое имя в Host или чужая страница в Origin.",
            "The port of the stand refused the sender itself: a foreign name in Host or a foreign "
            "page in Origin.",
        ),
        Text(
            "Вы открыли стенд по имени, которого он не знает, или запрос послала страница "
            "с другого сайта.",
            "You opened the stand by a name that it does not know, or a page of another site sent "
            "the request.",
        ),
        Text(
            "Обращайтесь по адресу 127.0.0.1 или добавьте своё имя в stand.allowed_hosts.",
            "Use the address 127.0.0.1, or add your name to stand.allowed_hosts.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.DEADLINE_EXCEEDED,
        Text(
            "Операция не успела к сроку. Выполнена она или нет, по этой ошибке не узнать.",
            "The operation did not finish before its deadline. This error does not tell whether "
            "it took effect.",
        ),
        Text(
            "Медленная или занятая база, задержка на пути, слишком короткий срок.",
            "A slow or busy database, a delay on the way, a deadline that is too short.",
        ),
        Text(
            "Повторите с тем же ключом идемпотентности: второго заказа не будет.",
            "Repeat with the same idempotency key: there will be no second order.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.UNAVAILABLE,
        Text(
            "Часть, без которой операция невозможна, не отвечает.",
            "A part that the operation needs does not answer.",
        ),
        Text(
            "Сервис или движок ещё запускается, остановлен или отказал.",
            "A service or an engine is still starting, has stopped or has failed.",
        ),
        Text(
            "Посмотрите на страницу стенда, какая часть не готова. Повтор через секунду безопасен.",
            "See on the page of the stand which part is not ready. Retrying in a second is safe.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.INTERNAL,
        Text(
            "Ошибка в самом стенде. Ваше сообщение ни при чём.",
            "A bug in the stand itself. Your message is not to blame.",
        ),
        Text(
            "Случай, который мы не предусмотрели.",
            "A case that we did not foresee.",
        ),
        Text(
            "Подробности покажет команда ./stend logs. Сообщите о них, пожалуйста.",
            "The command ./stend logs shows the details. Please report them.",
        ),
    ),
)

ORDERS: tuple[ErrorPage, ...] = (
    ErrorPage(
        OrderErrorCode.INVALID_ORDER,
        Text(
            "Корзина нарушает правило магазина.",
            "The cart breaks a rule of the shop.",
        ),
        Text(
            "Количество вне пределов 1–99, больше 50 строк или один sku в двух строках.",
            "A quantity outside of 1 to 99, more than 50 lines, or one sku in two lines.",
        ),
        Text(
            "Исправьте названные строки и оформите заказ снова. Нужен новый ключ, "
            "если прежний уже оформил заказ.",
            "Correct the lines that are named and place the order again. Take a new key if the "
            "old one has placed an order.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.SKU_UNKNOWN,
        Text(
            "В прайс-листе нет такого товара.",
            "The price list has no such product.",
        ),
        Text(
            "Опечатка в sku. Образец верен, например MILK-001, но такой строки нет.",
            "A typo in the sku. Its pattern is right, as in MILK-001, but no such row exists.",
        ),
        Text(
            "Исправьте sku или уберите строку.",
            "Correct the sku or remove the line.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.SLOT_UNAVAILABLE,
        Text(
            "На это окно доставки нельзя обещать курьера.",
            "No courier can be promised for this window of delivery.",
        ),
        Text(
            "Окно короче 15 минут или длиннее 4 часов, начинается в прошлом или кончается "
            "позже чем через 14 дней.",
            "The window is shorter than 15 minutes or longer than 4 hours, begins in the past or "
            "ends more than 14 days from now.",
        ),
        Text(
            "Выберите другое окно или не указывайте его: магазин возьмёт ближайшее.",
            "Choose another window or leave it out: the shop will take the nearest one.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.ORDER_NOT_FOUND,
        Text(
            "Заказа с таким номером на этом стенде нет.",
            "This stand has no order with this id.",
        ),
        Text(
            "Номер с другого стенда, опечатка, или состояние стенда было сброшено.",
            "An id of another stand, a typo, or the state of the stand was reset.",
        ),
        Text(
            "Найдите номер операцией ListOrders.",
            "Find the id with ListOrders.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.TRANSITION_FORBIDDEN,
        Text(
            "Из нынешнего статуса заказа такого шага нет.",
            "There is no such step from the present status of the order.",
        ),
        Text(
            "Курьер уже в пути, заказ доставлен, отменён или не состоялся.",
            "The courier is on the way, or the order was delivered, cancelled or has failed.",
        ),
        Text(
            "Прочитайте заказ заново и решайте по его нынешнему статусу.",
            "Read the order again and decide from its present status.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.VERSION_CONFLICT,
        Text(
            "Заказ изменился после того, как вы его прочитали.",
            "The order has changed since you read it.",
        ),
        Text(
            "Кто-то успел раньше: версия в If-Match или expected_version устарела.",
            "Somebody was faster: the version in If-Match or expected_version is out of date.",
        ),
        Text(
            "Прочитайте заказ, возьмите новую версию и решите заново. Вслепую не повторяйте.",
            "Read the order, take its new version and decide anew. Do not repeat blindly.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.IDEMPOTENCY_KEY_REUSED,
        Text(
            "Этот ключ уже приходил с другим запросом.",
            "This key came before with another request.",
        ),
        Text(
            "Поля изменились, а ключ остался прежним. Ключ помнят 24 часа.",
            "The fields changed and the key did not. A key is remembered for 24 hours.",
        ),
        Text(
            "Новому заказу — новый ключ. Прежний ключ повторяют только с прежним запросом.",
            "A new order takes a new key. Repeat an old key only with its old request.",
        ),
    ),
)

_PAGES: Mapping[str, ErrorPage] = {page.code.value: page for page in (*EDGE, *ORDERS)}


def page_of(code: str) -> ErrorPage | None:
    return _PAGES.get(code)
