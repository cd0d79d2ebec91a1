"""What customers agree to: in which words, since when, and whether it still holds."""

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, ConsentKind, User

# What is shown beside the button, and kept with the answer. Change the words, and old answers keep theirs.
WORDINGS: dict[str, Promise] = {
    ConsentKind.NEWS: _(
        "Write to me by e-mail about new things and offers, about once a month. I can take this back at "
        "any time, here or by a link in each mail."
    )
}


@transaction.atomic
def record_consent(user: User, kind: ConsentKind, *, is_given: bool, source: str) -> Consent | None:
    """Keep an answer with its words and its time; None when it is what holds already."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if holds(user, kind) == is_given:
        return None
    wording = str(WORDINGS[kind])
    return Consent.objects.create(
        user=user, kind=kind, is_given=is_given, wording=wording, source=source
    )


def holds(user: User, kind: ConsentKind) -> bool:
    """Tell whether the customer agrees to this now."""
    last = user.consents.filter(kind=kind).first()
    return last is not None and last.is_given
