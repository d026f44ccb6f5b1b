"""Which addresses are of the public internet."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from core.http.addresses import LOOPBACK_TOO, PUBLIC_ONLY


@pytest.mark.parametrize(
    "address",
    [
        str(IPv4Address(0)),
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::224.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not PUBLIC_ONLY.allows(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "151.101.1.69", "2606:4700::1111", "2a00:1450:4001::8a", "64:ff9b::8.8.8.8"],
)
def test_what_is_public_is_allowed(address: str) -> None:
    assert PUBLIC_ONLY.allows(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "8.8.8.8"])
def test_the_sandbox_allows_this_machine(address: str) -> None:
    assert LOOPBACK_TOO.allows(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.1", "fe80::1"])
def test_the_sandbox_allows_nothing_else(address: str) -> None:
    assert not LOOPBACK_TOO.allows(address)
