"""
Pictures from addresses that a file names: public ones only, and only as much as a picture may be.

A file is brought by staff, but written by others. So every address that a host's name stands for must
be a public one, the connection goes to the very address that was looked at, redirects are not
followed, and size and time have an end. What comes is a picture when it can be decoded as one.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, urlsplit

from catalog.images import MAX_BYTES, PictureRefused

SECONDS = 20
CHUNK = 65_536

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Translators between the two families: what stands inside is where they lead.
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class CannotFetch(PictureRefused):
    """The picture could not be had from its address; says why in plain words."""


def is_public(address: Address) -> bool:
    """
    Does the address lead to the public internet?

    Not loopback, private, link-local, shared, multicast, reserved or unspecified; an IPv6 address that
    carries an IPv4 one (mapped, 6to4, Teredo, NAT64) only where that one is public as well.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64:
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        carried = [each for each in inside if each is not None]
        if carried:
            return all(map(is_public, carried))
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_loopback or address.is_unspecified
    )


def addresses_of(host: str, port: int) -> list[Address]:
    """All that the name stands for, in the resolver's order; 127.1 and 0x7f000001 are names too."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise CannotFetch(f"There is no host {host[:100]}.") from problem
    return list(
        dict.fromkeys(ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in found)
    )


def checked_address(
    host: str, port: int, allowed: Callable[[Address], bool] = is_public
) -> Address:
    """The first address of the host, if every one of them is allowed. Raises CannotFetch."""
    found = addresses_of(host, port)
    if not found or not all(map(allowed, found)):
        raise CannotFetch(f"{host[:100]} is no public address.")
    return found[0]


class Connection(http.client.HTTPConnection):
    """Goes to an address that was looked at already, whatever the name stands for by now."""

    def __init__(
        self, host: str, port: int, address: Address, *, secure: bool, timeout: float
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self.address = str(address)
        self.secure = secure
        self.is_late = False
        self.wire: socket.socket | None = None

    def connect(self) -> None:
        self.wire = self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.wire = self.sock  # `sock` is forgotten when an answer is the last one.


def fetch(
    url: str,
    *,
    allowed: Callable[[Address], bool] = is_public,
    seconds: float = SECONDS,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """
    The bytes at an http or https address. Raises CannotFetch.

    Takes no longer than `seconds`, but for the name, which has the resolver's own limit.
    """
    scheme, host, port, path = split_url(url)
    connection = Connection(
        host, port, checked_address(host, port, allowed), secure=scheme == "https", timeout=seconds
    )
    watch = threading.Timer(seconds, hang_up, [connection])
    watch.daemon = True
    watch.start()
    try:
        content = _answer(connection, path, max_bytes)
        if connection.is_late:  # What is there is not all.
            raise TimeoutError
        return content
    except CannotFetch:
        raise
    except (OSError, http.client.HTTPException, ValueError) as problem:
        if connection.is_late or isinstance(problem, TimeoutError):
            raise CannotFetch(f"It did not come within {seconds:g} seconds.") from problem
        raise CannotFetch(f"It cannot be had: {problem or type(problem).__name__}.") from problem
    finally:
        watch.cancel()
        connection.close()


def split_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path. Raises CannotFetch for what is no plain http address."""
    try:
        parts = urlsplit(url if "://" in url else f"https:{url}")
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as problem:
        raise CannotFetch("This is no address.") from problem
    if scheme not in {"http", "https"} or not host or parts.username or parts.password:
        raise CannotFetch("Pictures are fetched from plain http and https addresses.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    return scheme, host, port or {"http": 80, "https": 443}[scheme], path + query


def _answer(connection: Connection, path: str, max_bytes: int) -> bytes:
    headers = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Mercer"}
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    if 300 <= response.status < 400:
        raise CannotFetch("It answers with another address; redirects are not followed.")
    if response.status != http.client.OK:
        raise CannotFetch(f"It answers {response.status}.")
    if int(response.headers.get("Content-Length") or 0) > max_bytes:
        raise CannotFetch(f"It has more than {max_bytes // 2**20} MB.")
    content = bytearray()
    while chunk := response.read(CHUNK):
        content += chunk
        if len(content) > max_bytes:
            raise CannotFetch(f"It has more than {max_bytes // 2**20} MB.")
    return bytes(content)


def hang_up(connection: Connection) -> None:
    """End a conversation that takes too long, wherever it is."""
    connection.is_late = True  # Before the other side of the conversation notices.
    if sock := connection.wire:
        with suppress(OSError):  # It has hung up itself.
            sock.shutdown(socket.SHUT_RDWR)
