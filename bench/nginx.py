# SPDX-License-Identifier: Apache-2.0
"""A web server under load, as its users see it."""

import contextlib
import json
import os
import pathlib
import subprocess
import time

from . import driver, measuring, running

URL = "http://127.0.0.1:8080/index.html"
CLIENTS = 32
SCRIPT = pathlib.Path(__file__).with_name("wrk.lua")

CONFIG = """
user root;
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:8080; root {folder}; }}
}}
"""


def wait_until_answering(namespace, process):
    deadline = time.monotonic() + running.START_TIMEOUT_S
    while subprocess.run(namespace.command("wrk", "-t1", "-c1", "-d1", URL), check=False,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise driver.Unavailable("nginx did not start")


@contextlib.contextmanager
def server(folder, namespace):
    folder.chmod(0o755)
    (folder / "index.html").write_text("x" * 1024)
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder))
    process = subprocess.Popen(namespace.command(
        "nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf"))
    try:
        wait_until_answering(namespace, process)
        yield process
    finally:
        process.terminate()
        process.wait()


def tree_cpu_s(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return running.cpu_s(pid) + sum(map(running.cpu_s, children))


def wrk(folder, *options):
    """A load of CLIENTS at once. A round is a request."""
    def load(namespace):
        with server(folder, namespace) as nginx_process:
            before_s = tree_cpu_s(nginx_process.pid)
            process = subprocess.Popen(namespace.command(
                "wrk", f"-t{os.cpu_count()}", f"-c{CLIENTS}", *options, "-s", SCRIPT, URL),
                stdout=subprocess.PIPE, text=True)
            said = json.loads(process.stdout.read().splitlines()[-1])
            said["cpu_s"] = running.end_of(process) + tree_cpu_s(nginx_process.pid) - before_s
        return said
    return load


def results(bench, kind, plain, measured):
    def compared(quantity, unit, attribute):
        return bench.result(f"{kind}: {quantity}", "nothing", "ctrack-recorder", unit,
                            measuring.pairs(plain, measured, attribute))

    yield compared("requests per second", "1/s", "per_s")
    yield compared("99th percentile", "us", "p99_us")
    yield compared("CPU of nginx and wrk per request", "us", "load_us")
    yield compared("CPU of all per request", "us", "total_us")
    yield bench.result(f"{kind}: records lost", "", "ctrack-recorder", "records",
                       measuring.alone(measured, "lost"), target=driver.Target(0, of="worst"))


def nginx(bench):
    """nginx and wrk: requests per second and 99th percentile, a connection each and keep-alive."""
    driver.need("nginx", "wrk")
    seconds = f"-d{max(1, round(bench.seconds))}s"
    for kind, options in ("new connections", ("-H", "Connection: close")), ("keep-alive", ()):
        load = wrk(bench.folder, seconds, *options)
        runs = bench.alternate(measuring.Variant(f"{kind}, nothing", load),
                               measuring.Recorded(bench, f"{kind}, ctrack-recorder", load))
        yield from results(bench, kind, *runs)
