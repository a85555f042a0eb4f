# SPDX-License-Identifier: Apache-2.0
"""A TCP peer that sends what the test says, and when."""

import collections
import contextlib
import socket
import struct
import threading

from namespaces import ADDRESSES, MACS

FIN, SYN, ACK = 1, 2, 16
IPV4 = 0x0800
PORT = 80
SACK_PERMITTED = b"\4\2\1\1"  # without SACK there is no RTT before Linux 6.10

# end: the sequence number after it.
Segment = collections.namedtuple("Segment", "ports flags length end")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def frame(ports, seq, ack, flags, payload):
    """From far to near. The payload's length must be even."""
    options = SACK_PERMITTED if flags & SYN else b""
    source, target = (socket.inet_aton(ADDRESSES[link][0]) for link in ("far", "near"))

    def tcp(check):
        return struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 + len(options) // 4 << 4, flags, 60000,
                           check, 0) + options + payload
    length = len(tcp(0))
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, length)

    def ip(check):
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, socket.IPPROTO_TCP,
                           check, source, target)
    macs = b"".join(bytes.fromhex(MACS[link].replace(":", "")) for link in ("near", "far"))
    return macs + struct.pack("!H", IPV4) + ip(checksum(ip(0))) + tcp(checksum(pseudo + tcp(0)))


class Peer:
    def __init__(self, link):
        self.link = link

    def segments(self):
        """Those that come from near, one by one."""
        while True:
            got = self.link.recv(70000)
            if got[23] != socket.IPPROTO_TCP:
                continue
            (total,) = struct.unpack_from("!H", got, 16)
            source, target, seq, _, offset, flags = struct.unpack_from("!HHIIBB", got, 34)
            length = total - 20 - (offset >> 4) * 4
            end = seq + length + bool(flags & SYN) + bool(flags & FIN)
            yield Segment((target, source), flags, length, end & 0xFFFFFFFF)

    def send(self, answered, seq, flags, payload=b"", less=0):
        """Acknowledges a segment but for its last bytes."""
        self.link.send(frame(answered.ports, seq, answered.end - less & 0xFFFFFFFF, flags, payload))


@contextlib.contextmanager
def raw_peer(near, far, behave):
    """Runs behave(Peer) in a thread, at the far end of near_and_far, where no kernel answers.
    Gives the address to connect to."""
    address = ADDRESSES["far"][0]
    near.run("ip", "neigh", "replace", address, "lladdr", MACS["far"], "dev", "near")
    far.run("ip", "addr", "flush", "dev", "far")
    with far, socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4)) as link:
        link.bind(("far", IPV4))
        link.settimeout(20)
        thread = threading.Thread(target=behave, args=(Peer(link),))
        thread.start()
        yield address, PORT
        thread.join()
