"""Of the controllers and their quorum."""

SENTENCES = """\
broker_epoch
  Эпоха брокера: меняется с каждой регистрацией, запросы прежнего запуска отвергаются.
  The broker's epoch: new with each registration, requests of a former run are refused.

previous_broker_epoch
  Эпоха брокера до перезапуска; -1 — не известна.
  The broker's epoch before its restart; -1 when unknown.

incarnation_id
  UUID этого запуска узла.
  The UUID of this run of the node.

listeners
  Адреса, на которых узел слушает.
  The addresses that the node listens at.

security_protocol
  Как защищено соединение: 0 — никак, 1 — TLS, 2 — SASL, 3 — SASL поверх TLS.
  How the connection is secured: 0 not, 1 TLS, 2 SASL, 3 SASL over TLS.

is_migrating_zk_broker
  Брокер ещё переезжает с ZooKeeper.
  The broker is still moving from ZooKeeper.
  KIP-866

log_dirs
  UUID каталогов с журналами.
  The UUIDs of the log directories.
  KIP-858

offline_log_dirs
  Каталоги, которые вышли из строя.
  The directories that have failed.
  KIP-858

cordoned_log_dirs
  Каталоги, куда новые партиции не класть.
  The directories that get no new partitions.

current_metadata_offset
  До какого места брокер прочитал журнал метаданных.
  How far the broker has read the log of metadata.

want_fence
  Брокер просит отстранить его.
  The broker asks to be fenced.

want_shut_down
  Брокер просит дать ему остановиться: сначала с него уведут лидеров.
  The broker asks to shut down: its leaderships are moved away first.

is_caught_up
  Брокер догнал журнал метаданных.
  The broker has caught up with the metadata.

should_shut_down
  Контроллер разрешает брокеру остановиться.
  The controller lets the broker shut down.

producer_id_start
  Первый номер из выданного брокеру запаса номеров продюсеров.
  The first of the producer numbers that the broker got in stock.

producer_id_len
  Сколько номеров продюсеров выдано.
  How many producer numbers were given.

partition_epoch
  Эпоха партиции: растёт с каждым изменением её состава.
  The partition's epoch: grows with each change of its replicas.

new_isr
  Новый список не отставших реплик.
  The new list of replicas that are in sync.

new_isr_with_epochs
  Новый список не отставших реплик с эпохами их брокеров.
  The new list of replicas in sync, with the epochs of their brokers.
  KIP-841

isr
  Реплики, которые не отстают от лидера.
  The replicas that are in sync with the leader.

leader_recovery_state
  Восстанавливается ли партиция после выбора отставшего лидера: 0 — нет, 1 — да.
  Whether the partition recovers from an unclean election: 0 no, 1 yes.
  KIP-704

directories
  Каталоги и партиции в них.
  The directories and the partitions in them.
  KIP-858

id
  UUID каталога.
  The UUID of the directory.
  KIP-858

candidate_id
  Узел, который хочет стать лидером кворума.
  The node that wants to lead the quorum.
  KIP-595

voter_id
  Узел с правом голоса.
  The node that has a vote.
  KIP-595

voter_directory_id
  Каталог голосующего узла: отличает его от узла с тем же номером, но новым диском.
  The voter's directory: tells it from a node of the same number with a new disk.
  KIP-853

candidate_directory_id
  Каталог кандидата.
  The candidate's directory.
  KIP-853

last_offset_epoch
  Эпоха последней записи в журнале кандидата: голосуют за того, у кого журнал не короче.
  The epoch of the last record in the candidate's log: votes go to logs that are not behind.
  KIP-595

pre_vote
  Пробное голосование: узнать, победит ли кандидат, не поднимая эпоху.
  A vote on trial: shows whether the candidate would win, without a new epoch.
  KIP-996

vote_granted
  Отдан ли голос кандидату.
  Whether the candidate got the vote.
  KIP-595

leader_endpoints
  Адреса лидера кворума.
  The addresses of the quorum's leader.
  KIP-853

preferred_successors
  Кому лучше стать следующим лидером, по порядку.
  Who had best lead next, in order.
  KIP-595

preferred_candidates
  Кандидаты в лидеры, по порядку.
  The candidates for leadership, in order.
  KIP-853

nodes
  Узлы кворума и их адреса.
  The nodes of the quorum and their addresses.
  KIP-853

current_voters
  Узлы с правом голоса и насколько они отстают.
  The nodes that vote, and how far behind they are.
  KIP-595

observers
  Узлы без голоса, которые читают журнал метаданных.
  The nodes without a vote that read the metadata.
  KIP-595

log_end_offset
  Где кончается журнал узла.
  Where the node's log ends.
  KIP-595

last_fetch_timestamp
  Когда узел последний раз читал с лидера.
  When the node last read from the leader.
  KIP-836

last_caught_up_timestamp
  Когда узел последний раз был вровень с лидером.
  When the node was last level with the leader.
  KIP-836

position
  С какого байта снимка читать.
  From which byte of the snapshot to read.
  KIP-630

size
  Сколько байт во всём снимке.
  How many bytes the whole snapshot has.
  KIP-630

unaligned_records
  Кусок снимка: пачка в нём может быть разрезана.
  A piece of the snapshot: a batch may be cut in it.
  KIP-630

epoch
  Эпоха лидера, к которой это относится.
  The leader's epoch that this belongs to.

request_data
  Исходный запрос клиента, который брокер пересылает контроллеру.
  The client's own request, which the broker passes on to the controller.
  KIP-590

request_principal
  От чьего имени запрос.
  On whose behalf the request is.
  KIP-590

client_host_address
  Адрес клиента, от которого пришёл запрос.
  The address of the client that asked.
  KIP-590

response_data
  Ответ контроллера, который брокер отдаст клиенту.
  The controller's response, which the broker hands on to the client.
  KIP-590

k_raft_version_feature
  Какие версии протокола KRaft умеет узел.
  Which versions of KRaft the node knows.
  KIP-853

k_raft_version
  Версия протокола KRaft.
  The version of KRaft.
  KIP-853

ack_when_committed
  Ответить, когда изменение зафиксировано, а не сразу.
  Answer when the change is committed, not at once.
  KIP-853

voters
  Узлы с правом голоса.
  The nodes that vote.
  KIP-853

granting_voters
  Узлы, которые проголосовали за лидера.
  The nodes that voted for the leader.
  KIP-595

endpoints
  Адреса узла.
  The node's addresses.
  KIP-853

last_contained_log_timestamp
  Время последней записи, вошедшей в снимок.
  The time of the last record in the snapshot.
  KIP-630

version
  Версия схемы этой структуры.
  The version of this structure's schema.

type
  Вид записи или пользователя, смотря где стоит.
  The kind of the record or of the principal, as it stands.
"""
