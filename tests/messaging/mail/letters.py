"""Mails as programs write them, as octets."""

from email.message import EmailMessage
from email.policy import SMTP
from textwrap import dedent

OURS = "12345@lanjiang.example"
OUR_ID = "<hotline.m1@lanjiang.example>"
CITIZEN = "wang.wei@mail.example"


def plain(text: str = "文昌路的路灯不亮了。", **headers: str) -> bytes:
    """Header names with underscores for hyphens; '' leaves one out."""
    mail = EmailMessage(policy=SMTP)
    usual = {"From": f"王伟 <{CITIZEN}>", "To": OURS, "Subject": "路灯", "Message_ID": "<c1@mail.example>"}
    for name, value in {**usual, **headers}.items():
        if value:
            mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def raw(text: str, charset: str = "utf-8") -> bytes:
    """As it stands, with CRLF."""
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode(charset)


def bounce(action: str = "failed", status: str = "5.1.1", original: str = f"Message-ID: {OUR_ID}") -> bytes:
    """A delivery status notification (RFC 3464) as postfix writes it."""
    return raw(f"""
        Return-Path: <>
        From: MAILER-DAEMON@mail.example (Mail Delivery System)
        To: {OURS}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        Message-Id: <20261120040000.1@mail.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

        --b1
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not be delivered.

        --b1
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example
        Arrival-Date: Fri, 20 Nov 2026 12:00:00 +0800

        Final-Recipient: rfc822; {CITIZEN}
        Original-Recipient: rfc822;{CITIZEN}
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; 550 5.1.1 User unknown

        --b1
        Content-Type: text/rfc822-headers

        From: {OURS}
        {original}
        Subject: =?utf-8?b?6Lev54Gv?=

        --b1--
        """)
