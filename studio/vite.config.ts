import { defineConfig } from 'vite';

// No file is loaded from anywhere but the program that serves the page, and none is inlined: the page's
// Content-Security-Policy allows neither.
export default defineConfig({
  esbuild: { jsx: 'automatic', legalComments: 'none' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4983' } },
});
