/// <reference types="vite/client" />
import type Icon from './components/Icon.vue'
import type Kbd from './components/Kbd.vue'
import type StateTag from './components/StateTag.vue'

declare module 'vue' {
  export interface GlobalComponents {
    Icon: typeof Icon
    Kbd: typeof Kbd
    StateTag: typeof StateTag
  }
}
