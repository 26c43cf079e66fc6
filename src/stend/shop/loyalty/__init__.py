"""Points and levels of customers, on MySQL, over JSON-RPC."""
