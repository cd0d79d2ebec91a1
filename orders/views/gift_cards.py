"""Gift cards at checkout: told by their code, taken off again."""

from dataclasses import replace

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from cart.forms import read_key
from cart.page import Refusal
from orders.gift_cards import MOST
from orders.models import GiftCard
from orders.payments.policy import leads_to_payment
from orders.views.checkout import REVIEW, Visit, checkout_step, see_other
from orders.views.review import review_page
from shop.models import ShopSettings


@leads_to_payment
@checkout_step
def gift_cards(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Let the card of a code pay, or one pay no more."""
    draft = visit.draft
    if request.method != "POST":
        return see_other(REVIEW)
    if "remove" in request.POST:
        gone = read_key(request.POST["remove"])
        kept = [pk for pk in draft.gift_cards if pk != gone]
        replace(draft, gift_cards=kept).save(request.session)
        return see_other(REVIEW)
    typed = request.POST.get("code", "").strip()
    if not ratelimit.consume(request, action="gift_card", key=f"cart:{visit.cart.pk}"):
        why = _("Those were many codes in a short time. Wait ten minutes, then try again.")
        response = review_page(request, visit, card_refusal=Refusal(why, typed), status=429)
        response["Retry-After"] = "600"
        return response
    card = GiftCard.objects.named(typed)
    if why := why_not(card, draft.gift_cards):
        return review_page(request, visit, card_refusal=Refusal(why, typed), status=422)
    assert card
    replace(draft, gift_cards=[*draft.gift_cards, card.pk]).save(request.session)
    return see_other(REVIEW)


def why_not(card: GiftCard | None, used: list[int]) -> str:
    """Why a card cannot be used, or nothing. A blocked one is as unknown as a code that there is not."""
    if card is None or not card.is_active or card.currency != ShopSettings.load().currency:
        return _("We do not know this gift card. Check how its code is written.")
    if card.is_over:
        return _("This gift card has ended.")
    if not card.balance:
        return _("There is nothing left on this gift card.")
    if card.pk in used:
        return _("This gift card is used already.")
    if len(used) >= MOST:
        return _("One order can be paid with %(most)s gift cards.") % {"most": MOST}
    return ""
