"""What a device keeps: records, how far it has read, and edits that were not answered yet.

Job: take pages, changes and receipts as docs/protocol.md says, and tell the digest of what is here.
Promise: no I/O but save and load; an edit leaves the outbox only by a receipt.
"""

import json
import os
import time
import uuid

from ackord_digest import format_digest, record_checksum


class Replica:
    def __init__(self, domain="travel", device=None):
        self.domain = domain
        self.device = device or str(uuid.uuid4())
        self.records = {}  # (type, id) -> record
        self.aliases = {}  # (type, id) -> the id that it stands for
        self.roles = {}
        self.cursor = None
        self.seqs = {}  # scope -> how far it was read
        self.seen = {}  # scope -> `to` of the newest changes since the page of the cursor
        self.epoch = None
        self.outbox = []
        self.settling = {}  # (type, id) -> [(change, version)]: acknowledged, and not heard of as a record yet
        self.rejected = []  # (change, receipt), for the person who made the edit

    # Reading and editing

    def get(self, type_, id_):
        """The fields as the user should see them: the record with the edits of the outbox on top; None if gone."""
        id_ = self.aliases.get((type_, id_), id_)
        record = self.records.get((type_, id_))
        fields = dict(record["fields"]) if record else None
        for change in [change for change, _ in self.settling.get((type_, id_), [])] + self.outbox:
            if (change["type"], change["id"]) == (type_, id_):
                fields = None if change["op"] == "delete" else {**(fields or {}), **change.get("fields", {})}
        return fields

    def edit(self, op, type_, id_, fields=None):
        """Puts an edit into the outbox; `op` is create, update or delete. Gives back the change."""
        record = self.records.get((type_, id_))
        change = {"changeId": str(uuid.uuid4()), "type": type_, "id": id_, "op": op}
        change |= {"base": record["version"] if record else 0, "time": int(time.time() * 1000)}
        if fields is not None:
            change["fields"] = fields
        self.outbox.append(change)
        return change

    # What the server sends

    def take_page(self, page):
        if page["resync"]:
            self.forget()
        self.drop_scopes(page["dropped"])
        for record in page["records"]:
            self.take_record(record)
        self.seqs, self.roles = dict(page["seqs"]), page["roles"]
        self.cursor, self.seen = page["cursor"], {}

    def take_changes(self, changes):
        scope, known = changes["scope"], self.seqs.get(changes["scope"], 0)
        for record in changes["records"]:
            if record["seq"] > known:
                self.take_record(record)
        self.seqs[scope] = self.seen[scope] = changes["to"]

    def take_receipt(self, change, receipt):
        """True when the change is done with; False when it has to be sent again."""
        if receipt["status"] == "retry":
            return False
        self.outbox.remove(change)
        if receipt["status"] == "rejected":
            self.rejected.append((change, receipt))
        if receipt.get("canonicalId"):
            self.aliases[(change["type"], change["id"])] = receipt["canonicalId"]
        if receipt.get("record"):
            self.take_record(receipt["record"])
        elif receipt["status"] == "applied":
            key = (change["type"], change["id"])
            if key not in self.records or self.records[key]["version"] < receipt["version"]:
                self.settling.setdefault(key, []).append((change, receipt["version"]))
        return True

    def take_record(self, record):
        key, gone = (record["type"], record["id"]), record.get("gone")
        here = self.records.get(key)
        waiting = [one for one in self.settling.pop(key, []) if one[1] > record["version"]]
        if waiting:
            self.settling[key] = waiting
        if not gone:
            if here is None or here["scope"] != record["scope"] or here["seq"] <= record["seq"]:
                self.records[key] = record
            return
        if gone == "alias":
            self.aliases[key] = record["of"]
        if here and (gone != "moved" or here["scope"] == record["scope"]):
            del self.records[key]

    def drop_scopes(self, scopes):
        lost = set(scopes)
        self.records = {key: record for key, record in self.records.items() if record["scope"] not in lost}

    def forget(self):
        """Everything but the outbox."""
        self.records, self.aliases, self.seqs, self.seen, self.cursor = {}, {}, {}, {}, None

    def enter_epoch(self, epoch):
        """Versions count within one epoch: edits from another one go on from what is here now, as new changes."""
        if self.epoch not in (None, epoch):
            for change in self.outbox:
                record = self.records.get((change["type"], change["id"]))
                change["base"], change["changeId"] = record["version"] if record else 0, str(uuid.uuid4())
        self.epoch = epoch

    # Digests

    def digests(self):
        """{scope: {type: digest}} of the records that are here."""
        sums = {}
        for record in self.records.values():
            digest = sums.setdefault(record["scope"], {}).setdefault(record["type"], [0, 0, 0])
            checksum = record_checksum(self.domain, record)
            digest[0] += 1
            digest[1] += int.from_bytes(checksum[:8], "big")
            digest[2] += int.from_bytes(checksum[8:], "big")
        return {scope: {type_: format_digest(*one) for type_, one in types.items()} for scope, types in sums.items()}

    # Between two runs of the app

    def save(self, path):
        """One file, replaced as a whole, so that the cursor never lies apart from its records."""
        state = {name: value for name, value in vars(self).items() if name not in ("records", "aliases", "settling")}
        state["records"] = list(self.records.values())
        state["aliases"] = [[*key, of] for key, of in self.aliases.items()]
        state["settling"] = [[*key, waiting] for key, waiting in self.settling.items()]
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{path}.new", path)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            state = json.load(file)
        replica = cls()
        vars(replica).update(state)
        replica.records = {(record["type"], record["id"]): record for record in state["records"]}
        replica.aliases = {(type_, id_): of for type_, id_, of in state["aliases"]}
        replica.settling = {(type_, id_): waiting for type_, id_, waiting in state["settling"]}
        replica.rejected = [tuple(pair) for pair in state["rejected"]]
        return replica
