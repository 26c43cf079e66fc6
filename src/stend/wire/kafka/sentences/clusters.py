"""Of brokers, versions, features, metrics and quotas."""

SENTENCES = """\
client_software_name
  Название клиентской библиотеки: видно в метриках брокера.
  The name of the client's library: seen in the broker's metrics.
  KIP-511

client_software_version
  Версия клиентской библиотеки.
  The version of the client's library.
  KIP-511

api_keys
  Вызовы, которые понимает брокер: клиент выбирает общие версии.
  The calls that the broker understands: the client chooses the versions that both know.

api_key
  Номер API.
  The number of the API.

min_version
  Самая старая версия, которую понимает брокер.
  The oldest version that the broker understands.

max_version
  Самая новая версия, которую понимает брокер.
  The newest version that the broker understands.

supported_features
  Возможности кластера, которые умеет этот брокер.
  The features that this broker is able to have.
  KIP-584

finalized_features
  Возможности, включённые для всего кластера.
  The features that are switched on for the whole cluster.
  KIP-584

finalized_features_epoch
  Номер версии списка включённых возможностей; -1 — не известен.
  The version of the list of features that are on; -1 when unknown.
  KIP-584

max_version_level
  Верхняя граница уровня возможности.
  The highest level of the feature.
  KIP-584

min_version_level
  Нижняя граница уровня возможности.
  The lowest level of the feature.
  KIP-584

max_supported_version
  Самый высокий поддерживаемый уровень.
  The highest level that is supported.

min_supported_version
  Самый низкий поддерживаемый уровень.
  The lowest level that is supported.

zk_migration_ready
  Готов ли контроллер к переезду с ZooKeeper на KRaft.
  Whether the controller is ready to move from ZooKeeper to KRaft.
  KIP-866

feature_updates
  Какие возможности на какой уровень перевести.
  Which features to move to which levels.
  KIP-584

feature
  Имя возможности кластера, как metadata.version.
  The name of a feature of the cluster, as metadata.version.

allow_downgrade
  Можно ли понизить уровень возможности.
  Whether the feature's level may be lowered.

upgrade_type
  Как менять уровень: 1 — только вверх, 2 — безопасно вниз, 3 — вниз, даже с потерями.
  How to change the level: 1 only up, 2 down if it is safe, 3 down even with losses.

features
  Возможности, которые умеет узел, с границами уровней.
  The features that the node has, with their bounds.

cluster_id
  Идентификатор кластера: по нему клиент замечает, что попал в чужой.
  The id of the cluster: shows that one has come to the wrong one.

controller_id
  Номер узла-контроллера: он меняет топики и назначает лидеров.
  The node that is the controller: it changes topics and appoints leaders.

broker_id
  Номер брокера.
  The number of the broker.

node_id
  Номер узла кластера.
  The number of the node.

host
  Имя или адрес узла, к которому подключаться.
  The name or address to connect to.

port
  Порт TCP, к которому подключаться.
  The TCP port to connect to.

rack
  Стойка или зона, где стоит брокер: копии раскладывают по разным. null — не задана.
  The rack or zone of the broker: copies are spread over several. Null when not set.

include_fenced_brokers
  Показать ли брокеров, которые отстранены контроллером.
  Whether to list brokers that the controller has fenced.

endpoint_type
  Чьи адреса нужны: 1 — брокеров, 2 — контроллеров.
  Whose addresses are wanted: 1 brokers', 2 controllers'.
  KIP-919

is_fenced
  Брокер отстранён: контроллер не даёт ему партиций.
  The broker is fenced: the controller gives it no partitions.

key_type
  Чьего координатора ищут: 0 — группы, 1 — транзакции, 2 — раздела share-группы.
  Whose coordinator is wanted: 0 a group's, 1 a transaction's, 2 a share group's partition's.

key
  Имя, по которому находят: у координатора это группа или транзакция.
  The name to look up: for a coordinator a group or a transaction.

coordinator_keys
  Имена групп или транзакций, чьих координаторов ищут.
  Names of the groups or transactions whose coordinators are wanted.
  KIP-699

coordinators
  Координаторы по именам групп или транзакций.
  The coordinators by names of groups or transactions.
  KIP-699

client_instance_id
  UUID этого запуска клиента: под ним брокер собирает его метрики.
  The UUID of this run of the client: its metrics are gathered under it.
  KIP-714

subscription_id
  Номер подписки на метрики: меняется, когда брокеру нужны другие.
  The number of the subscription to metrics: changes when the broker wants others.
  KIP-714

accepted_compression_types
  Какие способы сжатия метрик принимает брокер.
  Which compressions of metrics the broker takes.
  KIP-714

push_interval_ms
  Как часто присылать метрики, в миллисекундах.
  How often to send metrics, in milliseconds.
  KIP-714

telemetry_max_bytes
  Сколько байт метрик брокер примет за раз.
  How many bytes of metrics the broker takes at once.
  KIP-714

delta_temporality
  Слать ли счётчики приростом (true) или нарастающим итогом (false).
  Whether counters are sent as differences (true) or as totals (false).
  KIP-714

requested_metrics
  Какие метрики нужны: имена или их начала.
  Which metrics are wanted: names or their beginnings.
  KIP-714

terminating
  Клиент завершает работу: это его последние метрики.
  The client is ending: these are its last metrics.
  KIP-714

compression_type
  Чем сжаты метрики: 0 — ничем, 1 — gzip, 2 — snappy, 3 — lz4, 4 — zstd.
  How the metrics are compressed: 0 not, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
  KIP-714

metrics
  Метрики клиента в формате OTLP.
  The client's metrics in the form of OTLP.
  KIP-714

components
  Чьи квоты показать: пользователь, клиент, адрес.
  Whose quotas to show: user, client, address.
  KIP-546

entity_type
  К чему относится квота: user, client-id или ip.
  What the quota is for: user, client-id or ip.
  KIP-546

entity_name
  Имя того, к кому относится квота; null — квота по умолчанию.
  The name of whom the quota is for; null for the default.
  KIP-546

match_type
  Как сравнивать имя: 0 — точно, 1 — квота по умолчанию, 2 — любое заданное.
  How to compare the name: 0 exactly, 1 the default, 2 any that is set.
  KIP-546

match
  С чем сравнивать имя.
  What to compare the name with.
  KIP-546

strict
  Не показывать квоты, у которых есть и другие, не названные составляющие.
  Leave out quotas that have other components, too.
  KIP-546

entries
  Квоты: для кого и какие.
  Quotas: for whom, and which.
  KIP-546

entity
  Для кого квота: сочетание пользователя, клиента, адреса.
  Whom the quota is for: a combination of user, client, address.
  KIP-546

values
  Значения квот.
  The values of the quotas.
  KIP-546

ops
  Что сделать с квотами.
  What to do with the quotas.
  KIP-546

remove
  Убрать эту квоту вместо того, чтобы задать.
  Remove this quota instead of setting it.
  KIP-546
"""
