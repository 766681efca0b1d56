import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-switch.css'
import 'element-plus/theme-chalk/el-checkbox.css'
import 'element-plus/theme-chalk/el-select.css'
import 'element-plus/theme-chalk/el-option.css'
import 'element-plus/theme-chalk/el-popper.css'
import 'element-plus/theme-chalk/el-scrollbar.css'
import 'element-plus/theme-chalk/el-tag.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import './styles/mobile.css'
import { whenReached, whenSignedOut } from '@/api/client'
import { forget } from '@/stores/session'
import { reached } from '@/stores/ui'
import App from './App.vue'
import Icon from './components/Icon.vue'
import Kbd from './components/Kbd.vue'
import StateTag from './components/StateTag.vue'
import { router } from './router'

whenReached(reached)
whenSignedOut(() => {
  forget()
  void router.push({ path: '/sign-in', query: { again: '1', to: router.currentRoute.value.fullPath } })
})

createApp(App).use(router).component('Icon', Icon).component('Kbd', Kbd).component('StateTag', StateTag).mount('#app')
