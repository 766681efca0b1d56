// 地图样式：矢量底图全部来自本服务的 /api/map/*，颜色取自令牌，文字用本机字体，没有外网也能画。
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'

export const BASE_LAYERS = ['districts', 'parks', 'water', 'buildings', 'roads', 'grids', 'places'] as const
export const CENTRE: [number, number] = [118.5, 28.5]

type Token = (name: `--${string}`) => string
const FONT = ['PingFang SC', 'HarmonyOS Sans SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', 'sans-serif']

/** 米宽换算成屏幕像素：纬度 28.5°，z16 时 1 像素约 2.1 米。 */
const metres = (factor: number): ExpressionSpecification => [
  'interpolate', ['exponential', 2], ['zoom'],
  11, ['max', 0.5, ['*', ['get', 'width_m'], factor / 67]],
  20, ['*', ['get', 'width_m'], factor * 7.6],
]

const text = (size: number, token: Token, halo: `--${string}`) => ({
  layout: { 'text-font': FONT, 'text-size': size, 'text-letter-spacing': 0.06 },
  paint: { 'text-color': token('--m-label'), 'text-halo-color': token(halo), 'text-halo-width': 1.6 },
})

function ground(token: Token): LayerSpecification[] {
  return [
    { id: 'land', type: 'background', paint: { 'background-color': token('--m-land') } },
    { id: 'parks', type: 'fill', source: 'parks', paint: { 'fill-color': token('--m-green') } },
    { id: 'water', type: 'fill', source: 'water', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': token('--m-water') } },
    { id: 'river', type: 'line', source: 'water', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': token('--m-water'), 'line-width': metres(1) } },
    { id: 'buildings', type: 'fill', source: 'buildings', minzoom: 14, paint: { 'fill-color': token('--m-block') } },
  ]
}

function roads(token: Token): LayerSpecification[] {
  const layout = { 'line-join': 'round', 'line-cap': 'round' } as const
  return [
    { id: 'road-edge', type: 'line', source: 'roads', layout, paint: { 'line-color': token('--m-road-edge'), 'line-width': metres(1.16) } },
    { id: 'roads', type: 'line', source: 'roads', layout, paint: { 'line-color': token('--m-road'), 'line-width': metres(1) } },
    { id: 'districts', type: 'line', source: 'districts', maxzoom: 15, paint: { 'line-color': token('--s-hold-fg'), 'line-width': 1.4, 'line-opacity': 0.6 } },
    { id: 'grids', type: 'line', source: 'grids', minzoom: 14.5, paint: { 'line-color': token('--s-hold-fg'), 'line-width': 1.1, 'line-dasharray': [4, 3], 'line-opacity': 0.75 } },
  ]
}

function labels(token: Token): LayerSpecification[] {
  const road = text(12, token, '--m-road')
  const place = text(12, token, '--m-land')
  const name: ExpressionSpecification = ['get', 'name']
  return [
    { id: 'road-names', type: 'symbol', source: 'roads', minzoom: 13.5, layout: { ...road.layout, 'symbol-placement': 'line', 'symbol-spacing': 260, 'text-field': name, 'text-letter-spacing': 0.2 }, paint: road.paint },
    { id: 'place-names', type: 'symbol', source: 'places', minzoom: 14, filter: ['>=', ['get', 'rank'], 3], layout: { ...place.layout, 'text-field': name, 'symbol-sort-key': ['get', 'rank'], 'text-padding': 6 }, paint: place.paint },
    { id: 'area-names', type: 'symbol', source: 'places', maxzoom: 14.5, filter: ['<=', ['get', 'rank'], 2], layout: { ...place.layout, 'text-size': 14, 'text-field': name, 'symbol-sort-key': ['get', 'rank'] }, paint: place.paint },
  ]
}

export function mapStyle(token: Token, from = '/api/map'): StyleSpecification {
  const sources = Object.fromEntries(BASE_LAYERS.map((layer) => [layer, { type: 'geojson' as const, data: `${location.origin}${from}/${layer}` }]))
  return { version: 8, sources, layers: [...ground(token), ...roads(token), ...labels(token)] }
}

/** 以 radius 米为半径的圆，给不确定范围用。 */
export function circle(lon: number, lat: number, radius: number): GeoJSON.Feature {
  const points = Array.from({ length: 49 }, (_, i) => {
    const angle = (i / 48) * 2 * Math.PI
    const dx = (radius * Math.cos(angle)) / (111_195 * Math.cos((lat * Math.PI) / 180))
    return [lon + dx, lat + (radius * Math.sin(angle)) / 111_195]
  })
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [points] } }
}
