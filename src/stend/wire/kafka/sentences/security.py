"""Of logins, access rules and tokens."""

SENTENCES = """\
mechanism
  Механизм SASL: каким способом клиент докажет, кто он.
  The SASL mechanism: how the client proves who it is.

mechanisms
  Механизмы SASL, включённые на брокере.
  The SASL mechanisms that the broker has on.

auth_bytes
  Токен механизма SASL; в нём секреты, поэтому он скрыт.
  A token of the SASL mechanism; it holds secrets and is not shown.

session_lifetime_ms
  Через сколько миллисекунд надо подтвердить личность снова; 0 — никогда.
  After how many milliseconds to authenticate again; 0 for never.
  KIP-368

resource_type_filter
  Вид ресурса, о котором ищут правила.
  The kind of resource to find rules for.

resource_name_filter
  Имя ресурса, о котором ищут правила; null — любое.
  The resource's name to find rules for; null for any.

pattern_type_filter
  Как сравнивать имя ресурса: 1 — по-всякому, 2 — подходящие, 3 — точно, 4 — по началу.
  How names are compared: 1 any way, 2 all that match, 3 exactly, 4 by their beginning.
  KIP-290

pattern_type resource_pattern_type
  Как понимать имя ресурса в правиле: 3 — точно, 4 — как начало имени.
  How the rule takes the resource's name: 3 exactly, 4 as the beginning of names.
  KIP-290

principal_filter
  Чьи правила ищут, как User:anna; null — чьи угодно.
  Whose rules are wanted, as User:anna; null for anybody's.

host_filter
  Правила для какого адреса ищут; null — для любого.
  For which address rules are wanted; null for any.

operation
  Действие: READ, WRITE, CREATE, DESCRIBE и другие.
  The action: READ, WRITE, CREATE, DESCRIBE, and others.

permission_type
  Что говорит правило: 2 — запретить, 3 — разрешить.
  What the rule says: 2 denies, 3 allows.

acls
  Правила доступа к этому ресурсу.
  The access rules of this resource.

principal
  Кому правило: User:anna.
  Whom the rule is for: User:anna.

creations
  Правила доступа, которые создать.
  The access rules to create.

filters
  Какие правила удалить.
  Which rules to delete.

filter_results
  Итог по каждому фильтру.
  The result of each filter.

matching_acls
  Правила, которые подошли под фильтр и удалены.
  The rules that matched the filter and were deleted.

owner_principal_type
  Вид владельца токена, обычно User; null — тот, кто просит.
  The kind of the token's owner, mostly User; null for whoever asks.
  KIP-48

owner_principal_name
  Имя владельца токена; null — тот, кто просит.
  The name of the token's owner; null for whoever asks.
  KIP-48

principal_type
  Вид пользователя, обычно User.
  The kind of the principal, mostly User.

principal_name
  Имя пользователя.
  The name of the principal.

token_requester_principal_type
  Вид того, кто попросил токен.
  The kind of whoever asked for the token.
  KIP-373

token_requester_principal_name
  Имя того, кто попросил токен.
  The name of whoever asked for the token.
  KIP-373

renewers
  Кому ещё можно продлевать токен.
  Who else may renew the token.
  KIP-48

max_lifetime_ms
  Сколько токен может жить вместе с продлениями; -1 — сколько разрешает брокер.
  How long the token may live with all renewals; -1 for the broker's limit.
  KIP-48

issue_timestamp_ms issue_timestamp
  Когда токен выдан, в миллисекундах.
  When the token was issued, in milliseconds.
  KIP-48

expiry_timestamp_ms expiry_timestamp
  Когда токен перестанет действовать, если его не продлить.
  When the token expires unless it is renewed.
  KIP-48

max_timestamp_ms max_timestamp
  Дольше этого момента токен не продлить.
  The moment beyond which the token cannot be renewed.
  KIP-48

token_id
  Открытое имя токена: им представляются при входе.
  The public name of the token: one logs in by it.
  KIP-48

hmac
  Секрет токена, он же пароль при входе; скрыт.
  The token's secret, which is the password of a login; not shown.
  KIP-48

renew_period_ms
  На сколько миллисекунд продлить токен.
  For how many milliseconds to renew the token.
  KIP-48

expiry_time_period_ms
  Через сколько миллисекунд погасить токен; меньше нуля — сразу.
  In how many milliseconds the token shall expire; below zero at once.
  KIP-48

owners
  Чьи токены показать; null — все доступные.
  Whose tokens to show; null for all that may be seen.
  KIP-48

tokens
  Токены.
  The tokens.
  KIP-48

users
  Пользователи, о чьих паролях SCRAM спрашивают; null — обо всех.
  Users whose SCRAM passwords are asked about; null for all.
  KIP-554

user
  Имя пользователя.
  The name of the user.
  KIP-554

credential_infos
  Способы SCRAM, которые заданы пользователю; сами пароли не выдаются.
  The SCRAM mechanisms that the user has; the passwords are not told.
  KIP-554

iterations
  Сколько раз хешируется пароль: чем больше, тем дороже подбор.
  How often the password is hashed: the more, the dearer it is to guess.
  KIP-554

deletions
  Какие пароли SCRAM удалить.
  Which SCRAM passwords to delete.
  KIP-554

upsertions
  Какие пароли SCRAM задать или сменить.
  Which SCRAM passwords to set or change.
  KIP-554

salt
  Соль пароля: случайные байты, чтобы одинаковые пароли хранились по-разному.
  The salt: random bytes, so that equal passwords are stored differently.
  KIP-554

salted_password
  Хеш пароля с солью; по нему можно войти, поэтому он скрыт.
  The salted hash of the password; one could log in by it, so it is not shown.
  KIP-554

token_authenticated
  Вошёл ли пользователь по токену.
  Whether the user logged in by a token.
"""
