"""What the catalogue does by the clock."""

from datetime import timedelta

import structlog
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from catalog import listing
from catalog.finding import misses
from catalog.listing import covered_by, refresh_listing
from catalog.models import Collection, Image, PriceRule
from catalog.renditions import make_renditions
from shop.jobs import periodic

logger = structlog.get_logger(__name__)

# Longer than the clock's step, so that a worker may be late.
LOOK_BACK = timedelta(minutes=10)


@periodic("* * * * *")
@task
def refresh_where_rules_turned() -> None:
    """Compute the listed prices anew where a price rule has just begun or ended."""
    lately = (timezone.now() - LOOK_BACK, timezone.now())
    turned = PriceRule.objects.filter(Q(starts_at__range=lately) | Q(ends_at__range=lately))
    if rules := list(turned.filter(is_active=True)):
        refresh_listing(covered_by(rules).values_list("pk", flat=True))


@periodic("*/5 * * * *")
@task
def fill_all_collections() -> None:
    """Let products into collections, and out of them, as they meet their conditions by now."""
    fill_collections.call(list(Collection.objects.values_list("pk", flat=True)))


@task
def fill_collections(collections: list[int]) -> None:
    """Fill these collections, by pk; one that is gone by now is left out."""
    from catalog.collecting import fill

    for collection in Collection.objects.filter(pk__in=collections).order_by("pk"):
        fill(collection)


@task
def refresh_products(products: list[int]) -> None:
    """Compute what lists read of these products, by pk, anew."""
    refresh_listing(products)


@periodic("17 3 * * *")
@task
def rebuild_listing() -> None:
    """Compute what lists read anew once a night; on most nights nothing has changed."""
    listing.rebuild_listing()


@periodic("7 5 * * *")
@task
def tell_of_low_shelves() -> None:
    """Tell staff in the morning what has run low since they were told last."""
    from catalog.low_stock import tell_of_low_shelves

    tell_of_low_shelves()


@periodic("41 3 * * *")
@task
def forget_old_misses() -> None:
    """Forget searches without results that nobody repeats."""
    misses.prune()


@periodic("* * * * *")
@task
def tell_what_is_back() -> None:
    """Tell those who wait for something that can be had again."""
    from catalog.alerts import tell_all

    tell_all()


@periodic("47 3 * * *")
@task
def forget_old_alerts() -> None:
    """Delete the addresses of alerts that are over."""
    from catalog.alerts import forget_old

    forget_old()


@periodic("51 3 * * *")
@task
def forget_wishlists() -> None:
    """Delete the wishlists of visitors whose sessions are over."""
    from catalog.wishes import forget_nobodys

    forget_nobodys()


@task(priority=-50)  # A new catalogue has thousands of them; mail and money do not wait for that.
def build_renditions(image_id: int) -> None:
    """Make the named sizes of a picture. One that is gone or broken is told in the log: waiting mends neither."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return
    try:
        make_renditions(image)
    except OSError as problem:
        logger.warning("picture_lost", image=image_id, file=image.file.name, problem=str(problem))


@task
def check_import(batch_id: int) -> None:
    from catalog.importing.jobs import check

    check(batch_id)


@task
def apply_import(
    batch_id: int,
    user_id: int,
    *,
    skip_refused: bool,
    set_stock: bool,
    fetch_images: bool = False,
) -> None:
    from catalog.importing.jobs import carry_out

    user = get_user_model().objects.filter(pk=user_id).first()
    carry_out(
        batch_id, user, skip_refused=skip_refused, set_stock=set_stock, fetch_images=fetch_images
    )


@task
def revert_import(batch_id: int, user_id: int) -> None:
    from catalog.importing.jobs import revert

    revert(batch_id, get_user_model().objects.filter(pk=user_id).first())


@task
def fetch_import_pictures(batch_id: int) -> None:
    from catalog.importing.fetched import fetch_pictures
    from catalog.importing.progress import told

    with told(batch_id) as progress:
        fetch_pictures(batch_id, progress)
