"""The story of one trace: who said what to whom, in which order, and which bytes carried it.

Made from spans and exchanges alone; nothing here reads a clock or a socket.
"""
