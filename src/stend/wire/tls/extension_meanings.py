"""What the extensions of TLS are for."""

from stend.wire.content.words import said

EXTENSIONS = {
    "extension": said(
        "RFC 8446 §4.2",
        "Расширение, которого нет среди известных здесь: получатель пропускает такие.",
        "An extension that is not among those known here; a receiver skips such.",
    ),
    "extension_type": said(
        "RFC 8446 §4.2",
        "Номер расширения.",
        "The number of the extension.",
    ),
    "extension length": said(
        "RFC 8446 §4.2",
        "Длина данных расширения; у многих она нулевая: важно, что оно есть.",
        "The length of the extension's data; zero for many, which only have to be there.",
    ),
    "extension_data": said(
        "RFC 8446 §4.2",
        "Данные расширения, как их описывает его собственная спецификация.",
        "The data of the extension, as its own specification describes them.",
    ),
    "GREASE": said(
        "RFC 8701 §2",
        "Бессмысленное нарочно: проверяет, что сервер пропускает незнакомое, а не ломается.",
        "Senseless on purpose: it checks that the server skips what it does not know instead "
        "of failing.",
    ),
    "server_name": said(
        "RFC 6066 §3",
        "SNI: к какому хосту обращаются. Сервер выбирает по нему сертификат; на пути его видно.",
        "SNI: which host is meant. The server picks its certificate by it; it is seen on the way.",
    ),
    "server_name_list": said(
        "RFC 6066 §3",
        "Имена; на деле всегда одно.",
        "The names; always one in practice.",
    ),
    "name_type": said(
        "RFC 6066 §3",
        "Вид имени; есть только host_name.",
        "The kind of name; host_name is the only one.",
    ),
    "HostName": said(
        "RFC 6066 §3",
        "Имя хоста с длиной впереди.",
        "The name of the host with its length in front.",
    ),
    "host_name": said(
        "RFC 6066 §3",
        "Само имя, без порта и точки в конце.",
        "The name itself, without a port and a final dot.",
    ),
    "application_layer_protocol_negotiation": said(
        "RFC 7301 §3.1",
        "ALPN: какие протоколы клиент готов вести внутри. Так HTTP/2 выбирают без лишнего обмена.",
        "ALPN: which protocols the client is ready to speak inside. This is how HTTP/2 is "
        "chosen without another round trip.",
    ),
    "protocol_name_list": said(
        "RFC 7301 §3.1",
        "Протоколы по порядку предпочтения; у сервера — один, выбранный.",
        "The protocols, preferred ones first; of a server, the one that it has chosen.",
    ),
    "ProtocolName": said(
        "RFC 7301 §3.1",
        "Имя протокола с длиной впереди.",
        "The name of a protocol with its length in front.",
    ),
    "protocol_name": said(
        "RFC 7301 §6",
        "Имя протокола: `h2` — HTTP/2, `http/1.1`.",
        "The name of the protocol: `h2` is HTTP/2, and `http/1.1`.",
    ),
    "supported_versions": said(
        "RFC 8446 §4.2.1",
        "Настоящие версии: что клиент умеет и что сервер выбрал.",
        "The real versions: what the client knows, and what the server has chosen.",
    ),
    "versions": said(
        "RFC 8446 §4.2.1",
        "Версии, которые умеет клиент.",
        "The versions that the client knows.",
    ),
    "ProtocolVersion": said(
        "RFC 8446 §4.2.1",
        "Одна из версий.",
        "One of the versions.",
    ),
    "selected_version": said(
        "RFC 8446 §4.2.1",
        "Версия, которую выбрал сервер.",
        "The version that the server has chosen.",
    ),
    "key_share": said(
        "RFC 8446 §4.2.8",
        "Открытый ключ для обмена Диффи — Хеллмана: приложен сразу, поэтому TLS 1.3 "
        "обходится одним оборотом.",
        "A public key for Diffie-Hellman: it comes at once, which saves TLS 1.3 a round trip.",
    ),
    "client_shares": said(
        "RFC 8446 §4.2.8",
        "Ключи клиента для групп, которые сервер, скорее всего, выберет.",
        "Keys of the client for the groups that the server is likely to choose.",
    ),
    "KeyShareEntry": said(
        "RFC 8446 §4.2.8",
        "Ключ в одной группе.",
        "A key of one group.",
    ),
    "group": said(
        "RFC 8446 §4.2.7",
        "Группа: кривая, поле или постквантовая схема.",
        "The group: a curve, a field, or a post-quantum scheme.",
    ),
    "key_exchange": said(
        "RFC 8446 §4.2.8",
        "Открытый ключ с длиной впереди.",
        "The public key with its length in front.",
    ),
    "signature_algorithms": said(
        "RFC 8446 §4.2.3",
        "Какими алгоритмами можно подписать рукопожатие.",
        "Which algorithms may sign the handshake.",
    ),
    "signature_algorithms_cert": said(
        "RFC 8446 §4.2.3",
        "Какими алгоритмами могут быть подписаны сертификаты.",
        "Which algorithms certificates may be signed with.",
    ),
    "supported_signature_algorithms": said(
        "RFC 8446 §4.2.3",
        "Алгоритмы подписи по порядку предпочтения.",
        "Algorithms of signatures, preferred ones first.",
    ),
    "SignatureScheme": said(
        "RFC 8446 §4.2.3",
        "Подпись вместе с хэшем.",
        "A signature together with its hash.",
    ),
    "supported_groups": said(
        "RFC 8446 §4.2.7",
        "Группы, в которых возможен обмен ключами.",
        "The groups in which keys can be exchanged.",
    ),
    "named_group_list": said(
        "RFC 8446 §4.2.7",
        "Группы по порядку предпочтения.",
        "The groups, preferred ones first.",
    ),
    "NamedGroup": said(
        "RFC 8446 §4.2.7",
        "Одна из групп.",
        "One of the groups.",
    ),
    "ec_point_formats": said(
        "RFC 8422 §5.1.2",
        "Как записаны точки кривой: сейчас только без сжатия.",
        "How points of a curve are written: only uncompressed today.",
    ),
    "ec_point_format_list": said(
        "RFC 8422 §5.1.2",
        "Принимаемые записи точек.",
        "The formats that are accepted.",
    ),
    "ECPointFormat": said(
        "RFC 8422 §5.1.2",
        "Запись точки кривой.",
        "A format of points.",
    ),
    "psk_key_exchange_modes": said(
        "RFC 8446 §4.2.9",
        "Как продолжать сессию по билету: с новым обменом ключами или без.",
        "How to resume a session: with a new exchange of keys, or without.",
    ),
    "ke_modes": said(
        "RFC 8446 §4.2.9",
        "Допустимые способы.",
        "The ways that will do.",
    ),
    "PskKeyExchangeMode": said(
        "RFC 8446 §4.2.9",
        "psk_dhe_ke — с новым обменом ключами, и старые записи не раскроются.",
        "psk_dhe_ke has a new exchange of keys, so old recordings stay secret.",
    ),
    "pre_shared_key": said(
        "RFC 8446 §4.2.11",
        "Билеты прошлых сессий: если сервер узнает один, сертификат не нужен.",
        "Tickets of earlier sessions: if the server knows one, no certificate is needed.",
    ),
    "identities": said(
        "RFC 8446 §4.2.11",
        "Предлагаемые билеты.",
        "The tickets on offer.",
    ),
    "identity": said(
        "RFC 8446 §4.2.11",
        "Билет, каким его выдал сервер.",
        "A ticket as the server gave it.",
    ),
    "obfuscated_ticket_age": said(
        "RFC 8446 §4.2.11.1",
        "Возраст билета, сдвинутый так, чтобы по нему не узнали клиента.",
        "The age of the ticket, shifted so that nobody knows the client by it.",
    ),
    "binders": said(
        "RFC 8446 §4.2.11.2",
        "Доказательства, что секрет билета у клиента.",
        "Proofs that the client has the secret of the ticket.",
    ),
    "PskBinderEntry": said(
        "RFC 8446 §4.2.11.2",
        "Доказательство для билета на том же месте.",
        "The proof for the ticket in the same place.",
    ),
    "selected_identity": said(
        "RFC 8446 §4.2.11",
        "Какой по счёту билет принят.",
        "Which of the tickets is accepted.",
    ),
    "session_ticket": said(
        "RFC 5077 §3.2",
        "Билет TLS 1.2; пустой — клиент готов получить новый.",
        "A ticket of TLS 1.2; empty if the client is ready for a new one.",
    ),
    "status_request": said(
        "RFC 6066 §8",
        "Клиент просит сразу приложить ответ OCSP.",
        "The client asks for an answer of OCSP along with the certificate.",
    ),
    "responder_id_list": said(
        "RFC 6066 §8",
        "Каким ответчикам доверяют; пусто — любым.",
        "Which responders are trusted; empty for any.",
    ),
    "request_extensions": said(
        "RFC 6066 §8",
        "Дополнения запроса OCSP; обычно пусто.",
        "Additions to the query of OCSP; mostly empty.",
    ),
    "signed_certificate_timestamp": said(
        "RFC 6962 §3.3.1",
        "Клиент хочет доказательства, что сертификат записан в открытые журналы.",
        "The client wants proof that the certificate stands in public logs.",
    ),
    "extended_master_secret": said(
        "RFC 7627 §5.1",
        "Ключи TLS 1.2 зависят от всего рукопожатия: так двух соединений не перепутать.",
        "Keys of TLS 1.2 depend on the whole handshake, so no two connections can be mixed up.",
    ),
    "encrypt_then_mac": said(
        "RFC 7366 §2",
        "Сначала шифровать, потом подписывать: закрывает атаки на CBC.",
        "Encrypt first, then authenticate: closes attacks on CBC.",
    ),
    "renegotiation_info": said(
        "RFC 5746 §3.2",
        "Защита повторного рукопожатия от подмены начала.",
        "Protects a second handshake from a forged beginning.",
    ),
    "renegotiated_connection": said(
        "RFC 5746 §3.2",
        "Проверка прошлого рукопожатия; в первом пусто.",
        "The proof of the handshake before; empty in the first.",
    ),
    "padding": said(
        "RFC 7685 §3",
        "Нули, чтобы длина обошла ошибки старых серверов.",
        "Zeros that move the length past bugs of old servers.",
    ),
    "compress_certificate": said(
        "RFC 8879 §3",
        "Какое сжатие сертификатов клиент понимает.",
        "Which compression of certificates the client understands.",
    ),
    "algorithms": said(
        "RFC 8879 §3",
        "Способы сжатия.",
        "The ways of compression.",
    ),
    "CompressionAlgorithm": said(
        "RFC 8879 §3",
        "Один из способов.",
        "One of the ways.",
    ),
    "record_size_limit": said(
        "RFC 8449 §4",
        "Какие записи готов принять отправитель.",
        "Which records the sender is ready for.",
    ),
    "RecordSizeLimit": said(
        "RFC 8449 §4",
        "Предел в байтах до шифрования.",
        "The limit in bytes before encryption.",
    ),
    "early_data": said(
        "RFC 8446 §4.2.10",
        "Вместе с рукопожатием уже идут данные (0-RTT): их можно перехватить и повторить.",
        "Data come along with the handshake (0-RTT); they can be caught and replayed.",
    ),
    "cookie": said(
        "RFC 8446 §4.2.2",
        "Сервер просит вернуть его, чтобы не помнить клиента.",
        "The server wants it back, to be spared remembering the client.",
    ),
    "cookie data": said(
        "RFC 8446 §4.2.2",
        "Сами байты, понятные только серверу.",
        "Bytes that only the server understands.",
    ),
    "post_handshake_auth": said(
        "RFC 8446 §4.2.6",
        "Клиент готов показать сертификат и после рукопожатия.",
        "The client is ready to show a certificate after the handshake, too.",
    ),
    "encrypted_client_hello": said(
        "RFC 9849 §5",
        "Настоящий ClientHello, зашифрованный вместе с именем сервера.",
        "The real ClientHello, encrypted with the server's name in it.",
    ),
}
