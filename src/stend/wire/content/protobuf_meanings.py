"""What the pieces of the protobuf encoding are for."""

from stend.wire.content.words import said

MEANINGS = {
    "tag": said(
        "Protocol Buffers Encoding §Message Structure",
        "Номер поля и способ записи значения в одном числе: номер × 8 + тип. Имён полей на "
        "проводе нет, поэтому номер нельзя менять, а имя можно.",
        "The number of the field and how its value is written, in one number: number × 8 + "
        "wire type. Names are not on the wire, so a number must never change and a name may.",
    ),
    "length": said(
        "Protocol Buffers Encoding §Length-Delimited Records",
        "Сколько байт занимает значение: по ней пропускают и те поля, которых не знают.",
        "How many bytes the value takes: with it, even unknown fields can be skipped.",
    ),
    "VARINT": said(
        "Protocol Buffers Encoding §Base 128 Varints",
        "Целое переменной длины: по семь бит в байте, младшие впереди, старший бит говорит, "
        "что число продолжается. Небольшие числа занимают один байт.",
        "An integer of variable length: seven bits in each byte, low ones first, the top bit "
        "says that more follows. Small numbers take one byte.",
    ),
    "I64": said(
        "Protocol Buffers Encoding §Non-varint Numbers",
        "Ровно восемь байт, младший первым: `fixed64`, `sfixed64` или `double`.",
        "Exactly eight bytes, the lowest first: `fixed64`, `sfixed64` or `double`.",
    ),
    "I32": said(
        "Protocol Buffers Encoding §Non-varint Numbers",
        "Ровно четыре байта, младший первым: `fixed32`, `sfixed32` или `float`.",
        "Exactly four bytes, the lowest first: `fixed32`, `sfixed32` or `float`.",
    ),
    "LEN": said(
        "Protocol Buffers Encoding §Length-Delimited Records",
        "Само значение: строка в UTF-8 или произвольные байты, длина сказана перед ним.",
        "The value itself: a string in UTF-8 or any bytes; its length stands before it.",
    ),
    "packed": said(
        "Protocol Buffers Encoding §Repeated Elements",
        "Элемент повторяющегося числового поля: все они записаны подряд под одним тегом, а "
        "не с тегом перед каждым.",
        "An element of a repeated field of numbers: all of them stand in a row under one tag "
        "instead of a tag before each.",
    ),
    "end_group": said(
        "Protocol Buffers Encoding §Groups",
        "Конец группы: старый способ вложить сообщение — без длины, с тегом в конце.",
        "The end of a group: the old way to nest a message, with a tag at the end instead of "
        "a length in front.",
    ),
    "without contract": said(
        "Protocol Buffers Encoding §Message Structure",
        "Имя и точный тип знает только контракт, а его здесь нет: VARINT может быть `int64`, "
        "`sint64`, `bool` или enum, LEN — строкой, байтами или сообщением.",
        "Only the contract knows the name and the exact type, and there is none here: VARINT "
        "may be `int64`, `sint64`, `bool` or an enum; LEN a string, bytes or a message.",
    ),
    "not in the contract": said(
        "Protocol Buffers Encoding §Message Structure",
        "Поля с таким номером в контракте нет: отправитель новее или ошибся. Получатель "
        "пропускает его, и так старые и новые версии понимают друг друга.",
        "The contract has no field of this number: the sender is newer, or mistaken. A "
        "receiver skips it; that is how old and new versions understand each other.",
    ),
    "wrong wire type": said(
        "Protocol Buffers Encoding §Message Structure",
        "Номер в контракте есть, но значение записано не тем способом: у сторон разные "
        "контракты. Получатель считает такое поле неизвестным.",
        "The number is in the contract, but the value is written in another way: the two "
        "sides have different contracts. A receiver takes the field for an unknown one.",
    ),
}
