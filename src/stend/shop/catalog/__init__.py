"""The service `catalog`: products, prices, categories, search; the storefront's own GraphQL."""
