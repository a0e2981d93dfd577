"""A network without a way out, in which every packet that tries to leave is recorded.  Linux, with namespaces.

Run as a program: ``python sealed_network.py COMMAND...`` inside a new network namespace prints, as its last line, the
JSON list of what left while the command ran.  :func:`watched` does all of it.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

__all__ = ["possible", "watched"]

_LINKS = """
link set lo up
link add out type veth peer name void
link set out addrgenmode none
link set void addrgenmode none
addr add 192.0.2.2/24 dev out
addr add fd00::2/64 dev out nodad
link set out up
link set void up
neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev out nud permanent
neigh add fd00::1 lladdr 02:00:00:00:00:01 dev out nud permanent
route add default via 192.0.2.1
-6 route add default via fd00::1
"""
_NAMES = {1: "icmp", 6: "tcp", 17: "udp"}
_IPV4, _IPV6, _ALL = 0x0800, 0x86DD, 3


def possible() -> str:
    """Empty where a sealed network can be made, else why not."""
    command = [*_unshare(), "ip", "link", "add", "out", "type", "veth"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stderr.strip()
    except OSError as error:
        return str(error)


def watched(
    command: Sequence[str], environment: Mapping[str, str], timeout_s: float
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run ``command`` in a sealed network; how it ended, and where packets wanted to go ("udp 10.0.0.1:53")."""
    done = subprocess.run(
        [*_unshare(), sys.executable, __file__, *command],
        capture_output=True,
        text=True,
        env=dict(environment),
        timeout=timeout_s,
        check=False,
    )
    *rest, last = done.stdout.splitlines() or [""]
    done.stdout = "\n".join(rest)
    return done, json.loads(last)


def _unshare() -> list[str]:
    return ["unshare", "--net"] if os.getuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]


def _tap(interface: str) -> socket.socket:
    """What hears every packet at an interface, from now on."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL))
    tap.bind((interface, _ALL))
    tap.settimeout(0.1)
    return tap


def _record(tap: socket.socket, interface: str, found: set[str], stop: threading.Event) -> None:
    """Note what leaves, until told to stop and nothing more is there."""
    with tap:
        while True:
            try:
                packet, (_, protocol, kind, *_) = tap.recvfrom(256)
            except TimeoutError:
                if stop.is_set():
                    return
                continue
            target = _target(protocol, packet)
            if kind == socket.PACKET_OUTGOING and target and not _is_own(interface, target):
                found.add(target)


def _is_own(interface: str, target: str) -> bool:
    """Whether a packet belongs to talk between processes of the test: TCP on loopback."""
    return interface == "lo" and not target.startswith("udp")


def _target(protocol: int, packet: bytes) -> str:
    """Protocol, address and port to which an IP packet goes; empty for what the kernel says by itself."""
    if protocol == _IPV4:
        number, address, body = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
    elif protocol == _IPV6:
        number, address, body = packet[6], packet[24:40], packet[40:]
    else:
        return ""
    name = _NAMES.get(number)
    return f"{name} {ipaddress.ip_address(address)}:{int.from_bytes(body[2:4], 'big')}" if name else ""


def _main(command: Sequence[str]) -> int:
    for line in _LINKS.strip().splitlines():
        subprocess.run(["ip", *line.split()], check=True)
    found: set[str] = set()
    stop = threading.Event()
    taps = [threading.Thread(target=_record, args=(_tap(name), name, found, stop)) for name in ("lo", "out")]
    for tap in taps:
        tap.start()
    status = subprocess.run(command, check=False).returncode
    stop.set()
    for tap in taps:
        tap.join()
    sys.stdout.write("\n" + json.dumps(sorted(found)) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
