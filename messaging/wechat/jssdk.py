"""The signature with which a page of ours may use WeChat's position and picture choosers (JS-SDK). Pure."""

import hashlib
from typing import Any

FUNCTIONS = ("getLocation", "openLocation", "chooseImage", "uploadImage")


def signature(ticket: str, nonce: str, stamp: int, url: str) -> str:
    """Appendix 1 of the JS-SDK guide; `url` without what follows a #."""
    page = url.split("#", 1)[0]
    plain = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={page}"
    return hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest()


def config(app_id: str, ticket: str, nonce: str, stamp: int, url: str) -> dict[str, Any]:
    """The argument of `wx.config`."""
    return {
        "appId": app_id,
        "timestamp": stamp,
        "nonceStr": nonce,
        "signature": signature(ticket, nonce, stamp, url),
        "jsApiList": list(FUNCTIONS),
    }
