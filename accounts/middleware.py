"""What allauth leaves to be said over HTTP."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

UNPROCESSABLE = 422


class WrongFormMiddleware:
    """Answers 422, not 200, when a page of allauth shows a form again with its mistakes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        match = request.resolver_match
        is_ours = match is not None and str(match.url_name).startswith("account_")
        form = (response.context_data or {}).get("form")
        if is_ours and request.method == "POST" and getattr(form, "errors", None):
            response.status_code = UNPROCESSABLE
        return response
