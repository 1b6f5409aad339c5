"""Judges signatures of webhooks, as a receiver would: reads {"requests": [{"headers", "body"}], "secrets"} from its input, writes
by which of the secrets each request is signed, as a JSON array of arrays."""
import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

asked = json.load(sys.stdin)


def signed(secret, request):
    try:
        Webhook(secret).verify(request["body"], request["headers"])
    except WebhookVerificationError:
        return False
    return True


print(json.dumps([[secret for secret in asked["secrets"] if signed(secret, request)] for request in asked["requests"]]))
