"""What the example client in Python promises beyond its workloads, against a server: url, token, token of a stranger, protocol.md."""

import os
import sys
import tempfile
import uuid

from ackord_client import Client, Replica
from ackord_digest import canonical, format_digest, record_checksum
from ackord_socket import CONTINUATION, PING, TEXT

URL, TOKEN, STRANGER = sys.argv[1:4]
TRIP = {"name": "Along the coast", "startDate": "2026-05-01T08:00:00.000Z"}


def same(actual, expected):
    if actual != expected:
        raise SystemExit(f"expected {expected!r}, got {actual!r}")


def numbers_are_written_as_javascript_does():
    written = {0.0: "0", 12.0: "12", 1e-7: "1e-7", 1.5e-9: "1.5e-9", 0.000001: "0.000001", 1e300: "1e+300", -2.5: "-2.5"}
    written |= {2**60: "1152921504606847000", 1e21: "1e+21", 1e20: "100000000000000000000", 0.1 + 0.2: "0.30000000000000004"}
    for number, text in written.items():
        same(canonical(number), text)
    same(canonical({"\ufb33": 1, "\U0001f600": True, "a\n\u007f\u2028": None}), '{"a\\n\u007f\u2028":null,"\U0001f600":true,"\ufb33":1}')


def the_page_has_the_checksum_right(page):
    fields = {"name": "Küste", "sortOrder": 12.0, "color": None, "relatedTagIds": []}
    record = {"type": "Tag", "id": "3f0e8a52-7d0c-4a6e-9a55-0d6c4f1b2a10", "version": 2, "fields": fields}
    checksum = record_checksum("travel", record)
    halves = [int.from_bytes(half, "big") for half in (checksum[:8], checksum[8:])]
    same([one in page for one in (f"checksum {checksum.hex()}", format_digest(1, *halves))], [True, True])


def an_edit_is_seen_before_and_after_it_is_acknowledged():
    phone, trip = Client(URL, TOKEN), str(uuid.uuid4())
    phone.replica.edit("create", "Trip", trip, TRIP)
    phone.replica.edit("update", "Trip", trip, {"name": "Ahead of time", "totalDistance": 2**60 + 1})
    same(phone.replica.get("Trip", trip)["name"], "Ahead of time")
    phone.connect()
    phone.push()
    same((phone.replica.outbox, phone.replica.get("Trip", trip)["name"]), ([], "Ahead of time"))
    phone.subscribe()
    same((phone.replica.settling, phone.replica.records[("Trip", trip)]["version"]), ({}, 2))
    same(phone.differing(), [])
    return phone, trip


def a_replica_goes_on_from_its_file(trip):
    tablet = Client(URL, TOKEN)
    tablet.resume()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "replica.json")
        tablet.replica.save(path)
        tablet.close()
        tablet.replica = Replica.load(path)
    tablet.replica.edit("update", "Trip", trip, {"name": "Renamed"})
    pages = []
    tablet.on_change = lambda message: pages.append(message) if message["type"] == "page" else None
    tablet.resume()
    same(sum(len(page["records"]) for page in pages), 0)
    return tablet


def two_devices_make_the_same_tag(phone, tablet):
    ids = [str(uuid.uuid4()), str(uuid.uuid4())]
    for client, id_ in zip((phone, tablet), ids, strict=True):
        client.replica.edit("create", "Tag", id_, {"name": "Lighthouses"})
    phone.push()
    tablet.push()
    same(tablet.replica.get("Tag", ids[1]) is not None, True)
    for client in (phone, tablet):
        client.until(lambda client=client: ("Tag", ids[0]) in client.replica.records)
    same((phone.differing(), tablet.differing()), ([], []))


def a_refused_edit_is_kept_apart(phone, trip):
    phone.replica.edit("update", "Trip", trip, {"name": None})
    phone.push()
    same([(change["id"], receipt["code"]) for change, receipt in phone.replica.rejected], [(trip, "INVALID")])


def a_foreign_cursor_starts_over(phone):
    stranger = Client(URL, STRANGER)
    stranger.replica.cursor, stranger.replica.records = phone.replica.cursor, dict(phone.replica.records)
    stranger.resume()
    same((stranger.replica.records, stranger.differing()), ({}, []))


def a_message_may_come_in_fragments(phone):
    parts = [b'{"type":"pi', b'ng","id":"in', b' parts"}']
    phone.socket.send_frame(TEXT, parts[0], final=False)
    phone.socket.send_frame(PING, b"between")
    phone.socket.send_frame(CONTINUATION, parts[1], final=False)
    phone.socket.send_frame(CONTINUATION, parts[2])
    phone.until(lambda: "in parts" in phone.answers)


numbers_are_written_as_javascript_does()
with open(sys.argv[4], encoding="utf-8") as described:
    the_page_has_the_checksum_right(described.read())
first, made = an_edit_is_seen_before_and_after_it_is_acknowledged()
second = a_replica_goes_on_from_its_file(made)
two_devices_make_the_same_tag(first, second)
a_refused_edit_is_kept_apart(first, made)
a_foreign_cursor_starts_over(first)
a_message_may_come_in_fragments(first)
first.until(lambda: first.replica.get("Trip", made)["name"] == "Renamed")
print("all as promised")
