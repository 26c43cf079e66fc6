"""What commands on streams, channels, scripts, transactions, connections and the server do."""

SERVING = """
XADD
  Дописывает запись в поток; id «*» — пусть сервер выдаст сам: время и счётчик.
  Appends an entry to a stream; with the id * the server makes one: time and a counter.

XREAD
  Читает записи потоков после заданных id; с BLOCK ждёт новых.
  Reads entries of streams behind the given ids; with BLOCK it waits for new ones.

XREADGROUP
  Читает записи от имени группы: каждая достанется одному потребителю и ждёт XACK. С BLOCK ответ
    приходит позже.
  Reads entries for a group: each goes to one consumer and waits for XACK. With BLOCK the reply
    comes later.

XACK
  Подтверждает записи: группа больше не ждёт их обработки.
  Acknowledges entries: the group no longer waits for them to be dealt with.

XRANGE XREVRANGE
  Возвращает записи потока между двумя id: «-» — самая первая, «+» — самая последняя.
  Returns entries of a stream between two ids: - is the very first, + the very last.

XDEL
  Удаляет записи потока.
  Deletes entries of a stream.

XTRIM
  Укорачивает поток до заданной длины.
  Cuts a stream down to a length.

XGROUP
  Создаёт и меняет группы потребителей потока.
  Makes and changes the consumer groups of a stream.

XINFO
  Рассказывает о потоке, его группах и потребителях.
  Tells about a stream, its groups and consumers.

XPENDING
  Показывает записи, которые выданы, но не подтверждены.
  Shows the entries that were handed out and not acknowledged.

XCLAIM XAUTOCLAIM
  Забирает себе записи, которые другой потребитель взял и не подтвердил.
  Takes over entries that another consumer took and never acknowledged.

PUBLISH SPUBLISH
  Отправляет сообщение в канал; кто не подписан сейчас, не получит его никогда.
  Sends a message to a channel; who is not subscribed now will never get it.

SUBSCRIBE SSUBSCRIBE
  Подписывает на каналы: подтверждение на каждый, дальше сообщения идут сами.
  Subscribes to channels: each is confirmed, then messages come by themselves.

PSUBSCRIBE
  Подписывает на все каналы по шаблону.
  Subscribes to all channels of a pattern.

UNSUBSCRIBE SUNSUBSCRIBE PUNSUBSCRIBE
  Отписывает; без имён — от всего.
  Ends subscriptions; without names all of them.

PUBSUB
  Показывает каналы и число подписчиков.
  Shows channels and how many subscribe.

EVAL EVAL_RO
  Выполняет скрипт Lua на сервере: целиком, никто не вклинится.
  Runs a Lua script in the server: as a whole, nobody comes between.

EVALSHA EVALSHA_RO
  Выполняет скрипт, который сервер уже знает, по его SHA-1; если не знает — ошибка NOSCRIPT.
  Runs a script that the server knows by its SHA-1; error NOSCRIPT where it does not.

SCRIPT
  Загружает скрипты и спрашивает о них.
  Loads scripts and asks about them.

FCALL
  Вызывает функцию, загруженную на сервер.
  Calls a function that was loaded into the server.

MULTI
  Начинает транзакцию: команды копятся (ответ QUEUED) и выполнятся разом по EXEC.
  Begins a transaction: commands gather (the reply is QUEUED) and run at once with EXEC.

EXEC
  Выполняет накопленное; в ответе — ответы на все команды, null — если изменился ключ под WATCH.
  Runs what has gathered; the reply holds those of all commands, null where a watched key changed.

DISCARD
  Отменяет транзакцию: накопленное забыто.
  Gives the transaction up: what has gathered is forgotten.

WATCH
  Следит за ключами: если их изменят до EXEC, транзакция не выполнится.
  Watches keys: where one is changed before EXEC, the transaction does not run.

UNWATCH
  Перестаёт следить за ключами.
  Stops watching keys.

HELLO
  Выбирает версию протокола и может сразу войти; в ответе — что это за сервер.
  Chooses the version of the protocol and may log in with it; the reply tells of the server.

AUTH
  Вход по паролю, с именем или без.
  Logs in with a password, with a name or without.

PING
  Проверяет, что сервер жив; ответ — PONG или то, что прислали.
  Asks whether the server is alive; the reply is PONG, or what was sent.

ECHO
  Возвращает то, что прислали.
  Returns what was sent.

SELECT
  Выбирает базу по номеру для этого соединения.
  Chooses the database of this connection by its number.

CLIENT
  Настройки и сведения о соединениях: имя, библиотека, отслеживание ключей, режим ответов.
  Settings of connections and what is known of them: name, library, tracking, mode of replies.

QUIT
  Просит закрыть соединение; теперь клиенты просто закрывают его сами.
  Asks for the connection to be closed; clients close it themselves today.

RESET
  Возвращает соединение в исходное состояние: без подписок, транзакции и входа.
  Puts the connection back to its beginning: no subscriptions, no transaction, not logged in.

INFO
  Сведения о сервере: память, клиенты, репликация, статистика.
  What the server tells of itself: memory, clients, replication, statistics.

CONFIG
  Читает и меняет настройки сервера.
  Reads and changes settings of the server.

COMMAND
  Сведения о командах, которые знает сервер.
  What the server tells of the commands that it knows.

DBSIZE
  Сколько ключей в базе.
  How many keys the database has.

FLUSHDB FLUSHALL
  Удаляет все ключи базы или всех баз.
  Deletes all keys of the database, or of all of them.

TIME
  Время сервера: секунды и микросекунды.
  The server's time: seconds and microseconds.

MONITOR
  Показывает все команды, которые выполняет сервер: для отладки, потому что дорого.
  Shows all commands that the server runs: for debugging, since it is costly.

WAIT
  Ждёт, пока запись дойдёт до реплик.
  Waits until replicas have what was written.

SAVE BGSAVE
  Сохраняет данные на диск: стоя или в фоне.
  Saves the data to disk: standing still, or in the background.

SHUTDOWN
  Останавливает сервер; ответа нет, если всё удалось.
  Stops the server; there is no reply where it succeeds.

REPLICAOF
  Делает сервер репликой другого.
  Makes the server a replica of another one.

ROLE
  Говорит, ведущий это сервер или реплика.
  Tells whether the server is a primary or a replica.

SYNC PSYNC
  Так подключается реплика: дальше вместо ответов идёт поток репликации.
  So a replica connects: the stream of replication follows in the place of replies.

REPLCONF
  Разговор реплики с ведущим: её порт, возможности и сколько она приняла.
  A replica's talk with its primary: its port, what it can, and how much it has taken.

SLOWLOG
  Журнал медленных команд.
  The log of slow commands.

LATENCY
  Журнал задержек сервера.
  The log of the server's delays.

MEMORY
  Сколько памяти занимает ключ и сервер.
  How much memory a key and the server take.

ACL
  Пользователи и их права.
  Users and what they may do.

CLUSTER
  Устройство кластера: узлы, слоты, их состояние.
  The make-up of a cluster: nodes, slots, and how they are.

DEBUG
  Команды для разработки самого сервера.
  Commands for the development of the server itself.

MIGRATE
  Переносит ключи на другой сервер.
  Moves keys to another server.
"""
