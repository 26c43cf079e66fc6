"""Every word that `stend certificates` prints, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class CertificatesText(Enum):
    CERTIFICATES = Text(
        ru="Выпустить сертификаты для шлюза вне стенда: центр, сервер, партнёр.",
        en="Make certificates for a gateway outside of the stand: authority, server, partner.",
    )
    FOLDER = Text(
        ru="Папка; что в ней ещё годится, остаётся.",
        en="Folder; what still fits in it stays.",
    )
    NAME = Text(
        ru="Ещё одно имя или адрес шлюза, кроме localhost, 127.0.0.1 и ::1; можно несколько.",
        en="One more name or address of the gateway beside localhost, 127.0.0.1 and ::1; any "
        "number of times.",
    )
    JSON = Text(
        ru="Напечатать пути, имена и срок в JSON.",
        en="Print paths, names and the last day as JSON.",
    )
    MADE = Text(
        ru="Выпущены сертификаты на имена {names}, действуют до {until}.",
        en="Made certificates for {names}, valid until {until}.",
    )
    KEPT = Text(
        ru="Сертификаты на имена {names} уже есть, действуют до {until}.",
        en="Certificates for {names} are there, valid until {until}.",
    )
    AUTHORITY = Text(
        ru="центр      {path}  — дайте его клиентам и браузеру",
        en="authority  {path}  give it to clients and browsers",
    )
    GATEWAY = Text(
        ru="шлюз       {path}  — ключ и сертификаты сервера",
        en="gateway    {path}  key and certificates of the server",
    )
    PARTNER = Text(
        ru="партнёр    {path}  — ключ и сертификат клиента для mTLS",
        en="partner    {path}  key and certificate of a client for mTLS",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
