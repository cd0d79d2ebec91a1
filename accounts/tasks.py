"""What accounts leave to the worker. Every task may run twice."""

from django.tasks import task

from accounts.models import Erasure
from shop.jobs import periodic


@task
def make_export(pk: int, language: str) -> None:
    from accounts.privacy.export import make

    make(pk, language)


@task
def carry_out_erasure(pk: int) -> None:
    """Forget somebody now, or leave it to the clock."""
    from accounts.privacy.erasure import StillOpen, carry_out

    try:
        carry_out(pk)
    except StillOpen:
        return


@periodic("11 * * * *")
@task
def carry_out_erasures() -> None:
    """Forget those for whom something was still to come."""
    for pk in Erasure.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True):
        carry_out_erasure.call(pk)


@periodic("33 3 * * *")
@task
def forget_what_is_over() -> None:
    from accounts.privacy.erasure import forget_proofs
    from accounts.privacy.export import forget_old_exports
    from accounts.privacy.retention import forget_devices, forget_unconfirmed

    forget_old_exports()
    forget_proofs()
    forget_devices()
    forget_unconfirmed()
