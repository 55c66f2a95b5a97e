"""Which addresses and URLs webhooks may go to."""

import pytest

from services.gateway.webhooks.addresses import UrlRefusedError, check_url, is_public


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "2.144.0.1",
        "9.255.255.255",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "::ffff:1.1.1.1",
    ],
)
def test_public(address: str) -> None:
    assert is_public(address)


PRIVATE = [
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::1.1.1.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:101:101::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",
    "",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "010.0.0.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/hooks/post?key=1&x=%20",
        "https://SHOP.example:8443/hooks",
        "https://shop.example./",
        "https://xn--mgba3a4f16a.ir/",
        "https://فروشگاه.ایران/hooks",
        "https://a-b_c.d1.example/",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
    ],
)
def test_urls_allowed(url: str) -> None:
    check_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "//shop.example/",
        "https:shop.example",
        "https:///hooks",
        "https://",
        "https://?x",
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "https://me@shop.example/",
        "https://me:pw@shop.example/",
        "https://@shop.example/",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example:0/",
        "https://shop.example:65536/",
        "https://shop.example:x/",
        "https://shop example/",
        "https://shop.example/\nHost: x",
        "https://shop.example/\u0085",
        "https://shop..example/",
        "https://-shop.example/",
        "https://" + "a" * 64 + ".example/",
        "https://%31%32%37.0.0.1/",
        "https://[v1.x]/",
        "https://[::1/",
    ],
)
def test_urls_refused(url: str) -> None:
    with pytest.raises(UrlRefusedError):
        check_url(url, allow_private=False)


def test_for_development_http_and_private_addresses() -> None:
    for url in ("http://127.0.0.1:8000/", "http://localhost/", "http://[::1]/"):
        check_url(url, allow_private=True)
        with pytest.raises(UrlRefusedError):
            check_url(url, allow_private=False)
