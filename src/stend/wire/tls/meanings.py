"""What the fields of TLS are for."""

from stend.wire.content.words import said
from stend.wire.tls.extension_meanings import EXTENSIONS

_RECORDS = {
    "type": said(
        "RFC 8446 §5.1",
        "Что лежит в записи: рукопожатие, предупреждение или данные приложения. "
        "Зашифрованное рукопожатие TLS 1.3 тоже выглядит как данные.",
        "What the record holds: handshake, alert or application data. An encrypted handshake "
        "of TLS 1.3 looks like data as well.",
    ),
    "legacy_record_version": said(
        "RFC 8446 §5.1",
        "Здесь почти всегда TLS 1.2 или 1.0, какая бы версия ни шла: так записи проходят "
        "через старые устройства на пути.",
        "Nearly always TLS 1.2 or 1.0, whichever version is spoken: so records pass old "
        "boxes on the way.",
    ),
    "record length": said(
        "RFC 8446 §5.1",
        "Длина содержимого записи: не больше 16 КиБ и небольшой добавки шифра.",
        "The length of what the record holds: at most 16 KiB and a little that the cipher adds.",
    ),
    "encrypted_record": said(
        "RFC 8446 §5.2",
        "Зашифровано: прочитать может только тот, у кого есть ключи соединения. Видны длина "
        "и время, и больше ничего.",
        "Encrypted: only whoever holds the keys of the connection can read it. Length and "
        "time can be seen, nothing else.",
    ),
    "fragment": said(
        "RFC 8446 §5.1",
        "Содержимое записи этого типа.",
        "What a record of this type holds.",
    ),
    "change_cipher_spec": said(
        "RFC 5246 §7.1",
        "В TLS 1.2 дальше всё зашифровано. В TLS 1.3 ничего не значит и шлётся ради старых "
        "устройств.",
        "In TLS 1.2 everything that follows is encrypted. In TLS 1.3 it means nothing and is "
        "sent for old boxes.",
    ),
    "level": said(
        "RFC 8446 §6",
        "fatal — соединение закрыто; warning — просто сообщение.",
        "fatal: the connection is closed; warning: it is only told.",
    ),
    "description": said(
        "RFC 8446 §6",
        "Что случилось: close_notify — штатный конец, handshake_failure — не сошлись в "
        "параметрах, unknown_ca — сертификату не доверяют.",
        "What has happened: close_notify is a regular end, handshake_failure means no "
        "parameters in common, unknown_ca that the certificate is not trusted.",
    ),
    "handshake_part": said(
        "RFC 8446 §5.1",
        "Часть сообщения рукопожатия, которое не поместилось в одну запись: целое показано у "
        "последней части.",
        "A part of a handshake message that did not fit into one record; the whole is shown "
        "with the last part.",
    ),
    "vector length": said(
        "RFC 8446 §3.4",
        "Сколько байт занимает то, что стоит следом.",
        "How many bytes the following takes.",
    ),
}
_MESSAGES = {
    "msg_type": said(
        "RFC 8446 §4",
        "Какое это сообщение рукопожатия.",
        "Which handshake message this is.",
    ),
    "handshake length": said(
        "RFC 8446 §4",
        "Длина сообщения без этих четырёх октетов.",
        "The length of the message without these four octets.",
    ),
    "body": said(
        "RFC 8446 §4",
        "Содержимое сообщения, которое здесь не разбирается дальше.",
        "The content of a message that is not taken apart any further here.",
    ),
    "handshake": said(
        "RFC 8446 §4",
        "Сообщение рукопожатия.",
        "A message of the handshake.",
    ),
    "ClientHello": said(
        "RFC 8446 §4.1.2",
        "Клиент предлагает: версии, шифры, ключи, имя сервера. Всё это видно любому на пути.",
        "The client offers versions, ciphers, keys and names the server. All of it is seen "
        "by anybody on the way.",
    ),
    "ServerHello": said(
        "RFC 8446 §4.1.3",
        "Сервер выбрал версию, шифр и ключ; в TLS 1.3 дальше всё зашифровано.",
        "The server has chosen version, cipher and key; in TLS 1.3 all that follows is encrypted.",
    ),
    "Certificate": said(
        "RFC 5246 §7.4.2",
        "Цепочка сертификатов: ей сервер доказывает, кто он. В TLS 1.3 она уже зашифрована.",
        "The chain of certificates with which the server proves who it is. In TLS 1.3 it is "
        "encrypted already.",
    ),
    "ServerKeyExchange": said(
        "RFC 5246 §7.4.3",
        "Одноразовый ключ сервера и подпись под ним: запись разговора нельзя будет "
        "расшифровать потом.",
        "A one-time key of the server and its signature: a recording cannot be decrypted later.",
    ),
    "CertificateRequest": said(
        "RFC 5246 §7.4.4",
        "Сервер просит сертификат у клиента: взаимный TLS.",
        "The server asks the client for a certificate: mutual TLS.",
    ),
    "ServerHelloDone": said(
        "RFC 5246 §7.4.5",
        "Сервер сказал всё и ждёт ключ клиента.",
        "The server has said everything and waits for the client's key.",
    ),
    "ClientKeyExchange": said(
        "RFC 5246 §7.4.7",
        "Ключ клиента: теперь обе стороны вычислят общий секрет.",
        "The client's key: now both sides compute the shared secret.",
    ),
    "CertificateVerify": said(
        "RFC 5246 §7.4.8",
        "Подпись, которой клиент доказывает, что ключ сертификата у него.",
        "A signature with which the client proves that it has the key of its certificate.",
    ),
    "CertificateStatus": said(
        "RFC 6066 §8",
        "Ответ OCSP, который сервер принёс сам: сертификат не отозван.",
        "An answer of OCSP that the server brings itself: the certificate is not revoked.",
    ),
    "NewSessionTicket": said(
        "RFC 5077 §3.3",
        "Билет, с которым клиент в следующий раз обойдётся без полного рукопожатия.",
        "A ticket that spares the client the full handshake next time.",
    ),
    "Finished": said(
        "RFC 5246 §7.4.9",
        "Проверка, что рукопожатие никто не изменил по дороге.",
        "Proof that nobody changed the handshake on the way.",
    ),
    "HelloRequest": said(
        "RFC 5246 §7.4.1.1",
        "Сервер просит начать рукопожатие заново.",
        "The server asks to begin the handshake anew.",
    ),
    "legacy_version": said(
        "RFC 8446 §4.1.2",
        "TLS 1.2, даже когда речь о TLS 1.3: настоящие версии стоят в supported_versions.",
        "TLS 1.2 even where TLS 1.3 is meant; the real versions are in supported_versions.",
    ),
    "random": said(
        "RFC 8446 §4.1.2",
        "32 случайных октета: из-за них у каждого соединения свои ключи. Особое значение у "
        "сервера — HelloRetryRequest, просьба прислать другой ключ.",
        "32 random octets: they give each connection keys of its own. One special value of a "
        "server is HelloRetryRequest, which asks for another key.",
    ),
    "legacy_session_id": said(
        "RFC 8446 §4.1.2",
        "Номер сессии времён TLS 1.2; в TLS 1.3 случаен, и сервер его повторяет.",
        "The session id of TLS 1.2; random in TLS 1.3, and repeated by the server.",
    ),
    "session_id": said(
        "RFC 8446 §4.1.2",
        "Сам номер сессии.",
        "The session id itself.",
    ),
    "cipher_suites": said(
        "RFC 8446 §4.1.2",
        "Наборы шифров, которые клиент умеет, от желанных к запасным.",
        "The cipher suites that the client knows, the preferred ones first.",
    ),
    "CipherSuite": said(
        "RFC 8446 §B.4",
        "Набор: обмен ключами и подпись (до TLS 1.3), шифр, хэш. GREASE — нарочно "
        "бессмысленный номер.",
        "A suite: key exchange and signature (before TLS 1.3), cipher, hash. GREASE is "
        "senseless on purpose.",
    ),
    "cipher_suite": said(
        "RFC 8446 §4.1.3",
        "Набор, который выбрал сервер.",
        "The suite that the server has chosen.",
    ),
    "legacy_compression_methods": said(
        "RFC 8446 §4.1.2",
        "Только null: сжатие внутри TLS запрещено после атаки CRIME.",
        "Only null: compression inside TLS is forbidden since the attack CRIME.",
    ),
    "CompressionMethod": said(
        "RFC 8446 §4.1.2",
        "Способ сжатия; null — без него.",
        "A way of compression; null is none.",
    ),
    "legacy_compression_method": said(
        "RFC 8446 §4.1.3",
        "Выбранное сжатие: всегда null.",
        "The chosen compression: always null.",
    ),
    "extensions": said(
        "RFC 8446 §4.2",
        "Всё, чего не было в первых версиях TLS: незнакомое пропускают.",
        "All that the first versions of TLS did not have; what is unknown is skipped.",
    ),
    "certificate_list": said(
        "RFC 5246 §7.4.2",
        "Сначала сертификат сервера, за ним те, кто его подписал.",
        "The server's certificate first, then those that signed it.",
    ),
    "Certificate entry": said(
        "RFC 5246 §7.4.2",
        "Один сертификат цепочки с длиной впереди.",
        "One certificate of the chain, with its length in front.",
    ),
    "ASN.1Cert": said(
        "RFC 5280 §4.1",
        "Сертификат X.509: кому выдан, кем подписан и до какого дня действует.",
        "A certificate of X.509: whom it is for, who signed it, and until when it is valid.",
    ),
    "curve_type": said(
        "RFC 8422 §5.4",
        "named_curve: кривая названа номером.",
        "named_curve: the curve is told by its number.",
    ),
    "named_curve": said(
        "RFC 8422 §5.4",
        "На какой кривой идёт обмен ключами.",
        "The curve of the key exchange.",
    ),
    "public": said(
        "RFC 8422 §5.4",
        "Одноразовый открытый ключ сервера.",
        "The one-time public key of the server.",
    ),
    "key_exchange data": said(
        "RFC 8446 §4.2.8",
        "Сами байты ключа: их видно, но секрета из них не получить.",
        "The bytes of the key: they can be seen, and no secret follows from them.",
    ),
    "dh_p": said(
        "RFC 5246 §7.4.3",
        "Простое число группы Диффи — Хеллмана.",
        "The prime of the Diffie-Hellman group.",
    ),
    "dh_g": said(
        "RFC 5246 §7.4.3",
        "Генератор группы.",
        "The generator of the group.",
    ),
    "dh_Ys": said(
        "RFC 5246 §7.4.3",
        "Одноразовый открытый ключ сервера.",
        "The one-time public key of the server.",
    ),
    "dh_Yc": said(
        "RFC 5246 §7.4.7.2",
        "Одноразовый открытый ключ клиента.",
        "The one-time public key of the client.",
    ),
    "ecdh_Yc": said(
        "RFC 8422 §5.7",
        "Одноразовый открытый ключ клиента.",
        "The one-time public key of the client.",
    ),
    "EncryptedPreMasterSecret": said(
        "RFC 5246 §7.4.7.1",
        "Секрет, зашифрованный ключом сертификата: кто добудет ключ, прочтёт и старые записи.",
        "A secret encrypted for the certificate's key: whoever gets that key reads old "
        "recordings, too.",
    ),
    "algorithm": said(
        "RFC 5246 §7.4.1.4.1",
        "Каким алгоритмом сделана подпись.",
        "The algorithm of the signature.",
    ),
    "signature": said(
        "RFC 5246 §4.7",
        "Подпись: без ключа сертификата её не подделать.",
        "The signature, which nobody forges without the certificate's key.",
    ),
    "signature data": said(
        "RFC 5246 §4.7",
        "Сами байты подписи.",
        "The bytes of the signature.",
    ),
    "certificate_types": said(
        "RFC 5246 §7.4.4",
        "Какие сертификаты клиента подойдут.",
        "Which kinds of client certificates will do.",
    ),
    "ClientCertificateType": said(
        "RFC 5246 §7.4.4",
        "Вид сертификата клиента.",
        "A kind of client certificate.",
    ),
    "certificate_authorities": said(
        "RFC 5246 §7.4.4",
        "Кем он должен быть подписан; пусто — кем угодно.",
        "Who must have signed it; empty for anybody.",
    ),
    "authorities": said(
        "RFC 5246 §7.4.4",
        "Имена удостоверяющих центров в DER.",
        "Names of authorities in DER.",
    ),
    "ticket_lifetime_hint": said(
        "RFC 5077 §3.3",
        "Сколько секунд билет примут.",
        "For how many seconds the ticket is accepted.",
    ),
    "ticket": said(
        "RFC 5077 §3.3",
        "Билет: состояние сессии, зашифрованное ключом сервера.",
        "The ticket: the state of the session, encrypted with the server's key.",
    ),
    "ticket data": said(
        "RFC 5077 §3.3",
        "Сами байты билета: прочтёт их только сервер.",
        "The bytes of the ticket, which only the server can read.",
    ),
    "status_type": said(
        "RFC 6066 §8",
        "Каким способом проверяется отзыв: OCSP.",
        "In which way revocation is looked up: OCSP.",
    ),
    "response": said(
        "RFC 6066 §8",
        "Ответ OCSP в DER, подписанный удостоверяющим центром.",
        "The answer of OCSP in DER, signed by the authority.",
    ),
}
MEANINGS = {**_RECORDS, **_MESSAGES, **EXTENSIONS}
