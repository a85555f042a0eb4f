# SPDX-License-Identifier: Apache-2.0
"""The connections of a ctrack file as nfdump's flows, by way of NetFlow 5 to nfcapd."""

import contextlib
import ipaddress
import shutil
import socket
import sqlite3
import struct
import subprocess
import time
import zlib

from . import driver

FLOWS_PER_PACKET = 30
HEADER = struct.Struct("!HHIIIIBBH")
FLOW = struct.Struct("!4s4s4sHHIIIIHHBBBBHHBBH")
TCP = 6
PACKETS_IN_A_ROW = 64  # then nfcapd gets some time
SELECT = """SELECT local_address, peer_address, local_port, peer_port, segs_sent,
                   bytes_sent + bytes_received, opened_us / 1000,
                   coalesce(closed_us, opened_us) / 1000
            FROM connections ORDER BY id"""


def ipv4(address):
    """NetFlow 5 knows no other: an IPv6 address becomes one that is as good for counting."""
    if ":" in address:
        return struct.pack("!I", zlib.crc32(address.encode()))
    return ipaddress.IPv4Address(address).packed


class Addresses(dict):
    def __missing__(self, address):
        packed = self[address] = ipv4(address)
        return packed


def packets(rows, boot_ms):
    addresses, sent = Addresses(), 0
    while chunk := rows.fetchmany(FLOWS_PER_PACKET):
        flows = [FLOW.pack(addresses[local], addresses[peer], bytes(4), 0, 0, max(segments, 1),
                           min(size, 0xffffffff), begin - boot_ms, end - boot_ms, local_port,
                           peer_port, 0, 0x1b, TCP, 0, 0, 0, 0, 0, 0)
                 for local, peer, local_port, peer_port, segments, size, begin, end in chunk]
        now_ms = chunk[-1][-1]
        header = HEADER.pack(5, len(flows), now_ms - boot_ms, now_ms // 1000,
                             now_ms % 1000 * 1000000, sent, 0, 0, 0)
        sent += len(flows)
        yield header + b"".join(flows)


def send(db, port):
    boot_ms = db.execute("SELECT min(opened_us) / 1000 FROM connections").fetchone()[0] - 1000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for number, packet in enumerate(packets(db.execute(SELECT), boot_ms)):
            out.sendto(packet, ("127.0.0.1", port))
            if number % PACKETS_IN_A_ROW == 0:
                time.sleep(0.001)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def collector(folder, port):
    process = subprocess.Popen(["nfcapd", "-w", folder, "-p", str(port), "-b", "127.0.0.1",
                                "-B", str(64 << 20), "-t", "86400"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        process.terminate()
        process.wait()


def count(folder):
    said = subprocess.run(["nfdump", "-R", folder, "-I"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("Flows:"))


def convert(path, folder):
    """Fills the folder with nfdump's files. How many flows got there."""
    driver.need("nfdump", "nfcapd")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    port = free_port()
    with contextlib.closing(sqlite3.connect(path)) as db, collector(folder, port):
        send(db, port)
    return count(folder)
