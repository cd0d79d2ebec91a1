"""What is asked of the mails about reviews when they are sent."""

from accounts.refusals import is_refused, refusal_link
from reviews.requests import KIND
from shop.mail import only_while, refused_at
from shop.models import Mail


@only_while(KIND)
def is_still_wanted(mail: Mail) -> bool:
    return not is_refused(mail.kind, mail.to)


@refused_at(KIND)
def where_to_refuse(mail: Mail) -> str:
    return refusal_link(mail.kind, mail.to)
