import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const service = process.env['HOTLINE_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': here('src') } },
  worker: { format: 'es' },
  build: {
    outDir: '../static',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    // 座席端，和给市民的小页面
    rolldownOptions: { input: { console: here('index.html'), citizen: here('citizen.html') } },
  },
  server: { host: '127.0.0.1', proxy: { '/api': service, '/healthz': service, '/readyz': service } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
