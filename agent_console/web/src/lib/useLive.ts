// 组件里订阅实时事件，卸载时自动退订。
import { onUnmounted } from 'vue'
import { live, type LiveEvents } from '@/live'

export function useLive<K extends keyof LiveEvents>(kind: K, listener: (data: LiveEvents[K]) => void): void {
  onUnmounted(live.on(kind, listener))
}
