"""What each request method promises (RFC 9110 §9)."""

from stend.kit.fields import Meaning
from stend.wire.content.words import said

_METHODS: dict[str, Meaning] = {
    "GET": said(
        "RFC 9110 §9.3.1",
        "Метод GET: прочитать. Безопасен — ничего не меняет, поэтому его можно повторять и "
        "кешировать.",
        "The method GET reads. It is safe, changes nothing, so it may be repeated and cached.",
    ),
    "HEAD": said(
        "RFC 9110 §9.3.2",
        "Метод HEAD: те же заголовки, что у GET, но без тела.",
        "The method HEAD: the headers of GET without the body.",
    ),
    "POST": said(
        "RFC 9110 §9.3.3",
        "Метод POST: обработать тело, обычно создать. Не идемпотентен: повтор может создать второй "
        "раз, если нет ключа идемпотентности.",
        "The method POST has the body processed, as a rule to create. It is not idempotent: a "
        "retry "
        "may create twice, without an idempotency key.",
    ),
    "PUT": said(
        "RFC 9110 §9.3.4",
        "Метод PUT: записать представление целиком. Идемпотентен: второй раз ничего не добавит.",
        "The method PUT stores the whole representation. Idempotent: a second time adds nothing.",
    ),
    "PATCH": said(
        "RFC 5789 §2",
        "Метод PATCH: изменить часть, как сказано в теле. Идемпотентен, только если таково "
        "изменение.",
        "The method PATCH changes a part as the body says. Idempotent only if that change is.",
    ),
    "DELETE": said(
        "RFC 9110 §9.3.5",
        "Метод DELETE: удалить. Идемпотентен: ресурса нет и после второго раза.",
        "The method DELETE removes. Idempotent: after a second time it is just as gone.",
    ),
    "OPTIONS": said(
        "RFC 9110 §9.3.7",
        "Метод OPTIONS: что здесь можно; браузер спрашивает им о CORS.",
        "The method OPTIONS asks what can be done here; browsers ask for CORS with it.",
    ),
    "CONNECT": said(
        "RFC 9110 §9.3.6",
        "Метод CONNECT: прокси соединяет с сервером и дальше передаёт байты не глядя.",
        "The method CONNECT: a proxy connects to the server and passes bytes on unseen.",
    ),
    "TRACE": said(
        "RFC 9110 §9.3.8",
        "Метод TRACE: вернуть запрос, каким он дошёл; обычно запрещён.",
        "The method TRACE returns the request as it arrived; as a rule forbidden.",
    ),
}
_OTHER = said(
    "RFC 9110 §9.1",
    "Метод не из общего списка: безопасен ли он, посредники не знают.",
    "A method of no common list: nobody on the way knows whether it is safe.",
)


def method_meaning(method: str) -> Meaning:
    return _METHODS.get(method, _OTHER)
