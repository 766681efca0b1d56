// 只属于这台电脑的界面状态：深浅色、快捷键一览、服务器是否连得上、一句话提示。
import { reactive, watch } from 'vue'

const THEME = 'hotline.theme'

interface Toast {
  id: number
  kind: 'ok' | 'warn' | 'crit' | 'info'
  text: string
}

export const ui = reactive({
  dark: localStorage.getItem(THEME) === 'dark',
  help: false,
  reached: true,
  unreachedSince: 0,
  toasts: [] as Toast[],
})

watch(
  () => ui.dark,
  (dark) => {
    document.documentElement.classList.toggle('dark', dark)
    localStorage.setItem(THEME, dark ? 'dark' : 'light')
  },
  { immediate: true },
)

export function reached(yes: boolean): void {
  if (ui.reached && !yes) ui.unreachedSince = Date.now()
  ui.reached = yes
}

let last = 0

/** 右下角一句话；错误留 8 秒，其余 4 秒。 */
export function say(kind: Toast['kind'], text: string): void {
  const id = ++last
  ui.toasts.push({ id, kind, text })
  setTimeout(() => (ui.toasts = ui.toasts.filter((t) => t.id !== id)), kind === 'crit' ? 8000 : 4000)
}
