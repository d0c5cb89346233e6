"""Signs requests as carriers do, and judges such signatures, with the carriers' own libraries.

Reads a question a line, {"carrier", "secret", "method", "url", "body"}, where the body is as it is sent, and answers with the
headers: {"headers": {…}}. A question that has "headers" asks whether the library takes the request: {"accepted": true}. Telnyx's
and Vonage's libraries judge only; what they judge by signs here. "secret" is what the carrier signs with, "public" what it is
known by where that is something else.
"""

import base64
import hashlib
import json
import sys
import time
import uuid
from urllib.parse import parse_qsl, urlsplit

import jwt
import vonage_jwt
from nacl.signing import SigningKey
from plivo.utils import signature_v3 as plivo
from telnyx.lib import webhook_verification as telnyx
from twilio.request_validator import RequestValidator


def main():
    for line in sys.stdin:
        request = json.loads(line)
        sign, judge = CARRIERS[request["carrier"]]
        answer = {"accepted": judge(request)} if "headers" in request else {"headers": sign(request)}
        print(json.dumps(answer), flush=True)


class Form(dict):
    """Of values a name, as web frameworks hand them to Twilio's library."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


def form(request):
    return Form(parse_qsl(request["body"], keep_blank_values=True))


def sign_as_twilio(request):
    parameters = {} if "bodySHA256" in request["url"] else form(request)
    signature = RequestValidator(request["secret"]).compute_signature(request["url"], parameters)
    return {"x-twilio-signature": signature}


def judge_as_twilio(request):
    parameters = request["body"] if "bodySHA256" in request["url"] else form(request)
    signature = request["headers"]["x-twilio-signature"]
    return RequestValidator(request["secret"]).validate(request["url"], parameters, signature)


def plivos_parameters(request):
    return {name: values if len(values) > 1 else values[0] for name, values in form(request).items()}


def sign_as_plivo(request):
    nonce = str(uuid.uuid4().int)[:20]
    url, parameters = request["url"], plivos_parameters(request)
    construct = plivo.construct_get_url if request["method"] == "GET" else plivo.construct_post_url
    signed = construct(url, parameters).decode()
    signature = plivo.get_signature_v3(request["secret"].encode(), signed, nonce.encode())
    return {"x-plivo-signature-v3": signature.decode(), "x-plivo-signature-v3-nonce": nonce}


def judge_as_plivo(request):
    headers = request["headers"]
    return plivo.validate_v3_signature(
        request["method"],
        request["url"],
        headers["x-plivo-signature-v3-nonce"],
        request["secret"],
        headers["x-plivo-signature-v3"],
        plivos_parameters(request),
    )


def sign_as_telnyx(request):
    now = str(int(time.time()))
    key = SigningKey(base64.b64decode(request["secret"]))
    signature = key.sign(f"{now}|{request['body']}".encode()).signature
    return {"telnyx-signature-ed25519": base64.b64encode(signature).decode(), "telnyx-timestamp": now}


def judge_as_telnyx(request):
    try:
        telnyx.verify_webhook_signature(request["body"], request["headers"], request["public"])
    except telnyx.WebhookVerificationError:
        return False
    return True


def hash_for_vonage(request):
    if request["method"] == "GET":
        query = dict(parse_qsl(urlsplit(request["url"]).query, keep_blank_values=True))
        covered = json.dumps(query, separators=(",", ":"), ensure_ascii=False)
    else:
        covered = request["body"]
    return hashlib.sha256(covered.encode()).hexdigest()


def sign_as_vonage(request):
    claims = {
        "iat": int(time.time()),
        "jti": str(uuid.uuid4()),
        "iss": "Vonage",
        "payload_hash": hash_for_vonage(request),
        "api_key": "a1b2c3d",
        "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    }
    token = jwt.encode(claims, request["secret"], algorithm="HS256")
    return {"authorization": f"Bearer {token}"}


def judge_as_vonage(request):
    token = request["headers"]["authorization"].removeprefix("Bearer ")
    try:
        if not vonage_jwt.verify_signature(token, request["secret"]):
            return False
    except vonage_jwt.VonageVerifyJwtError:
        return False
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims["payload_hash"] == hash_for_vonage(request)


CARRIERS = {
    "twilio": (sign_as_twilio, judge_as_twilio),
    "plivo": (sign_as_plivo, judge_as_plivo),
    "telnyx": (sign_as_telnyx, judge_as_telnyx),
    "vonage": (sign_as_vonage, judge_as_vonage),
}

if __name__ == "__main__":
    main()
