"""WeChat official accounts (服务号): envelopes and pushes, replies in the request, the platform's API.

Each file knows one thing of the protocol; `messaging.channels.wechat` puts them together.
"""
