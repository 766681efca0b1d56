"""From the shifted coordinates of Chinese maps (GCJ-02, 国测局坐标), which WeChat sends, to WGS 84, which
ours are. Pure.

The shift is a published function of the place without a closed inverse; it is undone by fixed-point iteration
to far below a millimetre. Outside of China's bounding box there is none.
"""

import math

SEMI_MAJOR_M = 6378245.0  # of the Krasovsky 1940 ellipsoid
ECCENTRICITY_2 = 0.00669342162296594323
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
ROUNDS = 6


def to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Degrees in, degrees out."""
    if not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
        return lat, lon
    there_lat, there_lon = lat, lon
    for _ in range(ROUNDS):
        shift_lat, shift_lon = _shift(there_lat, there_lon)
        there_lat, there_lon = lat - shift_lat, lon - shift_lon
    return there_lat, there_lon


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """By how many degrees a WGS 84 point is moved on the map."""
    x, y = lon - 105.0, lat - 35.0
    phi = math.radians(lat)
    magic = 1 - ECCENTRICITY_2 * math.sin(phi) ** 2
    root = math.sqrt(magic)
    metres_lat = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / (magic * root) * math.pi / 180
    metres_lon = SEMI_MAJOR_M / root * math.cos(phi) * math.pi / 180
    return _north(x, y) / metres_lat, _east(x, y) / metres_lon


def _waves(*terms: tuple[float, float]) -> float:
    """Sum of amplitude times sine, of angles in half turns."""
    return sum(amplitude * math.sin(angle * math.pi) for amplitude, angle in terms)


def _north(x: float, y: float) -> float:
    plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    waves = _waves((20, 6 * x), (20, 2 * x), (20, y), (40, y / 3), (160, y / 12), (320, y / 30))
    return plain + waves * 2 / 3


def _east(x: float, y: float) -> float:
    plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    waves = _waves((20, 6 * x), (20, 2 * x), (20, x), (40, x / 3), (150, x / 12), (300, x / 30))
    return plain + waves * 2 / 3
