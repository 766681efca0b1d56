// 坐标 → 单元网格的名称；查不到时为空，不拦填表。
import { get } from '@/api/client'
import type { GridOut } from '@/api/types'

export const gridAt = (lat: number, lon: number): Promise<string> =>
  get<GridOut | undefined>('/grid', { lat, lon }).then(
    (grid) => grid?.label ?? '',
    () => '',
  )
