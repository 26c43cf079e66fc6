"""What commands on keys, strings, hashes, lists, sets and sorted sets do."""

DATA = """
GET
  Возвращает строку по ключу, null — если ключа нет.
  Returns the string of a key, null where there is no such key.

SET
  Записывает строку. NX — только если ключа нет, XX — только если есть; EX и PX дают срок жизни.
  Writes a string. NX — only if the key is not there, XX — only if it is; EX and PX set a time to
    live.

SETEX PSETEX
  Записывает строку сразу со сроком жизни; теперь это SET с EX или PX.
  Writes a string with its time to live; SET with EX or PX does it today.

SETNX
  Записывает строку, только если ключа нет; теперь это SET с NX.
  Writes a string only if the key is not there; SET with NX does it today.

GETSET
  Записывает новое значение и возвращает прежнее; теперь это SET с GET.
  Writes a new value and returns the one before; SET with GET does it today.

GETDEL
  Возвращает строку и удаляет ключ — атомарно.
  Returns a string and deletes its key, at once.

GETEX
  Возвращает строку и меняет её срок жизни.
  Returns a string and changes its time to live.

MGET
  Возвращает строки по многим ключам за один круг; где ключа нет — null.
  Returns the strings of many keys in one round trip; null where there is none.

MSET
  Записывает много строк разом: никто не увидит половину.
  Writes many strings at once: nobody sees half of them.

MSETNX
  Записывает много строк, но только если нет ни одного из ключей.
  Writes many strings, only if none of the keys is there.

APPEND
  Дописывает в конец строки и возвращает её длину.
  Appends to a string and returns its length.

STRLEN
  Возвращает длину строки в байтах.
  Returns the length of a string in bytes.

INCR
  Прибавляет единицу атомарно: два клиента не потеряют шага друг друга.
  Adds one, atomically: two clients lose none of each other's steps.

DECR
  Вычитает единицу атомарно.
  Subtracts one, atomically.

INCRBY DECRBY
  Меняет число на заданную величину атомарно.
  Changes a number by an amount, atomically.

INCRBYFLOAT
  Прибавляет дробное число.
  Adds a number with a fraction.

GETRANGE
  Возвращает часть строки.
  Returns a part of a string.

SETRANGE
  Переписывает часть строки с заданного места.
  Overwrites a part of a string from a place on.

SETBIT GETBIT
  Пишет или читает один бит строки: так хранят миллионы флагов.
  Writes or reads one bit of a string: a way to keep millions of flags.

DEL
  Удаляет ключи и возвращает, сколько их было.
  Deletes keys and returns how many there were.

UNLINK
  Удаляет ключи, а память освобождает в фоне: большой ключ не задержит сервер.
  Deletes keys and frees their memory in the background: a large one does not hold the server up.

EXISTS
  Считает, сколько из ключей есть.
  Counts which of the keys are there.

TOUCH
  Отмечает, что ключами пользовались: это важно для вытеснения.
  Marks keys as used, which matters for eviction.

EXPIRE PEXPIRE
  Даёт ключу срок жизни; по истечении он исчезнет сам.
  Gives a key a time to live; it goes away by itself when that is over.

EXPIREAT PEXPIREAT
  Даёт ключу срок жизни до момента времени.
  Lets a key live until a moment.

TTL PTTL
  Сколько ключу осталось: −1 — он бессрочный, −2 — его нет.
  How long a key still lives: -1 — for ever, -2 — it is not there.

PERSIST
  Снимает срок жизни: ключ станет бессрочным.
  Takes the time to live away: the key stays for ever.

TYPE
  Говорит, что лежит по ключу: string, hash, list, set, zset или stream.
  Tells what a key holds: string, hash, list, set, zset or stream.

RENAME
  Переименовывает ключ; прежнее значение под новым именем пропадёт.
  Renames a key; what was under the new name is lost.

KEYS
  Все ключи по шаблону. На время ответа сервер стоит: в работе нужен SCAN.
  All keys of a pattern. The server stands still meanwhile: use SCAN at work.

SCAN HSCAN SSCAN
  Обходит содержимое по частям; курсор 0 в ответе — обход закончен.
  Walks through what is there in portions; a cursor of 0 in the reply ends the walk.

HSET
  Записывает поля хэша; возвращает, сколько из них новых.
  Writes fields of a hash; returns how many are new.

HMSET
  Прежнее имя HSET для многих полей.
  What HSET with many fields was called before.

HSETNX
  Записывает поле хэша, только если его нет.
  Writes a field of a hash only if it is not there.

HGET
  Возвращает одно поле хэша.
  Returns one field of a hash.

HMGET
  Возвращает несколько полей хэша.
  Returns several fields of a hash.

HGETALL
  Возвращает хэш целиком: в RESP2 это массив имён и значений, в RESP3 — map.
  Returns a whole hash: an array of names and values in RESP2, a map in RESP3.

HDEL
  Удаляет поля хэша.
  Deletes fields of a hash.

HEXISTS
  Есть ли в хэше поле.
  Whether a hash has a field.

HINCRBY
  Меняет число в поле хэша атомарно.
  Changes a number in a field of a hash, atomically.

HKEYS HVALS
  Возвращает все имена или все значения хэша.
  Returns all names or all values of a hash.

HLEN LLEN SCARD ZCARD XLEN
  Считает, сколько внутри элементов.
  Counts the elements inside.

LPUSH RPUSH
  Добавляет в начало или в конец списка; возвращает его длину.
  Adds to the head or to the tail of a list; returns its length.

LPOP RPOP
  Забирает из начала или с конца списка.
  Takes from the head or from the tail of a list.

BLPOP BRPOP
  Забирает из списка, а если пусто — ждёт; ответ придёт, когда будет что отдать или выйдет срок.
  Takes from a list, and waits where it is empty; the reply comes with an element or at the timeout.

LRANGE
  Возвращает часть списка; −1 — последний элемент.
  Returns a part of a list; -1 is its last element.

LTRIM
  Оставляет от списка только эту часть: так держат последние N.
  Leaves only this part of a list: a way to keep the last N.

LREM
  Удаляет из списка элементы, равные заданному.
  Removes the elements of a list that equal one.

LINDEX
  Возвращает элемент списка по месту.
  Returns an element of a list by its place.

LMOVE
  Переносит элемент между списками атомарно: основа надёжной очереди.
  Moves an element from list to list, atomically: what a reliable queue is built on.

SADD
  Добавляет в множество; повторы не добавятся.
  Adds to a set; what is there already is not added.

SREM
  Удаляет из множества.
  Removes from a set.

SISMEMBER
  Входит ли элемент в множество.
  Whether something is a member of a set.

SMEMBERS
  Возвращает всё множество.
  Returns a whole set.

SPOP
  Забирает случайный элемент множества.
  Takes a random member of a set.

SINTER SUNION SDIFF
  Пересечение, объединение или разность множеств.
  What sets have in common, all together, or what the first alone has.

ZADD
  Добавляет в упорядоченное множество с весом: по весу элементы и стоят.
  Adds to a sorted set with a score: elements stand in the order of their scores.

ZREM
  Удаляет из упорядоченного множества.
  Removes from a sorted set.

ZSCORE ZRANK
  Вес или место элемента.
  The score or the rank of a member.

ZINCRBY
  Прибавляет к весу элемента атомарно.
  Adds to the score of a member, atomically.

ZCOUNT
  Считает элементы с весом в пределах.
  Counts members whose scores are within bounds.

ZRANGE ZREVRANGE
  Возвращает элементы по месту, а с BYSCORE и BYLEX — по весу или по алфавиту.
  Returns members by rank; with BYSCORE and BYLEX by score or by name.

ZRANGEBYSCORE
  Возвращает элементы с весом в пределах; теперь это ZRANGE с BYSCORE.
  Returns members with scores within bounds; ZRANGE with BYSCORE does it today.

ZRANGEBYLEX
  Возвращает элементы по алфавиту, если веса равны; теперь это ZRANGE с BYLEX.
  Returns members by name where scores are equal; ZRANGE with BYLEX does it today.

ZREMRANGEBYSCORE ZREMRANGEBYRANK
  Удаляет элементы в пределах веса или места: так выбрасывают старое.
  Removes members within bounds of score or rank: a way to throw old ones away.

ZPOPMIN ZPOPMAX
  Забирает элемент с наименьшим или наибольшим весом.
  Takes the member with the lowest or the highest score.

BZPOPMIN
  Забирает элемент с наименьшим весом, а если пусто — ждёт.
  Takes the member with the lowest score, and waits where there is none.

GEOADD
  Добавляет точки: долгота, широта, имя. Хранится как упорядоченное множество.
  Adds points: longitude, latitude, name. They are kept as a sorted set.

GEOSEARCH
  Ищет точки в круге или прямоугольнике вокруг места.
  Finds points in a circle or a box around a place.

GEOPOS GEODIST
  Координаты точек или расстояние между двумя.
  Where points are, or how far apart two of them.

PFADD PFCOUNT
  Считает разные элементы приблизительно, в 12 килобайтах памяти (HyperLogLog).
  Counts distinct elements roughly, in 12 kilobytes of memory (HyperLogLog).

OBJECT
  Как ключ хранится внутри: кодировка, частота, простой.
  How a key is kept inside: encoding, frequency, idle time.

DUMP
  Возвращает значение ключа в виде, из которого его восстановит RESTORE.
  Returns the value of a key in a form that RESTORE can bring back.
"""
