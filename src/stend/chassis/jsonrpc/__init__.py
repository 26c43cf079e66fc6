"""JSON-RPC 2.0 for any service: messages, the dispatcher, and the way over HTTP and WebSocket.

pjrpc was weighed and is the stock client of the tests only: as a server it refuses a whole batch
for one bad member (section 6 answers each by itself) and knows neither bounds nor our errors.
"""
