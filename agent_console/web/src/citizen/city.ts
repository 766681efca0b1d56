// 城市名、热线号码、应急电话。取不到时也要有能打的电话。
import { reactive } from 'vue'
import { api } from './api'
import type { CitizenCity } from './types'

export const city = reactive<CitizenCity>({
  name: '',
  number: '12345',
  emergency: [
    { number: '110', name: '报警' },
    { number: '119', name: '消防' },
    { number: '120', name: '急救' },
    { number: '122', name: '交通事故' },
  ],
})

export async function loadCity(): Promise<void> {
  const found = await api.city().catch(() => null)
  if (found) Object.assign(city, found)
}
