"""What is larger than any form of the shop is refused before a byte of it is read."""

import pytest

from shop.middleware import LARGEST, LARGEST_OF_OFFICE

pytestmark = pytest.mark.django_db


class Unread:
    """The body of a request that is not to be read."""

    def read(self, *_args):
        raise AssertionError("It was read.")

    readline = read


@pytest.mark.parametrize(
    ("path", "most"), [("/p/mug/review/", LARGEST), ("/admin/login/", LARGEST_OF_OFFICE)]
)
def test_a_body_that_is_too_large_is_not_read(client, path, most):
    said = {"CONTENT_LENGTH": str(most + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

    response = client.request(
        REQUEST_METHOD="POST", PATH_INFO=path, **said, **{"wsgi.input": Unread()}
    )

    assert response.status_code == 413
    assert "larger than we can take" in response.text


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "x", "\u0663"])
def test_a_length_that_is_no_number_or_beyond_all_is_no_fault_of_ours(client, length):
    assert client.get("/healthz/live", CONTENT_LENGTH=length).status_code in {200, 400, 413}
