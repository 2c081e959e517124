"""The thread that sends letters and reminders, so that no press ever waits for a mail server."""

import logging
import smtplib
import threading
import time
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connections
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from corridor import clock
from corridor.accounts import letters
from corridor.accounts.models import Letter, PassAccount
from corridor.accounts.tokens import LinkTokens
from corridor.passes import reminders
from corridor.passes.cards import PassCard
from corridor.passes.dates import SURFACES_BEFORE
from corridor.passes.models import Reminder
from corridor.roster.schools import settings_of

log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 1.0
_TIDY_SECONDS: Final = 3600.0


def run(stop: threading.Event) -> None:
    """Send what is due, once a second, until told to stop."""
    tidied = float("-inf")
    while not stop.wait(_LOOK_SECONDS):
        try:
            while send_due(clock.now()) and not stop.is_set():
                pass
            while remind_due(clock.now()) and not stop.is_set():
                pass
            if time.monotonic() - tidied > _TIDY_SECONDS:
                tidied = time.monotonic()
                letters.tidy(clock.now())
        except Exception:
            log.exception("The post could not look for letters; it tries again in a second")
            connections.close_all()
    connections.close_all()


def send_due(at: datetime) -> int:
    """Send some of the letters that are due, over one connection; how many were tried."""
    due = letters.claim(at)
    if not due:
        return 0
    server = mail.get_connection()
    try:
        server.open()
    except (smtplib.SMTPException, OSError) as no:
        # Nobody's letter is at fault, so all are tried again.
        for letter in due:
            letters.write_down(letter, at, problem=_told(no))
        return len(due)
    try:
        for letter in due:
            _send(letter, server, at)
    finally:
        try:
            server.close()
        except (smtplib.SMTPException, OSError):
            log.info("The mail server had hung up")
    return len(due)


def remind_due(at: datetime) -> int:
    """Send some of the reminders of appointments that are due; how many were tried."""
    while reminders.plan(at):
        pass
    due = reminders.claim(at)
    for reminder in due:
        told = reminders.told_in(reminder, at)
        try:
            if told is not None:
                reminder_of(*told, reminder).send()
        except (smtplib.SMTPException, OSError) as no:
            log.warning("A reminder of appointments could not be sent: %s", _told(no))
            reminders.write_down(reminder, at, problem=True)
        else:
            reminders.write_down(reminder, at)
    return len(due)


def reminder_of(account: PassAccount, cards: list[PassCard], reminder: Reminder) -> EmailMessage:
    """The reminder in words, with a link to where its appointments stand by then."""
    zone = settings_of(account.school_id).zone
    has_surfaced = timedelta(minutes=reminder.minutes) <= SURFACES_BEFORE
    board = reverse("staff:dashboard")
    facts = {
        "cards": cards,
        "begins_at": reminder.begins_at,
        "school": account.school.name,
        "url": settings.CORRIDOR.public_url
        + (board if has_surfaced else f"{board}?tab=appointments"),
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(zone):
        subject = render_to_string("account/email/reminder_subject.txt", facts)
        body = render_to_string("account/email/reminder_message.txt", facts)
    return EmailMessage(
        " ".join(subject.split()), body.strip() + "\n", to=[account.email],
        headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip


def is_set_up() -> bool:
    """Whether letters reach anybody: by default they are only printed into the log."""
    return not settings.CORRIDOR.email_url.startswith("console:")


def _send(letter: Letter, server: Any, at: datetime) -> None:
    if letter.account is not None and letter.account.closed_at is not None:
        letter.delete()  # archived before it could go
        return
    try:
        message_of(letter, server).send()
    except (smtplib.SMTPException, OSError) as no:
        letters.write_down(letter, at, problem=_told(no), final=_is_final(no))
    else:
        letters.write_down(letter, at)


def message_of(letter: Letter, server: Any = None) -> EmailMessage:
    """The letter in words, with its link made now."""
    identity = letter.identity
    key = {"uidb36": user_pk_to_url_str(identity), "key": LinkTokens().make_token(identity)}
    path = reverse("account_reset_password_from_key", kwargs=key)
    facts = {
        "password_reset_url": settings.CORRIDOR.public_url + path,
        "school": letter.account.school.name if letter.account else "",
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
    }
    kind = "invitation" if letter.account else "password_reset_key"
    with translation.override(letter.language):
        subject = render_to_string(f"account/email/{kind}_subject.txt", facts)
        body = render_to_string(f"account/email/{kind}_message.txt", facts)
    return EmailMessage(
        " ".join(subject.split()), body.strip() + "\n", to=[identity.email], connection=server,
        headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip


def _is_final(no: Exception) -> bool:
    """Whether the server refused this very letter for good (5xx)."""
    match no:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in no.recipients.values())
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            return no.smtp_code >= 500
    return isinstance(no, smtplib.SMTPNotSupportedError)


def _told(no: Exception) -> str:
    """What the mail server said, for the admin."""
    said: bytes | str
    match no:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(no.recipients.values()))
        case smtplib.SMTPResponseException():
            code, said = no.smtp_code, no.smtp_error
        case _:
            return f"{type(no).__name__}: {no}"
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {text}"
