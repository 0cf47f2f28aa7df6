import { defineConfig } from 'vite';

export default defineConfig({
  base: '/playground/',
  worker: { format: 'es' },
  build: { outDir: '../../adapters/playground/built', emptyOutDir: true, modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 8000, reportCompressedSize: false },
});
