"""The fake clouds against the examples that the providers publish of their signatures."""

from urllib.parse import parse_qsl

from tests.peers.sms_http.clouds import acs3, tc3
from tests.peers.sms_http.server import Request


def test_the_published_example_of_alibabas_signature():
    """help.aliyun.com, "V3版本请求体&签名机制", fixed values."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    request = Request("POST", "/", dict(parse_qsl(query)), headers, b"")
    signed = ";".join(sorted(headers))
    assert acs3(request, signed, "YourAccessKeySecret") == (
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_published_example_of_tencents_signature():
    """cloud.tencent.com, "签名方法 v3", DescribeInstances."""
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    request = Request("POST", "/", {}, headers, body)
    scope, secret = "2019-02-25/cvm/tc3_request", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
    assert tc3(request, "content-type;host", secret, scope, "1551113065") == (
        "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )
