"""What each method of a channel does: one function per method (section 1 of the reference). Pure.

A function gets the channel and the method, changes the broker and writes the answer.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from pamqp import base, commands

from stend.engines.amqp.channel import Channel
from stend.engines.amqp.declarations import (
    ExchangeDeclaration,
    QueueDeclaration,
    default_exchange_error,
)
from stend.engines.amqp.errors import AmqpError, ReplyCode, not_implemented
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.routing import Destination
from stend.engines.amqp.state import DIRECT_REPLY_TO
from stend.engines.amqp.users import Right
from stend.wire.amqp.methods import encode_method
from stend.wire.amqp.values import Table

Operation = Callable[[Channel, Any], None]


def _answer(channel: Channel, kind: type[base.Frame], **arguments: object) -> None:
    channel.line.write(encode_method(channel.number, kind, **arguments))


def _may(channel: Channel, right: Right, what: str, name: str) -> None:
    channel.line.user.demand(right, what, name, channel.vhost.name)


def _table(arguments: object) -> Table:
    # pamqp's classes know the argument by another name of the same thing.
    return cast(Table, arguments)


# Exchanges


def _exchange_declare(channel: Channel, method: commands.Exchange.Declare) -> None:
    name = method.exchange
    if not name:
        raise default_exchange_error()
    if method.passive:
        channel.vhost.exchange(name)
    else:
        _may(channel, Right.CONFIGURE, "exchange", name)
        channel.vhost.declare_exchange(
            ExchangeDeclaration(
                name,
                method.exchange_type,
                method.durable,
                method.auto_delete,
                method.internal,
                _table(method.arguments),
            )
        )
    if not method.nowait:
        _answer(channel, commands.Exchange.DeclareOk)


def _exchange_delete(channel: Channel, method: commands.Exchange.Delete) -> None:
    _may(channel, Right.CONFIGURE, "exchange", method.exchange)
    channel.vhost.delete_exchange(method.exchange, if_unused=method.if_unused)
    if not method.nowait:
        _answer(channel, commands.Exchange.DeleteOk)


def _exchange_bind(channel: Channel, method: commands.Exchange.Bind) -> None:
    _may(channel, Right.WRITE, "exchange", method.destination)
    _may(channel, Right.READ, "exchange", method.source)
    destination = _bindable_exchange(channel, method.destination)
    channel.vhost.bind(method.source, destination, method.routing_key, _table(method.arguments))
    if not method.nowait:
        _answer(channel, commands.Exchange.BindOk)


def _exchange_unbind(channel: Channel, method: commands.Exchange.Unbind) -> None:
    _may(channel, Right.WRITE, "exchange", method.destination)
    _may(channel, Right.READ, "exchange", method.source)
    if not method.source or not method.destination:
        raise default_exchange_error()
    destination = channel.vhost.exchanges.get(method.destination)
    if destination is not None:
        table = _table(method.arguments)
        channel.vhost.unbind(method.source, destination, method.routing_key, table)
    if not method.nowait:
        _answer(channel, commands.Exchange.UnbindOk)


def _bindable_exchange(channel: Channel, name: str) -> Destination:
    if not name:
        raise default_exchange_error()
    return channel.vhost.exchange(name)


# Queues


def _queue_declare(channel: Channel, method: commands.Queue.Declare) -> None:
    vhost, name = channel.vhost, method.queue
    if name.startswith(DIRECT_REPLY_TO):
        _declare_reply_queue(channel, name)
        return
    if method.passive:
        queue = vhost.queue(name, channel.line)
        queue.touch()
    else:
        # The name of a queue that the server will name is checked as an empty one.
        _may(channel, Right.CONFIGURE, "queue", name)
        told = QueueDeclaration(
            name, method.durable, method.exclusive, method.auto_delete, _table(method.arguments)
        )
        queue = vhost.declare_queue(told, channel.line)
    channel.last_queue = queue.name
    if not method.nowait:
        _queue_declare_ok(channel, queue.name, queue.ready, len(queue.consumers))


def _declare_reply_queue(channel: Channel, name: str) -> None:
    # A server that answers requests may ask this way whether its client still waits.
    if name != DIRECT_REPLY_TO and name not in channel.broker.reply_takers:
        raise AmqpError(ReplyCode.NOT_FOUND, f"no queue '{name}' in vhost '{channel.vhost.name}'")
    _queue_declare_ok(channel, name, 0, 1)


def _queue_declare_ok(channel: Channel, name: str, ready: int, consumers: int) -> None:
    kind = commands.Queue.DeclareOk
    _answer(channel, kind, queue=name, message_count=ready, consumer_count=consumers)


def _queue_delete(channel: Channel, method: commands.Queue.Delete) -> None:
    vhost, name = channel.vhost, _queue_name(channel, method.queue)
    _may(channel, Right.CONFIGURE, "queue", name)
    dropped = 0
    # Deleting what is not there is no error (RabbitMQ's extension of section 1.7.2.9).
    if name in vhost.queues:
        queue = vhost.queue(name, channel.line)
        dropped = vhost.delete_queue(queue, if_unused=method.if_unused, if_empty=method.if_empty)
    if not method.nowait:
        _answer(channel, commands.Queue.DeleteOk, message_count=dropped)


def _queue_purge(channel: Channel, method: commands.Queue.Purge) -> None:
    name = _queue_name(channel, method.queue)
    _may(channel, Right.READ, "queue", name)
    dropped = channel.vhost.queue(name, channel.line).purge()
    if not method.nowait:
        _answer(channel, commands.Queue.PurgeOk, message_count=dropped)


def _queue_bind(channel: Channel, method: commands.Queue.Bind) -> None:
    name = _queue_name(channel, method.queue)
    _may(channel, Right.WRITE, "queue", name)
    _may(channel, Right.READ, "exchange", method.exchange)
    channel.vhost.exchange(method.exchange)
    queue = channel.vhost.queue(name, channel.line)
    key = _binding_key(channel, method.queue, method.routing_key)
    channel.vhost.bind(method.exchange, queue, key, _table(method.arguments))
    if not method.nowait:
        _answer(channel, commands.Queue.BindOk)


def _queue_unbind(channel: Channel, method: commands.Queue.Unbind) -> None:
    name = _queue_name(channel, method.queue)
    _may(channel, Right.WRITE, "queue", name)
    _may(channel, Right.READ, "exchange", method.exchange)
    if not method.exchange:
        raise default_exchange_error()
    vhost, queue = channel.vhost, channel.vhost.queues.get(name)
    key, table = _binding_key(channel, method.queue, method.routing_key), _table(method.arguments)
    # Only who would change something is asked whether the queue is his (as in RabbitMQ).
    if queue is not None and vhost.is_bound(method.exchange, queue, key, table):
        vhost.demand_access(queue, channel.line)
        vhost.unbind(method.exchange, queue, key, table)
    _answer(channel, commands.Queue.UnbindOk)


def _binding_key(channel: Channel, queue: str, key: str) -> str:
    # Without a queue and without a key both are the last queue declared (section 1.7.2.3).
    return channel.last_queue if not queue and not key else key


def _queue_name(channel: Channel, name: str) -> str:
    """An empty name means the last queue declared on the channel (section 1.7.2)."""
    if name:
        return name
    if not channel.last_queue:
        raise AmqpError(ReplyCode.NOT_FOUND, "no previously declared queue")
    return channel.last_queue


# Messages


def _basic_qos(channel: Channel, method: commands.Basic.Qos) -> None:
    if method.prefetch_size:
        raise not_implemented(f"prefetch_size!=0 ({method.prefetch_size})")
    if method.global_:
        channel.channel_prefetch = method.prefetch_count
    else:
        channel.prefetch = method.prefetch_count
    _answer(channel, commands.Basic.QosOk)
    channel.resume()


def _basic_consume(channel: Channel, method: commands.Basic.Consume) -> None:
    tag = method.consumer_tag or channel.broker.new_name("amq.ctag-")
    if method.queue == DIRECT_REPLY_TO:
        channel.consume_replies(tag, no_ack=method.no_ack)
        _consume_ok(channel, tag, nowait=method.nowait)
        return
    name = _queue_name(channel, method.queue)
    _may(channel, Right.READ, "queue", name)
    queue = channel.vhost.queue(name, channel.line)
    channel.consume(
        queue,
        tag,
        no_ack=method.no_ack,
        exclusive=method.exclusive,
        table=_table(method.arguments),
    )
    # The answer must reach the client before the first message.
    _consume_ok(channel, tag, nowait=method.nowait)
    queue.settle()


def _consume_ok(channel: Channel, tag: str, *, nowait: bool) -> None:
    if not nowait:
        _answer(channel, commands.Basic.ConsumeOk, consumer_tag=tag)


def _basic_cancel(channel: Channel, method: commands.Basic.Cancel) -> None:
    channel.cancel(str(method.consumer_tag))
    if not method.nowait:
        _answer(channel, commands.Basic.CancelOk, consumer_tag=method.consumer_tag)


def _basic_get(channel: Channel, method: commands.Basic.Get) -> None:
    name = _queue_name(channel, method.queue)
    _may(channel, Right.READ, "queue", name)
    queue: Queue = channel.vhost.queue(name, channel.line)
    if not channel.get(queue, no_ack=method.no_ack):
        _answer(channel, commands.Basic.GetEmpty, cluster_id="")


def _basic_ack(channel: Channel, method: commands.Basic.Ack) -> None:
    channel.acknowledge(method.delivery_tag, multiple=method.multiple)


def _basic_nack(channel: Channel, method: commands.Basic.Nack) -> None:
    channel.reject(method.delivery_tag, multiple=method.multiple, requeue=method.requeue)


def _basic_reject(channel: Channel, method: commands.Basic.Reject) -> None:
    channel.reject(int(method.delivery_tag or 0), multiple=False, requeue=method.requeue)


def _basic_recover(channel: Channel, method: commands.Basic.Recover) -> None:
    _demand_requeue(requeue=method.requeue)
    # The answer goes before what is delivered again.
    _answer(channel, commands.Basic.RecoverOk)
    channel.recover()


def _basic_recover_async(channel: Channel, method: commands.Basic.RecoverAsync) -> None:
    _demand_requeue(requeue=method.requeue)
    channel.recover()


def _demand_requeue(*, requeue: bool) -> None:
    if not requeue:
        raise not_implemented("requeue=false")


# The channel itself


def _channel_flow(channel: Channel, method: commands.Channel.Flow) -> None:
    if not method.active:
        raise not_implemented("active=false")
    _answer(channel, commands.Channel.FlowOk, active=True)


def _confirm_select(channel: Channel, method: commands.Confirm.Select) -> None:
    channel.select_confirms()
    if not method.nowait:
        _answer(channel, commands.Confirm.SelectOk)


def _tx_select(channel: Channel, _: commands.Tx.Select) -> None:
    channel.select_transactions()
    _answer(channel, commands.Tx.SelectOk)


def _tx_commit(channel: Channel, _: commands.Tx.Commit) -> None:
    channel.commit()
    _answer(channel, commands.Tx.CommitOk)


def _tx_rollback(channel: Channel, _: commands.Tx.Rollback) -> None:
    channel.roll_back()
    _answer(channel, commands.Tx.RollbackOk)


OPERATIONS: Mapping[type[base.Frame], Operation] = {
    commands.Exchange.Declare: _exchange_declare,
    commands.Exchange.Delete: _exchange_delete,
    commands.Exchange.Bind: _exchange_bind,
    commands.Exchange.Unbind: _exchange_unbind,
    commands.Queue.Declare: _queue_declare,
    commands.Queue.Delete: _queue_delete,
    commands.Queue.Purge: _queue_purge,
    commands.Queue.Bind: _queue_bind,
    commands.Queue.Unbind: _queue_unbind,
    commands.Basic.Qos: _basic_qos,
    commands.Basic.Consume: _basic_consume,
    commands.Basic.Cancel: _basic_cancel,
    commands.Basic.Get: _basic_get,
    commands.Basic.Ack: _basic_ack,
    commands.Basic.Nack: _basic_nack,
    commands.Basic.Reject: _basic_reject,
    commands.Basic.Recover: _basic_recover,
    commands.Basic.RecoverAsync: _basic_recover_async,
    commands.Channel.Flow: _channel_flow,
    commands.Confirm.Select: _confirm_select,
    commands.Tx.Select: _tx_select,
    commands.Tx.Commit: _tx_commit,
    commands.Tx.Rollback: _tx_rollback,
}
