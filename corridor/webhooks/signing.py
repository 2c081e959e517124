"""Signatures by the Standard Webhooks convention (standardwebhooks.com), version 1.0.0."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

_PREFIX: Final = "whsec_"


def new_secret() -> str:
    """A new secret: 256 random bits, as the receiver's library takes them."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message that is sent at this time."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + signature(secret, message_id, timestamp, body),
    }


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over id, time and body, in base64."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
