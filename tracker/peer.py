"""The address of the visitor's computer: the socket's peer, unless the peer is a proxy that we trust."""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from tracker.config import Network

Environ = Mapping[str, Any]


def client_address(environ: Environ, trusted: Sequence[Network]) -> str:
    """The visitor's address. X-Forwarded-For is read from its end, and only past trusted proxies."""
    peer = str(environ.get("REMOTE_ADDR", ""))
    if not trusted or not is_inside(peer, trusted):
        return peer
    for hop in reversed(str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")):
        address = hop.strip()
        if not _is_address(address):
            return peer
        if not is_inside(address, trusted):
            return address
        peer = address
    return peer


def is_inside(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of `networks`."""
    if not networks:
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)


def address_group(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address, all of which one may have."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(parsed.ipv4_mapped or f"{ipaddress.IPv6Address(int(parsed) >> 64 << 64)}/64")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
