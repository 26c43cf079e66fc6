"""Of share groups and of Kafka Streams."""

SENTENCES = """\
share_session_epoch
  Номер запроса внутри share-сессии; 0 — открыть, -1 — закрыть.
  The request's number in the share session; 0 opens one, -1 closes it.
  KIP-932

max_records
  Сколько записей отдать самое большее.
  How many records to give at most.
  KIP-932

batch_size
  По сколько записей удобно получать за раз.
  How many records at a time are convenient.
  KIP-932

share_acquire_mode
  Как считать max_records: 0 — целыми пачками, 1 — строго по записям.
  How max_records counts: 0 by whole batches, 1 strictly by records.
  KIP-1206

is_renew_ack
  Есть ли среди подтверждений продление блокировки.
  Whether some acknowledgements renew the lock.
  KIP-1222

acknowledgement_batches
  Отрезки записей и что с ними стало у потребителя.
  Ranges of records, and what became of them at the consumer.
  KIP-932

acknowledge_types
  Итог по записям: 0 — пропуск, 1 — принята, 2 — вернуть, 3 — отклонить, 4 — продлить.
  The outcome of records: 0 a gap, 1 accepted, 2 given back, 3 rejected, 4 renewed.
  KIP-932

acknowledge_error_code
  Почему подтверждения не приняты; 0 — приняты.
  Why the acknowledgements were not taken; 0 when they were.
  KIP-932

acknowledge_error_message
  Пояснение, почему подтверждения не приняты.
  The explanation why acknowledgements were not taken.
  KIP-932

acquired_records
  Записи, выданные этому потребителю под блокировку.
  The records that this consumer got, locked for it.
  KIP-932

delivery_count
  Который раз выдают эти записи: так замечают те, что не обрабатываются.
  How often these records were given out: shows those that cannot be handled.
  KIP-932

acquisition_lock_timeout_ms
  Сколько записи закреплены за потребителем, прежде чем вернутся остальным.
  How long the records are locked before others may get them.
  KIP-932

delivery_state
  Состояние записей: 0 — свободны, 2 — подтверждены, 4 — списаны.
  The state of the records: 0 available, 2 acknowledged, 4 archived.
  KIP-932

state_epoch
  Эпоха состояния share-партиции: запись из прежней отвергается.
  The epoch of the share partition's state: writes of a former one are refused.
  KIP-932

start_offset
  Оффсет, с которого share-группа начинает: что раньше, уже обработано.
  Where the share group begins: everything before is done.
  KIP-932

state_batches
  Отрезки записей с их состояниями.
  Ranges of records with their states.
  KIP-932

delivery_complete_count
  Сколько записей после start_offset уже обработаны.
  How many records behind start_offset are done.
  KIP-932

lag
  Сколько записей группа ещё не обработала; -1 — не известно.
  How many records the group has still to handle; -1 when unknown.

endpoint_information_epoch
  Версия сведений о том, у кого какие партиции Streams.
  The version of what is known about who has which partitions of Streams.
  KIP-1071

topology
  Топология приложения Streams: из чего оно собирает задачи.
  The topology of the Streams application: what its tasks are made of.
  KIP-1071

topology_epoch
  Версия топологии, с которой работает участник.
  The version of the topology that the member works with.
  KIP-1071

subtopologies
  Подтопологии: независимые части приложения, у каждой свои топики.
  Subtopologies: independent parts of the application, each with its topics.
  KIP-1071

subtopology_id
  Имя подтопологии.
  The name of the subtopology.
  KIP-1071

source_topics
  Топики, из которых читает подтопология.
  The topics that the subtopology reads from.
  KIP-1071

source_topic_regex
  Регулярные выражения имён топиков-источников.
  Regular expressions of the names of source topics.
  KIP-1071

state_changelog_topics
  Служебные топики, в которых хранятся изменения состояния.
  Internal topics that keep the changes of the state.
  KIP-1071

repartition_sink_topics
  Служебные топики, куда записи пишутся для перераспределения по ключу.
  Internal topics that records are written to, to be spread by another key.
  KIP-1071

repartition_source_topics
  Служебные топики, откуда читаются перераспределённые записи.
  Internal topics that the records spread anew are read from.
  KIP-1071

topic_configs
  Настройки служебного топика.
  Settings of the internal topic.
  KIP-1071

copartition_groups
  Топики, которые надо делить одинаково: их записи соединяются по ключу.
  Topics that have to be partitioned alike: their records are joined by key.
  KIP-1071

active_tasks
  Задачи, которые участник выполняет.
  The tasks that the member runs.
  KIP-1071

standby_tasks
  Задачи, чьё состояние участник держит про запас.
  The tasks whose state the member keeps in reserve.
  KIP-1071

warmup_tasks
  Задачи, чьё состояние участник догоняет, чтобы потом принять их.
  The tasks whose state the member catches up with, to take them over.
  KIP-1071

process_id
  Процесс приложения: у нескольких участников он может быть один.
  The process of the application: several members may be in one.
  KIP-1071

user_endpoint
  Адрес приложения для запросов к его состоянию.
  The application's address for queries of its state.
  KIP-1071

client_tags
  Метки экземпляра: по ним раскладывают резервные задачи.
  Tags of the instance: standby tasks are spread by them.
  KIP-1071

task_offsets
  До какого оффсета восстановлено состояние задач.
  Up to which offset the state of the tasks is restored.
  KIP-1071

task_end_offsets
  Где кончаются журналы состояния задач.
  Where the changelogs of the tasks end.
  KIP-1071

shutdown_application
  Остановить всё приложение, а не только этого участника.
  Stop the whole application, not this member alone.
  KIP-1071

acceptable_recovery_lag
  При каком отставании состояние считается годным, чтобы принять задачу.
  With what lag a state is good enough to take over the task.
  KIP-1071

task_offset_interval_ms
  Как часто сообщать оффсеты задач.
  How often to tell the offsets of tasks.
  KIP-1071

status
  Что не так с группой: например, нет топиков-источников.
  What is wrong with the group: source topics are missing, for one.
  KIP-1071

status_code
  Номер состояния группы Streams.
  The number of the status of the Streams group.
  KIP-1071

status_detail
  Пояснение к состоянию.
  The status explained.
  KIP-1071

partitions_by_user_endpoint
  У какого экземпляра какие партиции: куда слать запросы к состоянию.
  Which instance has which partitions: where to send queries of state.
  KIP-1071

active_partitions
  Партиции, которые экземпляр обрабатывает.
  The partitions that the instance processes.
  KIP-1071

standby_partitions
  Партиции, чьё состояние экземпляр держит про запас.
  The partitions whose state the instance keeps in reserve.
  KIP-1071

is_classic
  Участник ещё на старом протоколе групп.
  The member still has the old protocol of groups.
  KIP-1071
"""
