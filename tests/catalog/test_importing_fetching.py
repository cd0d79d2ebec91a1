"""Pictures come from public addresses only, in one piece, and not for ever."""

import io
import ipaddress
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image as Pillow

from catalog.importing import revert_batch
from catalog.importing.fetched import fetch_pictures
from catalog.importing.fetching import CannotFetch, Connection, checked_address, fetch, is_public
from catalog.models import ImportBatch, ImportPicture
from tests.catalog.csv_files import bring, product, row


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fc00::1",
        "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_is_taken(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "::1",
     "::ffff:7f00:1"],
)  # fmt: skip
def test_no_spelling_of_this_machine_is_public(host):
    with pytest.raises(CannotFetch, match=r"no public address|no host"):
        checked_address(host, 80)


def test_a_name_that_stands_for_one_private_address_among_others_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "10.0.0.1"))

    with pytest.raises(CannotFetch, match=r"two\.example is no public address"):
        checked_address("two.example", 443)


def answers(*addresses):
    def getaddrinfo(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    return getaddrinfo


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    """A name that stands for another address the second time is not asked a second time."""
    asked, gone_to = [], []

    def getaddrinfo(*args, **kwargs):
        asked.append(args)
        return answers("8.8.8.8")(*args)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    def create_connection(address, timeout):
        gone_to.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(CannotFetch):
        fetch("http://turns.example/a.png")

    assert len(asked) == 1
    assert gone_to == [("8.8.8.8", 80)]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/a.png", "gopher://example.com", "http://", "http://user:secret@example.com/a",
        "data:image/png;base64,AA", "http://[::1", "http://example.com:99999/", "http://example.com:0x50/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(CannotFetch):
        fetch(url)


class Pictures(BaseHTTPRequestHandler):
    def do_GET(self):
        getattr(self, f"serve_{self.path.strip('/').split('.')[0]}")()

    def log_message(self, *args):
        pass

    def head(self, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def serve_good(self):
        self.head(Content_Type="text/plain")
        self.wfile.write(PNG)

    def serve_moved(self):
        self.head(302, Location="/good.png")

    def serve_gone(self):
        self.head(404)

    def serve_large(self):
        self.send_response(200)
        self.send_header("Content-Length", "3000000")
        self.end_headers()

    def serve_endless(self):
        self.head()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    def serve_slow(self):
        self.head()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    def serve_dribble(self):
        try:
            for letter in b"HTTP/1.0 200 OK\r\nX-Long: " + b"y" * 200:
                self.wfile.write(bytes([letter]))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass


PNG = io.BytesIO()
Pillow.new("RGB", (4, 4), "green").save(PNG, "PNG")
PNG = PNG.getvalue()


@pytest.fixture(scope="module")
def server():
    """A server on this machine, which only a test may allow."""
    served = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_address[1]}"
    served.shutdown()
    served.server_close()


def here(address):
    return address == ipaddress.ip_address("127.0.0.1")


def test_a_picture_comes_as_it_is(server):
    assert fetch(f"{server}/good.png", allowed=here) == PNG


def test_the_same_server_is_refused_without_leave(server):
    with pytest.raises(CannotFetch, match="no public address"):
        fetch(f"{server}/good.png")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("moved.png", "redirects are not followed"), ("gone.png", "It answers 404"), ("large.png", "more than 1 MB"),
        ("endless.png", "more than 1 MB"),
    ],
)  # fmt: skip
def test_what_is_no_picture_of_reasonable_size_is_refused(server, path, words):
    with pytest.raises(CannotFetch, match=words):
        fetch(f"{server}/{path}", allowed=here, max_bytes=2**20)


@pytest.mark.parametrize("path", ["slow.png", "dribble.png"])
def test_no_server_holds_the_shop_up(server, path):
    began = time.monotonic()

    with pytest.raises(CannotFetch, match=r"did not come within 1 seconds|cannot be had"):
        fetch(f"{server}/{path}", allowed=here, seconds=1)

    assert time.monotonic() - began < 5


def test_certificates_are_those_of_the_name():
    connection = Connection(
        "shop.example", 443, ipaddress.ip_address("8.8.8.8"), secure=True, timeout=1
    )

    assert (connection.host, connection.address) == ("shop.example", "8.8.8.8")


@pytest.fixture
def fetched(server, settings, tmp_path):
    """Import rows that name pictures of the server, and fetch them."""
    settings.MEDIA_ROOT = tmp_path

    def fetched(*rows):
        report = bring(*rows, fetch_images=True)
        return report, fetch_pictures(report.batch, fetch=lambda url: fetch(url, allowed=here))

    return fetched


@pytest.mark.django_db
def test_pictures_are_fetched_after_the_import(server, fetched):
    good = f"{server}/good.png"
    mug = row(
        handle="mug",
        title="Mug",
        option1="Colour:Sage",
        price="1",
        picture=good,
        picture_text="A mug",
        variant_picture=good,
    )
    report, (came, problems) = fetched(mug, row(handle="mug", picture=f"{server}/gone.png"))

    assert report.counts["pictures_to_fetch"] == 2
    assert (came, problems) == (1, [f"mug: {server}/gone.png It answers 404."])
    image = product().images.get()
    assert (image.source, image.alt, image.width, product().cover) == (good, "A mug", 4, image)
    assert product().variants.get().image == image
    assert fetch_pictures(report.batch) == (0, [])
    assert bring(mug, fetch_images=True).changes_nothing


@pytest.mark.django_db
def test_without_the_wish_nothing_is_asked_for(server):
    report = bring(row(handle="mug", title="Mug", price="1", picture=f"{server}/good.png"))

    assert (report.counts["pictures_left_out"], ImportPicture.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_a_private_address_in_a_file_is_not_asked(server):
    report = bring(
        row(handle="mug", title="Mug", price="1", picture=f"{server}/good.png"), fetch_images=True
    )

    came, problems = fetch_pictures(report.batch)

    assert (came, len(problems)) == (0, 1)
    assert "127.0.0.1 is no public address." in problems[0]


@pytest.mark.django_db
def test_fetched_pictures_go_with_the_import(server, fetched):
    bring(row(handle="mug", title="Mug", price="1"))
    report, _ = fetched(row(handle="mug", title="Mug", price="1", picture=f"{server}/good.png"))
    assert product().images.count() == 1

    revert_batch(ImportBatch.objects.get(pk=report.batch))

    assert not product().images.exists()
    assert product().cover is None
