"""Of topics, their partitions and settings."""

SENTENCES = """\
topics
  Топики, о которых речь.
  The topics that this is about.

name topic topic_name
  Имя топика.
  The name of the topic.

topic_id
  UUID топика: в отличие от имени, не повторится, если топик удалить и создать снова.
  The topic's UUID: unlike the name, it does not come back with a topic that is made anew.
  KIP-516

topic_names
  Имена топиков.
  Names of topics.

partitions
  Партиции топика.
  The partitions of the topic.

partition partition_index partition_id
  Номер партиции в топике, с нуля.
  The number of the partition in its topic, from zero.

partition_indexes
  Номера партиций топика.
  The numbers of the topic's partitions.

topic_partitions
  Партиции по топикам.
  Partitions by topics.

error_code
  Чем всё кончилось: 0 — успех, иначе номер ошибки протокола.
  How it ended: 0 is success, else a number of the protocol's errors.

error_message
  Пояснение к ошибке для человека; null, если пояснять нечего.
  The error explained for people; null where there is nothing to explain.

throttle_time_ms
  Сколько миллисекунд клиент должен подождать: он превысил квоту. 0 — не превысил.
  How many milliseconds the client has to wait for exceeding its quota; 0 when it did not.

allow_auto_topic_creation
  Можно ли создать недостающий топик прямо по этому запросу.
  Whether a missing topic may be created by this very request.

include_cluster_authorized_operations
  Вернуть ли, что клиенту разрешено делать с кластером.
  Whether to tell what the client may do with the cluster.

include_topic_authorized_operations
  Вернуть ли, что клиенту разрешено делать с топиками.
  Whether to tell what the client may do with the topics.

brokers
  Живые брокеры кластера: к ним клиент подключается дальше.
  The live brokers of the cluster: the client connects to them next.

is_internal
  Служебный ли это топик, как __consumer_offsets.
  Whether the topic is the broker's own, as __consumer_offsets.

leader_id
  Номер брокера, который сейчас ведёт партицию: писать и читать — через него; -1 — лидера нет.
  The broker that leads the partition now: writes and reads go to it; -1 when there is none.

leader_epoch
  Эпоха лидера: растёт с каждым новым лидером, по ней отличают устаревшие сведения.
  The leader's epoch: grows with each new leader and shows what is out of date.

replica_nodes
  Номера брокеров, которые хранят копии партиции.
  The brokers that keep copies of the partition.

isr_nodes
  Реплики, которые не отстают от лидера (in-sync): новый лидер выбирается из них.
  The replicas that keep up with the leader (in-sync): a new leader is one of them.

offline_replicas
  Реплики, которые сейчас недоступны.
  The replicas that are not available now.

topic_authorized_operations
  Битовая маска действий с топиком, разрешённых клиенту.
  A bit mask of what the client may do with the topic.

cluster_authorized_operations
  Битовая маска действий с кластером, разрешённых клиенту.
  A bit mask of what the client may do with the cluster.

num_partitions
  Сколько партиций у топика; -1 — сколько принято в кластере по умолчанию.
  How many partitions the topic has; -1 for the cluster's default.

replication_factor
  Сколько копий у каждой партиции; -1 — сколько принято по умолчанию.
  How many copies each partition has; -1 for the default.

assignments
  Ручное размещение: какие брокеры хранят какую партицию.
  A manual placement: which brokers keep which partition.

broker_ids
  Номера брокеров для партиции; первый в списке станет лидером.
  The brokers for the partition; the first one becomes the leader.

configs
  Настройки: имя и значение.
  Settings: names and values.

value
  Значение настройки; null — значение по умолчанию.
  The value of the setting; null for its default.

validate_only
  Только проверить запрос, ничего не меняя.
  Only check the request and change nothing.

topic_config_error_code
  Почему настройки созданного топика не показаны.
  Why the settings of the new topic are not told.

read_only
  Настройку нельзя менять на работающем брокере.
  The setting cannot be changed while the broker runs.

config_source source
  Откуда взялось значение: топик, брокер, умолчание кластера и так далее.
  Where the value comes from: the topic, the broker, the cluster's default, and so on.

is_sensitive
  Значение секретно, поэтому вместо него null.
  The value is a secret, so null stands in its place.

config_type
  Тип значения настройки: строка, число, список, пароль и так далее.
  The type of the setting's value: string, number, list, password, and so on.

documentation
  Описание настройки для человека.
  A description of the setting for people.

synonyms
  Откуда ещё могла взяться эта настройка, по убыванию важности.
  Where else the setting may come from, the most important first.

resources
  Ресурсы: топики, брокеры или другие, о которых речь.
  The resources that this is about: topics, brokers, or others.

resource_type
  Вид ресурса: топик, брокер, группа, кластер и другие.
  The kind of resource: topic, broker, group, cluster, and others.

resource_name
  Имя ресурса: имя топика, номер брокера, имя группы.
  The resource's name: of a topic or group, the number of a broker.

resource_types
  Виды ресурсов, которые вернуть; пусто — все.
  The kinds of resources to list; empty for all.

config_resources
  Ресурсы, у которых есть свои настройки.
  The resources that have settings of their own.

configuration_keys
  Имена настроек, которые нужны; null — все.
  The names of the settings that are wanted; null for all.

include_synonyms
  Вернуть ли все источники каждого значения.
  Whether to tell all the sources of each value.

include_documentation
  Вернуть ли описания настроек.
  Whether to tell descriptions of the settings.

config_operation
  Что сделать с настройкой: 0 — задать, 1 — сбросить, 2 — дописать в список, 3 — убрать из списка.
  What to do with the setting: 0 sets it, 1 resets it, 2 appends to a list, 3 takes from a list.
  KIP-339

count
  Сколько партиций должно стать всего.
  How many partitions there shall be in all.

results
  Итоги по каждому, о ком спросили.
  The result for each that was asked for.

cursor
  С какого места продолжить список.
  Where to go on with the list.
  KIP-966

next_cursor
  Откуда запросить продолжение; null — это весь список.
  Where to ask on from; null when this was all.
  KIP-966

response_partition_limit
  Сколько партиций вернуть самое большее.
  How many partitions to list at most.

eligible_leader_replicas
  Реплики вне ISR, у которых есть все подтверждённые записи: из них можно выбрать лидера.
  Replicas outside of the ISR that have all acknowledged records: one may become the leader.
  KIP-966

last_known_elr
  Последние известные реплики, годные в лидеры.
  The replicas last known to be fit for leadership.
  KIP-966

replicas
  Номера брокеров, на которых должна быть партиция; null — отменить перенос.
  The brokers that shall keep the partition; null cancels the move.
  KIP-455

adding_replicas
  Брокеры, на которые партиция сейчас копируется.
  The brokers that the partition is being copied to.
  KIP-455

removing_replicas
  Брокеры, с которых партиция будет убрана.
  The brokers that the partition will be taken from.
  KIP-455

allow_replication_factor_change
  Можно ли при переносе менять число копий.
  Whether the move may change the number of copies.

election_type
  Как выбирать лидера: 0 — предпочтительного, 1 — любого, даже отставшего (с потерей записей).
  How to elect: 0 the preferred leader, 1 any, even one that lags (records may be lost).
  KIP-460

replica_election_results
  Итоги выборов по топикам.
  The results of the elections by topics.

partition_result
  Итоги выборов по партициям.
  The results of the elections by partitions.

dirs
  Каталоги, в которые перенести реплики.
  The directories to move replicas to.

path
  Путь каталога на диске брокера.
  The path of the directory on the broker's disk.

log_dir
  Каталог, в котором лежат журналы.
  The directory that the logs lie in.

partition_size
  Размер журнала партиции на диске, в байтах.
  The size of the partition's log on disk, in bytes.

offset_lag
  На сколько записей эта копия отстаёт от лидера.
  By how many records this copy lags behind the leader.

is_future_key
  Эта копия ещё только переезжает в каталог.
  This copy is still being moved into the directory.

is_cordoned
  Новые партиции в этот каталог не кладут.
  No new partitions are put into this directory.

total_bytes
  Объём диска под каталогом, в байтах.
  The size of the disk below the directory, in bytes.

usable_bytes
  Сколько байт на этом диске свободно.
  How many bytes of that disk are free.
"""
