"""A web server on this machine whose answers a test writes byte by byte, and a network that leads to it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import NamedTuple

from httpcore2 import SyncBackend

PUBLIC = "93.184.216.34"  # what every name of a test means, unless it says otherwise


class Asked(NamedTuple):
    """One request as it came."""

    path: str
    headers: dict[str, str]


class Server:
    """Answers each path by a function of the connection and the request; keeps what it was asked."""

    def __init__(self, tls=None):
        self.pages = {}
        self.asked = []
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._socket.close()

    def page(self, path, body=b"", status=200, **headers):
        self.pages[path] = lambda conn, _asked: answer(conn, body, status, **headers)

    def raw(self, path, data):
        self.pages[path] = lambda conn, _asked: conn.sendall(data)

    def turns(self, path, *pages):
        """One answer after another; the last stays."""
        left = list(pages)

        def next_page(conn, asked):
            page = left.pop(0) if len(left) > 1 else left[0]
            page(conn, asked)

        self.pages[path] = next_page

    def _serve(self):
        while True:
            try:
                conn, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(conn,), daemon=True).start()

    def _one(self, conn):
        with contextlib.suppress(OSError), conn:
            if self._tls is not None:
                conn = self._tls.wrap_socket(conn, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                data = conn.recv(65536)
                if not data:
                    return
                head += data
            first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            asked = Asked(first.split(" ")[1], headers)
            self.asked.append(asked)
            page = self.pages.get(asked.path)
            if page is None:
                answer(conn, b"nothing here", 404)
            else:
                page(conn, asked)


def answer(conn, body=b"", status=200, **headers):
    fields = {"Content-Length": len(body), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    conn.sendall(f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode("latin-1") + body)


def reset(conn):
    """Break the connection off with no good-bye."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def drip(conn, data, seconds=0.1):
    for at in range(len(data)):
        conn.sendall(data[at : at + 1])
        time.sleep(seconds)


class Dial(SyncBackend):
    """Connects to the test's servers instead of the world; keeps which address was meant."""

    def __init__(self, ports):
        super().__init__()
        self._ports = ports  # {80: …, 443: …}
        self.meant = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.meant.append((host, port))
        return super().connect_tcp("127.0.0.1", self._ports.get(port, port), timeout)
