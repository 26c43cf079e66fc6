"""What the fields of DNS messages are for."""

from stend.wire.content.words import said

MEANINGS = {
    "tcp length": said(
        "RFC 1035 §4.2.2",
        "Длина сообщения: по TCP она стоит впереди, потому что у потока нет границ; в "
        "датаграмме UDP её нет.",
        "The length of the message: it stands in front over TCP, which has no boundaries; a "
        "UDP datagram has none.",
    ),
    "header": said(
        "RFC 1035 §4.1.1",
        "Двенадцать октетов, одинаковые у вопроса и ответа: номер, признаки и сколько "
        "записей в каждом разделе.",
        "Twelve octets, alike in a query and its response: id, flags, and how many records "
        "each section has.",
    ),
    "ID": said(
        "RFC 1035 §4.1.1",
        "Номер вопроса: ответ повторяет его. Он случайный, чтобы чужой ответ нельзя было "
        "подделать наугад.",
        "The number of the query, repeated by the response. It is random, so that nobody "
        "forges a response by guessing.",
    ),
    "flags": said(
        "RFC 1035 §4.1.1",
        "QR — ответ, AA — отвечает хозяин зоны, TC — ответ обрезан и его надо повторить по "
        "TCP, RD — просят рекурсию, RA — она доступна, AD — проверено DNSSEC; в конце RCODE, "
        "исход.",
        "QR: a response; AA: from the zone's own server; TC: cut short, ask again over TCP; "
        "RD: recursion is wanted; RA: it is offered; AD: verified by DNSSEC; RCODE at the "
        "end is the outcome.",
    ),
    "QDCOUNT": said(
        "RFC 1035 §4.1.1",
        "Сколько вопросов; на деле всегда один.",
        "How many questions; always one in practice.",
    ),
    "ANCOUNT": said(
        "RFC 1035 §4.1.1",
        "Сколько записей отвечает на вопрос.",
        "How many records answer the question.",
    ),
    "NSCOUNT": said(
        "RFC 1035 §4.1.1",
        "Сколько записей говорит, какие серверы отвечают за зону.",
        "How many records tell which servers are in charge of the zone.",
    ),
    "ARCOUNT": said(
        "RFC 1035 §4.1.1",
        "Сколько записей добавлено, чтобы о них не пришлось спрашивать отдельно; среди них OPT.",
        "How many records are added so that nobody has to ask for them; OPT is among them.",
    ),
    "question": said(
        "RFC 1035 §4.1.2",
        "О чём спрашивают: имя, тип записи и класс. Ответ повторяет вопрос.",
        "What is asked: a name, a type of record, a class. The response repeats it.",
    ),
    "QNAME": said(
        "RFC 1035 §4.1.2",
        "Имя, о котором спрашивают; регистр букв не важен.",
        "The name in question; upper and lower case are the same.",
    ),
    "QTYPE": said(
        "RFC 1035 §4.1.2",
        "Какие записи нужны: A — адрес IPv4, AAAA — IPv6, MX — почта.",
        "Which records are wanted: A for an IPv4 address, AAAA for IPv6, MX for mail.",
    ),
    "QCLASS": said(
        "RFC 1035 §3.2.4",
        "Класс: IN — интернет, других почти не бывает.",
        "The class: IN is the Internet, others hardly exist.",
    ),
    "answer": said(
        "RFC 1035 §4.1.3",
        "Запись, которая отвечает на вопрос; цепочка CNAME стоит здесь же.",
        "A record that answers the question; a chain of CNAMEs is here, too.",
    ),
    "authority": said(
        "RFC 1035 §4.1.3",
        "Запись о тех, кто отвечает за зону; при NXDOMAIN это SOA, и по ней отказ хранят в кэше.",
        "A record on who is in charge of the zone; with NXDOMAIN it is the SOA, by which the "
        "denial is cached.",
    ),
    "additional": said(
        "RFC 1035 §4.1.3",
        "Запись впрок: например адреса серверов, названных выше.",
        "A record in advance: the addresses of the servers named above, for one.",
    ),
    "NAME": said(
        "RFC 1035 §3.2.1",
        "К какому имени относится запись; обычно это указатель на имя в вопросе.",
        "Which name the record belongs to; mostly a pointer to the one in the question.",
    ),
    "TYPE": said(
        "RFC 1035 §3.2.2",
        "Что лежит в RDATA.",
        "What RDATA holds.",
    ),
    "CLASS": said(
        "RFC 1035 §3.2.4",
        "Класс записи: IN — интернет.",
        "The class of the record: IN is the Internet.",
    ),
    "TTL": said(
        "RFC 1035 §3.2.1",
        "Сколько секунд запись можно хранить в кэше: столько же ждать, пока все увидят изменение.",
        "For how many seconds the record may be cached; it takes so long until all have seen "
        "a change.",
    ),
    "RDLENGTH": said(
        "RFC 1035 §3.2.1",
        "Длина RDATA: по ней пропускают записи незнакомых типов.",
        "The length of RDATA, by which records of unknown types are skipped.",
    ),
    "RDATA": said(
        "RFC 1035 §3.2.1",
        "Сами данные записи; их вид зависит от типа.",
        "The data of the record; what they look like depends on the type.",
    ),
    "label": said(
        "RFC 1035 §3.1",
        "Часть имени между точками: октет длины и до 63 октетов.",
        "A part of the name between dots: an octet of length and up to 63 octets.",
    ),
    "root": said(
        "RFC 1035 §3.1",
        "Нулевая длина: корень, на котором имя заканчивается.",
        "A length of zero: the root, with which the name ends.",
    ),
    "pointer": said(
        "RFC 1035 §4.1.4",
        "Вместо повторения остаток имени взят из этого места сообщения: так имена сжимают.",
        "Instead of a repetition, the rest of the name is taken from this place in the "
        "message: this is how names are compressed.",
    ),
    "ADDRESS": said(
        "RFC 1035 §3.4.1",
        "Адрес IPv4: к нему и будет соединение.",
        "The IPv4 address to connect to.",
    ),
    "ADDRESS6": said(
        "RFC 3596 §2.2",
        "Адрес IPv6: к нему и будет соединение.",
        "The IPv6 address to connect to.",
    ),
    "CNAME": said(
        "RFC 1035 §3.3.1",
        "Настоящее имя: спрашивать надо о нём.",
        "The real name: ask for this one.",
    ),
    "NSDNAME": said(
        "RFC 1035 §3.3.11",
        "Сервер, который отвечает за эту зону.",
        "A server that is in charge of this zone.",
    ),
    "PTRDNAME": said(
        "RFC 1035 §3.3.12",
        "Имя, на которое указывает адрес: обратный поиск.",
        "The name that an address points to: reverse lookup.",
    ),
    "PREFERENCE": said(
        "RFC 1035 §3.3.9",
        "Очерёдность почтовых серверов: сначала меньшее число.",
        "The order of mail servers: the smaller number first.",
    ),
    "EXCHANGE": said(
        "RFC 1035 §3.3.9",
        "Сервер, который принимает почту для этого имени.",
        "The server that takes mail for this name.",
    ),
    "TXT-DATA": said(
        "RFC 1035 §3.3.14",
        "Строка с октетом длины впереди: SPF, DKIM, подтверждение владения доменом.",
        "A string with an octet of length in front: SPF, DKIM, a proof of owning the domain.",
    ),
    "MNAME": said(
        "RFC 1035 §3.3.13",
        "Главный сервер зоны, откуда берут её копии.",
        "The primary server of the zone, which copies are taken from.",
    ),
    "RNAME": said(
        "RFC 1035 §3.3.13",
        "Почта ответственного: первая точка стоит вместо @.",
        "The mail address of whoever is responsible: the first dot stands for @.",
    ),
    "SERIAL": said(
        "RFC 1035 §3.3.13",
        "Номер версии зоны: вырос — копии пора обновить.",
        "The version of the zone: when it has grown, copies are to be renewed.",
    ),
    "REFRESH": said(
        "RFC 1035 §3.3.13",
        "Через сколько секунд копия проверяет, не выросла ли версия.",
        "After how many seconds a copy looks whether the version has grown.",
    ),
    "RETRY": said(
        "RFC 1035 §3.3.13",
        "Через сколько секунд повторить проверку, если она не удалась.",
        "After how many seconds to try that again if it failed.",
    ),
    "EXPIRE": said(
        "RFC 1035 §3.3.13",
        "Через сколько секунд без связи копия перестаёт отвечать.",
        "After how many seconds without contact a copy stops answering.",
    ),
    "MINIMUM": said(
        "RFC 2308 §4",
        "Сколько секунд хранить в кэше ответ, что имени нет.",
        "For how many seconds to cache that a name does not exist.",
    ),
    "Priority": said(
        "RFC 2782",
        "Очерёдность серверов: сначала меньшее число.",
        "The order of servers: the smaller number first.",
    ),
    "Weight": said(
        "RFC 2782",
        "Доля среди серверов той же очереди: больше число — больше соединений.",
        "The share among servers of the same priority: a larger number gets more connections.",
    ),
    "Port": said(
        "RFC 2782",
        "Порт, на котором слушает служба.",
        "The port on which the service listens.",
    ),
    "Target": said(
        "RFC 2782",
        "Хост, на котором работает служба; точка — её здесь нет.",
        "The host that runs the service; a dot means that there is none.",
    ),
    "requestor's UDP payload size": said(
        "RFC 6891 §6.1.2",
        "Сколько байт примет отправитель в датаграмме: в OPT это стоит на месте класса.",
        "How many bytes the sender takes in a datagram: in OPT it stands in the place of the "
        "class.",
    ),
    "extended RCODE and flags": said(
        "RFC 6891 §6.1.3",
        "Старшие биты RCODE, версия EDNS и DO — прислать подписи DNSSEC: в OPT это стоит на "
        "месте TTL.",
        "The upper bits of RCODE, the version of EDNS, and DO, the wish for DNSSEC "
        "signatures: in OPT they stand in the place of the TTL.",
    ),
    "option": said(
        "RFC 6891 §6.1.2",
        "Дополнение EDNS: номер, длина, данные.",
        "An addition of EDNS: its code, its length, its data.",
    ),
    "OPTION-CODE": said(
        "RFC 6891 §6.1.2",
        "Что это за дополнение; незнакомые пропускают.",
        "Which addition it is; unknown ones are skipped.",
    ),
    "OPTION-LENGTH": said(
        "RFC 6891 §6.1.2",
        "Длина данных дополнения.",
        "The length of the addition's data.",
    ),
    "OPTION-DATA": said(
        "RFC 6891 §6.1.2",
        "Данные дополнения, как их описывает его собственная спецификация.",
        "The data of the addition, as its own specification describes them.",
    ),
}
