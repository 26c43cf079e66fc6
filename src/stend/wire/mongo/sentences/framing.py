"""Of headers and of what stands around documents."""

SENTENCES = """\
header
  Заголовок из четырёх чисел: с него начинается каждое сообщение в обе стороны.
  Four numbers that each message begins with, in either direction.
  MongoDB Wire Protocol, Standard Message Header

messageLength
  Длина сообщения в байтах вместе с этим полем: по ней поток режется на сообщения.
  The size of the message with this field: the stream is cut into messages by it.
  MongoDB Wire Protocol, Standard Message Header

requestID
  Номер сообщения, который выбрал отправитель.
  The message's number, chosen by its sender.
  MongoDB Wire Protocol, Standard Message Header

responseTo
  requestID сообщения, на которое это ответ; в запросе 0.
  The requestID of the message that this answers; 0 in a request.
  MongoDB Wire Protocol, Standard Message Header

opCode
  Вид сообщения: 2013 OP_MSG, 2012 OP_COMPRESSED, 2004 OP_QUERY и 1 OP_REPLY — для старого
    рукопожатия.
  The kind of message: 2013 OP_MSG, 2012 OP_COMPRESSED, 2004 OP_QUERY and 1 OP_REPLY of old
    handshakes.
  MongoDB Wire Protocol, Standard Message Header

flagBits
  Флаги: checksumPresent — в конце CRC-32C, moreToCome — ответа не ждать или за ним придёт ещё,
    exhaustAllowed — можно слать несколько ответов.
  Flags: checksumPresent has a CRC-32C at the end, moreToCome wants no answer or has more behind
    it, exhaustAllowed lets several answers come.

sections
  Части сообщения: ровно одна с самой командой и, может быть, последовательности документов.
  The parts of the message: one with the command itself, and perhaps sequences of documents.

section
  Часть сообщения: её вид, а за ним содержимое.
  A part of the message: its kind, then its content.

kind
  Вид части: 0 — один документ (команда или ответ), 1 — последовательность документов.
  The kind of the part: 0 is one document (command or reply), 1 a sequence of documents.

body
  Документ BSON с командой или ответом; первое поле команды — её имя.
  The BSON document with the command or the reply; a command's first field is its name.

size
  Размер последовательности в байтах вместе с этим полем.
  The size of the sequence in bytes, with this field.

identifier
  Имя поля команды, значением которого станут документы: documents, updates, deletes.
  The field of the command that these documents are the value of: documents, updates, deletes.

checksum
  CRC-32C всех байт сообщения до неё.
  CRC-32C of all bytes of the message before it.

flags
  Флаги старого запроса; драйверы ставят SlaveOk, чтобы ответила и реплика.
  Flags of the old query; drivers set SlaveOk so that a secondary may answer.
  MongoDB Wire Protocol, OP_QUERY

fullCollectionName
  База и коллекция через точку; для команды — admin.$cmd.
  Database and collection with a dot between; admin.$cmd for a command.
  MongoDB Wire Protocol, OP_QUERY

numberToSkip
  Сколько документов пропустить; у команды 0.
  How many documents to skip; 0 for a command.
  MongoDB Wire Protocol, OP_QUERY

numberToReturn
  Сколько документов вернуть; у команды -1 или 1.
  How many documents to return; -1 or 1 for a command.
  MongoDB Wire Protocol, OP_QUERY

query
  Сама команда: так драйверы ещё могут открывать соединение.
  The command itself: drivers may still open a connection so.
  MongoDB Wire Protocol, OP_QUERY

returnFieldsSelector
  Какие поля документов вернуть.
  Which fields of the documents to return.
  MongoDB Wire Protocol, OP_QUERY

responseFlags
  Флаги старого ответа: CursorNotFound, QueryFailure, AwaitCapable.
  Flags of the old reply: CursorNotFound, QueryFailure, AwaitCapable.
  MongoDB Wire Protocol, OP_REPLY

cursorID
  Номер курсора, если документы кончились не все; иначе 0.
  The cursor's number where there are more documents; else 0.
  MongoDB Wire Protocol, OP_REPLY

startingFrom
  С какого по счёту документа начинается этот ответ.
  Which document of the cursor this reply begins with.
  MongoDB Wire Protocol, OP_REPLY

numberReturned
  Сколько документов в этом ответе.
  How many documents are in this reply.
  MongoDB Wire Protocol, OP_REPLY

documents document
  Документы ответа; у команды он один.
  The documents of the reply; one for a command.
  MongoDB Wire Protocol, OP_REPLY

originalOpcode
  opCode сообщения, которое сжато.
  The opCode of the message that is compressed.
  MongoDB Wire Protocol, OP_COMPRESSED

uncompressedSize
  Размер содержимого после распаковки, без заголовка.
  The size of the content when it is decompressed, without the header.
  MongoDB Wire Protocol, OP_COMPRESSED

compressorId
  Чем сжато: 0 — ничем, 1 — snappy, 2 — zlib, 3 — zstd; способ выбран в рукопожатии.
  How it is compressed: 0 not, 1 snappy, 2 zlib, 3 zstd; agreed on in the handshake.
  MongoDB Wire Protocol, OP_COMPRESSED

compressedMessage
  Сжатое содержимое сообщения без заголовка.
  The compressed content of the message, without its header.
  MongoDB Wire Protocol, OP_COMPRESSED
"""
