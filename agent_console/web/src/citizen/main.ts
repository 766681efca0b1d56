// 市民页面：单独的小入口，不带座席端的任何组件。
import { createApp } from 'vue'
import '../styles/tokens.css'
import './citizen.css'
import Icon from '@/components/Icon.vue'
import App from './App.vue'

createApp(App).component('Icon', Icon).mount('#app')
