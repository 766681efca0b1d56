// 没填完的反映：随填随存，刷新、断网、退出都不丢；提交成功才清掉。
import { reactive, watch } from 'vue'
import { api } from './api'
import { Photos, type Photo } from './photos'
import type { Ticket } from './route'
import { drop, load, randomKey, save } from './stored'

export interface Draft {
  clientKey: string // 同一张表提交两次只立一次
  content: string
  category: string
  categoryName: string
  notThese: boolean
  place: string
  lat: number | null
  lon: number | null
  area: string
  phone: string
  mayCall: boolean
  confidential: boolean
}
type Kept = Draft & { photos: Photo[] }
const empty = (): Draft => ({ clientKey: randomKey(), content: '', category: '', categoryName: '', notThese: false, place: '', lat: null, lon: null, area: '', phone: '', mayCall: true, confidential: false })

const kept = load<Kept>('draft')
const { photos: keptPhotos = [], ...words } = kept ?? ({} as Partial<Kept>)
export const draft = reactive<Draft>({ ...empty(), ...words })
export const photos = new Photos(api.photo)
photos.restore(keptPhotos)

function keep(): void {
  const done = photos.list.filter((photo) => photo.state === 'done')
  if (!save('draft', { ...draft, photos: done })) save('draft', { ...draft, photos: done.map((photo) => ({ ...photo, thumb: '' })) })
}
watch([draft, photos.list], keep, { deep: true })

export const touched = () => Boolean(draft.content.trim() || draft.place || draft.lat !== null || photos.list.length)

export function startAnew(): void {
  photos.clear()
  Object.assign(draft, empty())
  drop('draft')
}

/** 在这台设备上反映过的：编号、查询码、一句话。 */
export interface Filed extends Ticket {
  title: string
  at: string
}
const MOST = 20
export const filed = reactive<Filed[]>(load<Filed[]>('filed') ?? [])
export function remember(one: Filed): void {
  if (!filed.some((known) => known.number === one.number)) filed.unshift(one)
  filed.splice(MOST)
  save('filed', filed)
}
export function forget(number: string): void {
  filed.splice(0, filed.length, ...filed.filter((one) => one.number !== number))
  save('filed', filed)
}
