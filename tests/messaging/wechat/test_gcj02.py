"""The shift of Chinese maps is undone to the last digit, and nowhere else is anything shifted."""

import pytest

from messaging.wechat.gcj02 import to_wgs84


@pytest.mark.parametrize(
    ("shifted", "plain"),
    [  # published pairs of the transform, of Shanghai, Shenzhen and Beijing
        ((31.17530398364597, 121.531541859215), (31.1774276, 121.5272106)),
        ((22.540796131694766, 113.9171764808363), (22.543847, 113.912316)),
        ((39.91334545536069, 116.38404722455657), (39.911954, 116.377817)),
    ],
)
def test_a_point_on_a_chinese_map_is_put_back(shifted, plain):
    assert to_wgs84(*shifted) == pytest.approx(plain, abs=1e-9)


@pytest.mark.parametrize("place", [(48.85837, 2.294481), (0.0, 0.0), (-90.0, 180.0), (89.9, 100.0)])
def test_elsewhere_nothing_is_shifted(place):
    assert to_wgs84(*place) == place
