// 与 agent_console/schemas/citizen.py 一致；市民页面不带座席端那一大份类型。
export interface CitizenCity {
  name: string
  number: string
  emergency: { number: string; name: string }[]
}
export interface SpotHint {
  label: string
  detail: string
  lat: number
  lon: number
}
export interface CitizenHints {
  categories: { code: string; name: string }[]
  places: SpotHint[]
  danger: string[]
}
export interface SpotOut {
  area: string
}
export interface PhotoOut {
  id: string
}
export interface Receipt {
  number: string
  code: string
  filed_at: string
}
export interface ProgressOut {
  number: string
  title: string
  content: string
  place: string
  phone: string
  photos: number
  filed_at: string
  state: string
  stage: number
  stages: string[]
  ended: boolean
  due_at: string | null
  answer: string
  history: { at: string; title: string; detail: string }[]
  urged_today: boolean
  may: { urge: boolean; withdraw: boolean; rate: boolean }
  rated_score: number | null
  rated_solved: boolean | null
}
export interface TalkOut {
  is_open: boolean
  with_person: boolean
  lines: { id: string; at: string; author: string; text: string; files: string[] }[]
}
