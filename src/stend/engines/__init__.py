"""Engines that answer on real ports: launchers of real binaries, servers of our own."""
