"""Recordings as files: a session to open again, pcapng for Wireshark, HAR for browsers."""
