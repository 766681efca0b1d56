// 全页面共用的一秒钟表：计时都由它和起始时刻相减得出，不各自累加。
import { ref } from 'vue'

export const now = ref(Date.now())
setInterval(() => (now.value = Date.now()), 1000)
