"""Of fields whose names mean something else in some places."""

SENTENCES = """\
configs.name synonyms.name
  Имя настройки, как retention.ms.
  The name of the setting, as retention.ms.

protocols.name
  Имя способа распределения: range, roundrobin, cooperative-sticky.
  The name of the way of assignment: range, roundrobin, cooperative-sticky.

protocols.metadata members.metadata
  Подписка участника: лидер распределяет партиции по этим сведениям.
  The member's subscription: the leader assigns partitions by it.

assignments.assignment SyncGroup.assignment
  Партиции для участника: их рассчитал лидер группы, координатор лишь передаёт.
  The member's partitions: the group's leader chose them, the coordinator only passes them on.

SyncGroup.assignments
  Распределение от лидера группы; остальные участники шлют пустой список.
  The assignment by the group's leader; other members send none.

supported_features.name finalized_features.name features.name
  Имя возможности, как metadata.version.
  The name of the feature, as metadata.version.
  KIP-584

listeners.name endpoints.name leader_endpoints.name
  Имя слушателя: узлы сходятся на нём, выбирая адрес.
  The listener's name: nodes choose the address by it.

users.name deletions.name upsertions.name DefaultPrincipalData.name
  Имя пользователя.
  The name of the user.

deletions.mechanism upsertions.mechanism credential_infos.mechanism
  Способ SCRAM: 1 — SCRAM-SHA-256, 2 — SCRAM-SHA-512.
  The SCRAM mechanism: 1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512.
  KIP-554

values.key ops.key
  Имя квоты, как producer_byte_rate.
  The name of the quota, as producer_byte_rate.
  KIP-546

values.value ops.value
  Значение квоты.
  The value of the quota.
  KIP-546

topic_configs.key
  Имя настройки служебного топика.
  The name of the internal topic's setting.
  KIP-1071

topic_configs.value
  Значение настройки служебного топика.
  The value of the internal topic's setting.
  KIP-1071

client_tags.key
  Имя метки экземпляра.
  The name of the instance's tag.
  KIP-1071

client_tags.value
  Значение метки экземпляра.
  The value of the instance's tag.
  KIP-1071

acls.host creations.host matching_acls.host
  С какого адреса правило действует; * — с любого.
  From which address the rule holds; * for any.

coordinators.host FindCoordinator.host
  Адрес координатора.
  The coordinator's address.

coordinators.port FindCoordinator.port
  Порт координатора.
  The coordinator's port.

coordinators.node_id FindCoordinator.node_id
  Номер брокера-координатора; -1 — не найден.
  The broker that is the coordinator; -1 when none was found.

user_endpoint.host
  Адрес экземпляра приложения.
  The address of the application's instance.
  KIP-1071

user_endpoint.port
  Порт экземпляра приложения.
  The port of the application's instance.
  KIP-1071

topology.epoch
  Версия топологии.
  The version of the topology.
  KIP-1071

DeleteTopics.name DeleteTopics.topic_names
  Имя топика, который удаляют.
  The name of the topic to delete.

CreateTopics.topics
  Топики, которые создать.
  The topics to create.

Fetch.topics
  Что читать: топики и партиции. Внутри сессии чтения — только изменения.
  What to read: topics and partitions. Within a fetch session only what changes.

Metadata.topics
  Топики: в запросе — о каких узнать (null — обо всех), в ответе — что о них известно.
  Topics: in a request those to tell about (null for all), in a response what is known.

OffsetCommit.topics TxnOffsetCommit.topics
  Оффсеты, которые группа фиксирует, по топикам.
  The offsets that the group commits, by topics.

OffsetFetch.topics
  Чьи зафиксированные оффсеты нужны или найдены, по топикам; null — все.
  Whose committed offsets are wanted or found, by topics; null for all.

ListOffsets.offset
  Найденный оффсет; -1 — такого нет.
  The offset that was found; -1 for none.

DeleteRecords.offset
  Удалить записи до этого оффсета; -1 — до high watermark.
  Delete the records before this offset; -1 up to the high watermark.

ListOffsets.timestamp
  В запросе — момент, для которого ищут оффсет (-1 — конец, -2 — начало), в ответе — время записи.
  The moment to find an offset for (-1 the end, -2 the beginning); in a response the record's time.

JoinGroup.generation_id
  Новое поколение группы, с которым участник пойдёт дальше.
  The new generation of the group, which the member goes on with.

Consumer.topics
  Топики, на которые подписан потребитель.
  The topics that the consumer subscribes to.

Consumer.version
  Версия сообщения протокола потребителей.
  The version of the message among consumers.

Consumer.generation_id
  В каком поколении участник получил свои партиции; -1 — не известно.
  In which generation the member got its partitions; -1 when unknown.

Consumer.rack_id
  Стойка потребителя: распределение может учитывать её.
  The consumer's rack: assignments may heed it.

LeaveGroup.members
  Участники, которые уходят.
  The members that leave.

LeaveGroup.member_id
  Участник, который уходит.
  The member that leaves.

Heartbeat.error_code
  0 — всё в порядке; REBALANCE_IN_PROGRESS велит участнику войти в группу заново.
  0 when all is well; REBALANCE_IN_PROGRESS tells the member to join again.

Produce.error_code
  Принята ли запись в эту партицию: 0 — да; на часть ошибок продюсер повторит сам.
  Whether this partition took the records: 0 when it did; some errors the producer retries itself.

Fetch.responses
  Записи по топикам; партиций без новостей внутри сессии чтения здесь нет.
  Records by topics; within a fetch session, partitions without news are left out.

AddPartitionsToTxn.topics
  Топики, чьи партиции входят в транзакцию.
  Topics whose partitions join the transaction.

VotersRecord.voters
  Полный список узлов с правом голоса.
  The full list of nodes that vote.
  KIP-853
"""
