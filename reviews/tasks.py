"""What reviews do by the clock, and what a worker does for them."""

import structlog
from django.tasks import task

from shop.jobs import periodic

logger = structlog.get_logger(__name__)


@periodic("*/15 * * * *")
@task
def ask_for_reviews() -> None:
    from reviews.requests import ask_all

    ask_all()


@task(priority=-10)  # After mail and money.
def build_photo(pk: int) -> None:
    """Make the sizes of a photo. One whose file is gone or broken is told in the log: waiting mends neither."""
    from reviews.photos import make_sizes

    try:
        make_sizes(pk)
    except OSError as problem:
        logger.warning("photo_lost", photo=pk, problem=str(problem))


@periodic("57 3 * * *")
@task
def delete_lost_photos() -> None:
    """Delete files of photos that are no more."""
    from reviews.photos import delete_lost_files

    delete_lost_files()
