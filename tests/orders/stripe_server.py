"""
A server that speaks Stripe's protocol on loopback: form-encoded bodies, idempotency keys, error shapes,
signed events, and a memory of its own. What happens on Stripe's page is a method here.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET = "whsec_of_the_tests"
KEY = "sk_test_of_the_tests"


class Refusal(Exception):
    def __init__(self, status: int, kind: str, message: str, code: str = "") -> None:
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message}}


class StripeServer:
    """The other company. `faults` are played in turn: a function of the request, or its name below."""

    def __init__(self, port: int = 0) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, int, Any]] = {}
        self.requests: list[tuple[str, str, dict[str, Any], str]] = []
        self.events: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.refunds_are = "succeeded"
        self.page = 100  # How many it lists at once, at most.
        self.watch: Callable[[], None] | None = None
        self.names = count(1)
        self.lock = threading.RLock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None: ...

            def do_GET(self) -> None:
                server.serve(self, "GET")

            def do_POST(self) -> None:
                server.serve(self, "POST")

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)

    def __enter__(self) -> "StripeServer":
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    # The protocol

    def serve(self, handler: Any, method: str) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length).decode()
        parts = urlsplit(handler.path)
        params = nested(body if method == "POST" else parts.query)
        key = handler.headers.get("Idempotency-Key", "")
        self.requests.append((method, parts.path, params, key))
        if self.watch:
            self.watch()
        fault = self.faults.pop(0) if self.faults else ""
        if fault in {"500", "429", "garbage", "unheard"}:
            return self.misbehave(handler, fault)
        if handler.headers.get("Authorization") != f"Bearer {KEY}":
            answer = 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}
        else:
            answer = self.answer(method, parts.path, params, key, body)
        if fault == "unanswered":  # It was done, and nobody hears of it.
            return self.misbehave(handler, fault)
        return send(handler, *answer)

    def misbehave(self, handler: Any, fault: str) -> None:
        if fault == "500":
            return send(
                handler, 500, {"error": {"type": "api_error", "message": "Something broke"}}
            )
        if fault == "429":
            return send(
                handler, 429, {"error": {"type": "rate_limit_error", "message": "Slow down"}}
            )
        if fault == "garbage":
            return send(handler, 200, b"<html>not JSON")
        handler.close_connection = True
        with suppress(OSError):
            handler.connection.close()
        return None

    def answer(self, method: str, path: str, params: Any, key: str, body: str) -> tuple[int, Any]:
        """Under one lock; the same key with the same request is answered as it was the first time."""
        with self.lock:
            asked = f"{path} {hashlib.sha256(body.encode()).hexdigest()}"
            if key in self.answers:
                before, status, told = self.answers[key]
                if before != asked:
                    message = (
                        "Keys for idempotent requests can only be used with the same parameters"
                    )
                    return 400, {"error": {"type": "idempotency_error", "message": message}}
                return status, told
            try:
                status, told = 200, self.do(method, path.removeprefix("/v1/").split("/"), params)
            except Refusal as refusal:
                status, told = refusal.status, refusal.body
            told = json.loads(json.dumps(told))
            if key and method == "POST":
                self.answers[key] = asked, status, told
            return status, told

    def do(self, method: str, path: list[str], params: Any) -> Any:
        match method, path:
            case "POST", ["checkout", "sessions"]:
                return self.open_session(params)
            case "GET", ["checkout", "sessions", name]:
                return self.whole_session(name)
            case "POST", ["checkout", "sessions", name, "expire"]:
                return self.expire(name)
            case "GET", ["payment_intents"]:
                return self.list_intents(params)
            case "POST", ["payment_intents", name, "capture"]:
                return self.capture(name)
            case "POST", ["payment_intents", name, "cancel"]:
                return self.cancel(name)
            case "POST", ["refunds"]:
                return self.refund(params)
            case "GET", ["refunds"]:
                found = [
                    each
                    for each in self.of("refund")
                    if each["payment_intent"] == params["payment_intent"]
                ]
                return {"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"}
            case "GET", ["refunds", name]:
                return self.get(name)
        raise Refusal(404, "invalid_request_error", "Unrecognized request URL")

    # What can be asked

    def list_intents(self, params: Any) -> Any:
        """The newest first, a page at a time, each with its charge."""
        since = int(params["created"]["gte"])
        found = [each for each in self.of("payment_intent") if each["created"] >= since][::-1]
        if after := params.get("starting_after"):
            found = found[[each["id"] for each in found].index(after) + 1 :]
        page = found[: min(int(params["limit"]), self.page)]
        data = [
            each | {"latest_charge": {"object": "charge", "amount_refunded": each["_refunded"]}}
            for each in page
        ]
        has_more = len(found) > len(page)
        return {"object": "list", "data": data, "has_more": has_more, "url": "/v1/payment_intents"}

    def open_session(self, params: Any) -> Any:
        left = int(params["expires_at"]) - time.time()
        if not 30 * 60 <= left <= 24 * 3600:
            raise Refusal(400, "invalid_request_error", "expires_at must be 30 min to 24 h ahead")
        line = params["line_items"]["0"]
        price = line["price_data"]
        if price["currency"] != price["currency"].lower() or params["mode"] != "payment":
            raise Refusal(400, "invalid_request_error", "Invalid currency or mode")
        session = self.make(
            "checkout.session", "cs_test", status="open", payment_status="unpaid", payment_intent=None,
            amount_total=int(price["unit_amount"]) * int(line["quantity"]), currency=price["currency"],
            metadata=params.get("metadata", {}), expires_at=int(params["expires_at"]), livemode=False,
        )  # fmt: skip
        session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
        session["_intent"] = params["payment_intent_data"]
        return session

    def whole_session(self, name: str) -> Any:
        session = dict(self.get(name))
        if session["payment_intent"]:
            session["payment_intent"] = self.get(session["payment_intent"])
        return session

    def expire(self, name: str) -> Any:
        session = self.get(name)
        if session["status"] != "open":
            raise Refusal(
                400, "invalid_request_error", f"Only open sessions can be expired: {name}"
            )
        session |= {"status": "expired", "url": None}
        self.tell("checkout.session.expired", session)
        return session

    def capture(self, name: str) -> Any:
        intent = self.get(name)
        if intent["status"] != "requires_capture":
            raise Refusal(
                400,
                "invalid_request_error",
                f"It is {intent['status']}",
                "payment_intent_unexpected_state",
            )
        self.succeed(intent)
        return intent

    def cancel(self, name: str) -> Any:
        intent = self.get(name)
        if intent["status"] != "requires_capture":
            raise Refusal(400, "invalid_request_error", "It cannot be canceled")
        intent |= {"status": "canceled", "amount_capturable": 0}
        self.tell("payment_intent.canceled", intent)
        return intent

    def refund(self, params: Any) -> Any:
        intent = self.get(params["payment_intent"])
        amount = int(params["amount"])
        if intent["_disputed"]:
            raise Refusal(400, "invalid_request_error", "The charge is disputed", "charge_disputed")
        if amount > intent["amount_received"] - intent["_refunded"]:
            raise Refusal(
                400, "invalid_request_error", "Refund amount is greater than unrefunded amount",
                "charge_already_refunded",
            )  # fmt: skip
        intent["_refunded"] += amount
        refund = self.make(
            "refund", "re", status=self.refunds_are, amount=amount, currency=intent["currency"],
            payment_intent=intent["id"], metadata=params.get("metadata", {}), failure_reason=None,
        )  # fmt: skip
        self.tell("refund.created", refund)
        return refund

    # What shoppers and banks do

    def pay(self, session_id: str, card: str = "ok") -> None:
        """On Stripe's page: ok, declined, challenge_failed, challenge_ok (3-D Secure), slow (a debit)."""
        with self.lock:
            session = self.get(session_id)
            assert session["status"] == "open"
            wanted = session["_intent"]
            intent = self.get(session["payment_intent"]) if session["payment_intent"] else self.make(
                "payment_intent", "pi", status="requires_payment_method", amount=session["amount_total"],
                amount_received=0, amount_capturable=0, currency=session["currency"],
                metadata=wanted.get("metadata", {}), latest_charge=None, last_payment_error=None,
                created=int(time.time()), _refunded=0, _disputed=False,
            )  # fmt: skip
            if card == "challenge_ok":
                intent["status"] = "requires_action"
                self.tell("payment_intent.requires_action", intent)
            if card in {"declined", "challenge_failed"}:
                code = (
                    "card_declined"
                    if card == "declined"
                    else "payment_intent_authentication_failure"
                )
                message = (
                    "Your card was declined."
                    if card == "declined"
                    else "We are unable to authenticate."
                )
                intent["last_payment_error"] = {
                    "code": code, "message": message, "charge": f"ch_{next(self.names)}",
                }  # fmt: skip
                self.tell("payment_intent.payment_failed", intent)
                return
            session |= {"status": "complete", "payment_intent": intent["id"]}
            if card == "slow":
                intent["status"] = "processing"
                self.tell("checkout.session.completed", session)
            elif wanted["capture_method"] == "manual":
                intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
                self.tell("payment_intent.amount_capturable_updated", intent)
                self.tell("checkout.session.completed", session)
            else:
                session["payment_status"] = "paid"
                self.succeed(intent)
                self.tell("checkout.session.completed", session)

    def succeed(self, intent: Any) -> None:
        intent |= {
            "status": "succeeded",
            "amount_received": intent["amount"],
            "amount_capturable": 0,
        }
        self.tell("payment_intent.succeeded", intent)

    def dispute(self, intent_id: str, amount: int) -> dict[str, Any]:
        intent = self.get(intent_id)
        intent["_disputed"] = True
        dispute = self.make(
            "dispute", "dp", status="needs_response", amount=amount, currency=intent["currency"],
            payment_intent=intent_id, metadata={}, reason="fraudulent",
        )  # fmt: skip
        self.tell("charge.dispute.created", dispute)
        return dispute

    def decide(self, dispute: dict[str, Any], status: str) -> None:
        dispute["status"] = status
        self.tell("charge.dispute.closed", dispute)

    # Memory and messages

    def make(self, kind: str, prefix: str, **fields: Any) -> dict[str, Any]:
        name = f"{prefix}_{next(self.names)}"
        self.objects[name] = {"id": name, "object": kind} | fields
        return self.objects[name]

    def get(self, name: str) -> dict[str, Any]:
        if name not in self.objects:
            raise Refusal(
                404, "invalid_request_error", f"No such object: {name}", "resource_missing"
            )
        return self.objects[name]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.objects.values() if each["object"] == kind]

    def tell(self, kind: str, about: Any) -> None:
        told = json.loads(json.dumps({k: v for k, v in about.items() if not k.startswith("_")}))
        self.events.append(
            {
                "id": f"evt_{next(self.names)}", "object": "event", "type": kind, "livemode": False,
                "api_version": "2026-10-28.endive", "created": int(time.time()), "data": {"object": told},
            }
        )  # fmt: skip


def send(handler: Any, status: int, told: Any) -> None:
    def shown(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: shown(v) for k, v in value.items() if not k.startswith("_")}
        return [shown(each) for each in value] if isinstance(value, list) else value

    body = told if isinstance(told, bytes) else json.dumps(shown(told)).encode()
    with suppress(OSError):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Request-Id", "req_1")
        handler.end_headers()
        handler.wfile.write(body)


def nested(text: str) -> dict[str, Any]:
    """a[b][0][c]=1 as Stripe reads it."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        place, *rest = name.replace("]", "").split("[")
        here = found
        for step in rest:
            here = here.setdefault(place, {})
            place = step
        here[place] = value
    return found


def signature(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """By Stripe's own scheme, written a second time here, so that a mistake of the shop's shows."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), b"%d.%s" % (stamp, body), hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest},v0=ignored"
