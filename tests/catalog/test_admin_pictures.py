"""What staff do with pictures that are there."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Image
from tests.factories import ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db


def test_what_a_picture_shows_can_be_said_anew(client: Client) -> None:
    client.force_login(StaffFactory())
    picture = Image.objects.create(
        product=ProductFactory(), file="mug.webp", key="a" * 64, width=800, height=1000, alt="Mug"
    )

    address = reverse("admin:catalog_image_change", args=[picture.pk])
    response = client.post(address, {"alt": "A mug in sage"})

    assert response.status_code == 302
    kept = Image.objects.values_list("alt", "key", "width").get()
    assert kept == ("A mug in sage", "a" * 64, 800)
