// 区划 GeoJSON → 画布坐标。城市尺度用等距圆柱投影就够，经度按中心纬度收缩。

export type Ring = readonly (readonly number[])[]
export interface Area {
  name: string
  rings: Ring[]
}
export interface Shape {
  name: string
  path: string
  x: number
  y: number
}
export interface Projection {
  shapes: Shape[]
  point: (lon: number, lat: number) => { x: number; y: number }
}

interface Feature {
  properties?: Record<string, unknown> | null
  geometry?: { type: string; coordinates: unknown } | null
}

export function readAreas(collection: { features?: readonly Feature[] } | null): Area[] {
  return (collection?.features ?? []).flatMap((feature) => {
    const rings = outerRings(feature.geometry)
    return rings.length ? [{ name: String(feature.properties?.name ?? ''), rings }] : []
  })
}

function outerRings(geometry: Feature['geometry']): Ring[] {
  if (geometry?.type === 'Polygon') return [(geometry.coordinates as Ring[])[0] ?? []]
  if (geometry?.type === 'MultiPolygon') return (geometry.coordinates as Ring[][]).map((p) => p[0] ?? [])
  return []
}

/** 把全部区划放进 width × height，四周留 margin。 */
export function project(areas: readonly Area[], width: number, height: number, margin: number): Projection {
  const points = areas.flatMap((a) => a.rings.flat())
  const lons = points.map((p) => p[0] ?? 0)
  const lats = points.map((p) => p[1] ?? 0)
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)]
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = Math.min((width - 2 * margin) / ((east - west) * shrink), (height - 2 * margin) / (north - south))
  const left = (width - (east - west) * shrink * scale) / 2
  const top = (height - (north - south) * scale) / 2
  const point = (lon: number, lat: number): { x: number; y: number } => ({
    x: left + (lon - west) * shrink * scale,
    y: top + (north - lat) * scale,
  })
  return { shapes: points.length ? areas.map((a) => shape(a, point)) : [], point }
}

function shape(area: Area, point: Projection['point']): Shape {
  const rings = area.rings.map((ring) => ring.map(([lon = 0, lat = 0]) => point(lon, lat)))
  const path = rings.map((ring) => `M${ring.map((p) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join('L')}Z`).join('')
  const biggest = rings.reduce((a, b) => (Math.abs(area2(b)) > Math.abs(area2(a)) ? b : a), rings[0] ?? [])
  return { name: area.name, path, ...centroid(biggest) }
}

interface Point {
  x: number
  y: number
}
const pairs = (ring: readonly Point[]): [Point, Point][] => ring.map((p, i) => [p, ring[(i + 1) % ring.length] ?? p])
const area2 = (ring: readonly Point[]): number => pairs(ring).reduce((sum, [a, b]) => sum + a.x * b.y - b.x * a.y, 0)

function centroid(ring: readonly Point[]): Point {
  const double = area2(ring) || 1
  let [x, y] = [0, 0]
  for (const [a, b] of pairs(ring)) {
    const cross = a.x * b.y - b.x * a.y
    x += (a.x + b.x) * cross
    y += (a.y + b.y) * cross
  }
  return { x: x / (3 * double), y: y / (3 * double) }
}
