"""An identity provider that misbehaves on demand, on the loopback.

provider.py FOLDER [CERTIFICATE KEY]: serves the files of FOLDER, a path /a/b
from the file a/b, and tells its port in FOLDER/.port. What it is asked stands
in FOLDER/.requests, a line each. How it answers is read anew each time:

  .mode     absent, or one line:
            status N | slow SECONDS | cut | hang | big BYTES | redirect URL
  .headers  lines to be sent too
  .etag     the set's, answered with 304 where it is known already
"""
import http.server
import os
import ssl
import sys
import time

FOLDER = sys.argv[1]


def control(name):
    try:
        with open(os.path.join(FOLDER, "." + name), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self):
        with open(os.path.join(FOLDER, ".requests"), "a",
                  encoding="utf-8") as file:
            print(self.path, self.headers.get("If-None-Match", "-"),
                  self.headers.get("User-Agent", "-"), file=file)

    def begin(self, status, length):
        self.send_response(status)
        for line in control("headers").splitlines():
            self.send_header(*line.split(": ", 1))
        if control("etag"):
            self.send_header("ETag", control("etag"))
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def body(self):
        path = os.path.join(FOLDER, self.path.split("?")[0].lstrip("/"))
        with open(path, "rb") as file:
            return file.read()

    def misbehave(self, mode, value):
        if mode == "status":
            self.begin(int(value), 3)
            self.wfile.write(b"no\n")
        elif mode == "redirect":
            self.send_response(302)
            self.send_header("Location", value)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif mode == "big":
            self.begin(200, int(value))
            self.wfile.write(b'{"keys":[' + b" " * int(value))
        elif mode == "hang":
            time.sleep(60)
        else:
            return False
        return True

    def do_GET(self):
        self.note()
        mode, _, value = control("mode").partition(" ")
        if mode == "slow":
            time.sleep(float(value))
        if self.misbehave(mode, value):
            return
        if control("etag") and \
                self.headers.get("If-None-Match") == control("etag"):
            self.begin(304, 0)
            return
        try:
            body = self.body()
        except OSError:
            self.begin(404, 0)
            return
        self.begin(200, len(body))
        if mode == "cut":
            body = body[:len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(os.path.join(FOLDER, ".port.new"), "w", encoding="utf-8") as out:
    print(server.server_address[1], file=out)
os.rename(os.path.join(FOLDER, ".port.new"), os.path.join(FOLDER, ".port"))
server.serve_forever()
