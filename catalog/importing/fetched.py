"""Fetching the pictures that an import named by their addresses, after it is done."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import batched

from django.db import transaction

from catalog.images import PictureRefused, add_image
from catalog.importing.fetching import CannotFetch, fetch
from catalog.importing.pictures import last_part
from catalog.importing.running import Progress
from catalog.models import Image, ImportPicture, Product, Variant

AT_ONCE = 4

type Fetch = Callable[[str], bytes]


def fetch_pictures(
    batch: int, progress: Progress = lambda step, done, total: None, fetch: Fetch = fetch
) -> tuple[int, list[str]]:
    """
    Fetch what waits, each picture in a transaction of its own; how many came, and why others did not.

    May be broken off at any time and begun again: what was fetched or refused waits no more.
    """
    from catalog.listing import refresh_listing

    waiting = ImportPicture.objects.filter(batch=batch, image=None, problem="")
    pks = list(waiting.values_list("pk", flat=True))
    came, problems = 0, []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done, part in enumerate(batched(pks, AT_ONCE)):
            progress("Fetching pictures", done * AT_ONCE, len(pks))
            wanted = list(waiting.filter(pk__in=part).select_related("product"))
            contents = pool.map(lambda each: attempt(fetch, each.source), wanted)
            for each, content in zip(wanted, contents, strict=True):
                if problem := take(each, content):
                    problems.append(f"{each.product.slug}: {each.source} {problem}")
                else:
                    came += 1
            refresh_listing([each.product_id for each in wanted])
    return came, problems


def attempt(fetch: Fetch, source: str) -> bytes | CannotFetch:
    try:
        return fetch(source)
    except CannotFetch as problem:
        return problem


@transaction.atomic
def take(wanted: ImportPicture, content: bytes | CannotFetch) -> str:
    """Store the picture and show it where it belongs; "" or why not."""
    problem = ""
    if not Product.objects.filter(pk=wanted.product_id).select_for_update(no_key=True).exists():
        return "Its product is gone."
    image = Image.objects.filter(product=wanted.product_id, source=wanted.source).first()
    try:
        if image is None and isinstance(content, CannotFetch):
            raise content
        if image is None and isinstance(content, bytes):
            image = add_image(
                io.BytesIO(content),
                name=last_part(wanted.source),
                product=wanted.product,
                alt=wanted.alt,
                position=wanted.position,
                source=wanted.source,
            )
    except PictureRefused as refusal:
        problem = str(refusal)[:300]
    if image:
        own = Variant.objects.filter(pk__in=wanted.variants, product=wanted.product_id)
        own.filter(image=None).update(image=image)
    ImportPicture.objects.filter(pk=wanted.pk).update(image=image, problem=problem)
    return problem
