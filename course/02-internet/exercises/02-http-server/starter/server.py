"""An HTTP server that works as long as nobody looks closely. Make it one of HTTP/1.1."""

import os
import socket


def main() -> None:
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as door:
        while True:
            connection, _ = door.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello\n")


if __name__ == "__main__":
    main()
