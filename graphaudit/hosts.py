"""Hosts as they are written: in brackets where a port follows, and by the name that a client on this machine uses."""

from __future__ import annotations

import ipaddress

LOOPBACK = "127.0.0.1"


def bracketed(host: str) -> str:
    """`host` as it stands before `:port`: an IPv6 address in brackets, everything else as it is."""
    return f"[{host}]" if ":" in host else host


def reached_at(listen: str) -> str:
    """The host, without brackets, at which a client on this machine reaches what listens on `listen`."""
    try:
        everywhere = ipaddress.ip_address(listen).is_unspecified
    except ValueError:  # a name
        everywhere = False
    return LOOPBACK if everywhere else listen
