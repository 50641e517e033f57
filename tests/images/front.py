#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Stands in front of a registry and does what networks and bad registries do:

    front.py PORT UPSTREAM-PORT MODE-FILE LOG-FILE

MODE-FILE says what becomes of layers (blobs of 50000 bytes and more), and is read anew for each:

    ok              they are handed on
    slow BYTES      so many bytes a second
    drop BYTES      the connection ends after so many
    drop-once BYTES the same, for the first time that a blob is asked for
    short           less than the registry has, as if it were all
    wrong           other bytes, as many
    code NUMBER     this, as for 500
    hang            nothing comes, ever

LOG-FILE gets a line for every GET: its path.
"""

import http.client
import http.server
import sys
import time

PORT, UPSTREAM = int(sys.argv[1]), int(sys.argv[2])
MODE, LOG = sys.argv[3:5]
LEAST = 50000
dropped = set()


def mode():
    with open(MODE, encoding="ascii") as file:
        words = file.read().split()
    return words[0], int(words[1]) if len(words) > 1 else 0


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def ask(self):
        upstream = http.client.HTTPConnection("127.0.0.1", UPSTREAM)
        headers = {}
        for name, value in self.headers.items():
            if name.lower() != "host":
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        upstream.request(self.command, self.path, headers=headers)
        reply = upstream.getresponse()
        return reply, reply.read()

    def begin(self, code, headers, length):
        self.send_response(code)
        for name, value in headers:
            if name.lower() not in ("content-length", "date", "server", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def fail(self, code):
        self.begin(code, [], 0)

    def spoil(self, reply, data, what, number):
        if what == "code":
            return self.fail(number)
        if what == "hang":
            time.sleep(3600)
        if what == "wrong":
            data = data[:1000] + bytes([data[1000] ^ 1]) + data[1001:]
        if what == "short":
            data = data[:len(data) // 2]
        self.begin(reply.status, reply.getheaders(), len(data))
        if what == "drop" or what == "drop-once" and self.path not in dropped:
            dropped.add(self.path)
            self.wfile.write(data[:number])
            self.wfile.flush()
            self.close_connection = True
            return None
        step = number // 20 if what == "slow" else len(data)
        for start in range(0, len(data), step):
            self.wfile.write(data[start:start + step])
            if what == "slow":
                time.sleep(0.05)
        return None

    def handle_all(self):
        if self.command == "GET":
            with open(LOG, "a", encoding="utf-8") as log:
                log.write(self.path + "\n")
        reply, data = self.ask()
        if self.command == "GET" and "/blobs/" in self.path and len(data) >= LEAST:
            try:
                self.spoil(reply, data, *mode())
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            return
        length = reply.getheader("Content-Length") if self.command == "HEAD" else len(data)
        self.begin(reply.status, reply.getheaders(), length or 0)
        try:
            self.wfile.write(data if self.command != "HEAD" else b"")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_HEAD = handle_all

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Front).serve_forever()
