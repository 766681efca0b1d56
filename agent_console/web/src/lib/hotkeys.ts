// 快捷键：输入法组词时一律不触发；后登记的（浮层）先得到按键。
import { onMounted, onUnmounted } from 'vue'

export type Keymap = Record<string, (event: KeyboardEvent) => void | false>

/** Ctrl+Enter、Alt+1、F2、Escape。Alt 加字母在一些布局下给出别的字符，所以字母和数字取物理键。 */
export function keyName(event: KeyboardEvent): string {
  const physical = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code)?.[1]
  const key = (event.ctrlKey || event.altKey) && physical ? physical : event.key
  const name = key.length === 1 ? key.toUpperCase() : key
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${name}`
}

/** 229 是老浏览器在组词期间给出的键码。 */
export const composing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229

const layers: Keymap[] = []

/** 处理器返回 false 表示此刻不归它管，按键继续往下传；管了的按键不再到输入框。 */
export function dispatch(event: KeyboardEvent): void {
  if (composing(event)) return
  const name = keyName(event)
  for (const layer of [...layers].reverse()) {
    const run = layer[name]
    if (run && run(event) !== false) {
      event.preventDefault()
      event.stopPropagation()
      return
    }
  }
}

if (typeof window !== 'undefined') window.addEventListener('keydown', dispatch, { capture: true })

export function pushLayer(map: Keymap): () => void {
  layers.push(map)
  return () => void layers.splice(layers.indexOf(map), 1)
}

export function useHotkeys(map: Keymap): void {
  let pop = () => {}
  onMounted(() => (pop = pushLayer(map)))
  onUnmounted(() => pop())
}
