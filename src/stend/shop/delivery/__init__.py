"""Couriers and their ways, on Redis, over gRPC. Start with domain/, then usecases/."""
