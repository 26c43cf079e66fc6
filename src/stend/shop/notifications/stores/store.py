"""The store that use cases and workers see, over one PostgreSQL."""

from stend.shop.notifications.stores.delivering import Deliveries
from stend.shop.notifications.stores.receiving import Inbox


class PostgresNotificationStore(Inbox, Deliveries):
    """The inbox and the deliveries of one database, over the same connections."""
