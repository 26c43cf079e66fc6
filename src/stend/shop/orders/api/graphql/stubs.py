"""The documents that the client sends: each operation with every canonical field. Constants."""

_MONEY = "{ amountMinor currency }"
ORDER_FIELDS = f"""
fragment OrderFields on Order {{
  orderId customerId status version
  lines {{ sku quantity unitPrice {_MONEY} }}
  address {{ city street house flat comment }}
  slot {{ startsAt endsAt }}
  placedAt updatedAt reason
}}"""
GET_ORDER = (
    """query GetOrder($orderId: ID!) {
  order(orderId: $orderId) { ...OrderFields }
}"""
    + ORDER_FIELDS
)
LIST_ORDERS = (
    """query ListOrders($customerId: ID, $status: OrderStatus, $first: Int!, $after: String) {
  orders(customerId: $customerId, status: $status, first: $first, after: $after) {
    edges { node { ...OrderFields } }
    pageInfo { hasNextPage endCursor }
  }
}"""
    + ORDER_FIELDS
)
PLACE_ORDER = (
    """mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) { order { ...OrderFields } replayed }
}"""
    + ORDER_FIELDS
)
CANCEL_ORDER = (
    """mutation CancelOrder($input: CancelOrderInput!) {
  cancelOrder(input: $input) { order { ...OrderFields } }
}"""
    + ORDER_FIELDS
)
TRACK_ORDER = """subscription TrackOrder($orderId: ID!, $afterVersion: Int!) {
  orderEvents(orderId: $orderId, afterVersion: $afterVersion) {
    orderId version type status occurredAt reason
  }
}"""
