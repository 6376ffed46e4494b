"""A WebSocket (RFC 6455) for clients, on the standard library alone: text frames, no extensions.

Job: turn a TCP or TLS connection into whole text messages, answer pings, and tell how it was closed.
Promise: a message is given out complete or not at all, and waiting never takes longer than was asked for.
"""

import base64
import hashlib
import os
import socket
import ssl
import struct
import time
from urllib.parse import urlsplit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Closed(Exception):
    """The connection has ended. `code` is the close code of the server, 1006 when it went without one."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code}" + (f": {reason}" if reason else ""))
        self.code, self.reason = code, reason


class WebSocket:
    def __init__(self, url, headers=None, timeout=10.0):
        """Connects; raises OSError when nobody is there, Closed when the server refuses the upgrade."""
        parts = urlsplit(url)
        secure = parts.scheme in ("wss", "https")
        port = parts.port or (443 if secure else 80)
        self.buffer, self.fragments, self.closing = bytearray(), None, False
        self.socket = socket.create_connection((parts.hostname, port), timeout)
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=parts.hostname)
            self._upgrade(parts, headers or {})
        except BaseException:
            self.socket.close()
            raise

    def fileno(self):
        return self.socket.fileno()

    def send(self, text):
        self.send_frame(TEXT, text.encode())

    def send_frame(self, opcode, data=b"", final=True):
        """Sends one frame; what clients send has to be masked."""
        size = len(data)
        head = bytes([opcode | (0x80 if final else 0)])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        mask = os.urandom(4)
        self.socket.settimeout(60)
        try:
            self.socket.sendall(head + mask + masked(data, mask))
        except OSError as error:
            raise Closed(1006, str(error)) from error

    def receive(self, timeout=None):
        """The next text message; None when none came within `timeout` seconds (0: only what is here already)."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            frame = self._next_frame()
            if frame is None:
                left = None if end is None else end - time.monotonic()
                if not self._read(left):
                    return None
                continue
            message = self._take(*frame)
            if message is not None:
                return message

    def close(self, code=1000):
        """Says goodbye and hangs up; safe to call twice."""
        try:
            if not self.closing:
                self.closing = True
                self.send_frame(CLOSE, struct.pack("!H", code))
        except Closed:
            pass
        self.socket.close()

    def _upgrade(self, parts, headers):
        key = base64.b64encode(os.urandom(16))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: Upgrade", "Upgrade: websocket"]
        lines += [f"Sec-WebSocket-Key: {key.decode()}", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            if not self._read(10):
                raise Closed(1006, "no answer to the upgrade")
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer = bytearray(rest)
        status, *fields = head.decode("latin-1").split("\r\n")
        answers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        if status.split(" ")[1:2] != ["101"]:
            raise Closed(1006, status)
        if answers.get("sec-websocket-accept") != base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode():
            raise Closed(1006, "the server does not speak WebSocket")

    def _read(self, timeout):
        """Reads what there is; False when nothing came in time."""
        try:
            self.socket.settimeout(None if timeout is None else max(timeout, 0))
            data = self.socket.recv(1 << 18)
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError as error:
            raise Closed(1006, str(error)) from error
        if not data:
            raise Closed(1006)
        self.buffer += data
        return True

    def _next_frame(self):
        """Cuts (opcode, final, data) off the buffer; None while it is not all there. Servers do not mask."""
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        opcode, final = buffer[0] & 0x0F, bool(buffer[0] & 0x80)
        data = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, final, data

    def _take(self, opcode, final, data):
        """A frame: answers what the socket itself has to, and gives out a message that is complete."""
        if opcode == PING:
            self.send_frame(PONG, data)
        elif opcode == CLOSE:
            code = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
            self.close(1000)
            raise Closed(code, data[2:].decode(errors="replace"))
        elif opcode in (TEXT, BINARY, CONTINUATION):
            self.fragments = data if opcode != CONTINUATION else (self.fragments or b"") + data
            if final:
                whole, self.fragments = self.fragments, None
                return whole.decode()
        return None


def masked(data, mask):
    """Every byte XOR its byte of the mask; as two large numbers, which is quick without any library."""
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")
