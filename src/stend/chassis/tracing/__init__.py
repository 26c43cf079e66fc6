"""One order, one trace: spans on OpenTelemetry's data model, recorded where they happen.

Not OpenTelemetry's SDK, which costs seven microseconds where nothing is recorded; ADR 0033 has the
figures. What leaves the stand is OTLP, so any tool of the field reads it.
Sources: W3C Trace Context; the specification and the semantic conventions of OpenTelemetry.
"""
