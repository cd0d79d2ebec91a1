"""What reviews do by the clock."""

from django.tasks import task

from shop.jobs import periodic


@periodic("*/15 * * * *")
@task
def ask_for_reviews() -> None:
    from reviews.requests import ask_all

    ask_all()
