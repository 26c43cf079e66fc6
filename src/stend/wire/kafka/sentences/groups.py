"""Of consumer groups."""

SENTENCES = """\
group_id
  Имя группы потребителей: её участники делят партиции между собой.
  The name of the consumer group: its members share the partitions among them.

member_id
  Номер участника, который выдал координатор; пусто — участник ещё новый.
  The member's id, given by the coordinator; empty while the member is new.

generation_id
  Поколение группы: растёт с каждой перебалансировкой, запросы из старого отвергаются.
  The generation of the group: grows with each rebalance, requests of an old one are refused.

generation_id_or_member_epoch
  Поколение группы или эпоха участника (новый протокол): так отсекаются коммиты выбывших; -1 — без
    группы.
  Generation of the group, or epoch of the member (new protocol): fences commits of who has left;
    -1 without a group.

group_instance_id instance_id
  Постоянное имя участника: при его перезапуске группа не перебалансируется. null — не задано.
  A lasting name of the member: its restart causes no rebalance. Null when not set.
  KIP-345

committed_offset
  Оффсет, с которого группа продолжит чтение: следующий за последней обработанной записью; -1 — ещё
    нет.
  Where the group will go on reading: one behind the last record it handled; -1 for none yet.

committed_leader_epoch
  Эпоха лидера той записи, после которой сделан коммит; по ней замечают потерю данных. -1 — не
    известна.
  The leader's epoch of the record before the commit; shows lost data. -1 when unknown.
  KIP-320

committed_metadata
  Строка, которую потребитель хранит рядом с оффсетом.
  A string that the consumer keeps beside the offset.

metadata
  Строка, которую потребитель сохранил рядом с оффсетом.
  A string that the consumer has kept beside the offset.

retention_time_ms
  Сколько хранить оффсет; -1 — сколько задано на брокере.
  How long to keep the offset; -1 for the broker's setting.

require_stable
  Ждать ли исхода транзакций, которые сейчас меняют оффсеты.
  Whether to wait for transactions that are changing the offsets.
  KIP-447

groups
  Группы, о которых речь.
  The groups that this is about.

group_ids groups_names
  Имена групп.
  Names of groups.

session_timeout_ms
  Сколько координатор ждёт heartbeat, прежде чем исключить участника.
  How long the coordinator waits for a heartbeat before it drops the member.

rebalance_timeout_ms
  Сколько участнику даётся, чтобы заново войти при перебалансировке.
  How long the member has to come back in a rebalance.

protocol_type
  Вид группы: consumer — потребители, connect — Kafka Connect.
  The kind of the group: consumer, or connect for Kafka Connect.

protocols
  Способы распределения, которые умеет участник; группа выбирает общий для всех.
  The ways of assignment that the member knows; the group takes one that all have.

reason
  Почему участник входит или уходит, словами клиента.
  Why the member joins or leaves, in the client's words.
  KIP-800

protocol_name
  Выбранный способ распределения партиций: range, cooperative-sticky и другие.
  The chosen way to assign partitions: range, cooperative-sticky, and others.

leader
  Участник-лидер: он распределяет партиции для всей группы.
  The member that leads: it assigns the partitions for the whole group.

skip_assignment
  Лидеру не нужно распределять заново: состав и подписки не менялись.
  The leader need not assign again: members and subscriptions are as they were.
  KIP-814

members
  Участники группы. В JoinGroup список получает только лидер.
  The members of the group. In JoinGroup only the leader gets them.

assignment
  Какие партиции достались участнику.
  The partitions that the member got.

group_state
  Состояние группы: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.
  The state of the group: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.

group_type
  Протокол группы: classic, consumer, share или streams.
  The protocol of the group: classic, consumer, share or streams.
  KIP-848

states_filter
  Показать группы только в этих состояниях; пусто — все.
  Only groups in these states; empty for all.

types_filter
  Показать группы только этих видов; пусто — все.
  Only groups of these kinds; empty for all.

include_authorized_operations
  Вернуть ли, что клиенту разрешено делать с группами.
  Whether to tell what the client may do with the groups.

authorized_operations
  Битовая маска действий с группой, разрешённых клиенту.
  A bit mask of what the client may do with the group.

protocol_data
  Выбранный группой способ распределения.
  The way of assignment that the group has chosen.

client_id
  Имя программы-клиента этого участника.
  The name of this member's client program.

client_host
  Адрес, с которого подключён участник.
  The address that the member is connected from.

member_metadata
  Подписка участника: на какие топики и что он помнит с прошлого распределения.
  The member's subscription: its topics, and what it remembers of the last assignment.

member_assignment
  Партиции, которые назначены участнику.
  The partitions that are assigned to the member.

content
  Те же байты, прочитанные как сообщение протокола потребителей: брокер его не разбирает.
  The same bytes, read as a message among consumers: the broker does not look into it.

owned_partitions
  Партиции, которыми участник уже владеет: при cooperative он отдаёт лишь часть.
  Partitions that the member has: with cooperative protocols it gives up only some.
  KIP-429

assigned_partitions
  Партиции, назначенные участнику лидером группы.
  The partitions that the group's leader assigned to the member.

user_data
  Данные самого способа распределения; остальным не нужны.
  Data of the way of assignment itself; of no use to others.

member_epoch
  Эпоха участника в новом протоколе: 0 — вступаю, -1 — ухожу, -2 — ухожу на время.
  The member's epoch in the new protocol: 0 joins, -1 leaves, -2 leaves for a while.
  KIP-848

subscribed_topic_names
  Топики, на которые подписан участник; null — с прошлого раза не менялись.
  The topics that the member subscribes to; null when they are as before.
  KIP-848

subscribed_topic_regex
  Регулярное выражение RE2J для имён топиков; null — не задано или не менялось.
  A regular expression (RE2J) of topic names; null when none, or as before.
  KIP-848

server_assignor
  Каким способом координатору распределять партиции: uniform или range.
  How the coordinator shall assign partitions: uniform or range.
  KIP-848

heartbeat_interval_ms
  Как часто участнику слать heartbeat.
  How often the member shall send heartbeats.
  KIP-848

group_epoch
  Эпоха группы: растёт, когда меняются участники, подписки или топики.
  The group's epoch: grows as members, subscriptions or topics change.
  KIP-848

assignment_epoch
  Для какой эпохи группы рассчитано распределение.
  The group's epoch that the assignment was made for.
  KIP-848

assignor_name
  Выбранный координатором способ распределения.
  The way of assignment that the coordinator uses.
  KIP-848

target_assignment
  К какому распределению участника ведёт координатор.
  The assignment that the coordinator is bringing the member to.
  KIP-848

member_type
  Какой протокол у участника: 0 — старый, 1 — новый, -1 — не известен.
  The member's protocol: 0 the old one, 1 the new one, -1 unknown.
  KIP-848
"""
