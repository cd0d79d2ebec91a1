"""Jobs of the house."""

from datetime import timedelta

from django.core.management import call_command
from django.tasks import task
from django.utils import timezone

from shop import mail
from shop.jobs import periodic
from shop.models import Mail, ShopSettings


@task
def send_mail(mail_id: int) -> None:
    mail.deliver(mail_id)


@periodic("* * * * *")
@task
def send_due_mails() -> None:
    """Send what no job of its own brought out: its worker died, or the mail server was away."""
    for mail_id in Mail.objects.due().order_by("due_at").values_list("pk", flat=True)[:200]:
        mail.deliver(mail_id)


@periodic("41 3 * * *")
@task
def clear_old_sessions() -> None:
    call_command("clearsessions")


@periodic("29 3 * * *")
@task
def forget_old_mails() -> None:
    """Blank mails whose time is over; the rows stay, so that nothing is told twice."""
    long_ago = timezone.now() - timedelta(days=ShopSettings.load().mail_days)
    Mail.objects.filter(created_at__lt=long_ago).exclude(to="").forget()
