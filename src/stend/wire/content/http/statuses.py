"""What each status code tells the client (RFC 9110 §15)."""

from stend.kit.fields import Meaning
from stend.wire.content.words import said

_STATUSES: dict[int, Meaning] = {
    100: said(
        "RFC 9110 §15.2.1",
        "Продолжайте: тело примут, его можно слать.",
        "Go on: the body will be taken, send it.",
    ),
    101: said(
        "RFC 9110 §15.2.2",
        "Протокол меняется: следующие байты — уже другого.",
        "The protocol changes: the next bytes are of another.",
    ),
    103: said(
        "RFC 8297 §2",
        "Ранние подсказки: что начать загружать до ответа.",
        "Early hints: what to load before the answer is there.",
    ),
    200: said(
        "RFC 9110 §15.3.1", "Удалось, результат в теле.", "It worked, the body has the result."
    ),
    201: said(
        "RFC 9110 §15.3.2",
        "Создано; адрес нового — в Location.",
        "Created; Location has the address.",
    ),
    202: said(
        "RFC 9110 §15.3.3",
        "Принято, но ещё не сделано: итог узнают отдельно.",
        "Taken, but not done yet: the outcome is learnt separately.",
    ),
    204: said("RFC 9110 §15.3.5", "Удалось, тела нет.", "It worked, there is no body."),
    206: said("RFC 9110 §15.3.7", "Прислана часть, по Range.", "A part was sent, as Range asked."),
    301: said(
        "RFC 9110 §15.4.2",
        "Переехало навсегда; POST по дороге может стать GET.",
        "Moved for good; a POST may become a GET on the way.",
    ),
    302: said(
        "RFC 9110 §15.4.3",
        "Временно в другом месте; POST по дороге может стать GET.",
        "Elsewhere for now; a POST may become a GET on the way.",
    ),
    303: said(
        "RFC 9110 §15.4.4",
        "Результат — по другому адресу, взять его GET.",
        "The result is at another address, to be had with GET.",
    ),
    304: said(
        "RFC 9110 §15.4.5",
        "Не изменилось: годится копия из кеша, тела нет.",
        "Not modified: the copy in the cache will do, there is no body.",
    ),
    307: said(
        "RFC 9110 §15.4.8",
        "Временно в другом месте; метод и тело те же.",
        "Elsewhere for now, with the same method and body.",
    ),
    308: said(
        "RFC 9110 §15.4.9",
        "Переехало навсегда; метод и тело те же.",
        "Moved for good, with the same method and body.",
    ),
    400: said(
        "RFC 9110 §15.5.1",
        "Запрос неправилен: повторять без исправления бесполезно.",
        "The request is wrong: to repeat it unchanged is of no use.",
    ),
    401: said(
        "RFC 9110 §15.5.2",
        "Не представились или удостоверение не годится.",
        "Nobody was named, or the credential is no good.",
    ),
    403: said(
        "RFC 9110 §15.5.4",
        "Кто спрашивает — известно, но ему нельзя.",
        "It is known who asks, and it is not allowed.",
    ),
    404: said("RFC 9110 §15.5.5", "Такого ресурса нет.", "There is no such resource."),
    405: said(
        "RFC 9110 §15.5.6",
        "Ресурс есть, метода у него нет; какие есть — в Allow.",
        "The resource is there, the method is not; Allow has those that are.",
    ),
    406: said(
        "RFC 9110 §15.5.7",
        "Ни один формат из Accept не умеют.",
        "None of the formats in Accept can be had.",
    ),
    408: said(
        "RFC 9110 §15.5.9",
        "Сервер не дождался запроса целиком.",
        "The server waited too long for the whole request.",
    ),
    409: said(
        "RFC 9110 §15.5.10",
        "Не согласуется с нынешним состоянием ресурса.",
        "It does not fit the state that the resource is in.",
    ),
    410: said(
        "RFC 9110 §15.5.11",
        "Было и больше не будет.",
        "It was there and will not be again.",
    ),
    411: said("RFC 9110 §15.5.12", "Нужен Content-Length.", "Content-Length is needed."),
    412: said(
        "RFC 9110 §15.5.13",
        "Условие If-Match не выполнено: ресурс уже изменили.",
        "The condition of If-Match failed: somebody changed it before.",
    ),
    413: said("RFC 9110 §15.5.14", "Тело слишком велико.", "The body is too large."),
    414: said("RFC 9110 §15.5.15", "Адрес слишком длинный.", "The address is too long."),
    415: said(
        "RFC 9110 §15.5.16",
        "Такой Content-Type здесь не принимают.",
        "This Content-Type is not taken here.",
    ),
    416: said("RFC 9110 §15.5.17", "Такой части нет.", "There is no such part."),
    421: said(
        "RFC 9110 §15.5.20",
        "Запрос не тому серверу.",
        "The request went to the wrong server.",
    ),
    422: said(
        "RFC 9110 §15.5.21",
        "Формат верен, содержание — нет.",
        "The format is right, what it says is not.",
    ),
    425: said(
        "RFC 8470 §5.2",
        "Рано: запрос мог быть повтором.",
        "Too early: the request may be a replay.",
    ),
    426: said(
        "RFC 9110 §15.5.22",
        "Нужен другой протокол, он в Upgrade.",
        "Another protocol is needed, Upgrade names it.",
    ),
    428: said(
        "RFC 6585 §3",
        "Нужен If-Match: без него можно затереть чужое.",
        "If-Match is needed: without it a change could be lost.",
    ),
    429: said(
        "RFC 6585 §4",
        "Слишком часто; когда снова — в Retry-After.",
        "Too often; Retry-After tells when again.",
    ),
    431: said("RFC 6585 §5", "Заголовки слишком длинны.", "The headers are too long."),
    500: said(
        "RFC 9110 §15.6.1",
        "Сервер сломался; выполнена ли операция, неизвестно.",
        "The server failed; whether the operation was done is unknown.",
    ),
    501: said(
        "RFC 9110 §15.6.2", "Метод серверу незнаком.", "The server does not know the method."
    ),
    502: said(
        "RFC 9110 §15.6.3",
        "Прокси получил от сервера негодный ответ.",
        "A proxy got a bad answer from the server.",
    ),
    503: said(
        "RFC 9110 §15.6.4",
        "Сейчас не может; позже, возможно, да (Retry-After).",
        "Not now, perhaps later (Retry-After).",
    ),
    504: said(
        "RFC 9110 §15.6.5",
        "Прокси не дождался сервера.",
        "A proxy waited too long for the server.",
    ),
    505: said("RFC 9110 §15.6.6", "Версия HTTP не годится.", "This version of HTTP will not do."),
}
_CLASSES: dict[int, Meaning] = {
    1: said(
        "RFC 9110 §15.2",
        "Промежуточный ответ: окончательный ещё придёт.",
        "An interim answer: the final one is still to come.",
    ),
    2: said("RFC 9110 §15.3", "Удалось.", "It worked."),
    3: said("RFC 9110 §15.4", "Идти в другое место.", "It is to be had elsewhere."),
    4: said(
        "RFC 9110 §15.5",
        "Виноват запрос: повтор без изменений не поможет.",
        "The request is at fault: to repeat it unchanged will not help.",
    ),
    5: said(
        "RFC 9110 §15.6",
        "Виноват сервер: повтор может помочь.",
        "The server is at fault: to repeat it may help.",
    ),
}
_OTHER = said(
    "RFC 9110 §15", "Код вне известных классов.", "A code outside of the classes that are known."
)


def status_meaning(status: int) -> Meaning:
    """What a status tells; of an unknown one, what its class does."""
    return _STATUSES.get(status) or _CLASSES.get(status // 100, _OTHER)
