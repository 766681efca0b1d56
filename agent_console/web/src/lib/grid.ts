// 坐标 → 单元网格的名称；查不到时为空，不拦填表。
import { get } from '@/api/client'

interface GridAt {
  code: string
  label: string
  district: string
  street: string
  community: string
}

export const gridAt = (lat: number, lon: number): Promise<string> =>
  get<GridAt | undefined>('/grid', { lat, lon }).then(
    (grid) => grid?.label ?? '',
    () => '',
  )
