"""Emulates the command socket of a Flexisip proxy: one connection at a time, one read, one response, then the end.

Usage: flexisip-proxy.py FOLDER. Orders come on standard input and reports go to standard output, one JSON line each.
It is written in Python, because Node accepts all connections at once: the backlog of its sockets is never full.
"""

import json
import os
import select
import socket
import sys
import threading
import time

UNKNOWN = {
    "nothing": b"",
    "empty list": b'{"contacts":[]}',
    "error 404": b"Error 404: Not Found. The Registrar Database does not contain the requested AOR.",
    "error - 404": b"Error - 404 Not Found: the registrar database does not contain the requested AOR",
}
DEFAULTS = {"unknown": "empty list", "answer": None, "size": 65536, "pause": 0, "die": None}

records = {}
behaviour = dict(DEFAULTS)
seen = {"commands": [], "silent": 0, "overlaps": 0}
may_answer = threading.Event()
may_answer.set()


def answer_to(words):
    command, address = words[0], words[1]
    contacts = records.get(address, [])
    if command == "REGISTRAR_DELETE":
        # A wrong id is not an error.
        contacts = [contact for contact in contacts if contact["unique-id"] != words[2]]
        records[address] = contacts
    elif command != "REGISTRAR_GET":
        return b"Error - Unknown command: " + command.encode()
    return json.dumps({"contacts": contacts}, ensure_ascii=False).encode() if contacts else UNKNOWN[behaviour["unknown"]]


def serve(listener):
    connection, _ = listener.accept()
    with connection:
        data = connection.recv(511)
        if not data:
            # The real proxy polls forever and never serves the others.
            seen["silent"] += 1
            threading.Event().wait()
        seen["commands"].append(data.hex())
        words = data.decode().split(" ")
        if behaviour["die"] == words[0] or "" in words or "\n" in data.decode():
            os._exit(11)
        may_answer.wait()
        answer = answer_to(words) if behaviour["answer"] is None else behaviour["answer"].encode()
        seen["overlaps"] += len(select.select([listener], [], [], 0)[0])
        try:
            for start in range(0, len(answer), behaviour["size"]):
                connection.sendall(answer[start : start + behaviour["size"]])
                time.sleep(behaviour["pause"])
        except OSError:
            pass  # The client has closed the connection.


def obey(order):
    if "register" in order:
        records.setdefault(order["register"], []).extend(order["contacts"])
    if "behave" in order:
        behaviour.update(DEFAULTS, **order["behave"])
    if "hold" in order:
        (may_answer.clear if order["hold"] else may_answer.set)()
    report = {"seen": dict(seen), "records": records}
    if "take" in order:
        seen["commands"] = []
    return report


def listen_to_orders():
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)
    os._exit(0)


path = os.path.join(sys.argv[1], f"flexisip-proxy-{os.getpid()}")
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
    server.bind(path)
    server.listen(1)
    threading.Thread(target=listen_to_orders, daemon=True).start()
    print("{}", flush=True)
    while True:
        serve(server)
