"""Runs three workloads against a server and prints one JSON line for each.

    python3 workloads.py --url http://127.0.0.1:4000 --token eyJ… [--sizes 1000,10000] [--clients 100] [--rounds 5]

W1: a trip with that many memories of about 400 bytes is pushed.  W2: a fresh replica reads everything.
W3: one change is heard by that many live connections.  Take a new user: everything that the user has is read along.
W3 runs first, so that its many replicas are small.
"""

import argparse
import json
import selectors
import statistics
import sys
import time
import uuid

from ackord_client import Client, Replica

DAY = "2026-05-01T08:00:00.000Z"
TEXT = "We walked along the cliffs until the lighthouse came in sight, and stayed for its first light. "


def main():
    options = read_options()
    everybody_heard = broadcast(options)
    pushed = [bulk_push(options, size) for size in options.sizes]
    sys.exit(0 if all([everybody_heard, *pushed, first_sync(options)]) else 1)


def read_options():
    parser = argparse.ArgumentParser(description="Measures a sync server with a client in plain Python.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--sizes", default="1000,10000", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--clients", default=100, type=int)
    parser.add_argument("--rounds", default=5, type=int, help="how often W3 is repeated")
    return parser.parse_args()


def bulk_push(options, size):
    """W1: true when every change was acknowledged."""
    client = Client(options.url, options.token)
    client.connect()
    trip = make_trip(client.replica)
    client.push()
    for number in range(size):
        make_memory(client.replica, trip, number)
    entity_bytes = len(json.dumps(client.replica.outbox[0]["fields"]).encode())
    start = time.monotonic()
    receipts = client.push()
    seconds = time.monotonic() - start
    client.close()
    applied = sum(receipt["status"] == "applied" for receipt in receipts)
    report("W1", seconds, size, pushed=size, applied=applied, entityBytes=entity_bytes)
    return applied == size


def first_sync(options):
    """W2: true when the new replica has the digests of the server."""
    client = Client(options.url, options.token)
    start = time.monotonic()
    client.resume()
    seconds = time.monotonic() - start
    differing = client.differing()
    client.close()
    count = len(client.replica.records)
    report("W2", seconds, count, records=count, scopes=len(client.replica.seqs), differing=len(differing))
    return not differing


def broadcast(options):
    """W3: true when everybody heard every change and all replicas are equal, the server's among them."""
    writer = Client(options.url, options.token)
    writer.resume()
    trip = make_trip(writer.replica)
    writer.push()
    listeners = [Client(options.url, options.token) for _ in range(options.clients)]
    for listener in listeners:
        listener.resume()
    writer.until(lambda: ("Trip", trip) in writer.replica.records)
    rounds = [one_round(writer, listeners, trip, number) for number in range(options.rounds)]
    everyone = [writer, *listeners]
    differing = sum(bool(client.differing()) for client in everyone)
    equal = sum(client.replica.digests() == writer.replica.digests() for client in listeners)
    for client in everyone:
        client.close()
    heard = min(heard for heard, _, _ in rounds)
    figures = {"sentToLastMs": [sent for _, sent, _ in rounds], "acknowledgedToLastMs": [last for _, _, last in rounds]}
    medians = {name: round(statistics.median(values), 2) for name, values in figures.items()}
    worst = {f"{name}Max": round(max(values), 2) for name, values in figures.items()}
    line = {"clients": options.clients, "rounds": options.rounds, "heard": heard, "equal": equal, "differing": differing}
    print(json.dumps({"workload": "W3", **line, **medians, **worst}), flush=True)
    return heard == equal == options.clients and not differing


def one_round(writer, listeners, trip, number):
    """(how many heard, milliseconds from sending to the last who heard, and from the receipt to the last)."""
    name = f"Round {number}"
    writer.replica.edit("update", "Trip", trip, {"name": name})
    with selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(listener.socket, selectors.EVENT_READ, listener)
        start = time.monotonic()
        writer.push()
        acknowledged = last = time.monotonic()
        waiting = set(listeners)
        while waiting and time.monotonic() < acknowledged + 30:
            for key, _ in selector.select(1):
                key.data.wait(0)
                if key.data.replica.records[("Trip", trip)]["fields"]["name"] == name and key.data in waiting:
                    waiting.remove(key.data)
                    last = time.monotonic()
    writer.until(lambda: writer.replica.records[("Trip", trip)]["fields"]["name"] == name)
    return len(listeners) - len(waiting), (last - start) * 1000, (last - acknowledged) * 1000


def make_trip(replica: Replica):
    trip = str(uuid.uuid4())
    replica.edit("create", "Trip", trip, {"name": "Along the coast", "startDate": DAY})
    return trip


def make_memory(replica: Replica, trip, number):
    fields = {"tripId": trip, "title": f"Lighthouse {number}", "text": TEXT * 2, "timestamp": DAY}
    fields |= {"latitude": 48.5 + number / 12345, "longitude": -4.1 - number / 54321, "locationName": f"Cape {number}"}
    replica.edit("create", "Memory", str(uuid.uuid4()), fields)


def report(workload, seconds, count, **figures):
    rate = round(count / seconds) if seconds else None
    print(json.dumps({"workload": workload, **figures, "seconds": round(seconds, 4), "perSecond": rate}), flush=True)


if __name__ == "__main__":
    main()
