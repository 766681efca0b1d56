// 大字版、深色：记在这台设备上。
import { reactive, watch } from 'vue'
import { load, save } from './stored'

interface Prefs {
  big: boolean
  dark: boolean | null // null = 跟系统
}
const system = matchMedia('(prefers-color-scheme: dark)')
export const prefs = reactive<Prefs>({ big: false, dark: null, ...load<Prefs>('prefs') })
export const look = reactive({ dark: false })

function apply(): void {
  look.dark = prefs.dark ?? system.matches
  document.documentElement.classList.toggle('dark', look.dark)
  document.documentElement.classList.toggle('big', prefs.big)
}
system.addEventListener('change', apply)
watch(prefs, () => (apply(), save('prefs', prefs)), { deep: true })
apply()

export const toggleDark = () => void (prefs.dark = !look.dark)
export const toggleBig = () => void (prefs.big = !prefs.big)
