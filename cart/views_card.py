"""The words that go with a present."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cart.models import Cart, CartClosed
from cart.page import Refusal
from cart.session import current_cart
from cart.views import answer, done
from shop.http import refuse_when_closed, same_origin_required

LONGEST = Cart._meta.get_field("gift_message").max_length or 0


@never_cache
@require_POST
@same_origin_required
@refuse_when_closed
def card(request: HttpRequest) -> HttpResponse:
    """Keep the words with the cart; none takes them off."""
    words = "\n".join(request.POST.get("gift_message", "").split("\r\n")).strip()
    cart = current_cart(request)
    if cart is None:
        return done(request, None)
    if len(words) > LONGEST:
        why = _("Shorten this to at most %(limit_value)d characters.") % {"limit_value": LONGEST}
        return answer(request, cart, card_refusal=Refusal(why, words))
    try:
        cart.write_card(words)
    except CartClosed:
        return done(request, None)
    return done(request, cart)
