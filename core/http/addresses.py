"""Which addresses of the internet a file may be fetched from, checked at the moment of connecting."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

_GLOBAL_V6 = IPv6Network("2000::/3")
"""Where the internet's own IPv6 addresses are; those mapped from IPv4 are elsewhere."""
_NOT_HOSTS = (
    IPv4Network("192.0.0.0/24"),
    IPv6Network("2001::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
"""What Python, depending on its version, calls global all the same: addresses for protocols and for examples,
and Teredo and 6to4, which lead to the IPv4 address that is written into them, whichever that is.

Source: https://www.iana.org/assignments/iana-ipv6-special-registry/
"""
_NAT64 = IPv6Network("64:ff9b::/96")
"""How networks without IPv4 name the internet's IPv4 addresses: written into the last 32 bits."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class AddressRefused(OSError):
    """A connection was about to be made to an address that is not of the public internet."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Public addresses are allowed, and those of the `exempt` networks."""

    exempt: tuple[Network, ...] = ()

    def allows(self, address: str) -> bool:
        """Whether a numeric address may be connected to."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.exempt) or _is_public(parsed)

    def open_socket(self, where: tuple[Any, ...]) -> socket.socket:
        """Make the socket for a connection, as aiohttp asks for it once a name is resolved.

        What is checked here is what is connected to: a name that resolves to something else next time, a
        number in disguise and a redirect all come by.

        Raises:
            AddressRefused: the address is not allowed.

        """
        family, kind, protocol, _, target = where
        if not self.allows(str(target[0])):
            raise AddressRefused("the address is not public")
        return socket.socket(family, kind, protocol)


PUBLIC_ONLY = AddressPolicy()
LOOPBACK_TOO = AddressPolicy((IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")))
"""For the sandbox and for tests, whose servers are on this machine."""


def _is_public(address: Address) -> bool:
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_HOSTS)
