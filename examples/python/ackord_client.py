"""A client of Ackord's native sync protocol, with nothing but Python's standard library.

Job: one connection of one replica: greet, read pages until live, take changes, push the outbox, compare digests.
Promise: whatever happens to the connection, `resume` goes on from the replica's cursor, and no edit is lost or
applied twice. One thread at a time: whoever waits for an answer takes everything else that comes meanwhile.
"""

import json
import random
import time

from ackord_replica import Replica
from ackord_socket import Closed, WebSocket

PROTOCOL = 1
# Coming again helps against none of these.
FINAL_CLOSES = {4400, 4401, 4403}
CURSOR_OF_NO_USE = {"CURSOR_MALFORMED", "CURSOR_FOREIGN", "CURSOR_FILTER_CHANGED", "RESYNC_REQUIRED"}


class Refused(Exception):
    """The server answered a message with an error. `code` stands in docs/errors.md."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.error = error["code"], error


class Client:
    def __init__(self, url, token, replica=None, on_change=None):
        """`url`: ws(s)://host:port of the server. `on_change(message)` is told of pages and changes just taken."""
        self.url, self.token = url.rstrip("/") + "/sync", token
        self.replica = replica or Replica()
        self.on_change = on_change or (lambda message: None)
        self.socket, self.welcome, self.live = None, None, False
        self.answers, self.last_id, self.resume_after = {}, 0, 0.0
        self.refused_subscribe, self.starts_over = None, False

    # The connection

    def connect(self):
        """Connects and greets; raises OSError, Closed or Refused."""
        self.close()
        self.live, self.welcome, self.answers = False, None, {}
        self.socket = WebSocket(self.url.replace("http", "ws", 1))
        replica = self.replica
        self.send("hello", protocol=PROTOCOL, domain=replica.domain, token=self.token, device=replica.device)
        self.until(lambda: self.welcome)
        return self.welcome

    def resume(self, tries=10):
        """Connects, reads until live and sends what waits in the outbox; comes again when the network fails."""
        for attempt in range(1, tries + 1):
            time.sleep(self.resume_after)
            try:
                self.connect()
                self.subscribe()
                self.push()
                self.resume_after = 0.0
                return
            except (OSError, Closed) as error:
                if attempt == tries or getattr(error, "code", None) in FINAL_CLOSES:
                    raise
                self.resume_after = self.resume_after or random.uniform(0.5, 1) * min(0.2 * 2**attempt, 30)

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    # What a client asks for

    def subscribe(self, timeout=60):
        """Reads pages until the replica is live; a cursor that is of no use any more starts over."""
        self.live, self.refused_subscribe = False, None
        self.send("subscribe", cursor=self.replica.cursor, seen=self.replica.seen)
        self.until(lambda: self.live or self.refused_subscribe, timeout)
        if self.refused_subscribe:
            error = self.refused_subscribe
            if error["code"] not in CURSOR_OF_NO_USE or self.replica.cursor is None:
                raise Refused(error)
            # What there is stays in sight until the first page takes its place.
            self.replica.cursor, self.replica.seen, self.starts_over = None, {}, True
            self.subscribe(timeout)
        self.replica.enter_epoch(self.welcome["epoch"])

    def push(self, timeout=60):
        """Sends the outbox in order until all of it is answered; gives back the receipts."""
        receipts, outbox = [], self.replica.outbox
        while outbox:
            changes = self.next_load()
            read = {"cursor": self.replica.cursor} if self.replica.cursor else {}
            answer = self.ask("push", timeout, changes=changes, **read)
            wait = 0
            for change, receipt in zip(changes, answer["receipts"], strict=True):
                if self.replica.take_receipt(change, receipt):
                    receipts.append(receipt)
                else:
                    wait = max(wait, receipt.get("retryAfterMs", 1000))
            if wait:
                self.wait(wait / 1000)
        return receipts

    def next_load(self):
        """The first changes of the outbox, as many as one frame may hold."""
        changes, size = [], 1000
        for change in self.replica.outbox[: self.welcome["changesPerPushMax"]]:
            size += len(json.dumps(change)) + 2
            if changes and size > self.welcome["frameBytesMax"]:
                break
            changes.append(change)
        return changes

    def differing(self, timeout=60):
        """The scopes in which replica and server have different digests at the same seq, in a list: empty is good."""
        scopes, differing = list(self.replica.seqs), []
        for start in range(0, len(scopes), 100):
            answer = self.ask("digest", timeout, scopes=scopes[start : start + 100])
            ours = self.replica.digests()
            for one in answer["scopes"]:
                scope = one["scope"]
                if one["seq"] == self.replica.seqs.get(scope) and one["types"] != ours.get(scope, {}):
                    differing.append(scope)
        return differing

    def renew(self, token, timeout=60):
        """A newer token of the same user, before the old one ends."""
        self.send("renew", token=token)
        self.token = token
        self.answers.pop("renewed", None)
        self.until(lambda: "renewed" in self.answers, timeout)

    # Messages

    def send(self, type_, **members):
        self.socket.send(json.dumps({"type": type_, **members}, ensure_ascii=False, separators=(",", ":")))

    def ask(self, type_, timeout=60, **members):
        """Sends a message with an id and waits for the answer; raises Refused when that is an error."""
        self.last_id += 1
        id_ = str(self.last_id)
        self.send(type_, id=id_, **members)
        self.until(lambda: id_ in self.answers, timeout)
        answer = self.answers.pop(id_)
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    def until(self, condition, timeout=60):
        """Takes messages until the condition holds; raises TimeoutError."""
        end = time.monotonic() + timeout
        while not condition():
            message = self.socket.receive(max(0, end - time.monotonic()))
            if message is None:
                raise TimeoutError("the server did not answer in time")
            self.take(json.loads(message))

    def wait(self, seconds=0.0):
        """Takes what comes within that time; with 0, only what has come already."""
        end = time.monotonic() + seconds
        while (message := self.socket.receive(max(0, end - time.monotonic()))) is not None:
            self.take(json.loads(message))

    def take(self, message):
        kind = message["type"]
        if kind == "welcome":
            self.welcome = message
        elif kind == "page":
            if self.starts_over:
                self.replica.forget()
                self.starts_over = False
            self.replica.take_page(message)
            self.on_change(message)
        elif kind == "changes":
            self.replica.take_changes(message)
            self.on_change(message)
        elif kind == "live":
            self.live = True
        elif kind == "behind":
            self.live = False
        elif kind == "bye":
            self.resume_after = message["resumeAfterMs"] / 1000
        elif kind == "error" and message.get("about") == "subscribe":
            self.refused_subscribe = message
        elif "id" in message:
            self.answers[message["id"]] = message
        elif kind == "error":
            raise Refused(message)
        elif kind == "renewed":
            self.answers["renewed"] = message
