"""What this broker does not do, though RabbitMQ does. Each line has a test with its code."""

from stend.engines.limitation import Limitation
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "streams",
        Text(
            ru="нет потоков (x-queue-type=stream): очередь не создаётся, ответ 540 NOT_IMPLEMENTED",
            en="no streams (x-queue-type=stream): the queue is refused with 540 NOT_IMPLEMENTED",
        ),
    ),
    Limitation(
        "at-least-once-dead-lettering",
        Text(
            ru="мёртвые письма — только at-most-once: другая x-dead-letter-strategy даёт 540",
            en="dead letters are at-most-once: another x-dead-letter-strategy is refused with 540",
        ),
    ),
    Limitation(
        "consumer-timeout",
        Text(
            ru="нет срока на подтверждение: x-consumer-timeout отклоняется с 540",
            en="no time limit for acknowledgements: x-consumer-timeout is refused with 540",
        ),
    ),
    Limitation(
        "plugin-exchanges",
        Text(
            ru="нет типов точек обмена из плагинов (x-delayed-message, x-consistent-hash): ответ "
            "503 COMMAND_INVALID",
            en="no exchange types of plugins (x-delayed-message, x-consistent-hash): refused with "
            "503 COMMAND_INVALID",
        ),
    ),
    Limitation(
        "other-protocols",
        Text(
            ru="только AMQP 0-9-1: на заголовок AMQP 1.0, MQTT, STOMP и TLS приходит "
            "«AMQP 0-0-9-1», и соединение закрывается",
            en="AMQP 0-9-1 only: AMQP 1.0, MQTT, STOMP and TLS are answered with the header "
            "AMQP 0-0-9-1 and a closed connection",
        ),
    ),
    Limitation(
        "mechanisms",
        Text(
            ru="вход только по PLAIN и AMQPLAIN: другой механизм (EXTERNAL, OAuth 2) даёт 503",
            en="login by PLAIN and AMQPLAIN: another mechanism (EXTERNAL, OAuth 2) gets 503",
        ),
    ),
    Limitation(
        "memory",
        Text(
            ru="сообщения живут в памяти: выше amqp.memory_limit_mb издатели ждут "
            "(connection.blocked), на диск очередь не вытесняется",
            en="messages live in memory: above amqp.memory_limit_mb publishers wait "
            "(connection.blocked), queues are not paged out",
        ),
    ),
    Limitation(
        "sizes",
        Text(
            ru="не больше 1000 соединений (530 NOT_ALLOWED) и, как в RabbitMQ 4, 16 МБ в сообщении "
            "(406); изменить эти пределы нельзя",
            en="at most 1000 connections (530 NOT_ALLOWED) and, as in RabbitMQ 4, 16 MB a message "
            "(406); these bounds are fixed",
        ),
    ),
    Limitation(
        "unread",
        Text(
            ru="кто оставил непрочитанными 20 МБ, того брокер не слушает, пока он не начнёт "
            "читать, а ответы direct reply-to к нему не идут",
            en="who leaves 20 MB unread is not listened to before it reads, and direct replies "
            "do not reach it",
        ),
    ),
    Limitation(
        "policies",
        Text(
            ru="нет политик, федерации и shovel: списки пусты, создать их нельзя — ответ 501",
            en="no policies, federation or shovels: their lists are empty, making one gets 501",
        ),
    ),
    Limitation(
        "one-node",
        Text(
            ru="один узел: кворумная очередь держит одну копию, /api/rebalance/queues отвечает 501",
            en="one node: a quorum queue has one replica; /api/rebalance/queues answers 501",
        ),
    ),
)
